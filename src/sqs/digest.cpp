// SQS's MD5 digests, see digest.h and protocol.h. They find damage on the way; they are no defence against anybody.
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
#include "sqs/digest.h"
#include "sqs/protocol.h"

namespace sqs2pg::sqs {
namespace {

using Hex = std::array<char, 2 * MD5_DIGEST_LENGTH>;

// All lanes together take this many times as long for a block as one text does alone.
constexpr std::size_t kLanesCost = 3;

Md5Digest md5_of(std::string_view text) {
    Md5Digest digest;
    MD5_CTX context;
    if (MD5_Init(&context) != 1 || MD5_Update(&context, text.data(), text.size()) != 1 ||
        MD5_Final(digest.data(), &context) != 1) {
        throw std::runtime_error("OpenSSL refuses MD5, which SQS's protocol needs");
    }
    return digest;
}

Hex hex_of(const Md5Digest& digest) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    Hex hex;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        hex[2 * i] = kDigits[digest[i] >> 4];
        hex[2 * i + 1] = kDigits[digest[i] & 15];
    }
    return hex;
}

std::string md5_hex_of(std::string_view text) {
    const auto hex = hex_of(md5_of(text));
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

void md5_of_all(std::span<const std::string_view> texts, std::span<Md5Digest> digests) {
    while (!texts.empty()) {
        const auto some = texts.first(std::min(texts.size(), kMostMd5Lanes));
        std::size_t all = 0;
        std::size_t longest = 0;
        for (auto text : some) {
            all += text.size();
            longest = std::max(longest, text.size());
        }
        if (some.size() >= kLanesCost && all >= kLanesCost * longest) {
            md5_side_by_side(some, digests);
        } else {
            std::ranges::transform(some, digests.begin(), md5_of);
        }
        texts = texts.subspan(some.size());
        digests = digests.subspan(some.size());
    }
}

bool is_hex_of(const Md5Digest& digest, std::string_view hex) { return std::ranges::equal(hex_of(digest), hex); }

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
