// The script that makes schema `sqs2pg`, see migrations.h. Its parts: the frame (one transaction under an advisory
// lock), the steps of each version, the functions (made anew each time), the settings, the rights.
#include <string>

#include <fmt/format.h>

#include "pg/copy.h"
#include "schema/migrations.h"

namespace sqs2pg::schema {
namespace {

// The advisory lock of migrations and maintenance: "sqs2pg" in ASCII.
#define SQS2PG_LOCK "126931101184103"

constexpr const char* kVersion1 = R"sql(
DO $migration$
BEGIN
    IF EXISTS (SELECT FROM sqs2pg.migration WHERE version >= 1) THEN
        RETURN;
    END IF;

    -- One row a message that was written. id: 48 bits of SentTimestamp in ms, then 80 bits of a hash of queue and
    -- MessageId.
    CREATE TABLE sqs2pg.ledger (
        id uuid NOT NULL,
        CONSTRAINT ledger_pkey PRIMARY KEY (id)
    ) PARTITION BY RANGE (id);

    -- What maintain_ledger() has made. A row whose table is gone stands for a period that is not made again.
    CREATE TABLE sqs2pg.ledger_partition (
        name text PRIMARY KEY,
        lower_bound timestamptz NOT NULL UNIQUE,
        upper_bound timestamptz NOT NULL,
        made_at timestamptz NOT NULL DEFAULT now(),
        CHECK (upper_bound > lower_bound)
    );

    CREATE TABLE sqs2pg.ledger_settings (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        retention interval NOT NULL DEFAULT interval '16 days' CHECK (retention > interval '0'),
        partition_width interval NOT NULL DEFAULT interval '1 day'
            CHECK (partition_width IN (interval '1 hour', interval '1 day')),
        dead_letter_retention interval NOT NULL DEFAULT interval '30 days' CHECK (dead_letter_retention > interval '0'),
        dropped_before timestamptz NOT NULL DEFAULT '-infinity'
    );

