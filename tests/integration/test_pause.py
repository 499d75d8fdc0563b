"""Pauses through the database: an operator's and the brake's, obeyed by every process, remembered, and shown."""
import json
import time

from logins import bodies_of, make_logins
from program import run
from waiting import wait_until

PROMISE = 5.0  # seconds until every process obeys


def ask(rig, *arguments, code=0):
    finished = run(*arguments, "-c", rig.configuration, environment=rig.environment)
    assert finished.code == code, finished.out + finished.err
    return finished.out if code == 0 else finished.err


def overview(rig):
    return json.loads(ask(rig, "status", "--format", "json"))


def pipeline_of(rig):
    return overview(rig)["pipelines"][0]


def is_paused(running, cause):
    return running.metrics().value("sqs2pg_paused", cause=cause) == 1


def test_a_pause_is_obeyed_by_both_processes_within_five_seconds_and_ended_by_resume(rig):
    rig.configure(long_poll=10)
    rig.migrate()
    both = [rig.start("--workers", "1").wait_ready() for _ in range(2)]
    rig.send(bodies_of(make_logins(200, seed=1)))
    wait_until(lambda: rig.rows() == 200, "the first rows")
    wait_until(lambda: len(pipeline_of(rig)["processes"]) == 2, "both processes to be known", 15)

    told_at = time.monotonic()
    said = ask(rig, "pause", "logins", "--reason", "for the move of the table")
    assert "2 processes on 1 machine obey within 5 seconds" in said
    assert f"`sqs2pg resume logins -c {rig.configuration}` ends it" in said
    for running in both:
        wait_until(lambda running=running: is_paused(running, "operator"), "the pause", PROMISE)
    time.sleep(max(0.0, told_at + PROMISE - time.monotonic()))
    rig.send(bodies_of(make_logins(50, seed=2)))
    for running in both:
        code, why = running.get("/readyz")
        assert code == 503 and "for the move of the table" in why and "sqs2pg resume logins -c" in why
        paused = running.status()["pipelines"][0]["paused"]
        assert paused["cause"] == "operator" and "sqs2pg resume logins" in paused["how_to_end"]
    # Longer than the long poll that was open when the pause came: what it brought went back.
    wait_until(lambda: time.monotonic() > told_at + 12, "the open polls to have ended", 20)
    assert rig.rows() == 200
    wait_until(lambda: rig.depth()[:2] == (50, 0), "everything to be in the queue", 15)
    for running in both:
        assert running.log().count('"event":"paused"') == 1
        assert running.metrics().in_flight() == 0 and running.metrics().conserved()

    ask(rig, "resume", "logins")
    wait_until(lambda: rig.rows() == 250, "the rest after the resume", PROMISE + 10)
    for running in both:
        wait_until(lambda running=running: running.get("/readyz")[0] == 200, "/readyz to be 200 again", PROMISE)
        assert running.stop() == 0
    assert pipeline_of(rig)["processes"] == [], "who ended in order is not listed"


def test_the_brake_of_one_process_holds_the_other_and_a_restart_until_the_resume(rig):
    rig.migrate()
    idle = rig.start("--workers", "1").wait_ready()
    wait_until(lambda: len(pipeline_of(rig)["processes"]) == 1, "the process to be known", 15)
    ask(rig, "pause", "logins")
    wait_until(lambda: is_paused(idle, "operator"), "the pause", PROMISE)
    ask(rig, "resume", "logins")
    rig.send(["{\"wrong\": %d}" % number for number in range(300)])
    wait_until(lambda: is_paused(idle, "brake"), "the brake", 20)
    other = rig.start("--workers", "2")
    wait_until(lambda: is_paused(other, "brake"), "the other process to hold", 20)

    shown = pipeline_of(rig)
    assert shown["state"] == "paused" and shown["paused"]["cause"] == "brake"
    assert "missing_field" in shown["paused"]["detail"] and "of the last" in shown["paused"]["detail"]
    assert shown["paused"]["how_to_end"] == f"sqs2pg resume logins -c {rig.configuration}"
    letters = sum(rig.dead_letters().values())
    assert letters <= 40, "a wrong mapping must not turn the queue into dead letters"
    wait_until(lambda: rig.depth()[:2] == (300 - letters, 0), "the rest to be in the queue", 20)
    assert other.metrics().received() == 0
    for running in (idle, other):
        assert running.stop() == 0

    drained = rig.run("--drain")
    assert drained.code == 1, drained.err
    assert f"sqs2pg resume logins -c {rig.configuration}" in drained.err
    assert rig.depth()[0] == 300 - letters

    rig.configure(pipeline="    brake: off\n")
    ask(rig, "resume", "logins")
    rig.drain()
    assert rig.dead_letters() == {"missing_field": 300}


