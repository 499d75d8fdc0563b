// Looking fields up, and what one takes in words, for messages and the reference page. See fields.h.
#include <string>

#include <fmt/core.h>

#include "config/fields.h"
#include "config/report.h"

namespace sqs2pg::config {
namespace {

using enum FieldType;

constexpr std::int64_t kMiB = 1 << 20;

std::string grouped(std::int64_t number) {
    auto text = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
        text.insert(static_cast<std::size_t>(at), ",");
    }
    return text;
}

bool stands_in(const Field& field, std::string_view section) {
    return section == kDefaults ? field.section == kPipeline && field.in_defaults : field.section == section;
}

}  // namespace

const Field* find_field(std::string_view section, std::string_view name) {
    for (const auto& field : fields()) {
        if (stands_in(field, section) && field.name == name) return &field;
    }
    return nullptr;
}

std::vector<std::string_view> names_in(std::string_view section) {
    std::vector<std::string_view> names;
    for (const auto& field : fields()) {
        if (stands_in(field, section) && field.need != Need::Later) names.push_back(field.name);
    }
    return names;
}

std::vector<std::string_view> split_choices(std::string_view choices) {
    std::vector<std::string_view> out;
    while (!choices.empty()) {
        auto bar = choices.find('|');
        out.push_back(choices.substr(0, bar));
        choices = bar == choices.npos ? std::string_view() : choices.substr(bar + 1);
    }
    return out;
}

std::string spelled(FieldType type, std::int64_t number) {
    if (type == Seconds) {
        if (number >= 3600 && number % 3600 == 0) return fmt::format("{}h", number / 3600);
        return fmt::format("{}s", number);
    }
    if (type == Bytes) {
        if (number >= 1024 * kMiB && number % (1024 * kMiB) == 0) return fmt::format("{}GiB", number / (1024 * kMiB));
        if (number >= kMiB && number % kMiB == 0) return fmt::format("{}MiB", number / kMiB);
    }
    return grouped(number);
}

std::string expectation(const Field& field) {
    auto range = [&] { return spelled(field.type, field.least) + " to " + spelled(field.type, field.most); };
    switch (field.type) {
        case Text:
        case Secret:
            return "a text";
        case Integer:
            return "a whole number from " + range();
        case Seconds:
            return "a time from " + range() + ", such as 60, 90s or 2m";
        case Bytes:
            return "a size from " + range() + ", such as 64MiB";
        case Flag:
            return "`true` or `false`";
        case Choice:
            return either(split_choices(field.choices));
        case Choices:
            return either(split_choices(field.choices)) + ", or a list of them";
        case Value:
            return "a text, a number, a flag or null";
        case List:
            return "a list of maps";
        case Values:
            return "a map from paths to values, such as `{type: order}`";
        case Names:
            return "a name, or a list of names";
        case Section:
            return field.choices.empty() ? "a map" : either(split_choices(field.choices)) + ", or a map";
        case Sections:
        case Columns:
            return "a map";
    }
    return "";
}

}  // namespace sqs2pg::config
