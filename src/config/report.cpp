// Collecting mistakes, see report.h.
#include "config/report.h"

#include <algorithm>
#include <tuple>

#include <fmt/core.h>

namespace sqs2pg::config {

std::string Place::text() const {
    auto name = file ? *file : std::string("configuration");
    return line == 0 ? name : fmt::format("{}:{}:{}", name, line, column);
}

void Report::mistake(const Place& place, std::string sentence) { mistakes_.push_back({place, std::move(sentence)}); }

void Report::warning(const Place& place, std::string sentence) { warnings_.push_back({place, std::move(sentence)}); }

std::vector<Mistake> Report::sorted(std::vector<Entry> entries) const {
    auto files = files_;
    auto number_of = [&files](const Place& place) {
        auto name = place.file ? *place.file : std::string();
        auto found = std::find(files.begin(), files.end(), name);
        if (found == files.end()) found = files.insert(files.end(), name);
        return found - files.begin();
    };
    std::vector<std::tuple<std::ptrdiff_t, int, int, std::size_t>> order;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto& place = entries[i].place;
        order.emplace_back(number_of(place), place.line, place.column, i);
    }
    std::sort(order.begin(), order.end());
    std::vector<Mistake> out;
    for (const auto& one : order) {
        auto& entry = entries[std::get<3>(one)];
        out.push_back({entry.place.text(), std::move(entry.sentence)});
    }
    return out;
}

std::string backquoted(std::string_view name) {
    constexpr std::size_t kMostCharacters = 60;
    std::string out = "`";
    std::size_t characters = 0;
    for (char c : name) {
        auto byte = static_cast<unsigned char>(c);
        bool continues = (byte & 0xc0) == 0x80;  // the rest of a UTF-8 character is never cut off
        if (!continues && ++characters > kMostCharacters) {
            out += "…";
            break;
        }
        out.push_back(byte < 0x20 || byte == 0x7f ? '?' : c);
    }
    return out + "`";
}

std::string either(const std::vector<std::string_view>& names) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
        out += fmt::format("`{}`", names[i]);
    }
    return out;
}

}  // namespace sqs2pg::config
