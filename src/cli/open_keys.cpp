// Opening each source once, see open_keys.h.
#include "cli/open_keys.h"

#include "cli/database_access.h"

namespace sqs2pg::cli {

bool same_keys(const privacy::Keyring& one, const privacy::Keyring& other) {
    if (one.active_id() != other.active_id() || one.ids() != other.ids()) return false;
    for (const auto& id : one.ids()) {
        if (one.check_value(id) != other.check_value(id)) return false;
    }
    return true;
}

Result<std::shared_ptr<const OpenKeys>> KeySources::open(const config::KeySettings& settings,
                                                         std::vector<std::string>& warnings) {
    std::pair source{settings.file, settings.env};
    if (auto found = opened_.find(source); found != opened_.end()) return found->second;
    Result<std::shared_ptr<const OpenKeys>> opened;
    auto keyring = open_keyring(settings, warnings);
    if (keyring) {
        opened = std::make_shared<const OpenKeys>(std::move(*keyring));
    } else {
        opened = fail(keyring.error());
    }
    return opened_.emplace(std::move(source), std::move(opened)).first->second;
}

}  // namespace sqs2pg::cli
