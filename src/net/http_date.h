// The Date of an HTTP reply, for clocks that are off.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sqs2pg::net {

// Milliseconds since 1970 of "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110's preferred form); absent for anything else.
std::optional<std::int64_t> parse_http_date(std::string_view text);

}  // namespace sqs2pg::net
