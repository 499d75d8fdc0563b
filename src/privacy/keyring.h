// The root keys: read from a key file (YAML: key ids, 32 random bytes each in base64, which is active), and the subkeys
// that are derived from them with HKDF-SHA-256 (RFC 5869).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace sqs2pg::privacy {

inline constexpr std::size_t kRootKeyBytes = 32;

class Keyring {
   public:
    // Kind Configuration. `place` names the source in errors (a path or "environment variable X"), with line and
    // column.
    static Result<Keyring> parse(std::string_view yaml, std::string place);
    // Refuses a file writable by group or world; `warnings` gets a sentence if it is readable by the world.
    static Result<Keyring> load_file(const std::string& path, std::vector<std::string>& warnings);
    // One fresh random key, active, id "k1".
    static Keyring generate();

    const std::string& active_id() const noexcept { return active_id_; }
    std::vector<std::string> ids() const;
    // nullptr when there is no such key.
    const Secret* root(const std::string& id) const;

    // HKDF-SHA-256 of the root key `id`, empty salt, `length` bytes (up to 8,160).
    Secret derive(const std::string& id, std::string_view info, std::size_t length = 32) const;

    // What `migrate` stores for each key id: hex of 16 bytes derived with its own info; reveals nothing of the key.
    std::string check_value(const std::string& id) const;

    // The key file's text (for `key new`).
    Secret to_yaml() const;

   private:
    std::map<std::string, Secret> roots_;
    std::string active_id_;
};

}  // namespace sqs2pg::privacy
