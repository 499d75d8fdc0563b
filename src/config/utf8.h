// Is a configuration a text? Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace sqs2pg::config {

// Offset of the first byte that is no well-formed UTF-8 (RFC 3629) or a control character other than tab and line ends.
std::optional<std::size_t> first_odd_byte(std::string_view text) noexcept;

}  // namespace sqs2pg::config
