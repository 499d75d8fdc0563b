// Verdicts on dates and times, see checks.h. Source: ISO 8601 as PostgreSQL 15 reads it, appendix B; ranges: table 8.9.
#include "pg/checks.h"

namespace sqs2pg::pg {
namespace {

struct CivilDate {
    long year = 0;  // 0 is 1 BC
    int month = 1;
    int day = 1;
};

class Reader {
   public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool empty() const { return rest_.empty(); }
    bool at_digit() const { return !rest_.empty() && is_digit(rest_.front()); }

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take_either(char a, char b) { return take(a) || take(b); }
    std::size_t take_blanks() {
        std::size_t n = 0;
        for (; !rest_.empty() && is_blank(rest_.front()); ++n) rest_.remove_prefix(1);
        return n;
    }
    // Digits behind a point, in microseconds, rounded.
    long take_fraction() {
        long microseconds = 0;
        int digits = 0;
        for (; at_digit(); rest_.remove_prefix(1), ++digits) {
            int digit = rest_.front() - '0';
            if (digits < 6) microseconds = microseconds * 10 + digit;
            if (digits == 6 && digit >= 5) ++microseconds;
        }
        for (; digits < 6; ++digits) microseconds *= 10;
        return microseconds;
    }
    // Between `least` and `most` digits; -1: they are not there.
    long number(std::size_t least, std::size_t most) {
        long value = 0;
        std::size_t n = 0;
        for (; n < most && at_digit(); ++n) {
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        last_digits_ = n;
        return n < least || at_digit() ? -1 : value;
    }
    std::size_t last_digits() const { return last_digits_; }  // how many number() took
    // Exactly two digits, whatever follows.
    int pair() {
        if (rest_.size() < 2 || !is_digit(rest_[0]) || !is_digit(rest_[1])) return -1;
        int value = (rest_[0] - '0') * 10 + (rest_[1] - '0');
        rest_.remove_prefix(2);
        return value;
    }
    bool take_word(std::string_view lower) {
        if (rest_.size() < lower.size() || !equals_ignoring_case(rest_.substr(0, lower.size()), lower)) return false;
        rest_.remove_prefix(lower.size());
        return true;
    }

   private:
    std::string_view rest_;
    std::size_t last_digits_ = 0;
};

bool is_leap(long year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in(long year, int month) {
    constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

enum class Part { Good, Wrong, OutOfRange };

// YYYY-MM-DD with four to seven digits of year, or YYYYMMDD. Whether it is BC stands at the end of the whole text.
Part read_date(Reader& reader, CivilDate& date) {
    date.year = reader.number(4, 8);
    if (date.year < 0) return Part::Wrong;
    if (reader.last_digits() == 8) {
        date.day = static_cast<int>(date.year % 100);
        date.month = static_cast<int>(date.year / 100 % 100);
        date.year /= 10000;
        return Part::Good;
    }
    if (reader.last_digits() > 7 || !reader.take('-')) return Part::Wrong;
    date.month = static_cast<int>(reader.number(1, 2));
    if (date.month < 0 || !reader.take('-')) return Part::Wrong;
    date.day = static_cast<int>(reader.number(1, 2));
    return date.day < 0 ? Part::Wrong : Part::Good;
}

constexpr long kSecond = 1000000;
constexpr long kDay = 86400 * kSecond;

// In microseconds.
struct DayTime {
    long of_day = 0;
    long east_of_utc = 0;
};

// HH:MM[:SS[.fraction]], or `basic` HHMMSS[.fraction], and, with or without a blank, Z, UTC, GMT or
// ±HH[[:]MM[[:]SS]].
Part read_time(Reader& reader, bool basic, DayTime& time) {
    long hour = reader.number(1, basic ? 6 : 2);
    long minute = 0;
    long second = 0;
    long fraction = 0;
    if (hour < 0) return Part::Wrong;
    bool whole = reader.last_digits() == 6;
    if (whole) {
        second = hour % 100;
        minute = hour / 100 % 100;
        hour /= 10000;
        if (reader.take('.')) fraction = reader.take_fraction();
    } else {
        if (reader.last_digits() > 2 || !reader.take(':')) return Part::Wrong;
        minute = reader.number(1, 2);
        if (minute < 0) return Part::Wrong;
    }
    if (!whole && reader.take(':')) {
        second = reader.number(1, 2);
        if (second < 0) return Part::Wrong;
        if (reader.take('.')) fraction = reader.take_fraction();
    }
    if (minute > 59 || second > 60 || hour > 24) return Part::OutOfRange;
    if (hour == 24 && (minute > 0 || second > 0 || fraction > 0)) return Part::OutOfRange;
    time.of_day = ((hour * 60 + minute) * 60 + second) * kSecond + fraction;
    return Part::Good;
}

Part read_zone(Reader& reader, DayTime& time) {
    if (reader.take_word("utc") || reader.take_word("gmt") || reader.take_either('Z', 'z')) return Part::Good;
    bool east = reader.take('+');
    if (!east && !reader.take('-')) return Part::Good;
    int hour = reader.pair();
    if (hour < 0) return Part::Wrong;
    int minute = 0;
    int second = 0;
    bool colon = reader.take(':');
    if (colon || reader.at_digit()) {
        minute = reader.pair();
        if (minute < 0) return Part::Wrong;
        if (colon ? reader.take(':') : reader.at_digit()) {
            second = reader.pair();
            if (second < 0) return Part::Wrong;
        }
    }
    if (hour > 15 || minute > 59 || second > 59) return Part::OutOfRange;
    time.east_of_utc = (east ? 1 : -1) * ((hour * 60L + minute) * 60 + second) * kSecond;
    return Part::Good;
}

// Days since 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level date
// algorithms").
long days_since_1970(CivilDate date) {
    long year = date.month <= 2 ? date.year - 1 : date.year;
    long era = (year >= 0 ? year : year - 399) / 400;
    long of_era = year - era * 400;
    long of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

Part judge(CivilDate date, bool bc, const DayTime& time, Moment moment) {
    if (date.year == 0) return Part::OutOfRange;
    if (bc) date.year = 1 - date.year;
    bool exists = date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= days_in(date.year, date.month);
    if (!exists) return Part::OutOfRange;
    static const long kFirstDay = days_since_1970({-4713, 11, 24});
    static const long kLastDate = days_since_1970({5874897, 12, 31});
    static const long kAfterLastTimestamp = days_since_1970({294277, 1, 1});
    long day = days_since_1970(date);
    if (moment == Moment::Date) return day < kFirstDay || day > kLastDate ? Part::OutOfRange : Part::Good;
    if (day >= kAfterLastTimestamp || day < kFirstDay) return Part::OutOfRange;
    // From 2000 on, as the server counts: from 1970 the last timestamp overflows.
    constexpr long k2000 = 10957;
    long moment_of_utc = (day - k2000) * kDay + time.of_day;
    if (moment == Moment::TimestampTz) moment_of_utc -= time.east_of_utc;
    bool inside = moment_of_utc >= (kFirstDay - k2000) * kDay && moment_of_utc < (kAfterLastTimestamp - k2000) * kDay;
    return inside ? Part::Good : Part::OutOfRange;
}

std::optional<Refusal> refusal_of(Part part) {
    if (part == Part::Good) return std::nullopt;
    return part == Part::Wrong ? Refusal::WrongType : Refusal::OutOfRange;
}

}  // namespace

std::optional<Refusal> check_moment(std::string_view text, Moment moment) {
    text = trim_blanks(text);
    bool infinite = equals_ignoring_case(text, "infinity") || equals_ignoring_case(text, "-infinity");
    bool has_date = moment != Moment::Time && moment != Moment::TimeTz;
    if (infinite) return has_date ? std::nullopt : std::optional(Refusal::WrongType);

    Reader reader(text);
    CivilDate date;
    DayTime time;
    bool has_time = !has_date;
    bool basic = false;  // behind a T the time may do without colons
    if (has_date) {
        if (auto part = read_date(reader, date); part != Part::Good) return refusal_of(part);
        basic = reader.take_either('T', 't');
        has_time = basic;
        if (!has_time && reader.take_blanks() > 0) has_time = reader.at_digit();
    }
    Part verdict = Part::Good;
    if (has_time) {
        verdict = read_time(reader, basic, time);
        if (verdict == Part::Wrong) return Refusal::WrongType;
        reader.take_blanks();
        auto zone = read_zone(reader, time);
        if (zone == Part::Wrong) return Refusal::WrongType;
        if (verdict == Part::Good) verdict = zone;
        reader.take_blanks();
    }
    bool bc = has_date && reader.take_word("bc");
    if (!reader.empty()) return Refusal::WrongType;
    bool keeps_offset = moment == Moment::TimestampTz || moment == Moment::TimeTz;
    if (verdict == Part::Good && !keeps_offset && time.east_of_utc != 0) return Refusal::WrongType;
    if (verdict == Part::Good && has_date) verdict = judge(date, bc, time, moment);
    return refusal_of(verdict);
}

}  // namespace sqs2pg::pg
