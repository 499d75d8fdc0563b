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

std::string source_of(const config::KeySettings& settings) {
    auto source = settings.file + '\n' + settings.env + '\n' + secrets::shown(settings.secret);
    const auto& aws = settings.aws;
    for (const auto* text : {&aws.region, &aws.profile, &aws.role_arn, &aws.external_id, &aws.role_session_name}) {
        source += '\n' + *text;
    }
    return source;
}

std::string place_of(const config::KeySettings& settings) {
    if (settings.secret) return secrets::shown(settings.secret);
    return settings.file.empty() ? "environment variable " + settings.env : settings.file;
}

Result<std::shared_ptr<const OpenKeys>> KeySources::open_here(const config::KeySettings& settings,
                                                              std::vector<std::string>& warnings) {
    if (settings.secret) return std::shared_ptr<const OpenKeys>();
    return open(settings, warnings);
}

Result<std::shared_ptr<const OpenKeys>> KeySources::open(const config::KeySettings& settings,
                                                         std::vector<std::string>& warnings) {
    auto source = source_of(settings);
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
