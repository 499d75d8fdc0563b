// JSON strings, see json_text.h.
#include "aws/json_text.h"

namespace sqs2pg::aws {

void append_json_string(std::string& out, std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    out += '"';
    for (char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00";
            out += kDigits[static_cast<unsigned char>(c) >> 4];
            out += kDigits[static_cast<unsigned char>(c) & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace sqs2pg::aws
