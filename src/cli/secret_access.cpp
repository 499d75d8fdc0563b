// Readers on the configuration, see secret_access.h.
#include "cli/secret_access.h"

#include <exception>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "adapters/secret_password.h"
#include "aws/environment.h"
#include "aws/retry_settings.h"
#include "cli/queue_access.h"
#include "secrets/value.h"

namespace sqs2pg::cli {

namespace {

SystemClock& system_clock() {
    static SystemClock clock;
    return clock;
}

}  // namespace

std::unique_ptr<secrets::Reader> secret_reader(const config::AwsSettings& settings) {
    secrets::ReaderOptions options;
    options.configured = configured_aws(settings);
    options.environment = aws::process_environment();
    options.identity = fmt::format("{}\n{}\n{}\n{}\n{}", settings.region, settings.profile, settings.role_arn,
                                   settings.external_id, settings.role_session_name);
    options.max_attempts = aws::gather_retry_settings(options.environment, settings.profile).max_attempts;
    return std::make_unique<secrets::Reader>(std::move(options), credentials_of(settings), secrets::Cache::process(),
                                             system_clock());
}

std::shared_ptr<pg::PasswordSource> secret_password(const config::PostgresSettings& settings) {
    return std::make_shared<adapters::SecretPassword>(secret_reader(settings.aws), settings.password_secret);
}

awaitable<Result<privacy::Keyring>> fetch_keyring(boost::asio::any_io_executor executor, config::KeySettings settings,
                                                  Clock::Steady not_before) {
    const auto reader = secret_reader(settings.aws);
    auto held = co_await reader->read(std::move(executor), settings.secret, not_before);
    if (!held) co_return fail(std::move(held.error()));
    const auto text = secrets::text_of((*held)->fetched.value, settings.secret);
    if (!text) co_return fail(text.error());
    co_return privacy::Keyring::parse(text->reveal(), secrets::shown(settings.secret));
}

Result<privacy::Keyring> fetch_keyring_now(const config::KeySettings& settings, std::vector<std::string>& warnings) {
    boost::asio::io_context loop{1};
    std::optional<Result<privacy::Keyring>> fetched;
    boost::asio::co_spawn(loop, fetch_keyring(loop.get_executor(), settings, system_clock().now()),
                          [&](std::exception_ptr thrown, Result<privacy::Keyring> result) {
                              if (!thrown) fetched = std::move(result);
                              loop.stop();
                          });
    loop.run();
    if (!fetched) {
        return fail(ErrorKind::Retry, Stage::Start, "exception", "an exception that nobody expected ended the reading");
    }
    const auto held = secret_reader(settings.aws)->newest(settings.secret);
    if (*fetched && held && held->fetched.plain) {
        warnings.push_back(secrets::shown(settings.secret) +
                           " is a parameter of type String, which is not encrypted: make it a SecureString");
    }
    return std::move(*fetched);
}

std::string origin_of(const secrets::Reference& reference, const config::AwsSettings& settings) {
    const auto held = secret_reader(settings)->newest(reference);
    if (!held || held->fetched.version.empty()) return secrets::shown(reference);
    const bool key = reference.keeper == secrets::Keeper::KmsFile;
    return fmt::format("{}, {} {}", secrets::shown(reference), key ? "by" : "version", held->fetched.version);
}

}  // namespace sqs2pg::cli
