// Conversions of single values, see convert.h.
#include "pipeline/convert.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <iterator>

#include "base/base64.h"
#include "pipeline/json_grammar.h"

namespace sqs2pg::pipeline {

namespace {

constexpr std::int64_t kMsADay = 86'400'000;
constexpr std::int64_t kMsASecond = 1000;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// "2.3.0" -> "2", "v7" is refused: what is no number has no major number.
std::optional<std::string_view> major_version(std::string_view text) {
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[length])) ++length;
    if (length == 0) return std::nullopt;
    if (length < text.size() && text[length] != '.' && text[length] != '-' && text[length] != '+') return std::nullopt;
    return text.substr(0, length);
}

// ASCII letters only: what other letters become depends on a locale.
std::string_view fold(std::string_view text, char from, char to, std::string& scratch) {
    scratch.assign(text);
    for (char& c : scratch) {
        if (c >= from && c <= to) c = static_cast<char>(c ^ 0x20);
    }
    return scratch;
}

// A JSON number (or a string that holds one) of seconds or milliseconds; fractions of a millisecond are refused, since
// dropping them would alter the value.
std::optional<std::string_view> epoch(std::string_view text, int digits_to_ms, pg::TypeClass target,
                                      std::string& scratch) {
    if (!is_json_number(text)) return std::nullopt;
    auto dot = text.find('.');
    auto whole = text.substr(0, dot);
    auto fraction = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
    if (text.find_first_of("eE") != std::string_view::npos) return std::nullopt;
    while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
    if (fraction.size() > static_cast<std::size_t>(digits_to_ms)) return std::nullopt;
    std::int64_t ms = 0;
    auto parsed = std::from_chars(whole.data(), whole.data() + whole.size(), ms);
    if (parsed.ec != std::errc{} || parsed.ptr != whole.data() + whole.size()) return std::nullopt;
    bool negative = whole.starts_with('-');
    for (int i = 0; i < digits_to_ms; ++i) {
        auto position = static_cast<std::size_t>(i);
        int digit = position < fraction.size() ? fraction[position] - '0' : 0;
        if (__builtin_mul_overflow(ms, std::int64_t{10}, &ms)) return std::nullopt;
        if (__builtin_add_overflow(ms, std::int64_t{negative ? -digit : digit}, &ms)) return std::nullopt;
    }
    scratch.clear();
    if (!append_time(scratch, ms, target)) return std::nullopt;
    return scratch;
}

// For bytea the result is in hex form, else the bytes themselves.
std::optional<std::string_view> base64(std::string_view text, pg::TypeClass target, std::string& scratch) {
    if (!decode_base64(text, scratch)) return std::nullopt;
    if (target != pg::TypeClass::Bytea) return scratch;
    std::string hex = "\\x";
    for (char byte : scratch) fmt::format_to(std::back_inserter(hex), "{:02x}", static_cast<unsigned char>(byte));
    scratch = std::move(hex);
    return scratch;
}

// Any value as JSON text: a string gets its quotes and escapes back.
std::string_view as_json(const JsonValue& value, std::string& scratch) {
    if (value.kind != JsonKind::String) return value.text;
    scratch = "\"";
    for (char c : value.text) {
        if (c == '"' || c == '\\') {
            scratch.push_back('\\');
            scratch.push_back(c);
        } else if (static_cast<unsigned char>(c) < 0x20) {
            fmt::format_to(std::back_inserter(scratch), "\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            scratch.push_back(c);
        }
    }
    scratch.push_back('"');
    return scratch;
}

// `value` as so many decimal digits. A login has a date: fmt takes 60 ns for it.
void put_digits(char* at, int count, std::int64_t value) {
    for (int i = count - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

bool holds_time(pg::TypeClass target) noexcept {
    using enum pg::TypeClass;
    return target == Date || target == Timestamp || target == TimestampTz || target == Text || target == Varchar;
}

bool append_time(std::string& out, std::int64_t epoch_ms, pg::TypeClass target) {
    auto days = epoch_ms / kMsADay - (epoch_ms % kMsADay < 0 ? 1 : 0);
    auto ms_of_day = epoch_ms - days * kMsADay;
    constexpr std::int64_t kDayOfYear1 = -719'162;
    constexpr std::int64_t kDayAfter9999 = 2'932'897;
    if (days < kDayOfYear1 || days >= kDayAfter9999) return false;
    std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
    char text[] = "0000-00-00 00:00:00.000";
    constexpr std::size_t kDateLength = 10;
    put_digits(text, 4, static_cast<int>(date.year()));
    put_digits(text + 5, 2, static_cast<unsigned>(date.month()));
    put_digits(text + 8, 2, static_cast<unsigned>(date.day()));
    if (target == pg::TypeClass::Date) {
        out.append(text, kDateLength);
        return true;
    }
    bool iso = target == pg::TypeClass::Text || target == pg::TypeClass::Varchar;
    if (iso) text[kDateLength] = 'T';
    auto seconds = ms_of_day / kMsASecond;
    put_digits(text + 11, 2, seconds / 3600);
    put_digits(text + 14, 2, seconds / 60 % 60);
    put_digits(text + 17, 2, seconds % 60);
    put_digits(text + 20, 3, ms_of_day % kMsASecond);
    out.append(text, sizeof text - 1);
    if (iso) out += 'Z';
    if (target == pg::TypeClass::TimestampTz) out += "+00";
    return true;
}

std::optional<std::string_view> convert_value(Convert convert, const JsonValue& value, pg::TypeClass target,
                                              std::string& scratch) {
    bool container = value.kind == JsonKind::Object || value.kind == JsonKind::Array;
    if (container && convert != Convert::None && convert != Convert::Json) return std::nullopt;
    switch (convert) {
        case Convert::None:
            return value.text;
        case Convert::MajorVersion:
            return major_version(value.text);
        case Convert::Lower:
            return fold(value.text, 'A', 'Z', scratch);
        case Convert::Upper:
            return fold(value.text, 'a', 'z', scratch);
        case Convert::Trim:
            return trim_json_blanks(value.text);
        case Convert::EpochSeconds:
            return epoch(value.text, 3, target, scratch);
        case Convert::EpochMillis:
            return epoch(value.text, 0, target, scratch);
        case Convert::Base64:
            return base64(value.text, target, scratch);
        case Convert::Json:
            return as_json(value, scratch);
    }
    return std::nullopt;
}

}  // namespace sqs2pg::pipeline
