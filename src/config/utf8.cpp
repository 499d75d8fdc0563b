// UTF-8 by RFC 3629, section 4, see utf8.h.
#include "config/utf8.h"

namespace sqs2pg::config {
namespace {

unsigned at(std::string_view text, std::size_t i) noexcept {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}

bool continues(unsigned byte) noexcept { return (byte & 0xc0) == 0x80; }

// Bytes of the character that begins at `i`; 0: none begins there.
std::size_t character_size(std::string_view text, std::size_t i) noexcept {
    unsigned lead = at(text, i);
    unsigned second = at(text, i + 1);
    if (lead < 0x80) return (lead >= 0x20 && lead != 0x7f) || lead == '\t' || lead == '\n' || lead == '\r' ? 1 : 0;
    if (lead >= 0xc2 && lead <= 0xdf) return continues(second) ? 2 : 0;
    if (lead >= 0xe0 && lead <= 0xef) {
        bool overlong = lead == 0xe0 && second < 0xa0;
        bool surrogate = lead == 0xed && second >= 0xa0;
        return continues(second) && continues(at(text, i + 2)) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        bool overlong = lead == 0xf0 && second < 0x90;
        bool beyond = lead == 0xf4 && second >= 0x90;
        return continues(second) && continues(at(text, i + 2)) && continues(at(text, i + 3)) && !overlong && !beyond
                   ? 4
                   : 0;
    }
    return 0;
}

}  // namespace

std::optional<std::size_t> first_odd_byte(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        auto size = character_size(text, i);
        if (size == 0) return i;
        i += size;
    }
    return std::nullopt;
}

}  // namespace sqs2pg::config
