// Sealing of complete messages, see seal.h.
#include "privacy/seal.h"

#include <array>

#include "privacy/primitives.h"

namespace sqs2pg::privacy {
namespace {

constexpr std::string_view kSealInfo = "sqs2pg/v1/dead-letter";

void append_with_length(std::string& out, std::string_view part) {
    auto size = static_cast<std::uint64_t>(part.size());
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>((size >> shift) & 0xff));
    out.append(part);
}

// Each part behind its length (8 bytes, big endian): no two pairs of pipeline and id give the same bytes.
std::string associated_data(std::string_view pipeline, std::string_view id) {
    std::string out;
    out.reserve(16 + pipeline.size() + id.size());
    append_with_length(out, pipeline);
    append_with_length(out, id);
    return out;
}

}  // namespace

Sealer::Sealer(const Keyring& keyring) : key_id_(keyring.active_id()) {
    for (const auto& id : keyring.ids()) keys_.emplace(id, keyring.derive(id, kSealInfo));
    if (!keys_.contains(key_id_)) primitive_failed("sealing without an active key");
}

Sealer::~Sealer() = default;

std::string Sealer::seal(std::string_view pipeline, std::string_view id, std::string_view plaintext) const {
    std::array<std::uint8_t, kGcmNonceBytes> nonce;
    fill_random(nonce);
    std::string out(reinterpret_cast<const char*>(nonce.data()), nonce.size());
    auto sealed = aes_gcm_seal(keys_.find(key_id_)->second.reveal(), out, associated_data(pipeline, id), plaintext);
    out.append(sealed);
    return out;
}

Result<std::string> Sealer::open(const std::string& key_id, std::string_view pipeline, std::string_view id,
                                 std::string_view sealed) const {
    auto key = keys_.find(key_id);
    if (key == keys_.end()) {
        return fail(ErrorKind::BadMessage, Stage::Serve, "sealed",
                    "the key that sealed this message is not in the key file; add it beside the active one");
    }
    if (sealed.size() < kGcmNonceBytes + kGcmTagBytes) {
        return fail(ErrorKind::BadMessage, Stage::Serve, "sealed", "the sealed message is shorter than its own seal");
    }
    auto opened = aes_gcm_open(key->second.reveal(), sealed.substr(0, kGcmNonceBytes), associated_data(pipeline, id),
                               sealed.substr(kGcmNonceBytes));
    if (!opened) {
        return fail(ErrorKind::BadMessage, Stage::Serve, "sealed",
                    "the sealed message does not belong to this key, pipeline and id, or was altered");
    }
    return std::move(*opened);
}

}  // namespace sqs2pg::privacy
