// NO_PROXY, see no_proxy.h.
#include "net/no_proxy.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

namespace sqs2pg::net {
namespace {

namespace ip = boost::asio::ip;

constexpr std::size_t kMostEntries = 1000;

template <class Number>
std::optional<Number> number(std::string_view text, unsigned most) {
    unsigned value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
    return static_cast<Number>(value);
}

std::optional<ip::address> address_of(std::string_view text) {
    boost::system::error_code ec;
    auto address = ip::make_address(std::string(text), ec);
    if (ec) return std::nullopt;
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
    }
    return address;
}

bool same_bits(std::span<const unsigned char> left, std::span<const unsigned char> right, unsigned bits) {
    auto bytes = bits / 8;
    if (!std::equal(left.begin(), left.begin() + bytes, right.begin())) return false;
    if (bits % 8 == 0) return true;
    auto mask = static_cast<unsigned char>(0xff << (8 - bits % 8));
    return (left[bytes] & mask) == (right[bytes] & mask);
}

bool in_network(const ip::address& address, const ip::address& network, unsigned bits) {
    if (address.is_v4() != network.is_v4()) return false;
    if (address.is_v4()) return same_bits(address.to_v4().to_bytes(), network.to_v4().to_bytes(), bits);
    return same_bits(address.to_v6().to_bytes(), network.to_v6().to_bytes(), bits);
}

std::string_view without_last_dot(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    return host;
}

}  // namespace

NoProxy::NoProxy(std::string_view text) {
    constexpr std::string_view kBetween = ", \t\r\n";
    while (entries_.size() < kMostEntries) {
        auto begin = text.find_first_not_of(kBetween);
        if (begin == text.npos) return;
        text.remove_prefix(begin);
        auto end = std::min(text.find_first_of(kBetween), text.size());
        add(text.substr(0, end));
        text.remove_prefix(end);
    }
}

void NoProxy::add(std::string_view text) {
    if (text == "*") {
        everything_ = true;
        return;
    }
    Entry entry;
    if (text.starts_with('[')) {
        auto close = text.find(']');
        if (close == text.npos) return;
        auto rest = text.substr(close + 1);
        text = text.substr(1, close - 1);
        if (rest.starts_with(':')) {
            auto port = number<std::uint16_t>(rest.substr(1), 65535);
            if (!port) return;
            entry.port = *port;
        } else if (!rest.empty()) {
            return;
        }
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        auto colon = text.find(':');
        auto port = number<std::uint16_t>(text.substr(colon + 1), 65535);
        if (!port) return;
        entry.port = *port;
        text = text.substr(0, colon);
    }
    auto slash = text.find('/');
    if (auto network = address_of(text.substr(0, slash))) {
        unsigned width = network->is_v4() ? 32 : 128;
        auto bits = slash == text.npos ? width : number<unsigned>(text.substr(slash + 1), width);
        if (!bits) return;
        entry.network = *network;
        entry.prefix_bits = *bits;
        entries_.push_back(std::move(entry));
        return;
    }
    if (text.starts_with("*.")) text.remove_prefix(1);
    while (text.starts_with('.')) text.remove_prefix(1);
    text = without_last_dot(text);
    if (text.empty() || slash != text.npos) return;
    for (char c : text) entry.domain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    entries_.push_back(std::move(entry));
}

bool NoProxy::matches(std::string_view host, std::uint16_t port) const {
    if (everything_) return true;
    host = without_last_dot(host);
    auto address = address_of(host);
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        if (entry.port != 0 && entry.port != port) return false;
        if (entry.domain.empty()) return address && in_network(*address, entry.network, entry.prefix_bits);
        if (address || !host.ends_with(entry.domain)) return false;
        return host.size() == entry.domain.size() || host[host.size() - entry.domain.size() - 1] == '.';
    });
}

bool is_always_direct(std::string_view host) {
    host = without_last_dot(host);
    if (host == "localhost" || host.ends_with(".localhost")) return true;
    auto address = address_of(host);
    if (!address) return false;
    if (address->is_loopback()) return true;
    static const NoProxy kLink("169.254.0.0/16, fe80::/10, fd00:ec2::/32");
    return kLink.matches(host, 0);
}

}  // namespace sqs2pg::net
