// The functions of schema `sqs2pg`, made anew by every migration, see script_parts.h.
#include "schema/script_parts.h"

namespace sqs2pg::schema {

// ATTACH takes SHARE UPDATE EXCLUSIVE on the ledger, which neither writers nor readers mind; CREATE … PARTITION OF
// would take ACCESS EXCLUSIVE and stall every writer behind a long reader. DROP needs ACCESS EXCLUSIVE: it comes last,
// waits 200 ms at most, and the next call tries again.
const char* const kFunctions = R"sql(
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

}  // namespace sqs2pg::schema
