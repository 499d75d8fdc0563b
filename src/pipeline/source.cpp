// Parses what a user writes after `from:`, see parse_source in options.h. Grammar of a path: member ('.' member | '['
// digits
// ']')*, a member bare (anything but . [ ] " and blanks) or in double quotes with \" and \\; a leading `$.` is allowed.
#include <fmt/format.h>

#include "base/nearest.h"
#include "pipeline/options.h"

namespace sqs2pg::pipeline {

namespace {

constexpr std::size_t kMaxPathLength = 10'000;
constexpr std::size_t kMaxSteps = 64;
constexpr std::size_t kMaxIndex = 1'000'000;

auto mistake(std::size_t position, std::string_view what) {
    return fail(ErrorKind::Configuration, Stage::Configure, "bad_path",
                fmt::format("at character {} of the path: {}", position + 1, what));
}

class PathParser {
   public:
    // From `position` on, which errors count in.
    PathParser(std::string_view text, std::size_t position) : text_(text), position_(position) {}

    Result<std::vector<PathStep>> parse() {
        bool need_member = true;  // at the start and after a dot
        while (position_ < text_.size() || need_member) {
            if (steps_.size() == kMaxSteps) return mistake(position_, "more than 64 steps");
            Status step;
            if (!at_end() && text_[position_] == '[') {
                if (need_member && !steps_.empty()) return mistake(position_, "a member's name must follow the dot");
                step = index();
            } else if (need_member) {
                step = member();
            } else {
                return mistake(position_, "'.' or '[' must follow");
            }
            if (!step) return fail(step.error());
            need_member = false;
            if (!at_end() && text_[position_] == '.') {
                ++position_;
                need_member = true;
            }
        }
        return std::move(steps_);
    }

   private:
    bool at_end() const { return position_ >= text_.size(); }

    Status index() {
        auto start = position_++;
        std::size_t value = 0;
        auto first_digit = position_;
        while (!at_end() && text_[position_] >= '0' && text_[position_] <= '9') {
            value = value * 10 + static_cast<std::size_t>(text_[position_] - '0');
            if (value > kMaxIndex) return mistake(start, "the index is larger than 1,000,000");
            ++position_;
        }
        if (position_ == first_digit) return mistake(position_, "an index is a number, as in items[0]");
        if (at_end() || text_[position_] != ']') return mistake(position_, "']' is missing");
        ++position_;
        steps_.push_back(PathStep{{}, value});
        return {};
    }

    Status member() {
        if (at_end()) return mistake(position_, "a member's name is missing");
        if (text_[position_] == '"') return quoted_member();
        auto start = position_;
        while (!at_end() && text_[position_] != '.' && text_[position_] != '[') {
            char c = text_[position_];
            if (c == ']' || c == '"' || c == ' ' || c == '\t') {
                return mistake(position_, "put the name in double quotes to use this character in it");
            }
            ++position_;
        }
        if (position_ == start) return mistake(position_, "a member's name is missing");
        steps_.push_back(PathStep{std::string(text_.substr(start, position_ - start)), {}});
        return {};
    }

    Status quoted_member() {
        auto start = position_++;
        std::string name;
        while (!at_end() && text_[position_] != '"') {
            if (text_[position_] == '\\' && position_ + 1 < text_.size()) ++position_;
            name.push_back(text_[position_++]);
        }
        if (at_end()) return mistake(start, "the closing quote is missing");
        ++position_;
        steps_.push_back(PathStep{std::move(name), {}});
        return {};
    }

