// AES-256-GCM sealing of complete messages for the dead-letter table: own HKDF info, random nonce, associated data =
// pipeline and id, so that sealed rows cannot be swapped.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "privacy/keyring.h"

namespace sqs2pg::privacy {

class Sealer {
   public:
    // The active key seals; any key of the ring opens. The ring may go away afterwards. Ends the process if it is
    // empty. Both calls are safe from any thread.
    explicit Sealer(const Keyring& keyring);
    ~Sealer();
    Sealer(const Sealer&) = delete;
    Sealer& operator=(const Sealer&) = delete;

    const std::string& key_id() const noexcept { return key_id_; }
    bool has_key(const std::string& key_id) const { return keys_.contains(key_id); }

    // 12 bytes nonce, ciphertext, 16 bytes tag. `id` is the ledger id's 16 bytes.
    std::string seal(std::string_view pipeline, std::string_view id, std::string_view plaintext) const;

    // BadMessage error with code "sealed" if the key is absent or anything was altered.
    Result<std::string> open(const std::string& key_id, std::string_view pipeline, std::string_view id,
                             std::string_view sealed) const;

   private:
    std::string key_id_;
    std::map<std::string, Secret, std::less<>> keys_;  // derived once a key id; wiped at the end
};

}  // namespace sqs2pg::privacy
