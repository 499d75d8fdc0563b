// The configuration's database and keys as the modules' option structs: for start-up, workers, `check` and `migrate`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "pg/catalog.h"
#include "pg/connection.h"
#include "privacy/keyring.h"
#include "schema/migrations.h"

namespace sqs2pg::cli {

pg::ConnectOptions connect_options(const config::PostgresSettings& settings,
                                   std::shared_ptr<pg::ConnectionBudget> budget = nullptr);

// Another database or role than the configuration's, as --url names it: without the configuration's password.
void connect_elsewhere(pg::ConnectOptions& options, const std::string& url);

// The pipelines that write to one database as one role, in the configuration's order.
struct DatabaseGroup {
    const config::PostgresSettings& postgres;
    std::vector<const config::PipelineSettings*> pipelines;
};

// Every distinct database of a configuration once. Borrows from the pipelines.
std::vector<DatabaseGroup> databases_of(const std::vector<config::PipelineSettings>& pipelines);

// What `migrate` and `run --migrate` make in one database: roles, targets and retention. Key checks: add_key_checks.
schema::MigrationOptions migration_options(const DatabaseGroup& database, int dead_letter_retention_days);

// The check values of the keyring, each once.
void add_key_checks(schema::MigrationOptions& options, const privacy::Keyring& keyring);

// The key file, environment variable or secret that `keys:` names; blocks while a secret is fetched. Configuration
// error, of a secret also Retry; `warnings` gets sentences.
Result<privacy::Keyring> open_keyring(const config::KeySettings& settings, std::vector<std::string>& warnings);

// What `role` lacks to write the mapped columns of `table`, with the statement that grants it; empty: nothing.
std::string missing_right(const pg::TableRights& rights, const pg::TableName& table, const std::string& role);

}  // namespace sqs2pg::cli
