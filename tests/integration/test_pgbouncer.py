"""Behind pgbouncer in transaction mode: nothing that is promised depends on keeping the same backend."""
import json

import pytest
from conftest import logins_database
from logins import bodies_of, make_logins
from pgbouncer import Bouncer
from program import run
from sqs_servers import CHECKOUT
from waiting import wait_until


@pytest.fixture
def bounced(queue, cluster, rig_of):
    database = logins_database(cluster)
    bouncer = Bouncer(database).start()
    rig = rig_of(queue, database)
    rig.bouncer = bouncer
    rig.environment = {**queue.environment(), "DATABASE_URL": bouncer.url()}
    rig.configure(head="postgres:\n  url: ${DATABASE_URL}\n")
    yield rig
    bouncer.stop()


def test_rows_are_written_once_with_more_workers_than_backends(bounced):
    bounced.migrate()
    bounced.send(bodies_of(make_logins(3000, seed=21)) + ["not json"])
    bounced.drain("--workers", "5")
    assert bounced.rows() == 3000
    assert bounced.database.value("SELECT count(DISTINCT user_id) FROM user_logins") == 3000
    assert bounced.dead_letters() == {"not_json": 1}
    assert bounced.depth() == (0, 0, 0)
    assert 1 < bounced.bouncer.backends() <= 3


def test_check_and_operators_commands_work_through_it(bounced):
    bounced.migrate()
    check = run("check", "-c", bounced.configuration, environment=bounced.environment)
    assert check.code == 0, check.out + check.err
    running = bounced.start("--workers", "2").wait_ready()
    paused = run("pause", "logins", "-c", bounced.configuration, environment=bounced.environment)
    assert paused.code == 0, paused.err
    wait_until(lambda: running.metrics().value("sqs2pg_paused", cause="operator") == 1, "the pause", 6)
    bounced.send(bodies_of(make_logins(20, seed=22)))
    resumed = run("resume", "logins", "-c", bounced.configuration, environment=bounced.environment)
    assert resumed.code == 0, resumed.err
    wait_until(lambda: bounced.rows() == 20, "the rows after the resume", 20)
    status = run("status", "-c", bounced.configuration, "--format", "json", environment=bounced.environment)
    assert status.code == 0 and json.loads(status.out)["pipelines"][0]["processes"], status.out + status.err


def test_upserts_find_their_staging_table_on_every_backend(bounced):
    bounced.database.run_file(CHECKOUT / "examples" / "upsert.sql")
    bounced.configuration = bounced.folder / "upsert.yaml"
    bounced.configuration.write_text((CHECKOUT / "examples" / "upsert.yaml").read_text(encoding="utf-8"),
                                     encoding="utf-8")
    (bounced.folder / "sqs2pg.keys").write_bytes((bounced.folder / "keys.yaml").read_bytes())
    (bounced.folder / "sqs2pg.keys").chmod(0o600)
    bounced.queue_url = bounced.client.create_queue(QueueName="device-queue")["QueueUrl"]
    bounced.send([json.dumps({"device": f"d{number % 50}", "version": number, "state": "on"})
                  for number in range(2000)])
    bounced.drain("--workers", "4")
    assert bounced.database.rows("SELECT count(*), min(version), max(version) FROM device_state") == [(50, 1950, 1999)]


def test_a_pooler_that_dies_under_load_costs_time_only(bounced):
    bounced.migrate()
    bounced.send(bodies_of(make_logins(4000, seed=23)))
    running = bounced.start("--workers", "2")
    wait_until(lambda: bounced.rows() > 0, "rows to come")
    bounced.bouncer.kill()
    bounced.bouncer.start()
    wait_until(lambda: running.metrics().settled("inserted") + running.metrics().settled("duplicate") >= 4000,
               "the rest", 60)
    assert running.stop() == 0
    assert bounced.rows() == 4000
    assert bounced.depth() == (0, 0, 0)


def test_bench_measures_through_it_and_leaves_nothing(bounced):
    finished = run("bench", "-c", bounced.configuration, "--workers", "2", "--seconds", "1", "--format", "json",
                   environment=bounced.environment)
    assert finished.code == 0, finished.err
    told = json.loads(finished.out)
    assert told["binds"] and [one["connections"] for one in told["database"]["writers"]] == [1, 2]
    assert all(one["looks"] > 0 for one in told["database"]["writers"])
    assert bounced.database.value("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'sqs2pg_bench_%'") == 0
