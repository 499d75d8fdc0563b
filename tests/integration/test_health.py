"""`sqs2pg health`: what a container engine learns of a running process, and of one that is not there."""
import re

from postgres_cluster import free_port
from program import run
from waiting import wait_until


def test_a_running_process_is_well_and_ready(rig):
    rig.migrate()
    running = rig.start().wait_ready()
    for asked in (["health"], ["health", "--ready"]):
        finished = run(*asked, "--ops", running.ops)
        assert finished.code == 0, finished.err
        assert finished.out.startswith(running.ops) and finished.err == ""


def not_ready(running):
    finished = run("health", "--ready", "--ops", running.ops)
    return finished.err if finished.code == 1 else ""


def test_a_paused_process_is_well_but_not_ready_and_says_why(rig):
    rig.migrate()
    running = rig.start().wait_ready()
    paused = run("pause", "logins", "-c", rig.configuration, environment=rig.environment)
    assert paused.code == 0, paused.err
    refused = wait_until(lambda: not_ready(running), "the pause to be heard of")
    assert "logins" in refused and "503" in refused
    assert run("health", "--ops", running.ops).code == 0


def test_nobody_there_is_one_sentence_and_1():
    finished = run("health", "--ops", f"127.0.0.1:{free_port()}")
    assert finished.code == 1 and finished.out == ""
    assert finished.err.count("\n") == 1 and "nothing listens on" in finished.err


def test_the_embedded_queue_is_asked_the_same_way(queue):
    finished = run("health", "--ops", queue.url.removeprefix("http://"))
    assert finished.code == 0 and "ok" in finished.out, finished.err


def test_an_address_that_is_none_is_usage():
    for wrong in ("9464", "off", "127.0.0.1:0"):
        finished = run("health", "--ops", wrong)
        assert finished.code == 2 and "HOST:PORT" in finished.err


def test_a_rate_of_send_is_kept(queue):
    finished = run("send", "--queue", "login-queue", "--generate", "logins", "--count", "30", "--rate", "50",
                   environment=queue.environment())
    assert finished.code == 0, finished.err
    seconds = float(re.search(r" in ([0-9.]+) s", finished.err)[1])
    assert seconds >= 0.39, finished.err  # the first ten go at once
