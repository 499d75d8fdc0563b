// Reversal of masks, see unmask.h. Keys are set up for each value: it is for the few that somebody asks for.
#include "privacy/unmask.h"

#include "privacy/canonical.h"
#include "privacy/ip_prefix.h"
#include "privacy/mask_domains.h"
#include "privacy/siv.h"
#include "privacy/token.h"

namespace sqs2pg::privacy {
namespace {

tl::unexpected<Error> refused(std::string_view code, std::string sentence) {
    return fail(ErrorKind::Configuration, Stage::Configure, std::string(code), std::move(sentence));
}

// The value of what siv encrypted: with `as: ip` an address in its bytes, or 00 and the text.
std::optional<std::string> value_of(std::string plaintext, Canonical form) {
    if (form == Canonical::Text) return plaintext;
    if (plaintext.starts_with(kNotAnAddress)) return plaintext.substr(1);
    CanonicalIp ip;
    if (plaintext.size() != kSivBytesOfIpv4 && plaintext.size() != kSivBytesOfIpv6) return std::nullopt;
    if (plaintext[0] != (plaintext.size() == kSivBytesOfIpv4 ? 4 : 6)) return std::nullopt;
    std::copy(plaintext.begin(), plaintext.end(), ip.buffer.begin());
    ip.size = static_cast<std::uint8_t>(plaintext.size());
    std::string out;
    append_ip(ip, out);
    return out;
}

}  // namespace

Result<Unmasker> Unmasker::make(MaskOptions options, const Keyring& keyring) {
    if (options.method != Method::Siv && options.method != Method::IpPrefix) {
        return refused("not_reversible", "mask: " + std::string(name_of(options.method)) +
                                             " cannot be reversed; only siv and ip-prefix can");
    }
    // The same judgement of domain and keys as for masking.
    if (auto masker = Masker::make(options, keyring); !masker) return fail(masker.error());
    return Unmasker(std::move(options), keyring);
}

Result<std::string> Unmasker::unmask(std::string_view masked) const {
    if (options_.method == Method::IpPrefix) {
        auto ip = canonical_ip(masked);
        if (ip.size == 0) return refused("not_a_token", "this is no address, and ip-prefix makes addresses only");
        auto key = subkey(*keyring_, keyring_->active_id(), options_.method, options_.domain);
        std::string out;
        append_ip(IpPrefix(key.reveal()).decrypt(ip), out);
        return out;
    }
    auto parts = split_token(masked);
    auto sealed = parts ? from_base32(parts->text) : std::nullopt;
    if (!sealed) return refused("not_a_token", "this is no token: a token is a key's id, `_` and base32 in lower case");
    std::string id(parts->key_id);
    if (keyring_->root(id) == nullptr) {
        return refused("unknown_key", "this token was made with another key than those of the key file");
    }
    auto siv = Siv::make(subkey(*keyring_, id, options_.method, options_.domain).reveal());
    if (!siv) return fail(siv.error());
    auto plaintext = siv->open(*sealed);
    auto value = plaintext ? value_of(std::move(*plaintext), options_.canonical) : std::nullopt;
    if (!value) {
        return refused("not_opened",
                       "this token does not open: it has another domain, another mask (an hmac never "
                       "opens), another `as`, or it was altered");
    }
    return std::move(*value);
}

}  // namespace sqs2pg::privacy
