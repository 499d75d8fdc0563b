// Base64 (RFC 4648), from bytes and to bytes. Pure.
#pragma once

#include <string>
#include <string_view>

namespace sqs2pg {

// With `+`, `/` and padding.
std::string encode_base64(std::string_view bytes);

// Both alphabets, padding optional. `out` is overwritten; false: it is no base64, and `out` holds nothing of use.
bool decode_base64(std::string_view text, std::string& out);

// The same, with blanks and line ends anywhere, as MIME and the tool `base64` write it.
bool decode_base64_lines(std::string_view text, std::string& out);

}  // namespace sqs2pg
