// Keys as the pipelines use them: each distinct source is opened once a start or reload, and what was opened is kept
// for as long as a pipeline uses it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/settings.h"
#include "privacy/keyring.h"
#include "privacy/seal.h"

namespace sqs2pg::cli {

// Safe to use from any thread.
struct OpenKeys {
    explicit OpenKeys(privacy::Keyring opened) : keyring(std::move(opened)), sealer(keyring) {}

    const privacy::Keyring keyring;
    const privacy::Sealer sealer;
};

// The same key ids with the same keys, and the same active one.
bool same_keys(const privacy::Keyring& one, const privacy::Keyring& other);

// One text a source: what tells it from others.
std::string source_of(const config::KeySettings& settings);

// A source for people: its path, "environment variable NAME", "secretsmanager:NAME".
std::string place_of(const config::KeySettings& settings);

// One start or one reload: it reads a file or variable once, however many pipelines name it.
class KeySources {
   public:
    // Configuration error as open_keyring's. A warning of a source is given once.
    Result<std::shared_ptr<const OpenKeys>> open(const config::KeySettings& settings,
                                                 std::vector<std::string>& warnings);
    // For a run: as open(), but null for what AWS keeps: bring_up() waits for that without holding up anybody.
    Result<std::shared_ptr<const OpenKeys>> open_here(const config::KeySettings& settings,
                                                      std::vector<std::string>& warnings);

   private:
    std::map<std::string, Result<std::shared_ptr<const OpenKeys>>> opened_;
};

}  // namespace sqs2pg::cli
