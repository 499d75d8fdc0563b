// Credentials of a program, see credentials_process.h.
#include "aws/credentials_process.h"

#include "aws/command_output.h"
#include "aws/credentials_reply.h"

namespace sqs2pg::aws {
namespace {

Result<Credentials> read(const CommandOutput& output, std::int64_t now_ms) {
    if (output.status != 0) {
        return refuse_credentials("process_failed", "it ended with status " + std::to_string(output.status));
    }
    auto json = JsonReply::parse(output.text.reveal());
    if (!json) return refuse_credentials("bad_reply", "what it prints is no JSON object");
    if (json->number("Version") != 1) {
        return refuse_credentials("bad_reply", "the JSON that it prints has no \"Version\": 1");
    }
    auto found = read_credentials(*json, {.token = "SessionToken", .token_required = false});
    if (!found) return found;
    if (found->expires_at_ms && *found->expires_at_ms <= now_ms) {
        return refuse_credentials("expired", "the credentials that it prints have expired");
    }
    return found;
}

}  // namespace

awaitable<Result<Credentials>> process_credentials(SourceContext context, std::string command) {
    auto words = command_words(command);
    if (!words || words->empty()) {
        co_return refuse_credentials("credential_process", words ? "credential_process is empty"
                                                                 : "credential_process has a quote that stays open");
    }
    auto name = words->front();
    auto output = co_await command_output(std::move(*words), {.deadline = context.command_deadline});
    auto found = output ? read(*output, context.clock.wall_ms()) : Result<Credentials>(fail(output.error()));
    if (!found) {
        found.error().detail =
            "credential_process \"" + name + "\": " + found.error().detail + "; run it by hand to see what it says";
        co_return found;
    }
    found->source = "credential_process \"" + name + "\"";
    co_return found;
}

}  // namespace sqs2pg::aws
