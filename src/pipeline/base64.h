// Base64 (RFC 4648) to bytes: of a column's value (`convert: base64`) and of whole bodies (`unwrap: base64`). Pure.
#pragma once

#include <string>
#include <string_view>

namespace sqs2pg::pipeline {

// Both alphabets, padding optional. `out` is overwritten; false: it is no base64, and `out` holds nothing of use.
bool decode_base64(std::string_view text, std::string& out);

// The same, with blanks and line ends anywhere, as MIME and the tool `base64` write it.
bool decode_base64_lines(std::string_view text, std::string& out);

}  // namespace sqs2pg::pipeline
