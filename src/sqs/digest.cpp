// SQS's MD5 digests, see protocol.h. They find damage on the way; they are no defence against anybody.
//
// OpenSSL's low-level functions: the EVP layer takes longer to set up than a login's digest takes, and a FIPS provider
// has no MD5 to offer, while SQS's protocol has no other digest.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>

#include <openssl/md5.h>

#include "base/base64.h"
#include "sqs/protocol.h"

namespace sqs2pg::sqs {
namespace {

using Hex = std::array<char, 2 * MD5_DIGEST_LENGTH>;

Hex md5_of(std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::array<std::uint8_t, MD5_DIGEST_LENGTH> digest;
    MD5_CTX context;
    if (MD5_Init(&context) != 1 || MD5_Update(&context, text.data(), text.size()) != 1 ||
        MD5_Final(digest.data(), &context) != 1) {
        throw std::runtime_error("OpenSSL refuses MD5, which SQS's protocol needs");
    }
    Hex hex;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        hex[2 * i] = kDigits[digest[i] >> 4];
        hex[2 * i + 1] = kDigits[digest[i] & 15];
    }
    return hex;
}

std::string md5_hex_of(std::string_view text) {
    const auto hex = md5_of(text);
    return {hex.data(), hex.size()};
}

// Nothing where it is no base64: the digest then differs, as it should.
std::string base64_decoded(std::string_view text) {
    std::string bytes;
    if (!decode_base64_lines(text, bytes)) bytes.clear();
    return bytes;
}

void append_with_length(std::string& out, std::string_view text) {
    auto length = static_cast<std::uint32_t>(text.size());
    for (int shift : {24, 16, 8, 0}) out += static_cast<char>(length >> shift & 255);
    out.append(text);
}

}  // namespace

std::string md5_hex(std::string_view text) { return md5_hex_of(text); }

bool has_md5(std::string_view text, std::string_view hex) { return std::ranges::equal(md5_of(text), hex); }

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
