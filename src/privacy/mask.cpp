// The masking methods, see mask.h; their names stand in mask_names.cpp.
#include "privacy/mask.h"

#include <algorithm>

#include "base/sha256.h"
#include "privacy/canonical.h"
#include "privacy/ip_prefix.h"
#include "privacy/mask_domains.h"
#include "privacy/primitives.h"
#include "privacy/siv.h"
#include "privacy/token.h"

namespace sqs2pg::privacy {
namespace {

constexpr std::size_t kTokenBytes = 16;  // an HMAC cut to 128 bits
constexpr std::string_view kRedacted = "[redacted]";
constexpr std::string_view kHidden = "***";  // of every length, so that it does not tell the value's
constexpr std::size_t kLongestNetwork = kLongestIp + 3;

std::string_view view(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

bool begins_character(char c) noexcept { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

// The last `keep` characters (code points) of `value`, but never more than half of it.
std::string_view tail_of(std::string_view value, std::size_t keep) {
    auto characters = static_cast<std::size_t>(std::ranges::count_if(value, begins_character));
    auto shown = std::min(keep, characters / 2);
    auto start = value.size();
    while (shown > 0 && start > 0) {
        if (begins_character(value[--start])) --shown;
    }
    return value.substr(start);
}

tl::unexpected<Error> wrong(std::string_view code, std::string sentence) {
    return fail(ErrorKind::Configuration, Stage::Configure, std::string(code), std::move(sentence));
}

// What is wrong with the options, whatever the keys are.
Status judge(const MaskOptions& options) {
    const auto method = std::string(name_of(options.method));
    if (is_keyed(options.method) && options.domain.empty()) {
        return wrong("mask_without_domain", "mask: " + method +
                                                " needs a domain: columns that share one join, others never do; write "
                                                "for instance domain: ip");
    }
    if (options.canonical != Canonical::Text && !takes_form(options.method) && !masks_addresses(options.method)) {
        return wrong("mask_with_canonical_form",
                     "as: ip belongs to mask: hmac and mask: siv; " + method + " takes the text as it is");
    }
    if (options.method == Method::KeepLast && (options.keep == 0 || options.keep > kMostKept)) {
        return wrong("mask_without_keep", "mask: keep-last needs keep, from 1 to " + std::to_string(kMostKept) +
                                              ": how many of the last characters may be shown");
    }
    return {};
}

}  // namespace

struct Masker::Impl {
    MaskOptions options;
    std::string prefix;  // "k1_"
    std::optional<HmacSha256> hash;
    std::optional<Siv> siv;
    std::optional<IpPrefix> ip_prefix;
    std::string plaintext, sealed;  // of siv, kept for their room

    Status prepare(const Keyring& keyring) {
        const auto& id = keyring.active_id();
        prefix = id + "_";
        auto key = subkey(keyring, id, options.method, options.domain);
        if (options.method == Method::Hmac) hash.emplace(key.reveal());
        if (options.method == Method::IpPrefix) ip_prefix.emplace(key.reveal());
        if (options.method == Method::Siv) {
            auto made = Siv::make(key.reveal());
            if (!made) return fail(made.error());
            siv.emplace(std::move(*made));
        }
        return {};
    }

    Digest hmac_of(std::string_view value) {
        if (options.canonical == Canonical::Text) return hash->of(value);
        auto ip = canonical_ip(value);
        if (ip.size > 0) return hash->of(ip.bytes());
        return hash->of(kNotAnAddress, value);
    }

    Masked append_siv(std::string_view value, std::string& out) {
        sealed.clear();
        if (options.canonical == Canonical::Text) {
            siv->seal(value, sealed);
        } else if (auto ip = canonical_ip(value); ip.size > 0) {
            siv->seal(ip.bytes(), sealed);
        } else {
            plaintext.assign(kNotAnAddress).append(value);
            siv->seal(plaintext, sealed);
        }
        out.append(prefix);
        append_base32(sealed, out);
        return Masked::Value;
    }

    Masked append_address(std::string_view value, std::string& out) {
        auto ip = canonical_ip(value);
        if (ip.size == 0) return Masked::NotAnAddress;
        if (options.method == Method::IpPrefix) {
            append_ip(ip_prefix->encrypt(ip), out);
        } else {
            append_ip(network_of(ip), out);
            out.append("/").append(std::to_string(ip.size == 5 ? kNetworkBitsFour : kNetworkBitsSix));
        }
        return Masked::Value;
    }
};

Masker::Masker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Masker::Masker(Masker&&) noexcept = default;
Masker& Masker::operator=(Masker&&) noexcept = default;
Masker::~Masker() = default;

Result<Masker> Masker::make(const MaskOptions& options, const Keyring& keyring) {
    if (auto good = judge(options); !good) return fail(good.error());
    auto impl = std::make_unique<Impl>();
    impl->options = options;
    if (is_keyed(options.method)) {
        if (keyring.root(keyring.active_id()) == nullptr) {
            return wrong("mask_without_keys", "mask: " + std::string(name_of(options.method)) +
                                                  " needs keys; make a key file with `sqs2pg key new -o FILE` and name "
                                                  "it as keys: file");
        }
        if (auto ready = impl->prepare(keyring); !ready) return fail(ready.error());
    }
    return Masker(std::move(impl));
}

Masked Masker::mask(std::string_view value, std::string& out) {
    const auto method = impl_->options.method;
    if (method == Method::Drop) return Masked::Null;
    if (method == Method::Redact) {
        out.append(kRedacted);
        return Masked::Value;
    }
    if (value.empty()) return Masked::Null;
    switch (method) {
        case Method::Hmac:
            out.append(impl_->prefix);
            append_base32(view(impl_->hmac_of(value)).substr(0, kTokenBytes), out);
            return Masked::Value;
        case Method::Siv:
            return impl_->append_siv(value, out);
        case Method::IpPrefix:
        case Method::Truncate:
            return impl_->append_address(value, out);
        case Method::KeepLast:
            out.append(kHidden).append(tail_of(value, impl_->options.keep));
            return Masked::Value;
        case Method::Sha256:
            out.append(to_hex(sha256(value)));
            return Masked::Value;
        case Method::Redact:
        case Method::Drop:
            break;
    }
    primitive_failed("an unknown masking method");
}

std::optional<std::size_t> Masker::max_length() const noexcept {
    switch (impl_->options.method) {
        case Method::Hmac:
            return impl_->prefix.size() + base32_characters(kTokenBytes);
        case Method::Siv:
            return std::nullopt;
        case Method::IpPrefix:
            return kLongestIp;
        case Method::Truncate:
            return kLongestNetwork;
        case Method::KeepLast:
            return kHidden.size() + impl_->options.keep;
        case Method::Sha256:
            return kDigestBytes * 2;
        case Method::Redact:
            return kRedacted.size();
        case Method::Drop:
            return 0;
    }
    return 0;
}

std::optional<std::size_t> siv_room(std::size_t characters, std::size_t id_characters) noexcept {
    if (characters < id_characters + 1) return std::nullopt;
    auto bytes = (characters - id_characters - 1) * 5 / 8;
    if (bytes <= kSivTagBytes) return std::nullopt;
    return bytes - kSivTagBytes;
}

}  // namespace sqs2pg::privacy
