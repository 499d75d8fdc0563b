"""`sqs2pg bench`: a verdict from scratch tables; nothing of the user's changes, and nothing is left behind."""
import json
import signal
import subprocess
import time

import pytest
from logins import bodies_of, make_logins
from postgres_cluster import PASSWORD
from program import BINARY, run, write_configuration
from slow_line import SlowLine
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


def queues(client):
    return client.list_queues().get("QueueUrls") or []


def test_a_scratch_queue_is_measured_and_deleted(rig):
    rig.send(bodies_of(make_logins(5)))
    before = queues(rig.client)
    finished = run("bench", "-c", "sqs2pg.yaml", "--scratch-queue", "--workers", "1", "--seconds", "4", "--format",
                   "json", cwd=rig.folder, environment=rig.environment)
    assert finished.code == 0, finished.err
    told = json.loads(finished.out)
    assert told["queue"]["messages_per_second"] > 0 and told["queue"]["delete"]["calls"] > 0
    part = next(part for part in told["parts"] if part["part"] == "queue")
    assert not part["estimated"] and part["messages_per_second"] == told["queue"]["messages_per_second"]
    assert queues(rig.client) == before
    assert rig.depth()[0] == 5


@pytest.mark.parametrize("operation", ["CreateQueue", "SendMessageBatch", "ReceiveMessage"])
def test_ctrl_c_deletes_the_scratch_queue(rig, operation):
    before = queues(rig.client)
    rig.server.fault(operation, "delay", ms=1500)
    command = ["bench", "-c", rig.configuration, "--scratch-queue", "--workers", "1", "--seconds", "6", "--format",
               "json"]
    code, out, errors, took = interrupted(command, rig.environment, lambda: rig.server.fired(operation) > 0)
    assert code == 1 and "stopped by a signal" in errors, errors
    assert took < 5
    told = json.loads(out)
    assert told["stopped"] and told["database"]["writers"] and told["queue"]["call"]["calls"] > 0
    assert queues(rig.client) == before


def test_a_scratch_queue_that_may_not_be_made_leaves_the_rest_told(rig):
    rig.server.fault("CreateQueue", "access_denied")
    finished = run("bench", "-c", rig.configuration, "--scratch-queue", "--workers", "1", "--seconds", "1",
                   environment=rig.environment)
    assert finished.code == 2 and "CreateQueue" in finished.err and "could not be deleted" not in finished.err
    assert "writer, 1 connection" in finished.out
    rig.server.fault("GetQueueAttributes", "access_denied")
    finished = run("bench", "-c", rig.configuration, "--workers", "1", "--seconds", "1", environment=rig.environment)
    assert finished.code == 2 and "--no-queue leaves" in finished.err


def test_messages_of_the_queue_are_looked_at_and_released(rig):
    rig.send(bodies_of(make_logins(20)))
    finished = run("bench", "-c", rig.configuration, "--peek", "15", "--workers", "1", "--seconds", "1", "--format",
                   "json", environment=rig.environment)
    assert finished.code == 0, finished.err
    transform = json.loads(finished.out)["transform"]
    assert (transform["source"], transform["messages"]) == ("queue", 15)
    wait_until(lambda: rig.depth()[0] == 20, "the messages to be there again")


def test_a_slow_line_is_told_as_the_network_and_its_round_trips_are_counted(tmp_path, database):
    configuration = write_configuration(tmp_path)
    with SlowLine(database.cluster.port, 0.02) as line:
        environment = {**database.environment(), "PGHOST": "127.0.0.1", "PGPORT": str(line.port),
                       "PGPASSWORD": PASSWORD}
        finished = run("bench", "-c", configuration, "--no-queue", "--workers", "1", "--seconds", "5", "--format",
                       "json", environment=environment)
    assert finished.code == 0, finished.err
    told = json.loads(finished.out)
    writer = told["database"]["writers"][0]
    assert told["database"]["round_trip"]["p50_ms"] > 35
    assert told["binds"] == "network" and "availability zone" in " ".join(told["changes"])
    assert 2.5 < writer["round_trips"] < 8 and writer["network_ms"] > writer["transaction_ms"] / 2


