// Defaults and marks of what was written, see defaults.h.
#include "config/defaults.h"

#include <functional>

namespace sqs2pg::config {

namespace {

std::size_t hashed(std::string_view text) { return std::hash<std::string_view>{}(text); }

}  // namespace

void read_connection(std::string_view name, const Section& section, const std::string& what, const ReadingFrom& from,
                     Connections& into) {
    if (!section.written(name)) return;
    if (const Node* node = section.find(name)) return into.read(name, *node, what, from);
    if (name == "postgres") into.postgres.emplace();
    if (name == "aws") into.aws.emplace();
    if (name == "keys") into.keys.emplace();
}

std::size_t mixed(std::size_t fingerprint, std::size_t other) {
    constexpr std::size_t kPrime = 1099511628211U;
    return (fingerprint ^ other) * kPrime + (fingerprint >> 17);
}

std::size_t fingerprint_of(const Node& node) {
    auto mark = mixed(static_cast<std::size_t>(node.kind), hashed(node.text));
    for (const auto& member : node.members) {
        mark = mixed(mark, hashed(member.key.text));
        mark = mixed(mark, fingerprint_of(member.value));
    }
    for (const auto& item : node.items) mark = mixed(mark, fingerprint_of(item));
    return mark;
}

std::size_t fingerprint_of(const PostgresSettings& postgres, const AwsSettings& aws, const KeySettings& keys) {
    std::size_t mark = mixed(hashed(postgres.password.reveal()), static_cast<std::size_t>(postgres.auth));
    for (const auto* secret : {&postgres.password_secret, &keys.secret})
        mark = mixed(mark, hashed(secrets::shown(*secret)));
    mark = mixed(mark, static_cast<std::size_t>(keys.refresh_seconds));
    for (const auto* text :
         {&postgres.url, &postgres.owner_role, &postgres.worker_role, &postgres.replayer_role, &postgres.analyst_role,
          &postgres.region, &aws.region, &aws.endpoint_url, &aws.profile, &aws.ca_bundle, &aws.role_arn,
          &aws.external_id, &aws.role_session_name, &keys.file, &keys.env}) {
        mark = mixed(mark, hashed(*text));
    }
    for (const auto& flag : {aws.use_fips_endpoint, aws.use_dualstack_endpoint}) {
        mark = mixed(mark, flag ? 1 + static_cast<std::size_t>(*flag) : 0);
    }
    return mark;
}

}  // namespace sqs2pg::config
