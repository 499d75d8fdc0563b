// Verdict on intervals, see checks.h. ISO 8601 durations ("P1DT2H") and PostgreSQL's own form ("1 day 02:03:04 ago")
// are read here; of other spellings those with a word that no interval knows are refused, the rest is the server's.
// Source: PostgreSQL 15, 8.5.4 "Interval Input".
#include <cmath>
#include <cstdlib>
#include <string>

#include "pg/checks.h"

namespace sqs2pg::pg {
namespace {

// What a unit is worth: months, days or seconds. PostgreSQL keeps the three apart.
struct Unit {
    std::string_view word;
    char kind;  // 'm', 'd', 's'
    double worth;
};

// Longer words are cut to ten characters before they are looked up.
constexpr std::size_t kWordLength = 10;
constexpr Unit kUnits[] = {
    {"microsecon", 's', 1e-6},
    {"us", 's', 1e-6},
    {"usec", 's', 1e-6},
    {"usecond", 's', 1e-6},
    {"useconds", 's', 1e-6},
    {"usecs", 's', 1e-6},
    {"millisecon", 's', 1e-3},
    {"ms", 's', 1e-3},
    {"msec", 's', 1e-3},
    {"msecond", 's', 1e-3},
    {"mseconds", 's', 1e-3},
    {"msecs", 's', 1e-3},
    {"s", 's', 1},
    {"sec", 's', 1},
    {"second", 's', 1},
    {"seconds", 's', 1},
    {"secs", 's', 1},
    {"m", 's', 60},
    {"min", 's', 60},
    {"mins", 's', 60},
    {"minute", 's', 60},
    {"minutes", 's', 60},
    {"h", 's', 3600},
    {"hour", 's', 3600},
    {"hours", 's', 3600},
    {"hr", 's', 3600},
    {"hrs", 's', 3600},
    {"d", 'd', 1},
    {"day", 'd', 1},
    {"days", 'd', 1},
    {"w", 'd', 7},
    {"week", 'd', 7},
    {"weeks", 'd', 7},
    {"mon", 'm', 1},
    {"mons", 'm', 1},
    {"month", 'm', 1},
    {"months", 'm', 1},
    {"y", 'm', 12},
    {"year", 'm', 12},
    {"years", 'm', 12},
    {"yr", 'm', 12},
    {"yrs", 'm', 12},
    {"dec", 'm', 120},
    {"decade", 'm', 120},
    {"decades", 'm', 120},
    {"decs", 'm', 120},
    {"c", 'm', 1200},
    {"cent", 'm', 1200},
    {"century", 'm', 1200},
    {"centuries", 'm', 1200},
    {"mil", 'm', 12000},
    {"mils", 'm', 12000},
    {"millennia", 'm', 12000},
    {"millennium", 'm', 12000},
};
// Words that the server knows and no unit is meant by.
constexpr std::string_view kOtherWords[] = {"ago", "invalid", "reltime", "timezone", "infinity", "undefined", "at"};

struct Span {
    double months = 0;
    double days = 0;
    double seconds = 0;
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class IntervalReader {
   public:
    explicit IntervalReader(std::string_view text) : rest_(text) {}

    bool empty() const { return rest_.empty(); }
    void skip_blanks() {
        while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::string_view digits() { return take_while(is_digit); }
    std::string_view word() { return take_while(is_letter); }
    bool at(char c) const { return rest_.starts_with(c); }

    // [+-]digits[.digits]
    bool number(double& value) {
        auto start = rest_;
        if (!take('-')) take('+');
        auto whole = digits();
        bool point = take('.');
        auto fraction = point ? digits() : std::string_view{};
        if (whole.empty() && fraction.empty()) return false;
        std::string text(start.substr(0, start.size() - rest_.size()));
        value = std::strtod(text.c_str(), nullptr);
        return true;
    }

   private:
    template <class Test>
    std::string_view take_while(Test test) {
        std::size_t n = 0;
        while (n < rest_.size() && test(rest_[n])) ++n;
        auto taken = rest_.substr(0, n);
        rest_.remove_prefix(n);
        return taken;
    }
    std::string_view rest_;
};

const Unit* unit_of(std::string_view word) {
    word = word.substr(0, kWordLength);
    for (const auto& unit : kUnits) {
        if (equals_ignoring_case(word, unit.word)) return &unit;
    }
    return nullptr;
}

void add(Span& span, double value, const Unit& unit) {
    auto& part = unit.kind == 'm' ? span.months : unit.kind == 'd' ? span.days : span.seconds;
    part += value * unit.worth;
}

// P[nY][nM][nW][nD][T[nH][nM][nS]], behind the P.
bool read_iso(IntervalReader& reader, Span& span) {
    bool in_time = false;
    bool any = false;
    while (!reader.empty()) {
        if (!in_time && reader.take('T')) {
            in_time = true;
            if (reader.empty()) return true;
        }
        double value = 0;
        if (!reader.number(value)) return false;
        char letter = '\0';
        for (char c : std::string_view(in_time ? "HMS" : "YMWD")) {
            if (reader.take(c)) letter = c;
        }
        if (letter == '\0') return false;
        std::string_view name(&letter, 1);
        add(span, value, *unit_of(!in_time && letter == 'M' ? "mon" : name));
        any = true;
    }
    return any;
}

// Behind the hours and their colon: MM[:SS[.fraction]].
bool read_clock(IntervalReader& reader, double hours, bool negative, Span& span) {
    double minutes = 0;
    double seconds = 0;
    if (reader.at('-') || reader.at('+') || !reader.number(minutes) || minutes >= 60) return false;
    if (reader.take(':') && (reader.at('-') || reader.at('+') || !reader.number(seconds) || seconds > 60)) return false;
    span.seconds += hours * 3600 + (negative ? -1 : 1) * (minutes * 60 + seconds);
    return true;
}

// [@] {number unit} [[+-]H:MM[:SS]] [ago]; a lone number counts `lone`.
bool read_words(IntervalReader& reader, const Unit& lone, Span& span) {
    reader.take('@');
    bool any = false;
    for (;;) {
        reader.skip_blanks();
        if (reader.empty()) return any;
        bool negative = reader.at('-');
        double value = 0;
        if (!reader.number(value)) {
            bool ago = equals_ignoring_case(reader.word(), "ago");
            reader.skip_blanks();
            return any && ago && reader.empty();
        }
        any = true;
        if (reader.take(':')) {
            if (!read_clock(reader, value, negative, span)) return false;
            continue;
        }
        reader.skip_blanks();
        auto word = reader.word();
        const auto* unit = word.empty() && reader.empty() ? &lone : unit_of(word);
        if (unit == nullptr) return false;
        add(span, value, *unit);
    }
}

// No digit, a word that the server does not know, or a character that it would take for a blank.
bool is_hopeless(std::string_view text) {
    bool iso = text.starts_with('P');
    bool digit = false;
    for (std::size_t i = 0; i < text.size();) {
        char c = text[i];
        bool plain = is_letter(c) || is_digit(c) || is_blank(c) || std::string_view("+-.:,@").contains(c);
        if (!plain) return true;
        digit = digit || is_digit(c);
        if (!is_letter(c)) {
            ++i;
            continue;
        }
        auto word = text.substr(i);
        std::size_t n = 0;
        while (n < word.size() && is_letter(word[n])) ++n;
        word = word.substr(0, n);
        i += n;
        if (iso || unit_of(word) != nullptr) continue;
        bool known = false;
        for (auto other : kOtherWords) known = known || equals_ignoring_case(word, other);
        if (!known) return true;
        digit = digit || equals_ignoring_case(word, "infinity");  // an interval from PostgreSQL 17 on
    }
    return !digit;
}

// The smallest unit that the fields keep.
const Unit& smallest_of(std::int32_t fields) {
    constexpr std::int32_t kMonth = 1 << 1;
    constexpr std::int32_t kYear = 1 << 2;
    constexpr std::int32_t kDay = 1 << 3;
    constexpr std::int32_t kHour = 1 << 10;
    constexpr std::int32_t kMinute = 1 << 11;
    constexpr std::int32_t kSecond = 1 << 12;
    std::string_view word = "s";
    if (fields != 0 && (fields & kSecond) == 0) {
        if ((fields & kMinute) != 0) {
            word = "min";
        } else if ((fields & kHour) != 0) {
            word = "h";
        } else if ((fields & kDay) != 0) {
            word = "d";
        } else if ((fields & kMonth) != 0) {
            word = "mon";
        } else if ((fields & kYear) != 0) {
            word = "y";
        }
    }
    return *unit_of(word);
}

bool is_multiple(double value, double of) { return std::fmod(value, of) == 0.0; }

bool fits(const Span& span, const Unit& smallest) {
    if (smallest.kind == 'm') return is_multiple(span.months, smallest.worth) && span.days == 0 && span.seconds == 0;
    bool whole = is_multiple(span.months, 1);
    if (smallest.kind == 'd') return whole && is_multiple(span.days, 1) && span.seconds == 0;
    return whole && is_multiple(span.days, 1) && is_multiple(span.seconds, smallest.worth);
}

// 32 bits of months and of days, 64 of microseconds; near the edge the server decides.
bool is_too_long(const Span& span) {
    constexpr double kMost = 2147483648.0;
    constexpr double kMostSeconds = 9.3e12;
    return std::fabs(span.months) > kMost || std::fabs(span.days) > kMost || std::fabs(span.seconds) > kMostSeconds;
}

}  // namespace

std::optional<Refusal> check_interval(std::string_view text, std::int32_t fields) {
    text = trim_blanks(text);
    const Unit& smallest = smallest_of(fields);
    IntervalReader reader(text);
    Span span;
    bool read = reader.take('P') ? read_iso(reader, span) : read_words(reader, smallest, span);
    if (read && is_too_long(span)) return Refusal::OutOfRange;
    if (smallest.word != "s") {
        // Only what is understood here is known to lose nothing.
        if (!read) return Refusal::WrongType;
        return fits(span, smallest) ? std::nullopt : std::optional(Refusal::OutOfRange);
    }
    return read || !is_hopeless(text) ? std::nullopt : std::optional(Refusal::WrongType);
}

}  // namespace sqs2pg::pg
