// Subkeys of masks, see mask_domains.h.
#include "privacy/mask_domains.h"

#include "privacy/ip_prefix.h"
#include "privacy/primitives.h"
#include "privacy/siv.h"

namespace sqs2pg::privacy {

Secret subkey(const Keyring& keyring, const std::string& id, Method method, std::string_view domain) {
    auto derived = [&](std::string_view algorithm, std::size_t bytes) {
        auto info = "pii-mask/v1/" + std::string(algorithm) + "/domain=" + std::string(domain);
        return keyring.derive(id, info, bytes);
    };
    switch (method) {
        case Method::Hmac:
            return derived("hmac-sha256", kDigestBytes);
        case Method::Siv:
            return derived("aes-siv", kSivKeyBytes);
        case Method::IpPrefix:
            return derived("ipcrypt-pfx", kIpPrefixKeyBytes);
        default:
            primitive_failed("a subkey for a method without a key");
    }
}

}  // namespace sqs2pg::privacy
