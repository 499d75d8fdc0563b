// From the masked text of a reversible method (siv, ip-prefix) back to the value. For who holds the key file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "privacy/mask.h"

namespace sqs2pg::privacy {

class Unmasker {
   public:
    // Configuration error for a method that nobody can reverse, or without a domain or keys. `keyring` is borrowed and
    // outlives it.
    static Result<Unmasker> make(MaskOptions options, const Keyring& keyring);

    // siv: the key that the token names opens it. ip-prefix: the active key does; an address does not tell which key
    // made it. With `as: ip` the address in its canonical spelling. Configuration error, without the text, when it is
    // no such token, its key is not here, or it was made under another domain or altered (ip-prefix cannot tell).
    Result<std::string> unmask(std::string_view masked) const;

   private:
    Unmasker(MaskOptions options, const Keyring& keyring) : options_(std::move(options)), keyring_(&keyring) {}

    MaskOptions options_;
    const Keyring* keyring_;
};

}  // namespace sqs2pg::privacy
