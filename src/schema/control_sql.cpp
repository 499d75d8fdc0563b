// The tables and functions through which operators and processes talk: version 3 of schema `sqs2pg`, see
// script_parts.h. What a role may change, it changes through a function: pauses, the brake, its own sign of life.
#include "schema/script_parts.h"

namespace sqs2pg::schema {

const char* const kVersion3 = R"sql(
DO $migration$
BEGIN
    IF EXISTS (SELECT FROM sqs2pg.migration WHERE version >= 3) THEN
        RETURN;
    END IF;

    -- What is decided about a pipeline; no row: nothing ever was. The generation grows with each decision.
    CREATE TABLE sqs2pg.pipeline_state (
        pipeline text PRIMARY KEY,
        paused boolean NOT NULL,
        cause text NOT NULL DEFAULT '' CHECK (paused = (cause <> '')),
        detail text NOT NULL DEFAULT '',
        changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        changed_by text NOT NULL DEFAULT session_user,
        generation bigint NOT NULL DEFAULT 1
    );

    -- The running processes, a row each pipeline; written every few seconds. An old seen_at: it was killed.
    CREATE TABLE sqs2pg.process (
        id uuid NOT NULL,
        pipeline text NOT NULL,
        host text NOT NULL,
        pid integer NOT NULL,
        version text NOT NULL,
        started_at timestamptz NOT NULL,
        seen_at timestamptz NOT NULL,
        workers integer NOT NULL,
        state text NOT NULL,
        paused_cause text NOT NULL,
        paused_detail text NOT NULL,
        how_to_end text NOT NULL,
        received bigint NOT NULL,
        settled bigint NOT NULL,
        in_flight bigint NOT NULL,
        dead_lettered bigint NOT NULL,
        rows_written bigint NOT NULL,
        messages_per_second double precision NOT NULL,
        lag_seconds double precision NOT NULL,
        PRIMARY KEY (id, pipeline)
    ) WITH (fillfactor = 50);

    INSERT INTO sqs2pg.migration (version) VALUES (3);
END
$migration$;
)sql";

const char* const kControlFunctions = R"sql(
CREATE OR REPLACE FUNCTION sqs2pg.report_process(report jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    -- A sign of life that a crash of the server loses is made again within seconds: nobody waits for its flush.
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO sqs2pg.process AS known
    SELECT (report->>'id')::uuid, line.pipeline, report->>'host', (report->>'pid')::integer, report->>'version',
           clock_timestamp() - make_interval(secs => (report->>'uptime_seconds')::double precision), clock_timestamp(),
           line.workers, line.state, line.paused_cause, line.paused_detail, line.how_to_end, line.received,
           line.settled, line.in_flight, line.dead_lettered, line.rows_written, line.messages_per_second,
           line.lag_seconds
    FROM jsonb_to_recordset(report->'pipelines') AS line (
        pipeline text, workers integer, state text, paused_cause text, paused_detail text, how_to_end text,
        received bigint, settled bigint, in_flight bigint, dead_lettered bigint, rows_written bigint,
        messages_per_second double precision, lag_seconds double precision)
    ON CONFLICT (id, pipeline) DO UPDATE SET
        seen_at = EXCLUDED.seen_at, workers = EXCLUDED.workers, state = EXCLUDED.state,
        paused_cause = EXCLUDED.paused_cause, paused_detail = EXCLUDED.paused_detail,
        how_to_end = EXCLUDED.how_to_end, received = EXCLUDED.received, settled = EXCLUDED.settled,
        in_flight = EXCLUDED.in_flight, dead_lettered = EXCLUDED.dead_lettered, rows_written = EXCLUDED.rows_written,
        messages_per_second = EXCLUDED.messages_per_second, lag_seconds = EXCLUDED.lag_seconds;
    DELETE FROM sqs2pg.process WHERE (id, pipeline) IN (
        SELECT id, pipeline FROM sqs2pg.process WHERE seen_at < clock_timestamp() - interval '10 minutes'
        FOR UPDATE SKIP LOCKED);
END
$body$;
REVOKE ALL ON FUNCTION sqs2pg.report_process(jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sqs2pg.leave_process(leaving uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    DELETE FROM sqs2pg.process WHERE id = leaving;
$body$;
REVOKE ALL ON FUNCTION sqs2pg.leave_process(uuid) FROM PUBLIC;

-- Only where nothing was decided since the process last looked: a brake that tripped before a resume is over.
CREATE OR REPLACE FUNCTION sqs2pg.set_brake(name text, why text, seen bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    INSERT INTO sqs2pg.pipeline_state AS known (pipeline, paused, cause, detail)
    VALUES (name, true, 'brake', left(why, 500))
    ON CONFLICT (pipeline) DO UPDATE SET
        paused = true, cause = 'brake', detail = EXCLUDED.detail, changed_at = clock_timestamp(),
        changed_by = session_user, generation = known.generation + 1
    WHERE NOT known.paused AND known.generation = seen;
$body$;
REVOKE ALL ON FUNCTION sqs2pg.set_brake(text, text, bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sqs2pg.pause_pipeline(name text, why text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    INSERT INTO sqs2pg.pipeline_state AS known (pipeline, paused, cause, detail)
    VALUES (name, true, 'operator', left(why, 500))
    ON CONFLICT (pipeline) DO UPDATE SET
        paused = true, cause = 'operator', detail = EXCLUDED.detail, changed_at = clock_timestamp(),
        changed_by = session_user, generation = known.generation + 1;
$body$;
REVOKE ALL ON FUNCTION sqs2pg.pause_pipeline(text, text) FROM PUBLIC;

-- Also where nothing is paused: every process then looks again at once at what it has paused for by itself.
CREATE OR REPLACE FUNCTION sqs2pg.resume_pipeline(name text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    INSERT INTO sqs2pg.pipeline_state AS known (pipeline, paused) VALUES (name, false)
    ON CONFLICT (pipeline) DO UPDATE SET
        paused = false, cause = '', detail = '', changed_at = clock_timestamp(), changed_by = session_user,
        generation = known.generation + 1;
$body$;
REVOKE ALL ON FUNCTION sqs2pg.resume_pipeline(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sqs2pg.dead_letter_counts()
RETURNS TABLE (pipeline text, reason text, last_hour bigint, last_day bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    SELECT letter.pipeline, letter.reason, count(*) FILTER (WHERE letter.created_at > now() - interval '1 hour'),
           count(*)
    FROM sqs2pg.dead_letter letter WHERE letter.created_at > now() - interval '1 day'
    GROUP BY letter.pipeline, letter.reason ORDER BY 1, 4 DESC, 2;
$body$;
REVOKE ALL ON FUNCTION sqs2pg.dead_letter_counts() FROM PUBLIC;
)sql";

}  // namespace sqs2pg::schema