def test_connections_stay_within_max_connections_and_what_the_server_has(tmp_path, database):
    configuration = write_configuration(tmp_path, head="max_connections: 3")
    finished = run("bench", "-c", configuration, "--no-queue", "--workers", "4", "--seconds", "1", "--format", "json",
                   environment=database.environment())
    assert finished.code == 0, finished.err
    told = json.loads(finished.out)["database"]
    assert [one["connections"] for one in told["writers"]] == [1, 2] and "max_connections" in told["not_measured"][0]

    database.execute("CREATE ROLE bench_few LOGIN CONNECTION LIMIT 4", user="postgres")
    try:
        database.execute("GRANT app TO bench_few", user="postgres")
        configuration = write_configuration(tmp_path)
        finished = run("bench", "-c", configuration, "--no-queue", "--workers", "8", "--seconds", "1", "--format",
                       "json", environment={**database.environment(), "PGUSER": "bench_few"})
        assert finished.code == 0, finished.err
        told = json.loads(finished.out)["database"]
        assert [one["connections"] for one in told["writers"]] == [1, 3]
        assert "no more for this role" in told["not_measured"][0]
        assert database.value(SCRATCH) == 0
    finally:
        database.execute("DROP ROLE bench_few", user="postgres")


def test_constraints_that_invented_rows_cannot_know_are_taken_off_and_told(tmp_path, database):
    database.execute("ALTER TABLE user_logins ADD CONSTRAINT known_device CHECK (device_type IN ('ios', 'android'))")
    configuration = write_configuration(tmp_path)
    command = ["bench", "-c", configuration, "--no-queue", "--workers", "1", "--seconds", "1", "--format", "json"]
    finished = run(*command, environment=database.environment())
    assert finished.code == 0, finished.err
    assert any("1 constraint" in one for one in json.loads(finished.out)["database"]["not_measured"])


def test_no_value_of_a_message_is_told_whatever_goes_wrong(tmp_path, database):
    database.execute("ALTER TABLE user_logins ADD CONSTRAINT known_device CHECK (device_type IN ('ios', 'android'))")
    configuration = write_configuration(tmp_path)
    login = json.loads(bodies_of(make_logins(1))[0])
    good = {**login, "device_type": "ios", "locale": "zzsecret1"}
    bad = {**good, "app_version": "zzsecret2"}
    refused = {**good, "device_type": "zzsecret3"}
    path = tmp_path / "messages.jsonl"
    command = ["bench", "-c", configuration, "--no-queue", "--workers", "1", "--seconds", "1", "--messages", path]
    path.write_text("".join(json.dumps(body) + "\n" for body in [good, bad]) + "zzsecret4\n")
    for extra in ([], ["--format", "json"]):
        finished = run(*command, *extra, environment=database.environment())
        assert finished.code == 0, finished.err
        assert "wrong_type" in finished.out and "not_json" in finished.out
        assert "zzsecret" not in finished.out + finished.err
    path.write_text(json.dumps(refused) + "\n")
    finished = run(*command, environment=database.environment())
    assert finished.code == 2 and "known_device" in finished.err and "preview" in finished.err
    assert "zzsecret" not in finished.out + finished.err
    path.write_text("zzsecret5\n")
    finished = run(*command, environment=database.environment())
    assert finished.code == 2 and "not_json" in finished.err and "zzsecret" not in finished.err
    assert database.value(SCRATCH) == 0


def test_help_completion_and_manual_know_the_options():
    told = run("bench", "--help").out
    page = run("man", "bench").out.replace("\\-", "-")
    script = run("completion", "bash").out
    for option in ("--scratch-queue", "--peek", "--workers", "--seconds", "--no-queue", "--messages"):
        assert option in told and option in page and option in script
    assert "sqs:DeleteQueue" in told and "GetQueueAttributes" in told
    assert run("bench", "-c", "x.yaml", "--no-queue", "--scratch-queue").code == 2
