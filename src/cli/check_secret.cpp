// The look at a password's secret, see check_secret.h.
#include "cli/check_secret.h"

#include <fmt/format.h>

#include "cli/secret_access.h"
#include "secrets/value.h"

namespace sqs2pg::cli {

awaitable<PasswordSecret> check_password_secret(boost::asio::any_io_executor executor,
                                                const config::PostgresSettings& settings, Findings& findings) {
    PasswordSecret found{true, settings.place.empty() ? "postgres" : settings.place};
    if (!settings.password_secret) co_return found;
    const auto reader = secret_reader(settings.aws);
    const auto held = co_await reader->read(executor, settings.password_secret, reader->clock().now());
    auto error = held ? Error{} : held.error();
    if (held) {
        const auto password = secrets::password_of((*held)->fetched.value, settings.password_secret);
        if (!password) error = password.error();
    }
    if (!error.code.empty()) {
        found.had = false;
        findings.error("password_secret", found.place, error);
        co_return found;
    }
    const auto& fetched = (*held)->fetched;
    auto sentence = "the password comes from " + origin_of(settings.password_secret, settings.aws);
    // A right of its own, which nothing else needs.
    const auto rotation = co_await reader->rotation(executor, settings.password_secret);
    if (rotation && !rotation->empty()) sentence += ", " + *rotation;
    findings.ok("password_secret", found.place, sentence);
    if (fetched.plain) {
        findings.warning("secret_plain", found.place,
                         secrets::shown(settings.password_secret) +
                             " is a parameter of type String, which is not encrypted: make it a SecureString");
    }
    found.username = secrets::username_of(fetched.value);
    co_return found;
}

void judge_secret_user(const PasswordSecret& secret, const std::string& role, Findings& findings) {
    if (secret.username.empty() || secret.username == role) return;
    findings.warning(
        "secret_user", secret.place,
        fmt::format("the secret says another `username` than \"{}\", which `url` connects as: its password "
                    "may be another role's after the next rotation",
                    role));
}

}  // namespace sqs2pg::cli
