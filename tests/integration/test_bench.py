"""`sqs2pg bench`: a verdict from scratch tables; nothing of the user's changes, and nothing is left behind."""
import json
import signal
import subprocess
import time

import pytest
from logins import bodies_of, make_logins
from program import BINARY, run, write_configuration
from sqs_servers import CHECKOUT, plain_environment
from waiting import wait_until

SCRATCH = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'sqs2pg_bench_%'"


@pytest.fixture
def bench(tmp_path, database):
    configuration = write_configuration(tmp_path)
    (tmp_path / "messages.jsonl").write_text("".join(body + "\n" for body in bodies_of(make_logins(3000))))

    def command(*arguments):
        return ["bench", "-c", configuration, "--messages", tmp_path / "messages.jsonl", "--no-queue", *arguments]

    command.database = database
    return command


def test_a_verdict_and_nothing_of_the_users_changes(bench):
    finished = run(*bench("--seconds", "1", "--format", "json"), environment=bench.database.environment())
    assert finished.code == 0, finished.err
    told = json.loads(finished.out)
    transform, writers = told["transform"], told["database"]["writers"]
    assert (transform["source"], transform["messages"], transform["rows"]) == ("file", 3000, 3000)
    assert transform["messages_per_second"] > 0 and all(one["messages_per_second"] > 0 for one in writers)
    assert told["complete"] and not told["stopped"] and told["queue"] is None
    assert told["binds"] in ("worker", "network", "disk", "locks", "postgresql") and told["changes"]
    shares = ("server_ms", "disk_ms", "locks_ms", "standby_ms", "network_ms", "worker_ms")
    for one in writers:
        assert sum(one[share] for share in shares) == pytest.approx(one["transaction_ms"], rel=0.01)
    assert bench.database.value("SELECT count(*) FROM user_logins") == 0
    assert bench.database.value(SCRATCH) == 0


def interrupted(command, environment, condition, number=signal.SIGINT):
    """(exit code, output, errors, seconds it took to end) of a run that got a signal when the condition held."""
    process = subprocess.Popen([str(word) for word in [BINARY, *command]], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env=plain_environment(**environment))
    try:
        wait_until(condition, "the part that is to be interrupted")
        sent = time.monotonic()
        process.send_signal(number)
        out, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    return process.returncode, out, errors, time.monotonic() - sent


def test_ctrl_c_drops_the_scratch_schema_and_tells_what_was_measured(bench):
    writing = ("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'sqs2pg_bench_%' "
               "AND query LIKE '%COPY%'")
    code, out, errors, took = interrupted(bench("--seconds", "60", "--format", "json"), bench.database.environment(),
                                          lambda: bench.database.value(writing) > 0)
    assert code == 1 and "stopped by a signal" in errors and took < 5
    told = json.loads(out)
    assert told["stopped"] and told["transform"]["messages_per_second"] > 0
    assert told["database"]["round_trip"]["p50_ms"] > 0 and told["binds"] is None
    assert bench.database.value(SCRATCH) == 0


