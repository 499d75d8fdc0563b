"""What an operator sees: metrics, health, status and logs; and what nobody may see there: a value of a message."""
import json
import random
import re

import pytest
from logins import bodies_of, make_logins, malformed
from postgres_cluster import Cluster, scratch_folder
from program import OUTCOMES, encodings
from waiting import wait_until

COUNTERS = {"sqs2pg_messages_received", "sqs2pg_messages_settled", "sqs2pg_rows_written", "sqs2pg_dead_letters",
            "sqs2pg_sqs_requests", "sqs2pg_delete_failures"}
GAUGES = {"sqs2pg_messages_in_flight", "sqs2pg_paused", "sqs2pg_ledger_bytes"}
HISTOGRAMS = {"sqs2pg_batch_rows", "sqs2pg_transaction_seconds", "sqs2pg_lag_seconds", "sqs2pg_sqs_request_seconds"}


def test_metrics_have_the_names_types_and_labels_of_the_contract(rig):
    rig.send(bodies_of(make_logins(50)) + ["not json"])
    running = rig.start("--migrate").wait_ready()
    wait_until(lambda: running.metrics().settled("inserted") == 50, "50 rows")
    metrics = running.metrics()
    kinds = {name: family.type for name, family in metrics.families.items()}
    for names, kind in ((COUNTERS, "counter"), (GAUGES, "gauge"), (HISTOGRAMS, "histogram")):
        for name in names:
            assert kinds.get(name) == kind, f"{name}: {kinds.get(name)} instead of {kind}"
    assert metrics.value("sqs2pg_rows_written_total", pipeline="logins") == 50
    assert metrics.value("sqs2pg_dead_letters_total", pipeline="logins", reason="not_json") == 1
    assert metrics.value("sqs2pg_sqs_requests_total", operation="ReceiveMessage") > 0
    assert metrics.value("sqs2pg_lag_seconds_count") > 0
    assert all(family.documentation for family in metrics.families.values())
    assert {sample.labels["outcome"] for sample in metrics.samples
            if sample.name == "sqs2pg_messages_settled_total"} == set(OUTCOMES)
    assert running.stop() == 0


def test_conservation_holds_at_every_scrape_under_load(rig):
    rig.configure(pipeline="    max_batch_rows: 50\n    max_in_flight: 500\n")
    rig.migrate()
    rig.database.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM pg_sleep(0.02); RETURN NULL; END $$;"
        "CREATE TRIGGER slow AFTER INSERT ON user_logins FOR EACH STATEMENT EXECUTE FUNCTION slow()")
    generator = random.Random(4)
    bodies = bodies_of(make_logins(6000, seed=2)) + [malformed(generator)[1] for _ in range(60)]
    generator.shuffle(bodies)
    rig.send(bodies[:3000])
    running = rig.start("--workers", "2").wait_ready()
    rig.send(bodies[3000:4000])
    scrapes, moving = 0, 0

    def finished():
        nonlocal scrapes, moving
        metrics = running.metrics()
        assert metrics.conserved(), f"scrape {scrapes}: {metrics}"
        scrapes += 1
        moving += metrics.in_flight() > 0
        if scrapes == 3:
            rig.send(bodies[4000:])
        return scrapes > 3 and metrics.received() >= len(bodies) and metrics.in_flight() == 0
    wait_until(finished, "every message to be settled", 60, pause=0.001)
    assert scrapes > 20 and moving > 10, f"{scrapes} scrapes, {moving} of them under load"
    metrics = running.metrics()
    assert metrics.settled("inserted") == 6000 and metrics.settled("dead_lettered") == 60, metrics
    assert running.stop() == 0


def test_health_readiness_and_status(rig):
    rig.migrate()
    running = rig.start().wait_ready()
    assert running.get("/healthz")[0] == 200
    rig.send(bodies_of(make_logins(10)))
    wait_until(lambda: running.metrics().settled("inserted") == 10, "10 rows")
    text = json.dumps(running.status())
    assert "logins" in text and "inserted" in text and "version" in text
    assert running.get("/nothing")[0] == 404
    assert running.stop() == 0
    assert running.get("/healthz")[0] == 0


def test_the_ops_port_is_on_loopback_only(rig):
    rig.migrate()
    running = rig.start().wait_ready()
    port = int(running.ops.split(":")[1])
    with open("/proc/net/tcp", encoding="ascii") as table:
        listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
    assert f"0100007F:{port:04X}" in listening and f"00000000:{port:04X}" not in listening


