// The subkey of a keyed method and a domain: HKDF-SHA-256 of the root key, so that no two methods and no two domains
// share a key. Private to this module.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "privacy/keyring.h"
#include "privacy/mask.h"

namespace sqs2pg::privacy {

// Before the text of what should have been an address and is none.
inline constexpr std::string_view kNotAnAddress{"\0", 1};

// `method` is keyed, and the keyring has a key `id`.
Secret subkey(const Keyring& keyring, const std::string& id, Method method, std::string_view domain);

}  // namespace sqs2pg::privacy