def test_a_pause_is_remembered_although_no_process_runs_and_ends_a_drain_that_names_it(rig):
    rig.migrate()
    rig.send(bodies_of(make_logins(10, seed=3)))
    assert "no process runs it at present" in ask(rig, "pause", "logins")
    drained = rig.run("--drain")
    assert drained.code == 1
    assert f"sqs2pg resume logins -c {rig.configuration}" in drained.err
    assert rig.rows() == 0 and rig.depth() == (10, 0, 0)
    ask(rig, "resume", "logins")
    rig.drain()
    assert rig.rows() == 10


def test_status_shows_processes_pauses_and_dead_letters_as_text_and_json(rig):
    rig.migrate()
    empty = ask(rig, "status")
    assert "logins: not running" in empty and "ledger: " in empty
    running = rig.start("--workers", "2").wait_ready()
    rig.send(bodies_of(make_logins(20, seed=4)) + ["not json"] * 3)
    wait_until(lambda: rig.dead_letters() == {"not_json": 3}, "the dead letters")
    process = wait_until(lambda: next((one for one in pipeline_of(rig)["processes"] if one["settled"] == 23), None),
                         "the process to tell of its work", 20)
    assert process["pid"] == running.pid and process["workers"] == 2 and process["state"] == "running"
    assert process["received"] == 23 and process["dead_lettered"] == 3 and process["in_flight"] == 0
    shown = pipeline_of(rig)
    assert shown["state"] == "running" and shown["paused"] is None
    assert shown["dead_letters"] == {"last_hour": {"not_json": 3}, "last_day": {"not_json": 3}}
    assert overview(rig)["ledger_bytes"] > 0
    text = ask(rig, "status")
    assert "logins: running" in text and f"pid {running.pid}, 2 workers" in text
    assert "dead letters: 3 in the last hour, 3 in the last day (not_json 3)" in text

    rig.database.execute("ALTER TABLE user_logins RENAME TO elsewhere")
    rig.send(bodies_of(make_logins(5, seed=5)))
    own = wait_until(lambda: next((one for one in pipeline_of(rig)["processes"] if one["state"] == "paused"), None),
                     "the process's own pause", 20)
    assert own["paused_cause"] == "42P01" and f"sqs2pg resume logins -c {rig.configuration}" in own["how_to_end"]
    rig.database.execute("ALTER TABLE elsewhere RENAME TO user_logins")
    assert "looks at again" in ask(rig, "resume", "logins")
    wait_until(lambda: rig.rows() == 25, "the rows after the resume", PROMISE)


def test_what_cannot_be_paused_is_told_in_one_sentence(rig):
    refused = ask(rig, "status", code=2)
    assert "run `sqs2pg migrate" in refused and refused.count("\n") == 1
    rig.migrate()
    refused = ask(rig, "pause", "login", code=2)
    assert "has no pipeline login; did you mean logins?" in refused
    refused = ask(rig, "pause", "logins", "--reason", "two\nlines", code=2)
    assert "--reason is one line" in refused
    environment = {**rig.environment, "PGPORT": "1"}
    finished = run("pause", "logins", "-c", rig.configuration, environment=environment)
    assert finished.code == 1 and finished.err.startswith("sqs2pg pause: ") and finished.err.count("\n") == 1
