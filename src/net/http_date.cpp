// Dates of HTTP replies, see http_date.h.
#include "net/http_date.h"

#include <charconv>
#include <chrono>

namespace sqs2pg::net {
namespace {

// Two or four digits at a fixed place; -1 when there are others.
int number_at(std::string_view text, std::size_t at, std::size_t digits) {
    int value = 0;
    const auto* first = text.data() + at;
    auto [end, error] = std::from_chars(first, first + digits, value);
    return error == std::errc{} && end == first + digits && value >= 0 ? value : -1;
}

}  // namespace

// By hand: strptime's names of days and months follow the locale.
std::optional<std::int64_t> parse_http_date(std::string_view text) {
    static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != 29 || text.substr(25) != " GMT" || text[3] != ',') return std::nullopt;
    auto month = kMonths.find(text.substr(8, 3));
    int day = number_at(text, 5, 2);
    int year = number_at(text, 12, 4);
    int hour = number_at(text, 17, 2);
    int minute = number_at(text, 20, 2);
    int second = number_at(text, 23, 2);
    if (month == kMonths.npos || month % 3 != 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
        second > 60 || year < 0) {
        return std::nullopt;
    }
    using namespace std::chrono;
    auto date = std::chrono::year(year) / static_cast<int>(month / 3 + 1) / day;
    if (day < 1 || !date.ok()) return std::nullopt;
    auto time = sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
    return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

}  // namespace sqs2pg::net
