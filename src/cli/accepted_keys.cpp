// Reading the accepted keys.
#include "cli/accepted_keys.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "aws/shared_config.h"

namespace sqs2pg::cli {
namespace {

constexpr std::size_t kMostBytes = 1'048'576;

Status add_key(std::vector<aws::Credentials>& keys, std::string id, std::string secret, std::string token,
               const std::string& source) {
    if (id.empty() && secret.empty()) return {};
    if (id.empty() || secret.empty()) {
        return fail(ErrorKind::Configuration, Stage::Serve, "half_a_key",
                    fmt::format("{} holds an access key id or a secret access key without the other", source));
    }
    if (std::ranges::find(keys, id, &aws::Credentials::access_key_id) != keys.end()) {
        return fail(ErrorKind::Configuration, Stage::Serve, "key_twice",
                    fmt::format("the access key id of {} stands in another place too", source));
    }
    aws::Credentials key;
    key.access_key_id = std::move(id);
    key.secret_access_key = Secret(std::move(secret));
    key.session_token = Secret(std::move(token));
    key.source = source;
    keys.push_back(std::move(key));
    return {};
}

Status add_file(std::vector<aws::Credentials>& keys, const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text;
    if (file) text.assign(std::istreambuf_iterator<char>(file), {});
    if (!file || text.size() > kMostBytes) {
        return fail(ErrorKind::Configuration, Stage::Serve, "unreadable",
                    fmt::format("cannot read the credentials file {}, or it is larger than 1 MiB", path));
    }
    for (const auto& [name, settings] : aws::parse_config_file(text, aws::FileKind::Credentials).profiles) {
        auto value = [&](const char* key) {
            auto found = settings.find(key);
            return found == settings.end() ? std::string() : found->second;
        };
        auto added = add_key(keys, value("aws_access_key_id"), value("aws_secret_access_key"),
                             value("aws_session_token"), fmt::format("profile \"{}\" of {}", name, path));
        if (!added) return added;
    }
    return {};
}

}  // namespace

Result<std::vector<aws::Credentials>> accepted_keys(const aws::Environment& environment, const std::string& file) {
    std::vector<aws::Credentials> keys;
    auto value = [&](const char* name) { return environment(name).value_or(""); };
    auto added = add_key(keys, value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY"), value("AWS_SESSION_TOKEN"),
                         "the environment");
    if (added && !file.empty()) added = add_file(keys, file);
    if (!added) return fail(added.error());
    if (!keys.empty()) return keys;
    return fail(ErrorKind::Configuration, Stage::Serve, "no_keys",
                "--verify-signatures needs a key to accept: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a "
                "credentials file with --accept-keys");
}

}  // namespace sqs2pg::cli
