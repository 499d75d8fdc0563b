// The configuration's database and keys as the modules' option structs: for start-up, workers, `check` and `migrate`.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "pg/catalog.h"
#include "pg/connection.h"
#include "privacy/keyring.h"
#include "schema/migrations.h"

namespace sqs2pg::cli {

pg::ConnectOptions connect_options(const config::PostgresSettings& settings);

// What `migrate` and `run --migrate` make: roles, targets, retention and key checks of the configuration.
schema::MigrationOptions migration_options(const config::Settings& settings, const privacy::Keyring& keyring);

// The key file or environment variable that `keys:` names. Configuration error; `warnings` gets sentences.
Result<privacy::Keyring> open_keyring(const config::KeySettings& settings, std::vector<std::string>& warnings);

// What `role` lacks to write the mapped columns of `table`, with the statement that grants it; empty: nothing.
std::string missing_right(const pg::TableRights& rights, const pg::TableName& table, const std::string& role);

}  // namespace sqs2pg::cli