def test_a_signal_ends_a_wait_for_a_lock(bench):
    with bench.database.cluster.connect(bench.database.name) as connection, connection.transaction():
        connection.execute("LOCK user_logins IN ACCESS EXCLUSIVE MODE")
        waiting = ("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                   "AND query LIKE '%sqs2pg_bench_%'")
        code, out, errors, took = interrupted(bench("--seconds", "60"), bench.database.environment(),
                                              lambda: bench.database.value(waiting) > 0, signal.SIGTERM)
        assert code == 1 and "stopped by a signal" in errors and took < 5
    assert bench.database.value(SCRATCH) == 0


def test_what_only_time_can_mend_exits_with_1(bench, queue, tmp_path):
    finished = run(*bench(), environment={"PGHOST": "127.0.0.1", "PGPORT": "1", "PGUSER": "app", "PGDATABASE": "app"})
    assert finished.code == 1 and "refuses the connection" in finished.err and finished.out == ""
    with_queue = [word for word in bench("--seconds", "1") if word != "--no-queue"]
    environment = {**queue.environment(), **bench.database.environment()}
    finished = run(*with_queue, environment={**environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert finished.code == 1 and "GetQueueUrl" in finished.err
    assert "messages/s" in finished.out  # what was measured before
    queue.fault("GetQueueAttributes", "throttle")
    finished = run(*with_queue, environment=environment)
    assert finished.code == 1, finished.err
    assert bench.database.value(SCRATCH) == 0


def test_what_somebody_must_mend_exits_with_2(bench, queue):
    with_queue = [word for word in bench("--seconds", "1") if word != "--no-queue"]
    client = queue.client(retries=3)
    client.delete_queue(QueueUrl=client.get_queue_url(QueueName="login-queue")["QueueUrl"])
    finished = run(*with_queue, environment={**queue.environment(), **bench.database.environment()})
    assert finished.code == 2 and "does not exist" in finished.err


def test_a_role_without_the_right_hears_the_grant(bench):
    with bench.database.cluster.connect(bench.database.name) as connection:
        connection.execute("CREATE ROLE bench_no_right LOGIN")
    try:
        environment = {**bench.database.environment(), "PGUSER": "bench_no_right"}
        finished = run(*bench("--seconds", "1"), environment=environment)
        assert finished.code == 2 and "GRANT CREATE ON DATABASE" in finished.err
        assert bench.database.value(SCRATCH) == 0
    finally:
        with bench.database.cluster.connect(bench.database.name) as connection:
            connection.execute("DROP ROLE bench_no_right")


def test_without_messages_they_are_invented_from_the_mapping(tmp_path, database):
    configuration = write_configuration(tmp_path)
    finished = run("bench", "-c", configuration, "--no-queue", "--seconds", "1", "--workers", "1", "--format", "json",
                   environment=database.environment())
    assert finished.code == 0, finished.err
    told = json.loads(finished.out)
    assert told["transform"]["source"] == "invented" and told["transform"]["refused"] == []
    assert told["transform"]["rows"] == told["transform"]["messages"] > 100
    assert [one["connections"] for one in told["database"]["writers"]] == [1]


EVERY_TYPE = """
CREATE EXTENSION IF NOT EXISTS hstore;
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE DOMAIN positive AS integer CHECK (VALUE >= 0);
CREATE DOMAIN short AS varchar(4);
CREATE TABLE every_type (
  a smallint, b integer, c bigint UNIQUE, d numeric, e numeric(9,3), f numeric(2,4), g numeric(4,0), h real,
  i double precision, j boolean, k text, l varchar(3), m char(5), n uuid UNIQUE, o date, p time, q timetz, r timestamp,
  s timestamptz, t interval, u interval day to hour, v json, w jsonb, x inet, y cidr, z macaddr, aa macaddr8, ab bytea,
  ac bit(5), ad bit varying(9), ae name, af "char", ag oid, ah pg_lsn, ai point, aj lseg, ak box, al line, am path,
  an polygon, ao circle, ap mood, aq integer[], ar text[], as_ jsonb[], at int4range, au tstzrange, av int8multirange,
  aw positive, ax short, ay money, az xml, ba hstore, bb mood[], bc numeric(5,-2), bd daterange)
"""


def test_every_type_of_column_gets_values_that_the_server_takes(tmp_path, cluster):
    database = cluster.create_database()
    database.execute(EVERY_TYPE, user="postgres")
    database.execute("GRANT SELECT ON every_type TO app", user="postgres")
    names = [name for name, in database.rows("SELECT attname FROM pg_attribute WHERE attrelid = 'every_type'::regclass "
                                             "AND attnum > 0 ORDER BY attnum")]
    columns = "".join(f"      {name}: deep.{name}\n" for name in names)
    configuration = write_configuration(tmp_path, columns, table="every_type")
    finished = run("bench", "-c", configuration, "--no-queue", "--seconds", "1", "--format", "json",
                   environment=database.environment())
    assert finished.code == 0, finished.err
    told = json.loads(finished.out)
    assert told["transform"]["refused"] == []
    assert not [line for line in told["database"]["not_measured"] if "constraint" in line]
    assert told["database"]["writers"][0]["messages_per_second"] > 0


@pytest.mark.parametrize("name", ["documents", "fifo", "logins", "masks", "routes", "sns", "upsert"])
def test_every_example_is_measured_without_a_message(tmp_path, cluster, name):
    database = cluster.create_database()
    for extension in ("sql", "yaml"):
        source = CHECKOUT / "examples" / ("user_logins.sql" if (name, extension) == ("logins", "sql")
                                          else f"{name}.{extension}")
        (tmp_path / f"{name}.{extension}").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    database.run_file(tmp_path / f"{name}.sql")
    keys = tmp_path / "sqs2pg.keys"
    assert run("key", "new", "-o", keys).code == 0
    finished = run("bench", "-c", f"{name}.yaml", "--no-queue", "--seconds", "1", "--workers", "1", "--format", "json",
                   cwd=tmp_path, environment={"DATABASE_URL": database.socket_url()})
    assert finished.code == 0, finished.err
    told = json.loads(finished.out)
    assert told["transform"]["refused"] == [], told["transform"]
    assert told["binds"] and database.value(SCRATCH) == 0


def test_the_queue_is_asked_and_keeps_its_messages(rig):
    rig.configure()
    bodies = bodies_of(make_logins(5))
    rig.send(bodies)
    (rig.folder / "messages.jsonl").write_text("".join(body + "\n" for body in bodies))
    finished = run("bench", "-c", "sqs2pg.yaml", "--messages", "messages.jsonl", "--seconds", "1", "--format", "json",
                   cwd=rig.folder, environment=rig.environment)
    assert finished.code == 0, finished.err
    assert json.loads(finished.out)["queue"]["call"]["p50_ms"] > 0
    rig.drain()
    assert rig.database.value("SELECT count(*) FROM user_logins") == 5
