// http and https URLs, as far as queue URLs and endpoints need them. Pure. Source: RFC 3986.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sqs2pg::net {

struct Url {
    bool tls = false;
    std::string host;          // without brackets for IPv6 literals; lower case
    std::uint16_t port = 0;    // always set: 80 or 443 by default
    std::string target = "/";  // path and query as written, never empty

    // The Host header: brackets for IPv6, the port only when it is not the scheme's default.
    std::string host_header() const;
    std::string origin() const;  // scheme://host[:port]
};

// Configuration error naming what is wrong (no user info, fragment or scheme other than http/https is accepted).
Result<Url> parse_url(std::string_view text);

}  // namespace sqs2pg::net
