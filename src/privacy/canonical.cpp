// Canonical forms, see canonical.h.
#include "privacy/canonical.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>

namespace sqs2pg::privacy {
namespace {

constexpr char kFour = 4;
constexpr char kSix = 6;
constexpr char kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xff', '\xff'};

}  // namespace

CanonicalIp canonical_ip(std::string_view text) noexcept {
    CanonicalIp out;
    std::array<char, INET6_ADDRSTRLEN> copy{};
    // A NUL inside would end the text early for inet_pton, and "1.2.3.4\0x" is not an address.
    if (text.empty() || text.size() >= copy.size() || text.find('\0') != text.npos) return out;
    std::copy(text.begin(), text.end(), copy.begin());

    if (text.find(':') == text.npos) {
        if (inet_pton(AF_INET, copy.data(), out.buffer.data() + 1) == 1) {
            out.buffer[0] = kFour;
            out.size = 5;
        }
        return out;
    }
    std::array<char, 16> six{};
    if (inet_pton(AF_INET6, copy.data(), six.data()) != 1) return out;
    if (std::memcmp(six.data(), kMappedPrefix, sizeof kMappedPrefix) == 0) {
        out.buffer[0] = kFour;
        std::copy_n(six.begin() + 12, 4, out.buffer.begin() + 1);
        out.size = 5;
    } else {
        out.buffer[0] = kSix;
        std::copy(six.begin(), six.end(), out.buffer.begin() + 1);
        out.size = 17;
    }
    return out;
}

CanonicalIp network_of(CanonicalIp address) noexcept {
    auto kept = (address.size == 5 ? kNetworkBitsFour : kNetworkBitsSix) / 8;
    std::fill(address.buffer.begin() + 1 + kept, address.buffer.end(), '\0');
    return address;
}

void append_ip(const CanonicalIp& address, std::string& out) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(address.size == 5 ? AF_INET : AF_INET6, address.buffer.data() + 1, text.data(), text.size());
    out.append(text.data());
}

}  // namespace sqs2pg::privacy
