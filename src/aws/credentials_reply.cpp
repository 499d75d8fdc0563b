// Credentials out of JSON, see credentials_reply.h.
#include "aws/credentials_reply.h"

#include "aws/credentials_source.h"

namespace sqs2pg::aws {

namespace {

constexpr std::int64_t kExtensionMs = 10 * 60 * 1000;

}  // namespace

Result<Credentials> read_credentials(const JsonReply& reply, ReplyMembers members) {
    auto lacks = [](std::string_view name) {
        return refuse_credentials("bad_reply", "the JSON has no " + std::string(name));
    };
    auto key_id = reply.text("AccessKeyId");
    if (!key_id || key_id->empty()) return lacks("AccessKeyId");
    auto secret = reply.text("SecretAccessKey");
    if (!secret || secret->empty()) return lacks("SecretAccessKey");
    auto token = reply.text(members.token);
    if ((!token || token->empty()) && members.token_required) return lacks(members.token);
    Credentials found;
    found.access_key_id = std::move(*key_id);
    found.secret_access_key = Secret(std::move(*secret));
    found.session_token = Secret(std::move(token).value_or(""));
    if (auto expiration = reply.text("Expiration")) {
        found.expires_at_ms = parse_iso_time(*expiration);
        if (!found.expires_at_ms) {
            return refuse_credentials("bad_reply", "its Expiration is no time such as 2026-11-25T10:00:00Z");
        }
    }
    return found;
}

void outlive(Credentials& credentials, std::int64_t now_ms) {
    if (!credentials.expires_at_ms || *credentials.expires_at_ms > now_ms) return;
    credentials.expires_at_ms = now_ms + kExtensionMs;
    credentials.source += " (past their end: the service has not renewed them)";
}

}  // namespace sqs2pg::aws
