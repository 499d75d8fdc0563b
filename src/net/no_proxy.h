// NO_PROXY: which hosts are reached past the proxy. Pure. There is no standard; this takes what curl, Python and Go
// agree on, and of the rest what bypasses rather than what leaks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace sqs2pg::net {

class NoProxy {
   public:
    NoProxy() = default;
    // Entries between commas or white space: "*" (everything), "example.com", ".example.com" or "*.example.com" (that
    // domain and all below it), an address, a network ("10.0.0.0/8", "fd00::/8"); each may end in ":PORT", an IPv6
    // address then stands in brackets. Case does not matter. What is none of these is passed over.
    explicit NoProxy(std::string_view text);

    // `host` as in Url: without brackets, lower case.
    bool matches(std::string_view host, std::uint16_t port) const;

   private:
    struct Entry {
        std::string domain;  // empty: a network
        boost::asio::ip::address network{};
        unsigned prefix_bits = 0;
        std::uint16_t port = 0;  // 0: any
    };

    void add(std::string_view text);

    bool everything_ = false;
    std::vector<Entry> entries_;
};

// Hosts that no proxy can reach for us: this machine's own, and those of the link (metadata and container services).
bool is_always_direct(std::string_view host);

}  // namespace sqs2pg::net
