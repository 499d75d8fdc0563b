// Proxies, see proxy.h.
#include "net/proxy.h"

#include <openssl/evp.h>

namespace sqs2pg::net {
namespace {

tl::unexpected<Error> bad_proxy(const std::string& from, std::string_view what) {
    return fail(ErrorKind::Configuration, Stage::Configure, "bad_proxy", from + ": " + std::string(what));
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// A '%' that begins no escape stays as it is: passwords are often pasted unencoded.
std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool escape =
            text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
        out += escape ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])) : text[i];
        if (escape) i += 2;
    }
    return out;
}

Secret basic_authorization(std::string_view user_info) {
    auto colon = user_info.find(':');
    Secret plain(percent_decoded(user_info.substr(0, colon)) + ":" +
                 (colon == user_info.npos ? std::string() : percent_decoded(user_info.substr(colon + 1))));
    std::string encoded((plain.reveal().size() + 2) / 3 * 4 + 1, '\0');
    auto length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                  reinterpret_cast<const unsigned char*>(plain.reveal().data()),
                                  static_cast<int>(plain.reveal().size()));
    encoded.resize(static_cast<std::size_t>(length));
    return Secret("Basic " + encoded);
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

}  // namespace

std::string Proxy::shown() const { return "the proxy " + url.origin() + " (" + from + ")"; }

Result<Proxy> parse_proxy(std::string_view text, std::string from) {
    constexpr std::size_t kLongest = 4096;
    if (text.size() > kLongest) return bad_proxy(from, "longer than any proxy's URL");
    std::string scheme = "http";
    if (auto mark = text.find("://"); mark != text.npos) {
        scheme = lower_case(text.substr(0, mark));
        text.remove_prefix(mark + 3);
    }
    if (scheme.starts_with("socks")) {
        return bad_proxy(from,
                         "SOCKS proxies are not supported: name an HTTP proxy (http://HOST:PORT), or take the "
                         "variable away");
    }
    if (scheme != "http" && scheme != "https") {
        return bad_proxy(from, "a proxy's URL begins with http:// or https://");
    }
    Proxy proxy;
    proxy.from = std::move(from);
    auto authority = text.substr(0, text.find_first_of("/?#"));
    // A password may hold an unencoded '/' or '@': the last '@' ends it.
    auto at = text.rfind('@');
    if (at != text.npos) {
        auto rest = text.substr(at + 1);
        authority = rest.substr(0, rest.find_first_of("/?#"));
        proxy.authorization = basic_authorization(text.substr(0, at));
    }
    auto url = parse_url(scheme + "://" + std::string(authority));
    if (!url) return bad_proxy(proxy.from, url.error().detail);
    proxy.url = std::move(*url);
    return proxy;
}

ProxyRules::ProxyRules(const ProxySettings& settings)
    : no_proxy_(settings.no_proxy), no_proxy_from_(settings.no_proxy_from) {
    if (!settings.https.empty()) https_ = parse_proxy(settings.https, settings.https_from);
    if (!settings.http.empty()) http_ = parse_proxy(settings.http, settings.http_from);
}

Result<const Proxy*> ProxyRules::choose(const Url& target) const {
    const auto& proxy = target.tls ? https_ : http_;
    if (!proxy || is_always_direct(target.host) || no_proxy_.matches(target.host, target.port)) return nullptr;
    if (!*proxy) return fail(proxy->error());
    return &**proxy;
}

std::string ProxyRules::explain(const Url& target) const {
    const auto& proxy = target.tls ? https_ : http_;
    if (!proxy) return {};
    if (is_always_direct(target.host)) return "directly (this machine and its link never go through a proxy)";
    if (no_proxy_.matches(target.host, target.port)) return "directly (" + no_proxy_from_ + " names the host)";
    return *proxy ? "through " + (*proxy)->shown() : proxy->error().detail;
}

}  // namespace sqs2pg::net
