// What each version of schema `sqs2pg` adds to the one before, see script_parts.h. A step that was released is never
// altered: a change is a new step.
#include "schema/script_parts.h"

namespace sqs2pg::schema {

const char* const kVersion1 = R"sql(
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

// Dead letters are looked at and replayed; who did what to them is written down.
const char* const kVersion2 = R"sql(
DO $migration$
BEGIN
    IF EXISTS (SELECT FROM sqs2pg.migration WHERE version >= 2) THEN
        RETURN;
    END IF;

    -- A replay that ends as a dead letter again leaves the row where it is, with its new reason: how often, and when.
    ALTER TABLE sqs2pg.dead_letter
        ADD COLUMN replay_count integer NOT NULL DEFAULT 0,
        ADD COLUMN last_replayed_at timestamptz;

    -- Newest first, of all, of a pipeline, of a reason. The primary key is the order of replay.
    CREATE INDEX dead_letter_newest ON sqs2pg.dead_letter (created_at, id);
    DROP INDEX sqs2pg.dead_letter_created_at;
    CREATE INDEX dead_letter_pipeline_newest ON sqs2pg.dead_letter (pipeline, created_at, id);
    CREATE INDEX dead_letter_reason_newest ON sqs2pg.dead_letter (reason, created_at, id);

    -- Who looked into, replayed or dropped which dead letters. seq, at and session_role are the database's own word:
    -- no role but the owner may write them.
    CREATE TABLE sqs2pg.audit (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        session_role text NOT NULL DEFAULT session_user,
        actor text NOT NULL,
        action text NOT NULL CHECK (action IN ('reveal', 'replay', 'drop')),
        letters uuid[] NOT NULL,
        selection text NOT NULL,
        reason text,
        ticket text,
        CHECK (action = 'replay' OR COALESCE(reason, '') <> '')
    );
    CREATE INDEX audit_at ON sqs2pg.audit (at);
    CREATE FUNCTION sqs2pg.audit_is_append_only() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
    BEGIN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'sqs2pg.audit is append-only';
    END
    $body$;
    REVOKE ALL ON FUNCTION sqs2pg.audit_is_append_only() FROM PUBLIC;
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sqs2pg.audit
        FOR EACH STATEMENT EXECUTE FUNCTION sqs2pg.audit_is_append_only();

    INSERT INTO sqs2pg.migration (version) VALUES (2);
END
$migration$;
)sql";

}  // namespace sqs2pg::schema
