// Verdicts on inet, cidr, macaddr and macaddr8, see checks.h.
#include <arpa/inet.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "pg/checks.h"

namespace sqs2pg::pg {
namespace {

constexpr int kNone = -1;
constexpr int kWrong = -2;

// The bits behind the slash; kNone without one.
int prefix_length(std::string_view text, std::size_t slash, int most) {
    if (slash == std::string_view::npos) return kNone;
    auto bits = text.substr(slash + 1);
    if (bits.empty() || bits.size() > 3 || !std::ranges::all_of(bits, is_digit)) return kWrong;
    int value = 0;
    for (char c : bits) value = value * 10 + (c - '0');
    return value > most ? kWrong : value;
}

// The octets of an IPv4 address, in decimal and without their number being right; 0: it is none.
std::size_t read_octets(std::string_view text, unsigned char (&octets)[16]) {
    for (std::size_t n = 0; n < 4;) {
        auto digits = text.substr(0, text.find('.'));
        if (digits.empty() || digits.size() > 10 || !std::ranges::all_of(digits, is_digit)) return 0;
        long value = 0;
        for (char c : digits) value = value * 10 + (c - '0');
        if (value > 255) return 0;
        octets[n++] = static_cast<unsigned char>(value);
        text.remove_prefix(digits.size());
        if (text.empty()) return n;
        text.remove_prefix(1);
    }
    return 0;
}

// What a cidr without a prefix length gets from the class of its network, at least what is written.
int bits_of_class(unsigned char first, std::size_t octets) {
    int bits = first >= 240 ? 32 : first >= 224 ? 8 : first >= 192 ? 24 : first >= 128 ? 16 : 8;
    bits = std::max(bits, static_cast<int>(octets * 8));
    return bits == 8 && first == 224 ? 4 : bits;
}

bool host_bits_are_zero(const unsigned char* bytes, int size, int bits) {
    for (int bit = bits; bit < size * 8; ++bit) {
        if ((bytes[bit / 8] & (0x80 >> (bit % 8))) != 0) return false;
    }
    return true;
}

}  // namespace

std::optional<Refusal> check_address(std::string_view text, bool network) {
    auto slash = text.find('/');
    auto address = text.substr(0, slash);
    bool six = address.contains(':');
    int bits = prefix_length(text, slash, six ? 128 : 32);
    if (bits == kWrong) return Refusal::WrongType;
    unsigned char bytes[16] = {};
    if (six) {
        if (inet_pton(AF_INET6, std::string(address).c_str(), bytes) != 1) return Refusal::WrongType;
    } else {
        // The server reads a network in hex too.
        if (network && address.size() > 2 && address[0] == '0' && (address[1] | 0x20) == 'x') return std::nullopt;
        auto octets = read_octets(address, bytes);
        if (octets == 0) return Refusal::WrongType;
        // An address may leave out the octets that its prefix length does not reach.
        bool reached = bits != kNone && static_cast<std::size_t>(bits / 8) <= octets;
        if (octets < 4 && !network && !reached) return Refusal::WrongType;
        if (bits == kNone) bits = bits_of_class(bytes[0], octets);
    }
    if (!network || bits == kNone || host_bits_are_zero(bytes, six ? 16 : 4, bits)) return std::nullopt;
    return Refusal::WrongType;
}

// The server reads it with sscanf and these formats, so they decide here too.
std::optional<Refusal> check_macaddr(std::string_view text) {
    constexpr const char* kFormats[] = {
        "%x:%x:%x:%x:%x:%x%1s",    "%x-%x-%x-%x-%x-%x%1s",    "%2x%2x%2x:%2x%2x%2x%1s", "%2x%2x%2x-%2x%2x%2x%1s",
        "%2x%2x.%2x%2x.%2x%2x%1s", "%2x%2x-%2x%2x-%2x%2x%1s", "%2x%2x%2x%2x%2x%2x%1s",
    };
    constexpr std::size_t kLongest = 256;  // blanks and zeros in front of each byte are fine, within reason
    if (text.size() > kLongest) return Refusal::WrongType;
    std::string copy(text);
    for (const char* format : kFormats) {
        unsigned bytes[6] = {};
        char junk[2] = {};
        int count = std::sscanf(copy.c_str(), format, &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4],  // NOLINT
                                &bytes[5], junk);
        if (count != 6) continue;
        bool small = std::ranges::all_of(bytes, [](unsigned byte) { return byte <= 255; });
        return small ? std::nullopt : std::optional(Refusal::OutOfRange);
    }
    return Refusal::WrongType;
}

// Six or eight bytes in pairs of digits, between any two of them the same separator or none.
std::optional<Refusal> check_macaddr8(std::string_view text) {
    text = trim_blanks(text);
    char separator = '\0';
    int count = 0;
    while (text.size() >= 2 && is_hex(text[0]) && is_hex(text[1])) {
        text.remove_prefix(2);
        ++count;
        if (text.empty() || !std::string_view(":-.").contains(text.front())) continue;
        if (separator == '\0') separator = text.front();
        if (separator != text.front()) return Refusal::WrongType;
        text.remove_prefix(1);
        if (text.empty()) break;
    }
    bool good = text.empty() && (count == 6 || count == 8);
    return good ? std::nullopt : std::optional(Refusal::WrongType);
}

}  // namespace sqs2pg::pg
