// Literal addresses, see host_address.h.
#include "net/host_address.h"

#include <array>
#include <cstring>
#include <optional>
#include <string>

#include <arpa/inet.h>

namespace sqs2pg::net {
namespace {

// Family, then the bytes of the address; absent for anything but a literal.
using Address = std::array<unsigned char, 17>;

std::optional<Address> parse(std::string_view text) {
    Address address{};
    std::string copy(text);
    if (copy.find('\0') != copy.npos) return std::nullopt;
    if (inet_pton(AF_INET, copy.c_str(), address.data() + 1) == 1) {
        address[0] = 4;
        return address;
    }
    address.fill(0);
    if (inet_pton(AF_INET6, copy.c_str(), address.data() + 1) != 1) return std::nullopt;
    address[0] = 6;
    return address;
}

}  // namespace

bool is_loopback_host(std::string_view host) {
    if (host == "localhost") return true;
    auto address = parse(host);
    if (!address) return false;
    if ((*address)[0] == 4) return (*address)[1] == 127;
    return is_same_address(host, "::1");
}

bool is_same_address(std::string_view host, std::string_view literal) {
    auto one = parse(host);
    auto other = parse(literal);
    return one && other && *one == *other;
}

}  // namespace sqs2pg::net
