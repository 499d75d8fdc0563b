// Verdicts on numbers and booleans, see checks.h.
#include <algorithm>
#include <cerrno>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "pg/checks.h"

namespace sqs2pg::pg {
namespace {

// What numeric stores at most: digits before and behind the point (PostgreSQL 15, table 8.2).
constexpr long kMostIntegerDigits = 131072;
constexpr long kMostFractionDigits = 16383;

// A decimal literal taken apart, without its sign and leading zeros: 0.00120e2 is digits "120", point -2 + 2.
struct Decimal {
    std::string_view whole;     // digits before the point
    std::string_view fraction;  // and behind it
    long exponent = 0;

    char digit(long i) const {
        auto place = static_cast<std::size_t>(i);
        return place < whole.size() ? whole[place] : fraction[place - whole.size()];
    }
    long count() const { return static_cast<long>(whole.size() + fraction.size()); }
};

std::string_view take_digits(std::string_view& rest) {
    std::size_t n = 0;
    while (n < rest.size() && is_digit(rest[n])) ++n;
    auto digits = rest.substr(0, n);
    rest.remove_prefix(n);
    return digits;
}

// Parses behind the sign. `refusal` says what is wrong when the result is empty.
std::optional<Decimal> take_decimal(std::string_view text, Refusal& refusal) {
    Decimal decimal;
    refusal = Refusal::WrongType;
    decimal.whole = take_digits(text);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        decimal.fraction = take_digits(text);
    }
    if (decimal.count() == 0) return std::nullopt;
    if (!text.empty() && (text.front() | 0x20) == 'e') {
        text.remove_prefix(1);
        bool negative = text.starts_with('-');
        if (negative || text.starts_with('+')) text.remove_prefix(1);
        auto digits = take_digits(text);
        if (digits.empty()) return std::nullopt;
        for (char c : digits) decimal.exponent = std::min<long>(decimal.exponent * 10 + (c - '0'), INT_MAX);
        if (negative) decimal.exponent = -decimal.exponent;
        if (std::labs(decimal.exponent) >= INT_MAX / 2) {
            refusal = Refusal::OutOfRange;
            return std::nullopt;
        }
    }
    if (!text.empty()) return std::nullopt;
    return decimal;
}

constexpr long kZero = LONG_MIN;

// How many digits stand before the point once the value is rounded half up at `scale` digits behind it: 0 or less for a
// value below 1, kZero for zero.
long integer_digits(const Decimal& decimal, long scale) {
    long count = decimal.count();
    long first = 0;
    while (first < count && decimal.digit(first) == '0') ++first;
    if (first == count) return kZero;
    long point = static_cast<long>(decimal.whole.size()) + decimal.exponent;  // digits [0, point) are before the point
    long kept = point + scale;                                                // and [0, kept) survive the rounding
    if (kept < first) return kZero;
    bool carries = kept < count && decimal.digit(kept) >= '5';
    for (long i = first; carries && i < kept; ++i) carries = decimal.digit(i) == '9';
    if (kept == first && !carries) return kZero;
    return point - first + (carries ? 1 : 0);
}

}  // namespace

std::optional<Refusal> check_integer(std::string_view text, int bytes) {
    text = trim_blanks(text);
    bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty()) return Refusal::WrongType;
    auto most = (std::uint64_t{1} << (bytes * 8 - 1)) - (negative ? 0 : 1);
    std::uint64_t value = 0;
    for (char c : text) {
        if (!is_digit(c)) return Refusal::WrongType;
        auto digit = static_cast<std::uint64_t>(c - '0');
        if (value > (most - digit) / 10) return Refusal::OutOfRange;
        value = value * 10 + digit;
    }
    return std::nullopt;
}

std::optional<Refusal> check_numeric(std::string_view text, int precision, int scale) {
    text = trim_blanks(text);
    bool sign = text.starts_with('-') || text.starts_with('+');
    if (equals_ignoring_case(text, "nan")) return std::nullopt;
    auto digits = sign ? text.substr(1) : text;
    if (equals_ignoring_case(digits, "infinity") || equals_ignoring_case(digits, "inf")) {
        return precision > 0 ? std::optional(Refusal::OutOfRange) : std::nullopt;
    }
    auto refusal = Refusal::WrongType;
    auto decimal = take_decimal(digits, refusal);
    if (!decimal) return refusal;
    if (precision > 0) {
        return integer_digits(*decimal, scale) > precision - scale ? std::optional(Refusal::OutOfRange) : std::nullopt;
    }
    auto behind = static_cast<long>(decimal->fraction.size()) - decimal->exponent;
    bool over = behind > kMostFractionDigits || integer_digits(*decimal, std::max(behind, 0L)) > kMostIntegerDigits;
    return over ? std::optional(Refusal::OutOfRange) : std::nullopt;
}

// strtod is what the server itself calls, so it decides here too; no program of ours leaves the C locale.
std::optional<Refusal> check_float(std::string_view text, bool single_precision) {
    std::string copy(trim_blanks(text));
    if (copy.empty()) return Refusal::WrongType;
    char* end = nullptr;
    errno = 0;
    double value =
        single_precision ? static_cast<double>(std::strtof(copy.c_str(), &end)) : std::strtod(copy.c_str(), &end);
    int error = errno;
    if (end != copy.c_str() + copy.size()) return Refusal::WrongType;
    bool out = error == ERANGE && (value == 0.0 || std::isinf(value));
    return out ? std::optional(Refusal::OutOfRange) : std::nullopt;
}

// Unique prefixes of true, false, yes, no, on, off; 0 and 1.
std::optional<Refusal> check_bool(std::string_view text) {
    text = trim_blanks(text);
    auto accepts = [&](std::string_view word, std::size_t least) {
        return text.size() >= least && text.size() <= word.size() &&
               equals_ignoring_case(text, word.substr(0, text.size()));
    };
    bool good = accepts("true", 1) || accepts("false", 1) || accepts("yes", 1) || accepts("no", 1) ||
                accepts("on", 2) || accepts("off", 2) || text == "0" || text == "1";
    return good ? std::nullopt : std::optional(Refusal::WrongType);
}

}  // namespace sqs2pg::pg
