// Reading of times, see moment.h.
#include "base/moment.h"

#include <charconv>
#include <chrono>

namespace sqs2pg {

namespace {

// A cursor over the text: each step takes what it wants from the front, or says that it is not there.
struct Reader {
    std::string_view rest;

    bool take(char c) {
        if (!rest.starts_with(c)) return false;
        rest.remove_prefix(1);
        return true;
    }
    std::optional<int> digits(std::size_t count) {
        if (rest.size() < count) return std::nullopt;
        int value = 0;
        auto [end, error] = std::from_chars(rest.data(), rest.data() + count, value);
        if (error != std::errc{} || end != rest.data() + count || value < 0) return std::nullopt;
        rest.remove_prefix(count);
        return value;
    }
};

std::optional<Moment> parse_ago(std::string_view text) {
    std::int64_t count = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || end + 1 != text.data() + text.size() || count < 0 || count > 1'000'000'000) {
        return std::nullopt;
    }
    std::int64_t unit = 0;
    switch (*end) {
        case 's':
            unit = 1;
            break;
        case 'm':
            unit = 60;
            break;
        case 'h':
            unit = 3600;
            break;
        case 'd':
            unit = 86400;
            break;
        case 'w':
            unit = 7 * 86400;
            break;
        default:
            return std::nullopt;
    }
    return Moment{true, count * unit * 1000};
}

// What follows the date: ms of the day, which a zone may move out of it.
std::optional<std::int64_t> parse_time(Reader& reader) {
    auto hour = reader.digits(2);
    if (!hour || *hour > 23 || !reader.take(':')) return std::nullopt;
    auto minute = reader.digits(2);
    if (!minute || *minute > 59) return std::nullopt;
    std::int64_t ms = (*hour * 60 + *minute) * 60'000;
    if (reader.take(':')) {
        auto second = reader.digits(2);
        if (!second || *second > 59) return std::nullopt;
        ms += *second * 1000;
        if (reader.take('.')) {
            std::int64_t unit = 100;
            auto first = reader.digits(1);
            if (!first) return std::nullopt;
            for (auto digit = first; digit; digit = reader.digits(1)) {
                ms += *digit * unit;
                unit /= 10;
            }
        }
    }
    if (reader.rest.empty() || reader.take('Z')) return ms;
    bool east = reader.rest.starts_with('+');
    if (!reader.take('+') && !reader.take('-')) return std::nullopt;
    auto hours = reader.digits(2);
    if (!hours || *hours > 15) return std::nullopt;
    reader.take(':');
    auto minutes = reader.rest.empty() ? std::optional(0) : reader.digits(2);
    if (!minutes || *minutes > 59) return std::nullopt;
    std::int64_t offset = (*hours * 60 + *minutes) * 60'000;
    return east ? ms - offset : ms + offset;
}

}  // namespace

std::optional<Moment> parse_moment(std::string_view text) {
    if (auto ago = parse_ago(text)) return ago;
    using namespace std::chrono;
    Reader reader{text};
    auto year_number = reader.digits(4);
    if (!year_number || !reader.take('-')) return std::nullopt;
    auto month_number = reader.digits(2);
    if (!month_number || !reader.take('-')) return std::nullopt;
    auto day_number = reader.digits(2);
    if (!day_number) return std::nullopt;
    year_month_day date{year{*year_number}, month{static_cast<unsigned>(*month_number)},
                        day{static_cast<unsigned>(*day_number)}};
    if (!date.ok()) return std::nullopt;
    std::int64_t ms = sys_days{date}.time_since_epoch().count() * std::int64_t{86'400'000};
    if (reader.rest.empty()) return Moment{false, ms};
    if (!reader.take('T') && !reader.take(' ')) return std::nullopt;
    auto time = parse_time(reader);
    if (!time || !reader.rest.empty()) return std::nullopt;
    return Moment{false, ms + *time};
}

}  // namespace sqs2pg