    std::string_view text_;
    std::size_t position_;
    std::vector<PathStep> steps_;
};

constexpr std::string_view kAttributePrefix = "$attributes.";

struct NamedMetadata {
    std::string_view name;
    Metadata metadata;
};
constexpr NamedMetadata kMetadata[] = {
    {"$message_id", Metadata::MessageId},
    {"$sent_at", Metadata::SentAt},
    {"$received_at", Metadata::ReceivedAt},
    {"$receive_count", Metadata::ReceiveCount},
    {"$group_id", Metadata::GroupId},
    {"$sequence_number", Metadata::SequenceNumber},
    {"$body", Metadata::Body},
    {"$item", Metadata::Item},
    {"$index", Metadata::Index},
};

// `$item.sku` and `$item[0]`: a path that begins at the element.
constexpr std::string_view kItemPrefix = "$item";

bool is_path_into_item(std::string_view text) {
    if (!text.starts_with(kItemPrefix) || text.size() == kItemPrefix.size()) return false;
    char next = text[kItemPrefix.size()];
    return next == '.' || next == '[';
}

constexpr std::string_view kEnvelopePrefix = "$envelope.";

// What there is, for a field that there is not.
std::string fields_of(std::span<const Unwrap> unwrap) {
    std::string text;
    for (auto step : unwrap) {
        const auto fields = envelope_fields(step);
        if (fields.empty()) continue;
        text += fmt::format("{}`unwrap: {}` has {}", text.empty() ? "" : "; ", name_of(step), fmt::join(fields, ", "));
    }
    if (!text.empty()) return text;
    return unwrap.empty() ? "without `unwrap` there is no envelope" : "what this `unwrap` takes off has no fields";
}

std::string nearest_field(std::span<const Unwrap> unwrap, std::string_view name) {
    std::vector<std::string> known;
    for (auto step : unwrap) {
        for (auto field : envelope_fields(step)) known.emplace_back(field);
    }
    return nearest_name(name, known);
}

Result<Source> parse_envelope(Source source, std::span<const Unwrap> unwrap) {
    auto path = PathParser(source.text, kEnvelopePrefix.size()).parse();
    if (!path) return fail(path.error());
    const auto& field = path->front().member;
    if (path->front().index || !step_with_field(unwrap, field)) {
        const auto nearest = nearest_field(unwrap, field);
        if (!nearest.empty()) {
            return mistake(kEnvelopePrefix.size(), fmt::format("did you mean `$envelope.{}`?", nearest));
        }
        return mistake(kEnvelopePrefix.size(), "no such field of the envelope: " + fields_of(unwrap));
    }
    source.metadata = Metadata::Envelope;
    source.path = std::move(*path);
    return source;
}

}  // namespace

Result<Source> parse_source(std::string_view text, std::span<const Unwrap> unwrap) {
    Source source;
    source.text = std::string(text);
    if (text.empty()) return mistake(0, "the path is empty");
    if (text.size() > kMaxPathLength) return mistake(kMaxPathLength, "the path is longer than 10,000 characters");
    bool into_item = is_path_into_item(text);
    if (text.front() == '$' && !text.starts_with("$.") && !into_item) {
        for (const auto& known : kMetadata) {
            if (text == known.name) {
                source.metadata = known.metadata;
                return source;
            }
        }
        if (text.starts_with(kAttributePrefix) && text.size() > kAttributePrefix.size()) {
            source.metadata = Metadata::Attribute;
            source.attribute = std::string(text.substr(kAttributePrefix.size()));
            return source;
        }
        if (text.starts_with(kEnvelopePrefix)) return parse_envelope(std::move(source), unwrap);
        return mistake(
            0,
            "message metadata is one of $message_id, $sent_at, $received_at, $receive_count, $group_id, "
            "$sequence_number, $body, $attributes.NAME, with `unwrap` $envelope.FIELD, and with `each` $item, "
            "$item.PATH and $index");
    }
    std::size_t start = text.starts_with("$.") ? 2 : 0;
    if (into_item) {
        source.metadata = Metadata::Item;
        start = kItemPrefix.size() + (text[kItemPrefix.size()] == '.' ? 1 : 0);
    }
    auto path = PathParser(text, start).parse();
    if (!path) return fail(path.error());
    source.path = std::move(*path);
    return source;
}

}  // namespace sqs2pg::pipeline
