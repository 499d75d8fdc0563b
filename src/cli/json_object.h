// One JSON object, member by member: what the commands print with `--format json`. Names are ours and need no escapes.
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "telemetry/log_line.h"

namespace sqs2pg::cli {

class JsonObject {
   public:
    JsonObject& text(std::string_view name, std::string_view value) {
        key(name);
        telemetry::append_json(out_, value);
        return *this;
    }
    // An empty text stands for one that is not known.
    JsonObject& text_or_null(std::string_view name, std::string_view value) {
        return value.empty() ? raw(name, "null") : text(name, value);
    }
    JsonObject& number(std::string_view name, std::integral auto value) { return raw(name, fmt::to_string(value)); }
    JsonObject& number(std::string_view name, double value, int digits) {
        return raw(name, fmt::format("{:.{}f}", value, digits));
    }
    JsonObject& flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
    // `value` is JSON.
    JsonObject& raw(std::string_view name, std::string_view value) {
        key(name);
        out_ += value;
        return *this;
    }
    // `values` are JSON.
    JsonObject& array(std::string_view name, std::span<const std::string> values) {
        return raw(name, fmt::format("[{}]", fmt::join(values, ",")));
    }
    JsonObject& texts(std::string_view name, std::span<const std::string> values) {
        std::string list;
        for (const auto& value : values) {
            if (!list.empty()) list += ',';
            telemetry::append_json(list, value);
        }
        return raw(name, "[" + list + "]");
    }

    std::string done() const { return out_ + "}"; }

   private:
    void key(std::string_view name) { out_ += fmt::format("{}\"{}\":", out_.size() > 1 ? "," : "", name); }

    std::string out_ = "{";
};

}  // namespace sqs2pg::cli