def test_json_log_lines_are_json_and_text_lines_are_text(rig):
    rig.send(bodies_of(make_logins(5)) + ["x"])
    running = rig.start("--migrate").wait_ready()
    wait_until(lambda: rig.rows() == 5, "the rows")
    assert running.stop() == 0
    lines = [json.loads(line) for line in running.log().splitlines()]
    assert lines and all({"ts", "level"} <= set(line) for line in lines)
    second = rig.start(log="text").wait_ready()
    assert second.stop() == 0
    assert re.search(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z INFO ", second.log(), re.M), second.log()


def test_a_missing_table_while_running_pauses_and_nothing_is_lost(rig):
    rig.migrate()
    rig.configure(pipeline="    visibility_timeout: 10\n")
    rig.send(bodies_of(make_logins(100, seed=1)))
    running = rig.start().wait_ready()
    wait_until(lambda: rig.rows() == 100, "the first rows")
    rig.database.execute("ALTER TABLE user_logins RENAME TO elsewhere")
    rig.send(bodies_of(make_logins(100, seed=2)))
    wait_until(lambda: running.get("/readyz")[0] == 503, "/readyz to be 503", 40)
    assert running.metrics().value("sqs2pg_paused") >= 1 and running.get("/healthz")[0] == 200
    metrics = running.metrics()
    assert metrics.settled("dead_lettered") == 0 and metrics.settled("inserted") == 100 and metrics.conserved()
    rig.database.execute("ALTER TABLE elsewhere RENAME TO user_logins")
    wait_until(lambda: rig.rows() == 200 and running.get("/readyz")[0] == 200, "the pause to end by itself", 60)
    assert running.metrics().value("sqs2pg_paused") == 0
    assert running.stop() == 0
    assert rig.database.value("SELECT count(DISTINCT user_id) FROM user_logins") == 200 and rig.dead_letters() == {}


PLANTED = {"ip": "203.0.113.77", "device_id": "PLANTED-593-47-5928", "user_id": "PLANTED-user/é?=",
           "locale": "PLANTED-locale", "device_type": "PLANTED-device"}


@pytest.fixture(scope="module")
def discreet_cluster():
    """A PostgreSQL with the settings that docs/operations.md recommends."""
    server = Cluster({"log_error_verbosity": "terse", "log_min_error_statement": "panic",
                      "log_parameter_max_length_on_error": "0"}, scratch_folder()).start()
    yield server
    server.stop()


def planted_bodies():
    """Messages that go wrong in every way that the program or the server could talk about."""
    base = {"app_version": "1.2.3", **PLANTED}
    yield json.dumps(base)
    yield json.dumps({**base, "app_version": "PLANTED-version"})
    yield json.dumps({**base, "locale": "PLANTED-locale" * 10})
    yield json.dumps({**base, "device_type": "PLANTED-device\u0000"})
    yield json.dumps({**base, "user_id": None})
    yield json.dumps({**base, "user_id": {"PLANTED-user/é?=": 1}})
    yield json.dumps(base)[:-1]
    yield json.dumps({"foo": "PLANTED-user/é?=", "PLANTED-locale": 1})
    yield "PLANTED-locale " + json.dumps(base)
    yield json.dumps(base)  # breaks the unique index
    yield json.dumps({**base, "user_id": "refused", "device_type": "PLANTED-check"})  # breaks the check


def test_no_planted_value_is_anywhere_but_in_the_columns_meant_for_it(queue, discreet_cluster, rig_of):
    from conftest import logins_database
    rig = rig_of(queue, logins_database(discreet_cluster))
    rig.database.execute("CREATE UNIQUE INDEX ON user_logins (user_id, locale);"
                         "ALTER TABLE user_logins ADD CHECK (device_type <> 'PLANTED-check')")
    rig.migrate()
    bodies = list(planted_bodies())
    rig.send(bodies)
    running = rig.start("--log-level", "debug").wait_ready()
    wait_until(lambda: running.metrics().received() >= len(bodies) and running.metrics().in_flight() == 0,
               "every message to be settled", 40)
    seen = {"metrics": running.get("/metrics")[1], "status": running.get("/status")[1], "index": running.get("/")[1],
            "readyz": running.get("/readyz")[1]}
    assert running.stop() == 0
    second = rig.start(log="text")
    assert second.wait_ready().stop() == 0
    seen["log"] = running.log() + second.log()
    seen["server log"] = discreet_cluster.log.read_text(errors="replace")
    seen["dead letters"] = "\n".join(row[0] for row in rig.database.rows(
        "SELECT to_jsonb(d)::text FROM (SELECT * FROM sqs2pg.dead_letter) d"))
    seen["sealed"] = "".join(bytes(row[0]).decode("latin-1") for row in
                             rig.database.rows("SELECT sealed FROM sqs2pg.dead_letter"))
    seen["masked"] = str(rig.database.rows("SELECT masked_ip, masked_device_id FROM user_logins"))
    assert rig.rows() == 1 and sum(rig.dead_letters().values()) == len(bodies) - 1, rig.dead_letters()
    for value in [*PLANTED.values(), "PLANTED", "PLANTED-version", "PLANTED-check"]:
        for spelling in encodings(value):
            for place, text in seen.items():
                assert spelling not in text, f"{spelling!r} stands in {place}"
