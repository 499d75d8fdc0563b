// ipcrypt-pfx on OpenSSL's AES-128, see ip_prefix.h. Bit n of the result is bit n of the address, flipped or not as the
// first n bits decide: the lowest bit of AES(k1, prefix) xor AES(k2, prefix). To encrypt, all prefixes are known at
// once, so that two calls do; to decrypt, each bit has to wait for the one before.
#include "privacy/ip_prefix.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "privacy/primitives.h"

namespace sqs2pg::privacy {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kMostBits = 128;

struct CipherContextEnd {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherContextEnd>;
using Blocks = std::array<unsigned char, kBlock * kMostBits>;

CipherContext aes_with(std::string_view key) {
    static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr);
    CipherContext context(EVP_CIPHER_CTX_new());
    bool good = cipher != nullptr && context &&
                EVP_EncryptInit_ex2(context.get(), cipher, reinterpret_cast<const unsigned char*>(key.data()), nullptr,
                                    nullptr) == 1 &&
                EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1;
    if (!good) primitive_failed("the key of ipcrypt-pfx");
    return context;
}

// A prefix, padded: a one before it says how long it is.
struct Prefix {
    std::array<unsigned char, kBlock> bytes{};

    // Of an IPv4 address, the prefix begins with the 96 bits of ::ffff:0:0/96.
    explicit Prefix(bool four) {
        if (four) {
            bytes[3] = 1;
            bytes[14] = bytes[15] = 0xff;
        } else {
            bytes[15] = 1;
        }
    }

    void append(unsigned bit) {
        for (std::size_t i = 0; i + 1 < kBlock; ++i) {
            bytes[i] = static_cast<unsigned char>((bytes[i] << 1) | (bytes[i + 1] >> 7));
        }
        bytes[kBlock - 1] = static_cast<unsigned char>((bytes[kBlock - 1] << 1) | bit);
    }
};

unsigned bit_of(const CanonicalIp& address, std::size_t bit) {
    auto byte = static_cast<std::uint8_t>(address.buffer[1 + bit / 8]);
    return (byte >> (7 - bit % 8)) & 1u;
}

void set_bit(CanonicalIp& address, std::size_t bit, unsigned value) {
    auto& byte = address.buffer[1 + bit / 8];
    byte = static_cast<char>(static_cast<std::uint8_t>(byte) | (value << (7 - bit % 8)));
}

std::size_t bits_of(const CanonicalIp& address) { return (address.size - 1u) * 8u; }

CanonicalIp zero_of(const CanonicalIp& address) {
    CanonicalIp out;
    out.buffer[0] = address.buffer[0];
    out.size = address.size;
    return out;
}

}  // namespace

struct IpPrefix::Impl {
    CipherContext first, second;
    Blocks input{}, one{}, two{};

    // The bits that decide, of `count` padded prefixes in `input`, in the lowest bit of each block of `one`.
    void decide(std::size_t count) {
        int done = 0;
        int also = 0;
        auto size = static_cast<int>(count * kBlock);
        bool good = EVP_EncryptUpdate(first.get(), one.data(), &done, input.data(), size) == 1 && done == size &&
                    EVP_EncryptUpdate(second.get(), two.data(), &also, input.data(), size) == 1 && also == size;
        if (!good) primitive_failed("ipcrypt-pfx");
    }

    unsigned decided(std::size_t index) const {
        auto last = index * kBlock + kBlock - 1;
        return (one[last] ^ two[last]) & 1u;
    }
};

IpPrefix::IpPrefix(std::string_view key) : impl_(std::make_unique<Impl>()) {
    if (key.size() != kIpPrefixKeyBytes || CRYPTO_memcmp(key.data(), key.data() + kBlock, kBlock) == 0) {
        primitive_failed("ipcrypt-pfx got a key of a wrong size, or with two equal halves");
    }
    impl_->first = aes_with(key.substr(0, kBlock));
    impl_->second = aes_with(key.substr(kBlock));
}
IpPrefix::IpPrefix(IpPrefix&&) noexcept = default;
IpPrefix& IpPrefix::operator=(IpPrefix&&) noexcept = default;
IpPrefix::~IpPrefix() = default;

CanonicalIp IpPrefix::encrypt(const CanonicalIp& address) {
    auto out = zero_of(address);
    auto bits = bits_of(address);
    Prefix prefix(bits == 32);
    for (std::size_t bit = 0; bit < bits; ++bit) {
        std::copy(prefix.bytes.begin(), prefix.bytes.end(),
                  impl_->input.begin() + static_cast<std::ptrdiff_t>(bit * kBlock));
        prefix.append(bit_of(address, bit));
    }
    impl_->decide(bits);
    for (std::size_t bit = 0; bit < bits; ++bit) set_bit(out, bit, bit_of(address, bit) ^ impl_->decided(bit));
    return out;
}

CanonicalIp IpPrefix::decrypt(const CanonicalIp& address) {
    auto out = zero_of(address);
    auto bits = bits_of(address);
    Prefix prefix(bits == 32);
    for (std::size_t bit = 0; bit < bits; ++bit) {
        std::copy(prefix.bytes.begin(), prefix.bytes.end(), impl_->input.begin());
        impl_->decide(1);
        auto original = bit_of(address, bit) ^ impl_->decided(0);
        set_bit(out, bit, original);
        prefix.append(original);
    }
    return out;
}

}  // namespace sqs2pg::privacy
