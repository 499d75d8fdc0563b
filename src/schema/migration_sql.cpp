// The script that makes schema `sqs2pg`, see migrations.h. Its parts: the frame (one transaction under an advisory
// lock), the steps of each version (version_steps.cpp), the functions, made anew each time (functions.cpp), the
// settings, the rights (rights.cpp).
#include <string>

#include <fmt/format.h>

#include "pg/copy.h"
#include "schema/migrations.h"
#include "schema/rights.h"
#include "schema/script_parts.h"

namespace sqs2pg::schema {
namespace {

std::string settings_sql(const MigrationOptions& options) {
    auto given = options.ledger_retention.value_or(kDefaultLedgerRetention).count();
    auto sql = fmt::format(
        "INSERT INTO sqs2pg.ledger_settings (retention) VALUES (interval '{} seconds') ON CONFLICT (only_row) DO ",
        given);
    // An own default is no wish: only what was asked for raises what is there, and nothing lowers it.
    if (!options.ledger_retention) {
        sql += "NOTHING;\n";
    } else {
        sql += "UPDATE\n    SET retention = greatest(ledger_settings.retention, EXCLUDED.retention);\n";
    }
    if (options.partition_width) {
        sql += fmt::format("UPDATE sqs2pg.ledger_settings SET partition_width = interval '1 {}';\n",
                           *options.partition_width < std::chrono::hours(24) ? "hour" : "day");
    }
    if (options.dead_letter_retention) {
        sql += fmt::format("UPDATE sqs2pg.ledger_settings SET dead_letter_retention = interval '{} hours';\n",
                           options.dead_letter_retention->count());
    }
    return sql;
}

// What is there already stays: migrate() compares afterwards, and a wrong key is told, not stored.
std::string key_checks_sql(const MigrationOptions& options) {
    std::string sql;
    for (const auto& [key_id, check_value] : options.key_checks) {
        sql +=
            fmt::format("INSERT INTO sqs2pg.key_check (key_id, check_value) VALUES ({}, {}) ON CONFLICT DO NOTHING;\n",
                        quote_literal(key_id), quote_literal(check_value));
    }
    return sql;
}

}  // namespace

std::string migration_sql(const MigrationOptions& options) {
    auto owner = options.owner_role.empty() ? "" : pg::quote_identifier(options.owner_role);
    std::string sql = fmt::format(
        "-- Schema sqs2pg, version {}: safe to run again, and at the same time as itself.\n"
        "BEGIN ISOLATION LEVEL READ COMMITTED;\n"
        "SET LOCAL lock_timeout = '60s';\n"
        "SELECT pg_catalog.pg_advisory_xact_lock(" SQS2PG_LOCK
        ");\n"
        "DO $migration$ BEGIN\n"
        "    IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'sqs2pg') THEN\n"
        "        CREATE SCHEMA sqs2pg{};\n"
        "    END IF;\n"
        "END $migration$;\n",
        kSchemaVersion, owner.empty() ? "" : " AUTHORIZATION " + owner);
    if (!owner.empty()) sql += fmt::format("SET LOCAL ROLE {};\n", owner);
    sql +=
        "SET LOCAL search_path = pg_catalog, pg_temp;\n"
        "CREATE TABLE IF NOT EXISTS sqs2pg.migration (\n"
        "    version integer PRIMARY KEY,\n"
        "    applied_at timestamptz NOT NULL DEFAULT now()\n"
        ");\n";
    sql += fmt::format(
        "DO $migration$ BEGIN\n"
        "    IF EXISTS (SELECT FROM sqs2pg.migration WHERE version > {}) THEN\n"
        "        RAISE EXCEPTION USING ERRCODE = '0A000',\n"
        "            MESSAGE = 'schema sqs2pg was made by a newer sqs2pg: use that one';\n"
        "    END IF;\n"
        "END $migration$;\n",
        kSchemaVersion);
    for (const char* step : {kVersion1, kVersion2, kVersion3}) sql += step;
    sql += kFunctions;
    sql += kControlFunctions;
    sql += '\n';
    sql += settings_sql(options);
    sql += key_checks_sql(options);
    sql += rights_sql(options);
    sql += "SELECT made FROM sqs2pg.maintain_ledger();\nCOMMIT;\n";
    return sql;
}

}  // namespace sqs2pg::schema
