// See bench_values.h.
#include "cli/bench_values.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/base64.h"
#include "pipeline/convert.h"
#include "telemetry/log_line.h"

namespace sqs2pg::cli {
namespace {

using pg::TypeClass;

constexpr std::int64_t kFirstMoment = 1'700'000'000'000;  // in 2023
constexpr std::int64_t kMsADay = 86'400'000;
constexpr std::uint64_t kDays = 9000;
constexpr std::size_t kUsualText = 16;

std::string quoted(std::string_view text) {
    std::string json;
    telemetry::append_json(json, text);
    return json;
}

// Of the same length for all n up to millions: "00fhs".
std::string word(std::uint64_t n) {
    std::string text;
    for (int i = 0; i < 5 || n > 0; ++i, n /= 36) text += "0123456789abcdefghijklmnopqrstuvwxyz"[n % 36];
    std::ranges::reverse(text);
    return text;
}

// What tells the values apart stands in the last of the digits that the column keeps.
std::string text_of(std::uint64_t n, std::int32_t most) {
    auto text = word(n);
    const auto room = most > 0 ? static_cast<std::size_t>(most) : kUsualText;
    if (room < text.size()) return text.substr(text.size() - room);
    text += std::string("-invented-value").substr(0, std::min(room, kUsualText) - text.size());
    return text;
}

std::uint64_t mixed(std::uint64_t n) {
    n += 0x9e3779b97f4a7c15ULL;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9ULL;
    n = (n ^ (n >> 27)) * 0x94d049bb133111ebULL;
    return n ^ (n >> 31);
}

std::string address(std::uint64_t n) { return fmt::format("10.{}.{}.{}", n / 65536 % 256, n / 256 % 256, n % 256); }

std::string moment(std::int64_t ms, TypeClass type) {
    std::string text;
    pipeline::append_time(text, ms, type);
    return text;
}

std::string numeric(const pg::Column& column, std::uint64_t n) {
    if (column.precision == 0) return fmt::format("{}.25", n);
    const auto whole_digits = column.precision - column.scale;
    std::string digits = fmt::format("{:0>18}", n);
    const auto last = [&digits](std::int32_t count) {
        const auto kept = std::min<std::size_t>(digits.size(), static_cast<std::size_t>(std::max(count, 0)));
        return digits.substr(digits.size() - kept);
    };
    if (column.scale < 0)
        return fmt::format("{}{}", n % 9 + 1, std::string(static_cast<std::size_t>(-column.scale), '0'));
    auto whole = fmt::format("{}", std::stoull("0" + last(whole_digits)));
    if (column.scale == 0) return whole;
    const auto scale = static_cast<std::size_t>(column.scale);
    if (whole_digits > 0) return fmt::format("{}.{}", whole, std::string(scale, '5'));
    const auto fraction = last(column.precision);
    return fmt::format("0.{}{}", std::string(scale - fraction.size(), '0'), fraction);
}

// Bits as PostgreSQL counts them in a type's modifier.
std::string interval(std::int32_t fields, std::uint64_t n) {
    constexpr std::array<std::pair<int, std::string_view>, 6> kUnits = {
        {{2, "years"}, {1, "months"}, {3, "days"}, {10, "hours"}, {11, "minutes"}, {12, "seconds"}}};
    for (const auto& [bit, unit] : kUnits) {
        if ((fields & (1 << bit)) != 0) return fmt::format("{} {}", n % 20 + 1, unit);
    }
    return fmt::format("{} days 02:03:04", n % 1000);
}

std::string bits(std::uint64_t n, std::int32_t count) {
    std::string text;
    for (std::int32_t i = 0; i < count; ++i) text += i < 63 && ((n >> i) & 1) != 0 ? '1' : '0';
    return text;
}

std::string range(const pg::Column& column, std::uint64_t n) {
    const auto* bound = column.element.get();
    switch (bound == nullptr ? TypeClass::Other : bound->type) {
        case TypeClass::Int4:
        case TypeClass::Int8:
        case TypeClass::Numeric:
            return fmt::format("[{},{})", n % 1'000'000'000, n % 1'000'000'000 + 5);
        case TypeClass::Date:
        case TypeClass::Timestamp:
        case TypeClass::TimestampTz: {
            const auto ms = kFirstMoment + static_cast<std::int64_t>(n % kDays) * kMsADay;
            return fmt::format("[\"{}\",\"{}\")", moment(ms, bound->type), moment(ms + kMsADay, bound->type));
        }
        default:
            return "empty";
    }
}

// Types that the worker leaves to the server, by name: the rest get a word, and the server's verdict.
std::string other(const pg::Column& column, std::uint64_t n) {
    const auto& type = column.type_name;
    if (type == "money") return fmt::format("{}.25", n % 1'000'000);
    if (type == "xml") return fmt::format("<n>{}</n>", n);
    if (type == "jsonpath") return fmt::format("$.a[{}]", n % 1000);
    if (type.ends_with("hstore")) return fmt::format("n=>{}", n);
    if (type.ends_with("ltree")) return "a." + word(n);
    if (type.find("geometry") != type.npos || type.find("geography") != type.npos) {
        return fmt::format("POINT({} {})", n % 180, n % 90);
    }
    return word(n);
}

std::string address_type(TypeClass type, std::uint64_t n) {
    const auto low = static_cast<unsigned>(n & 0xffffff);
    const auto tail = fmt::format("{:02x}:{:02x}:{:02x}", low >> 16, (low >> 8) & 255, low & 255);
    if (type == TypeClass::Cidr) return fmt::format("10.{}.{}.0/24", n / 256 % 256, n % 256);
    if (type == TypeClass::Macaddr) return "08:00:2b:" + tail;
    if (type == TypeClass::Macaddr8) return "08:00:2b:01:02:" + tail;
    return address(n);
}

std::string shape(TypeClass type, std::uint64_t n) {
    switch (type) {
        case TypeClass::Point:
            return fmt::format("({},2)", n);
        case TypeClass::Lseg:
        case TypeClass::Path:
            return fmt::format("[({},2),(3,4)]", n);
        case TypeClass::Box:
            return fmt::format("({},4),(1,2)", n + 2);
        case TypeClass::Line:
            return fmt::format("{{1,2,{}}}", n);
        case TypeClass::Polygon:
            return fmt::format("(({},2),(3,4),(5,6))", n);
        default:
            return fmt::format("<({},2),3>", n);
    }
}

std::string of_type(const pg::Column& column, std::uint64_t n);

std::string text_like(const pg::Column& column, std::uint64_t n) {
    const auto type = column.type;
    const auto seconds = kFirstMoment + static_cast<std::int64_t>(n) * 1000;
    auto clock = fmt::format("{:02}:{:02}:{:02}", n / 3600 % 24, n / 60 % 60, n % 60);
    switch (type) {
        case TypeClass::Uuid:
            return fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", mixed(n) & 0xffffffff,
                               (mixed(n) >> 32) & 0xffff, (mixed(n) >> 48) & 0xfff, mixed(~n) & 0xfff,
                               n & 0xffffffffffff);
        case TypeClass::Date:
            return moment(kFirstMoment + static_cast<std::int64_t>(n % kDays) * kMsADay, type);
        case TypeClass::Timestamp:
        case TypeClass::TimestampTz:
            return moment(seconds, type);
        case TypeClass::Time:
            return clock;
        case TypeClass::TimeTz:
            return clock + "+00";
        case TypeClass::Interval:
            return interval(column.interval_fields, n);
        case TypeClass::Inet:
        case TypeClass::Cidr:
        case TypeClass::Macaddr:
        case TypeClass::Macaddr8:
            return address_type(type, n);
        case TypeClass::Bytea:
            return fmt::format("\\x{:032x}", n);
        case TypeClass::Bit:
            return bits(n, std::max(column.max_length, 1));
        case TypeClass::Varbit:
            return bits(n, column.max_length > 0 ? column.max_length : 24);
        case TypeClass::OneByte:
            return std::string(1, static_cast<char>('a' + n % 26));
        case TypeClass::PgLsn:
            return fmt::format("0/{:X}", n);
        case TypeClass::Enum:
            return column.labels && !column.labels->empty() ? (*column.labels)[n % column.labels->size()] : word(n);
        case TypeClass::Range:
            return range(column, n);
        case TypeClass::Multirange: {
            const auto one = range(column, n);
            return one == "empty" ? "{}" : "{" + one + "}";
        }
        case TypeClass::Text:
        case TypeClass::Varchar:
        case TypeClass::Char:
        case TypeClass::Name:
            return text_of(n, column.max_length);
        case TypeClass::Other:
            return other(column, n);
        default:
            return shape(type, n);
    }
}

std::string of_type(const pg::Column& column, std::uint64_t n) {
    switch (column.type) {
        case TypeClass::Int2:
            return fmt::to_string(n % 32'768);
        case TypeClass::Int4:
        case TypeClass::Oid:
            return fmt::to_string(n % 2'147'483'648);
        case TypeClass::Int8:
            return fmt::to_string(n);
        case TypeClass::Numeric:
            return numeric(column, n);
        case TypeClass::Float4:
        case TypeClass::Float8:
            return fmt::format("{}.5", n);
        case TypeClass::Bool:
            return n % 2 == 0 ? "true" : "false";
        case TypeClass::Json:
        case TypeClass::Jsonb:
            return fmt::format("{{\"number\":{},\"word\":\"{}\"}}", n, word(n));
        case TypeClass::Array: {
            if (!column.element) return "[]";
            auto element = *column.element;
            if (element.type == TypeClass::Json || element.type == TypeClass::Jsonb) element.type = TypeClass::Int4;
            return fmt::format("[{},{}]", of_type(element, n), of_type(element, n + 1));
        }
        default:
            return quoted(text_like(column, n));
    }
}

std::string converted(const pipeline::ColumnRule& rule, const pg::Column& column, std::uint64_t n) {
    switch (rule.convert) {
        case pipeline::Convert::MajorVersion:
            return fmt::format("\"{}.2.0\"", n % 20 + 1);
        case pipeline::Convert::EpochSeconds:
            return fmt::to_string(kFirstMoment / 1000 + static_cast<std::int64_t>(n));
        case pipeline::Convert::EpochMillis:
            return fmt::to_string(kFirstMoment + static_cast<std::int64_t>(n));
        case pipeline::Convert::Base64:
            return quoted(encode_base64(column.type == TypeClass::Bytea ? word(n) : text_like(column, n)));
        default:
            return of_type(column, n);
    }
}

}  // namespace

std::string invented_value(const pipeline::ColumnRule& rule, const pg::Column& column, std::uint64_t n) {
    if (!rule.mask) return converted(rule, column, n);
    const auto& mask = *rule.mask;
    if (privacy::masks_addresses(mask.method) || mask.canonical == privacy::Canonical::Ip) return quoted(address(n));
    // The token of a longer value may not fit a short column.
    if (mask.method == privacy::Method::Siv || rule.convert == pipeline::Convert::None)
        return quoted(word(n) + "-value");
    pg::Column text;
    text.type = TypeClass::Text;
    return converted(rule, text, n);
}

}  // namespace sqs2pg::cli
