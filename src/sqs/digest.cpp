// SQS's MD5 digests, see protocol.h. They find damage on the way; they are no defence against anybody.
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

#include "sqs/protocol.h"

namespace sqs2pg::sqs {
namespace {

// Fetched once: fetching costs more than a digest. "-fips" finds MD5 where the default is the FIPS provider.
const EVP_MD* md5() {
    static const std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> algorithm(EVP_MD_fetch(nullptr, "MD5", "-fips"),
                                                                      EVP_MD_free);
    if (!algorithm) throw std::runtime_error("OpenSSL has no MD5, which SQS's protocol needs");
    return algorithm.get();
}

std::string md5_hex_of(std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    thread_local const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::array<std::uint8_t, 16> digest{};
    unsigned length = 0;
    if (!context || EVP_DigestInit_ex2(context.get(), md5(), nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), digest.data(), &length) != 1) {
        throw std::runtime_error("OpenSSL refuses MD5, which SQS's protocol needs");
    }
    std::string hex(32, '0');
    for (std::size_t i = 0; i < digest.size(); ++i) {
        hex[2 * i] = kDigits[digest[i] >> 4];
        hex[2 * i + 1] = kDigits[digest[i] & 15];
    }
    return hex;
}

// What is not base64 is left out: the digest then differs, as it should.
std::string base64_decoded(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (char c : text) {
        int value = -1;
        if (c >= 'A' && c <= 'Z') value = c - 'A';
        if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
        if (c >= '0' && c <= '9') value = c - '0' + 52;
        if (c == '+') value = 62;
        if (c == '/') value = 63;
        if (value < 0) continue;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        if (++count % 4 == 0) {
            out += static_cast<char>(bits >> 16 & 255);
            out += static_cast<char>(bits >> 8 & 255);
            out += static_cast<char>(bits & 255);
        }
    }
    if (count % 4 == 2) out += static_cast<char>(bits >> 4 & 255);
    if (count % 4 == 3) {
        out += static_cast<char>(bits >> 10 & 255);
        out += static_cast<char>(bits >> 2 & 255);
    }
    return out;
}

void append_with_length(std::string& out, std::string_view text) {
    auto length = static_cast<std::uint32_t>(text.size());
    for (int shift : {24, 16, 8, 0}) out += static_cast<char>(length >> shift & 255);
    out.append(text);
}

}  // namespace

std::string md5_hex(std::string_view text) { return md5_hex_of(text); }

std::string md5_of_attributes(const std::map<std::string, Attribute>& attributes) {
    std::string text;
    for (const auto& [name, attribute] : attributes) {
        append_with_length(text, name);
        append_with_length(text, attribute.data_type);
        if (attribute.data_type.starts_with("Binary")) {
            text += '\2';
            append_with_length(text, base64_decoded(attribute.binary_value));
        } else {
            text += '\1';
            append_with_length(text, attribute.string_value);
        }
    }
    return md5_hex_of(text);
}

}  // namespace sqs2pg::sqs
