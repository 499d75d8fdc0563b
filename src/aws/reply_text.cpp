// JSON, XML and times of replies, see reply_text.h.
#include "aws/reply_text.h"

#include <charconv>
#include <chrono>

#include <openssl/crypto.h>
#include <simdjson.h>

namespace sqs2pg::aws {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxDepth = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, std::uint32_t point) {
    auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0 | (point >> 6));
        put(0x80 | (point & 63));
    } else if (point < 0x10000) {
        put(0xE0 | (point >> 12));
        put(0x80 | ((point >> 6) & 63));
        put(0x80 | (point & 63));
    } else {
        put(0xF0 | (point >> 18));
        put(0x80 | ((point >> 12) & 63));
        put(0x80 | ((point >> 6) & 63));
        put(0x80 | (point & 63));
    }
}

// "&amp;" and the like; false when the name (without & and ;) is none that XML knows.
bool append_entity(std::string& out, std::string_view name) {
    struct Named {
        std::string_view name;
        char character;
    };
    static constexpr Named kNamed[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (const auto& entity : kNamed) {
        if (entity.name == name) {
            out += entity.character;
            return true;
        }
    }
    if (!name.starts_with('#')) return false;
    name.remove_prefix(1);
    int base = 10;
    if (name.starts_with('x')) {
        base = 16;
        name.remove_prefix(1);
    }
    std::uint32_t point = 0;
    auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), point, base);
    bool whole = error == std::errc{} && end == name.data() + name.size();
    if (!whole || point == 0 || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return false;
    append_utf8(out, point);
    return true;
}

std::optional<std::string> unescaped_xml(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '<') return std::nullopt;
        if (text[i] != '&') {
            out += text[i];
            continue;
        }
        auto end = text.find(';', i);
        if (end == text.npos || !append_entity(out, text.substr(i + 1, end - i - 1))) return std::nullopt;
        i = end;
    }
    return out;
}

// `digits` digits at the front of `text`, taken off it; -1 when there are fewer.
int take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return -1;
    int value = 0;
    for (char c : text.substr(0, digits)) {
        if (!is_digit(c)) return -1;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}

// Minutes east of UTC that `text` says, whole.
std::optional<int> offset_minutes(std::string_view text) {
    if (text == "Z" || text == "z" || text == "UTC") return 0;
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
    int sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
    int hours = take_number(text, 2);
    take(text, ":");
    int minutes = take_number(text, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || !text.empty()) return std::nullopt;
    return sign * (hours * 60 + minutes);
}

}  // namespace

struct JsonReply::Impl {
    Impl() : parser(16U * 1024 * 1024) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() {
        // As large as simdjson makes it: a secret stands in it unescaped.
        auto& document = parser.doc;
        if (document.string_buf && document.capacity() > 0) {
            OPENSSL_cleanse(document.string_buf.get(), 5 * document.capacity() / 3 + simdjson::SIMDJSON_PADDING);
        }
    }

    std::optional<dom::element> at(std::string_view path) const {
        dom::element here = root;
        while (!path.empty()) {
            auto end = std::min(path.find('.'), path.size());
            dom::element next;
            if (!here.is_object() || here[path.substr(0, end)].get(next) != simdjson::SUCCESS) return std::nullopt;
            here = next;
            path.remove_prefix(std::min(end + 1, path.size()));
        }
        return here;
    }

    dom::parser parser;
    dom::element root;
};

JsonReply::JsonReply(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonReply::~JsonReply() = default;
JsonReply::JsonReply(JsonReply&&) noexcept = default;
JsonReply& JsonReply::operator=(JsonReply&&) noexcept = default;

std::optional<JsonReply> JsonReply::parse(std::string_view text) {
    auto impl = std::make_unique<Impl>();
    if (impl->parser.allocate(std::max<std::size_t>(text.size(), 64), kMaxDepth) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    simdjson::padded_string padded(text);
    auto error = impl->parser.parse(padded).get(impl->root);
    OPENSSL_cleanse(padded.data(), padded.size());
    if (error != simdjson::SUCCESS || !impl->root.is_object()) return std::nullopt;
    return JsonReply(std::move(impl));
}

std::optional<std::string> JsonReply::text(std::string_view path) const {
    auto element = impl_->at(path);
    std::string_view value;
    if (!element || element->get(value) != simdjson::SUCCESS) return std::nullopt;
    return std::string(value);
}

std::optional<std::int64_t> JsonReply::number(std::string_view path) const {
    auto element = impl_->at(path);
    std::int64_t value = 0;
    if (!element || element->get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
}

bool JsonReply::has(std::string_view path) const { return impl_->at(path).has_value(); }

std::optional<std::string> xml_text(std::string_view document, std::string_view element) {
    for (auto at = document.find('<'); at != document.npos; at = document.find('<', at + 1)) {
        auto rest = document.substr(at + 1);
        if (!rest.starts_with(element)) continue;
        rest.remove_prefix(element.size());
        if (rest.starts_with("/>")) return std::string();
        if (!rest.starts_with('>')) continue;
        rest.remove_prefix(1);
        auto end = rest.find("</");
        auto closing = end == rest.npos ? std::string_view() : rest.substr(end + 2);
        if (!closing.starts_with(element) || !closing.substr(element.size()).starts_with('>')) return std::nullopt;
        return unescaped_xml(rest.substr(0, end));
    }
    return std::nullopt;
}

std::optional<std::int64_t> parse_iso_time(std::string_view text) {
    using namespace std::chrono;
    int year = take_number(text, 4);
    bool shape = take(text, "-");
    int month = take_number(text, 2);
    shape = take(text, "-") && shape;
    int day = take_number(text, 2);
    shape = (take(text, "T") || take(text, " ")) && shape;
    int hour = take_number(text, 2);
    shape = take(text, ":") && shape;
    int minute = take_number(text, 2);
    shape = take(text, ":") && shape;
    int second = take_number(text, 2);
    if (!shape || year < 1970 || month < 0 || day < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 60) {
        return std::nullopt;
    }
    int milliseconds_part = 0;
    if (take(text, ".")) {
        int scale = 100;
        if (text.empty() || !is_digit(text.front())) return std::nullopt;
        for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), scale /= 10) {
            milliseconds_part += (text.front() - '0') * scale;
        }
    }
    auto offset = offset_minutes(text);
    auto date = std::chrono::year(year) / month / day;
    if (!offset || !date.ok()) return std::nullopt;
    auto time = sys_days(date) + hours(hour) + minutes(minute - *offset) + seconds(second);
    return duration_cast<milliseconds>(time.time_since_epoch()).count() + milliseconds_part;
}

}  // namespace sqs2pg::aws
