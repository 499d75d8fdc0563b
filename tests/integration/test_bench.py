"""`sqs2pg bench`: a verdict from scratch tables; nothing of the user's changes, and nothing is left behind."""
import json
import signal
import subprocess

import pytest
from logins import bodies_of, make_logins
from program import BINARY, run, write_configuration
from sqs_servers import plain_environment
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
    assert told["messages"] == 3000 and told["sink_per_second"] > 0 and told["transform_per_second"] > 0
    assert told["binds"] in ("worker", "network", "disk", "postgresql") and told["change"]
    assert bench.database.value("SELECT count(*) FROM user_logins") == 0
    assert bench.database.value(SCRATCH) == 0


def test_ctrl_c_drops_the_scratch_schema(bench):
    process = subprocess.Popen([str(word) for word in [BINARY, *bench("--seconds", "60")]], stderr=subprocess.PIPE,
                               text=True, env=plain_environment(**bench.database.environment()))
    try:
        wait_until(lambda: bench.database.value(SCRATCH) == 1, "the scratch schema")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 1 and "stopped by a signal" in errors
    assert bench.database.value(SCRATCH) == 0


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


def test_the_queue_is_asked_and_keeps_its_messages(rig):
    rig.configure()
    bodies = bodies_of(make_logins(5))
    rig.send(bodies)
    (rig.folder / "messages.jsonl").write_text("".join(body + "\n" for body in bodies))
    finished = run("bench", "-c", "sqs2pg.yaml", "--messages", "messages.jsonl", "--seconds", "1", "--format", "json",
                   cwd=rig.folder, environment=rig.environment)
    assert finished.code == 0, finished.err
    assert json.loads(finished.out)["queue_call"]["p50_ms"] > 0
    rig.drain()
    assert rig.database.value("SELECT count(*) FROM user_logins") == 5
