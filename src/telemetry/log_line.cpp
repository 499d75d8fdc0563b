// Text and JSON forms of a log line, see log_line.h.
#include "telemetry/log_line.h"

#include <ctime>

#include <fmt/format.h>

namespace sqs2pg::telemetry {

namespace {

// The length of the valid UTF-8 sequence at the start of `text`; 0: none. Source: Unicode 15, table 3-7.
std::size_t utf8_length(std::string_view text) {
    auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    auto continues = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
    const unsigned first = at(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        if (!continues(1) || !continues(2)) return 0;
        if (first == 0xE0 && at(1) < 0xA0) return 0;
        if (first == 0xED && at(1) > 0x9F) return 0;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (!continues(1) || !continues(2) || !continues(3)) return 0;
        if (first == 0xF0 && at(1) < 0x90) return 0;
        if (first == 0xF4 && at(1) > 0x8F) return 0;
        return 4;
    }
    return 0;
}

void append_escaped(std::string& out, std::string_view text, bool escape_quotes) {
    while (!text.empty()) {
        const auto c = static_cast<unsigned char>(text.front());
        std::size_t length = 1;
        if (escape_quotes && (c == '"' || c == '\\')) {
            out += '\\';
            out += static_cast<char>(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c < 0x20 || c == 0x7F) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
        } else {
            const auto whole = utf8_length(text);
            length = whole == 0 ? 1 : whole;
            out += whole == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, whole);
        }
        text.remove_prefix(length);
    }
}

bool needs_quotes(std::string_view text) {
    if (text.empty()) return true;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\\') return true;
    }
    return false;
}

void append_text_value(std::string& out, const Field& field) {
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
        const bool quotes = needs_quotes(*text);
        if (quotes) out += '"';
        append_escaped(out, *text, quotes);
        if (quotes) out += '"';
    } else if (const auto* number = std::get_if<double>(&field.value)) {
        fmt::format_to(std::back_inserter(out), "{:.3f}", *number);
    } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
        fmt::format_to(std::back_inserter(out), "{}", *integer);
    } else {
        fmt::format_to(std::back_inserter(out), "{}", std::get<std::uint64_t>(field.value));
    }
}

void append_json_value(std::string& out, const Field& field) {
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
        append_json(out, *text);
    } else if (const auto* number = std::get_if<double>(&field.value); number != nullptr) {
        // JSON has no infinity and no NaN.
        const bool finite = *number - *number == 0.0;
        fmt::format_to(std::back_inserter(out), "{}", finite ? fmt::format("{:.6f}", *number) : "null");
    } else {
        append_text_value(out, field);
    }
}

std::string_view upper_name_of(LogLevel level) {
    switch (level) {
        case LogLevel::Debug:
            return "DEBUG";
        case LogLevel::Info:
            return "INFO";
        case LogLevel::Warn:
            return "WARN";
        case LogLevel::Error:
            return "ERROR";
        case LogLevel::Off:
            return "OFF";
    }
    return "OFF";
}

}  // namespace

std::string_view name_of(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::Debug:
            return "debug";
        case LogLevel::Info:
            return "info";
        case LogLevel::Warn:
            return "warn";
        case LogLevel::Error:
            return "error";
        case LogLevel::Off:
            return "off";
    }
    return "off";
}

std::string timestamp(std::int64_t wall_ms) {
    const auto seconds = static_cast<std::time_t>(wall_ms / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, wall_ms % 1000);
}

void append_json(std::string& out, std::string_view text) {
    out += '"';
    append_escaped(out, text, true);
    out += '"';
}

std::string text_line(const LogLine& line) {
    std::string out = timestamp(line.wall_ms);
    out += ' ';
    out += upper_name_of(line.level);
    out += ' ';
    if (!line.pipeline.empty()) {
        append_escaped(out, line.pipeline, false);
        out += ": ";
    }
    append_escaped(out, line.sentence, false);
    for (const auto& field : line.fields) {
        out += ' ';
        out += field.name;
        out += '=';
        append_text_value(out, field);
    }
    return out;
}

std::string json_line(const LogLine& line) {
    std::string out = R"({"ts":")";
    out += timestamp(line.wall_ms);
    out += R"(","level":")";
    out += name_of(line.level);
    out += R"(","event":)";
    append_json(out, line.event);
    if (!line.pipeline.empty()) {
        out += R"(,"pipeline":)";
        append_json(out, line.pipeline);
    }
    out += R"(,"message":)";
    append_json(out, line.sentence);
    for (const auto& field : line.fields) {
        out += ',';
        append_json(out, field.name);
        out += ':';
        append_json_value(out, field);
    }
    out += '}';
    return out;
}

}  // namespace sqs2pg::telemetry
