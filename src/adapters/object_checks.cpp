// See object_checks.h. Source: Amazon S3 API Reference, GetObject; S3 User Guide, "Checking object integrity".
#include "adapters/object_checks.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/base64.h"

namespace sqs2pg::adapters {

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

const std::string* find(const Headers& headers, std::string_view name) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
    auto found = std::ranges::find_if(
        headers, [&](const auto& header) { return std::ranges::equal(header.first, name, {}, lower); });
    return found == headers.end() ? nullptr : &found->second;
}

std::string digest(const EVP_MD* kind, std::string_view body) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int length = 0;
    if (EVP_Digest(body.data(), body.size(), bytes.data(), &length, kind, nullptr) != 1) return {};
    return {reinterpret_cast<const char*>(bytes.data()), length};
}

std::string crc32_bytes(std::string_view body) {
    const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((sum >> shift) & 0xff);
    return bytes;
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (unsigned char byte : bytes) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 0xf];
    }
    return text;
}

// An MD5 in quotes; "…-3" is one of parts, and with a key of KMS or of the customer it is none.
bool is_md5_etag(const Headers& headers, std::string_view etag) {
    const auto* encryption = find(headers, "x-amz-server-side-encryption");
    if (encryption != nullptr && *encryption != "AES256") return false;
    if (find(headers, "x-amz-server-side-encryption-customer-algorithm") != nullptr) return false;
    return etag.size() == 34 && etag.front() == '"' && etag.back() == '"' && etag.find('-') == etag.npos;
}

}  // namespace

bool is_intact(const Headers& headers, std::string_view body) {
    // A checksum of checksums names its parts: "…-3".
    auto whole = [&](std::string_view name) -> const std::string* {
        const auto* value = find(headers, name);
        return value == nullptr || value->find('-') != value->npos ? nullptr : value;
    };
    if (const auto* sum = whole("x-amz-checksum-sha256")) return *sum == encode_base64(digest(EVP_sha256(), body));
    if (const auto* sum = whole("x-amz-checksum-crc32")) return *sum == encode_base64(crc32_bytes(body));
    if (const auto* sum = whole("x-amz-checksum-sha1")) return *sum == encode_base64(digest(EVP_sha1(), body));
    const auto* etag = find(headers, "etag");
    return etag == nullptr || !is_md5_etag(headers, *etag) ||
           etag->substr(1, etag->size() - 2) == hex(digest(EVP_md5(), body));
}

}  // namespace sqs2pg::adapters
