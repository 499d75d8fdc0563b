// The masking methods on one value. Deterministic ones let analysts see which rows share a value. Facts, formats and
// what each method resists: docs/masking.md. A Masker is made once a column; its precomputed states make it cheap a
// value.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "privacy/keyring.h"

namespace sqs2pg::privacy {

enum class Method {
    Hmac,      // a token; nobody goes back without the key and guessing
    Siv,       // a token that the key opens
    IpPrefix,  // an address for an address, subnets kept together; the key opens it
    Truncate,  // the network of an address
    KeepLast,  // the last characters
    Redact,    // a fixed text
    Drop,      // NULL
    Sha256,    // the plain hash
};
enum class Canonical { Text, Ip };

std::optional<Method> method_from(std::string_view name) noexcept;        // "hmac", "ip-prefix", …
std::optional<Canonical> canonical_from(std::string_view name) noexcept;  // "text", "ip"
std::string_view name_of(Method method) noexcept;
std::string_view name_of(Canonical form) noexcept;

bool is_keyed(Method method) noexcept;         // needs keys and a domain
bool takes_form(Method method) noexcept;       // `as` may say what the value is
bool masks_addresses(Method method) noexcept;  // and nothing else: what is no address is refused

inline constexpr std::size_t kMostKept = 32;  // characters that keep-last may be told to keep

struct MaskOptions {
    Method method = Method::Hmac;
    std::string domain;  // columns that share a domain join, others never do (keyed methods only)
    Canonical canonical = Canonical::Text;
    std::size_t keep = 0;  // keep-last: 1 to kMostKept characters
};

enum class Masked {
    Value,         // the masked text was appended
    Null,          // NULL
    NotAnAddress,  // the method takes addresses only; nothing was appended
};

class Masker {
   public:
    // Configuration error for options that do not fit their method. The keyring may go away afterwards (subkeys are
    // kept, wiped at end).
    static Result<Masker> make(const MaskOptions& options, const Keyring& keyring);
    Masker(Masker&&) noexcept;
    Masker& operator=(Masker&&) noexcept;
    ~Masker();

    // Appends the masked text of a present, non-null value to `out`. An empty value is NULL (but `redact` gives its
    // fixed text). A failing primitive ends the process rather than emit a wrong token. Not thread-safe: one a worker
    // (copying states is not worth a lock).
    Masked mask(std::string_view value, std::string& out);

    // The longest text that mask() produces, in characters: the column must hold it. nullopt: as long as the value
    // makes it (siv), so that each text has to be looked at.
    std::optional<std::size_t> max_length() const noexcept;

   private:
    struct Impl;
    explicit Masker(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// The longest value, in bytes, whose siv token has at most `characters` characters under a key id of `id_characters`;
// nullopt when not even a value of one byte fits.
std::optional<std::size_t> siv_room(std::size_t characters, std::size_t id_characters) noexcept;

// What siv encrypts of an address, in bytes: a byte for the family, then the address.
inline constexpr std::size_t kSivBytesOfIpv4 = 5;
inline constexpr std::size_t kSivBytesOfIpv6 = 17;

}  // namespace sqs2pg::privacy
