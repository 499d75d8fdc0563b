// Which proxy a request goes through: HTTPS_PROXY, HTTP_PROXY and NO_PROXY as values. Pure; aws/http_options reads the
// environment.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "net/no_proxy.h"
#include "net/url.h"

namespace sqs2pg::net {

struct Proxy {
    Url url;               // of the proxy itself; `tls`: it is spoken to over TLS
    Secret authorization;  // of Proxy-Authorization, "Basic …"; empty: none
    std::string from;      // the variable that names it

    std::string shown() const;  // "the proxy http://proxy:3128 (HTTPS_PROXY)": never a password
};

// "http://user:password@host:port"; the scheme http is taken when there is none, user and password are percent-encoded.
// Configuration error, which never repeats the text: another scheme (socks5, …), no host, a bad port.
Result<Proxy> parse_proxy(std::string_view text, std::string from);

struct ProxySettings {
    std::string https, https_from;  // for https:// targets; empty: none
    std::string http, http_from;    // for http:// targets
    std::string no_proxy, no_proxy_from;
};

class ProxyRules {
   public:
    ProxyRules() = default;
    explicit ProxyRules(const ProxySettings& settings);

    // The proxy for a request to `target`, nullptr when it goes directly; the pointer lives as long as this. The
    // Configuration error of a proxy's text is told here: only whoever would use that proxy is concerned.
    Result<const Proxy*> choose(const Url& target) const;

    // The same for people: "through the proxy … (HTTPS_PROXY)", "directly (NO_PROXY names the host)"; empty where
    // there is no proxy at all.
    std::string explain(const Url& target) const;

   private:
    std::optional<Result<Proxy>> https_;
    std::optional<Result<Proxy>> http_;
    NoProxy no_proxy_;
    std::string no_proxy_from_;
};

}  // namespace sqs2pg::net
