// The masking methods on one value. Deterministic ones let analysts see which rows share a value. Facts, formats and
// what each method resists: docs/masking.md. A Masker is made once a column; its precomputed states make it cheap a
// value.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "privacy/keyring.h"

namespace sqs2pg::privacy {

enum class Method { Hmac, Sha256, Redact };
enum class Canonical { Text, Ip };

std::optional<Method> method_from(std::string_view name) noexcept;        // "hmac", "sha256", "redact"
std::optional<Canonical> canonical_from(std::string_view name) noexcept;  // "text", "ip"
std::string_view name_of(Method method) noexcept;
std::string_view name_of(Canonical form) noexcept;

struct MaskOptions {
    Method method = Method::Hmac;
    std::string domain;  // columns that share a domain join, others never do (hmac only)
    Canonical canonical = Canonical::Text;
};

class Masker {
   public:
    // Configuration error for an hmac without a domain. The keyring may go away afterwards (subkeys are kept, wiped at
    // end).
    static Result<Masker> make(const MaskOptions& options, const Keyring& keyring);
    Masker(Masker&&) noexcept;
    Masker& operator=(Masker&&) noexcept;
    ~Masker();

    // Appends the masked text of a present, non-null value to `out`; false: the result is NULL (an empty value stays
    // NULL, redact gives the fixed text "[redacted]"). Cannot fail otherwise: a failing primitive ends the process
    // rather than emit a wrong token. Not thread-safe: one a worker (copying states is not worth a lock).
    bool mask(std::string_view value, std::string& out);

    // The longest text that mask() produces, in characters: the column must hold it. hmac: id + '_' + 26.
    std::size_t max_length() const noexcept;

   private:
    struct Impl;
    explicit Masker(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sqs2pg::privacy
