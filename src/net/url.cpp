// Parsing of http and https URLs, see url.h.
#include "net/url.h"

#include <charconv>

namespace sqs2pg::net {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_hex(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }
bool is_host_char(char c) { return is_digit(c) || is_alpha(c) || c == '-' || c == '.' || c == '_'; }
bool is_ipv6_char(char c) { return is_hex(c) || c == ':' || c == '.'; }

bool all_of(std::string_view text, bool (*accepts)(char)) {
    for (char c : text) {
        if (!accepts(c)) return false;
    }
    return true;
}

// The text of the URL is not repeated: a mistaken one may carry a password.
tl::unexpected<Error> bad_url(std::string detail) {
    return fail(ErrorKind::Configuration, Stage::Configure, "bad_url", std::move(detail));
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    if (text.size() < prefix.size()) return false;
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        if (lower(text[i]) != prefix[i]) return false;
    }
    return true;
}

// "host", "host:port" or "[v6]:port" into the URL's members.
Status parse_authority(std::string_view authority, Url& url) {
    if (authority.find('@') != std::string_view::npos) {
        return bad_url("the URL has a user name or password before '@'; credentials do not belong there, remove them");
    }
    std::string_view host = authority;
    std::string_view port;
    bool has_port = false;
    if (authority.starts_with('[')) {
        auto close = authority.find(']');
        if (close == std::string_view::npos) return bad_url("the IPv6 address of the URL lacks its closing ']'");
        host = authority.substr(1, close - 1);
        auto rest = authority.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') return bad_url("only a ':port' may follow ']' in the URL's host");
        has_port = !rest.empty();
        if (has_port) port = rest.substr(1);
        if (host.find(':') == std::string_view::npos || !all_of(host, is_ipv6_char)) {
            return bad_url("the URL's host in brackets is not an IPv6 address");
        }
    } else {
        auto colon = authority.find(':');
        has_port = colon != std::string_view::npos;
        if (has_port) {
            host = authority.substr(0, colon);
            port = authority.substr(colon + 1);
        }
        if (host.empty()) return bad_url("the URL has no host");
        if (host.size() > 253 || !all_of(host, is_host_char)) {
            return bad_url("the URL's host may hold letters, digits, '-', '_' and '.' only");
        }
    }
    if (has_port) {
        unsigned value = 0;
        auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
        if (error != std::errc{} || end != port.data() + port.size() || value == 0 || value > 65535) {
            return bad_url("the URL's port is not a number from 1 to 65535");
        }
        url.port = static_cast<std::uint16_t>(value);
    }
    url.host.reserve(host.size());
    for (char c : host) url.host += lower(c);
    return {};
}

}  // namespace

std::string Url::host_header() const {
    bool is_ipv6 = host.find(':') != std::string::npos;
    std::string text = is_ipv6 ? "[" + host + "]" : host;
    if (port != (tls ? kHttpsPort : kHttpPort)) text += ":" + std::to_string(port);
    return text;
}

std::string Url::origin() const { return (tls ? "https://" : "http://") + host_header(); }

Result<Url> parse_url(std::string_view text) {
    Url url;
    if (starts_with_ignoring_case(text, "https://")) {
        url.tls = true;
        url.port = kHttpsPort;
        text.remove_prefix(8);
    } else if (starts_with_ignoring_case(text, "http://")) {
        url.port = kHttpPort;
        text.remove_prefix(7);
    } else {
        return bad_url("the URL must begin with http:// or https://");
    }
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte >= 0x7f) {
            return bad_url("the URL holds a space, a control character or a letter beyond ASCII; percent-encode it");
        }
    }
    if (text.find('#') != std::string_view::npos) return bad_url("the URL has a fragment ('#'); remove it");
    auto end = text.find_first_of("/?");
    auto parsed = parse_authority(text.substr(0, end), url);
    if (!parsed) return fail(std::move(parsed.error()));
    if (end != std::string_view::npos) {
        url.target = text[end] == '/' ? std::string(text.substr(end)) : "/" + std::string(text.substr(end));
    }
    return url;
}

}  // namespace sqs2pg::net
