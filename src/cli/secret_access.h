// Secrets that AWS keeps, as the configuration names them: the database's password, and the keys.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.h"
#include "base/result.h"
#include "config/settings.h"
#include "pg/password_source.h"
#include "privacy/keyring.h"
#include "secrets/reader.h"

namespace sqs2pg::cli {

// On the process's credentials and cache; for one event loop.
std::unique_ptr<secrets::Reader> secret_reader(const config::AwsSettings& settings);

// Of a configuration with `password_secret`.
std::shared_ptr<pg::PasswordSource> secret_password(const config::PostgresSettings& settings);

// The keys that `keys: secret:` or `kms_file:` names, as AWS had them at `not_before` or later. Errors: as
// secrets::fetch and Keyring::parse. `executor`: of the calling coroutine.
awaitable<Result<privacy::Keyring>> fetch_keyring(boost::asio::any_io_executor executor, config::KeySettings settings,
                                                  Clock::Steady not_before);

// The same on a loop of its own, for commands: blocks for as long as the fetch lasts. `warnings` gets sentences.
Result<privacy::Keyring> fetch_keyring_now(const config::KeySettings& settings, std::vector<std::string>& warnings);

// "secretsmanager:NAME, version ID": what the process had last of it.
std::string origin_of(const secrets::Reference& reference, const config::AwsSettings& settings);

}  // namespace sqs2pg::cli
