// Single values, see values.h.
#include "config/values.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace sqs2pg::config {
namespace {

constexpr std::int64_t kMostNumber = 999'999'999'999'999'999;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_word(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

struct Unit {
    std::string_view suffix;
    std::int64_t factor;
};

// `units` in an order in which no suffix hides a later one; the last has the empty suffix.
template <std::size_t N>
std::optional<std::int64_t> parse_with_unit(std::string_view text, const std::array<Unit, N>& units) noexcept {
    for (const auto& unit : units) {
        if (!text.ends_with(unit.suffix)) continue;
        auto number = parse_integer(text.substr(0, text.size() - unit.suffix.size()));
        if (!number || *number > kMostNumber / unit.factor) return std::nullopt;
        return *number * unit.factor;
    }
    return std::nullopt;
}

// Takes one identifier off the front of `text`.
std::optional<std::string> take_identifier(std::string_view& text) {
    std::string name;
    if (text.starts_with('"')) {
        std::size_t i = 1;
        for (; i < text.size(); ++i) {
            if (text[i] == '"' && text.substr(i + 1, 1) != "\"") break;
            if (text[i] == '"') ++i;
            name.push_back(text[i]);
        }
        if (i >= text.size()) return std::nullopt;
        text.remove_prefix(i + 1);
    } else {
        auto end = std::min(text.find('.'), text.size());
        name = text.substr(0, end);
        if (name.find_first_of("\" \t\n") != name.npos) return std::nullopt;
        text.remove_prefix(end);
    }
    if (name.empty() || name.size() > kMostIdentifierBytes) return std::nullopt;
    return name;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
    if (text.empty() || text.size() > 18 || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
    std::int64_t number = 0;
    for (char c : text) number = number * 10 + (c - '0');
    return number;
}

std::optional<std::int64_t> parse_seconds(std::string_view text) noexcept {
    static constexpr std::array<Unit, 4> kUnits{{{"s", 1}, {"m", 60}, {"h", 3600}, {"", 1}}};
    return parse_with_unit(text, kUnits);
}

std::optional<std::int64_t> parse_bytes(std::string_view text) noexcept {
    static constexpr std::array<Unit, 4> kUnits{{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"", 1}}};
    return parse_with_unit(text, kUnits);
}

std::optional<pg::TableName> parse_table(std::string_view text) {
    pg::TableName name;
    auto first = take_identifier(text);
    if (!first) return std::nullopt;
    if (text.empty()) {
        name.table = std::move(*first);
        return name;
    }
    if (!text.starts_with('.')) return std::nullopt;
    text.remove_prefix(1);
    auto second = take_identifier(text);
    if (!second || !text.empty()) return std::nullopt;
    name.schema = std::move(*first);
    name.table = std::move(*second);
    return name;
}

bool valid_queue_name(std::string_view name) noexcept {
    constexpr std::size_t kMostQueueName = 80;
    if (name.empty() || name.size() > kMostQueueName) return false;
    if (name.ends_with(".fifo")) name.remove_suffix(5);
    return !name.empty() && std::all_of(name.begin(), name.end(), is_word);
}

bool valid_queue_arn(std::string_view arn) noexcept {
    constexpr std::size_t kParts = 6;
    std::array<std::string_view, kParts> parts;
    for (std::size_t i = 0; i < kParts; ++i) {
        auto end = i + 1 < kParts ? arn.find(':') : arn.size();
        if (end == arn.npos) return false;
        parts[i] = arn.substr(0, end);
        arn.remove_prefix(std::min(end + 1, arn.size()));
    }
    auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto& account = parts[4];
    return parts[0] == "arn" && parts[1].starts_with("aws") && parts[2] == "sqs" && valid_name(parts[3], false) &&
           account.size() == 12 && std::all_of(account.begin(), account.end(), digit) && valid_queue_name(parts[5]);
}

bool valid_session_name(std::string_view name) noexcept {
    return name.size() >= 2 && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
               return is_word(c) || std::string_view("+=,.@").find(c) != std::string_view::npos;
           });
}

bool valid_name(std::string_view name, bool dots) noexcept {
    if (name.empty() || name.size() > 63) return false;
    return std::all_of(name.begin(), name.end(), [dots](char c) { return is_word(c) || (dots && c == '.'); });
}

bool valid_listen(std::string_view text) noexcept {
    if (text == "off") return true;
    auto colon = text.rfind(':');
    if (colon == text.npos || colon == 0) return false;
    auto host = text.substr(0, colon);
    auto port = parse_integer(text.substr(colon + 1));
    if (!port || *port > 65535) return false;
    if (host.starts_with('[')) return host.size() > 2 && host.ends_with(']');
    return host.find_first_of(": /[]\t") == host.npos;
}

}  // namespace sqs2pg::config