    -- sealed: the complete message, AES-256-GCM under the key key_id; everything else is free of message values.
    CREATE TABLE sqs2pg.dead_letter (
        id uuid PRIMARY KEY,
        pipeline text NOT NULL,
        queue text NOT NULL,
        message_id text NOT NULL,
        sent_at timestamptz,
        first_received_at timestamptz,
        last_received_at timestamptz,
        receive_count integer NOT NULL,
        reason text NOT NULL,
        place text,
        sqlstate text,
        key_id text NOT NULL,
        sealed bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX dead_letter_created_at ON sqs2pg.dead_letter (created_at);

    -- A value derived from each key: a process with another key of the same id is told so before it writes.
    CREATE TABLE sqs2pg.key_check (
        key_id text PRIMARY KEY,
        check_value text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    );

    INSERT INTO sqs2pg.migration (version) VALUES (1);
END
$migration$;
)sql";

// ATTACH takes SHARE UPDATE EXCLUSIVE on the ledger, which neither writers nor readers mind; CREATE … PARTITION OF
// would take ACCESS EXCLUSIVE and stall every writer behind a long reader. DROP needs ACCESS EXCLUSIVE: it comes last,
// waits 200 ms at most, and the next call tries again.
constexpr const char* kFunctions = R"sql(
CREATE OR REPLACE FUNCTION sqs2pg.ledger_bound(moment timestamptz) RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT rpad(lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$body$;
REVOKE ALL ON FUNCTION sqs2pg.ledger_bound(timestamptz) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sqs2pg.maintain_ledger(
    OUT made integer, OUT dropped integer, OUT postponed integer, OUT expired bigint, OUT busy boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '200ms' AS $body$
DECLARE
    settings sqs2pg.ledger_settings%ROWTYPE;
    present timestamptz := clock_timestamp();
    unit text;
    from_moment timestamptz;
    to_moment timestamptz;
    partition_name text;
    old sqs2pg.ledger_partition%ROWTYPE;
BEGIN
    made := 0; dropped := 0; postponed := 0; expired := 0;
    busy := NOT pg_try_advisory_xact_lock()sql" SQS2PG_LOCK R"sql();
    IF busy THEN
        RETURN;
    END IF;
    SELECT * INTO STRICT settings FROM sqs2pg.ledger_settings;
    unit := CASE WHEN settings.partition_width < interval '1 day' THEN 'hour' ELSE 'day' END;

    from_moment := greatest(date_trunc(unit, present - settings.retention), settings.dropped_before);
    WHILE from_moment <= present + interval '3 days' LOOP
        SELECT upper_bound INTO to_moment FROM sqs2pg.ledger_partition
        WHERE lower_bound <= from_moment AND upper_bound > from_moment;
        IF FOUND THEN
            from_moment := to_moment;
            CONTINUE;
        END IF;
        SELECT least(from_moment + settings.partition_width, min(lower_bound)) INTO to_moment
        FROM sqs2pg.ledger_partition WHERE lower_bound > from_moment;
        partition_name := 'ledger_' || to_char(from_moment, 'YYYYMMDD_HH24MI');
        BEGIN
            EXECUTE format('CREATE TABLE sqs2pg.%I (LIKE sqs2pg.ledger INCLUDING ALL)', partition_name);
            EXECUTE format('ALTER TABLE sqs2pg.ledger ATTACH PARTITION sqs2pg.%I FOR VALUES FROM (%L) TO (%L)',
                           partition_name, sqs2pg.ledger_bound(from_moment), sqs2pg.ledger_bound(to_moment));
            INSERT INTO sqs2pg.ledger_partition (name, lower_bound, upper_bound)
            VALUES (partition_name, from_moment, to_moment);
            made := made + 1;
        EXCEPTION WHEN lock_not_available THEN
            postponed := postponed + 1;
            EXIT;
        END;
        from_moment := to_moment;
    END LOOP;

    WITH due AS (
        SELECT id FROM sqs2pg.dead_letter WHERE created_at < present - settings.dead_letter_retention
        ORDER BY created_at LIMIT 10000 FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM sqs2pg.dead_letter d USING due WHERE d.id = due.id RETURNING 1
    )
    SELECT count(*) INTO expired FROM gone;

    FOR old IN
        SELECT * FROM sqs2pg.ledger_partition WHERE upper_bound <= present - settings.retention ORDER BY lower_bound
    LOOP
        BEGIN
            EXECUTE format('DROP TABLE IF EXISTS sqs2pg.%I', old.name);
            UPDATE sqs2pg.ledger_settings SET dropped_before = greatest(dropped_before, old.upper_bound);
            DELETE FROM sqs2pg.ledger_partition WHERE name = old.name;
            dropped := dropped + 1;
        EXCEPTION WHEN lock_not_available THEN
            SELECT postponed + count(*) INTO postponed
            FROM sqs2pg.ledger_partition WHERE upper_bound <= present - settings.retention;
            EXIT;
        END;
    END LOOP;
END
$body$;
REVOKE ALL ON FUNCTION sqs2pg.maintain_ledger() FROM PUBLIC;
)sql";

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

std::string literal(const std::string& text) {
    std::string quoted = text.contains('\\') ? " E'" : "'";
    for (char c : text) {
        if (c == '\'' || c == '\\') quoted += c;
        quoted += c;
    }
    quoted += '\'';
    return quoted;
}

// What is there already stays: migrate() compares afterwards, and a wrong key is told, not stored.
std::string key_checks_sql(const MigrationOptions& options) {
    std::string sql;
    for (const auto& [key_id, check_value] : options.key_checks) {
        sql +=
            fmt::format("INSERT INTO sqs2pg.key_check (key_id, check_value) VALUES ({}, {}) ON CONFLICT DO NOTHING;\n",
                        literal(key_id), literal(check_value));
    }
    return sql;
}

bool has_own_worker(const MigrationOptions& options) {
    return !options.worker_role.empty() && options.worker_role != options.owner_role;
}

// No DELETE, no UPDATE, no SELECT of anything but the ledger's ids and our own bookkeeping.
std::string rights_sql(const MigrationOptions& options) {
    if (!has_own_worker(options)) return "";
    auto worker = pg::quote_identifier(options.worker_role);
    std::string sql;
    for (const char* right :
         {"USAGE ON SCHEMA sqs2pg", "INSERT, SELECT (id) ON sqs2pg.ledger", "INSERT ON sqs2pg.dead_letter",
          "SELECT ON sqs2pg.migration", "SELECT ON sqs2pg.ledger_settings", "SELECT ON sqs2pg.ledger_partition",
          "SELECT ON sqs2pg.key_check", "EXECUTE ON FUNCTION sqs2pg.maintain_ledger()"}) {
        sql += fmt::format("GRANT {} TO {};\n", right, worker);
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
    sql += kVersion1;
    sql += kFunctions;
    sql += '\n';
    sql += settings_sql(options);
    sql += key_checks_sql(options);
    sql += rights_sql(options);
    sql += "SELECT made FROM sqs2pg.maintain_ledger();\nCOMMIT;\n";
    return sql;
}

std::string target_grants_sql(const MigrationOptions& options) {
    if (!has_own_worker(options)) return "";
    auto worker = pg::quote_identifier(options.worker_role);
    std::string sql;
    for (const auto& target : options.targets) {
        if (!target.schema.empty()) {
            sql += fmt::format("GRANT USAGE ON SCHEMA {} TO {};\n", pg::quote_identifier(target.schema), worker);
        }
        sql += fmt::format("GRANT INSERT ON {} TO {};\n", pg::quote(target), worker);
    }
    return sql;
}

}  // namespace sqs2pg::schema
