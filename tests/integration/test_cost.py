"""The requests that a pipeline makes, which are what SQS bills: docs/cost.md says how many, and this holds it to
that."""
import re
import time

from conftest import CHECKOUT
from logins import bodies_of, make_logins
from waiting import wait_until

MOST_POLLS = 64  # of a worker at a time
CONSUMING = ("ReceiveMessage", "DeleteMessageBatch", "ChangeMessageVisibilityBatch")


def requests_of(metrics):
    return {name: metrics.value("sqs2pg_sqs_requests_total", operation=name) for name in CONSUMING}


def settled_since(running, count):
    def settled():
        now = running.metrics()
        return now if now.settled("inserted") == count and now.in_flight() == 0 else None
    return wait_until(settled, f"{count} messages to be settled", 60)


def test_a_backlog_costs_a_fifth_of_a_request_a_message(rig):
    count = 3000
    rig.send(bodies_of(make_logins(count, seed=11)))
    rig.migrate()
    made = requests_of(settled_since(rig.start("--workers", "2"), count))
    # The polls that are open when the queue runs dry come back empty, once. Deletes go out in tens, a short last one a
    # transaction.
    assert count / 10 <= made["ReceiveMessage"] <= count / 10 * 1.1 + 2 * MOST_POLLS, made
    assert count / 10 <= made["DeleteMessageBatch"] <= count / 10 * 1.3 + 20, made
    assert made["ChangeMessageVisibilityBatch"] <= 5, made


def test_a_message_at_a_time_costs_two_requests(rig):
    rig.migrate()
    running = rig.start().wait_ready()
    for number in range(1, 11):
        rig.send(bodies_of(make_logins(1, seed=number)))
        settled = settled_since(running, number)
    made = requests_of(settled)
    empty = made["ReceiveMessage"] - 10
    assert made["DeleteMessageBatch"] == 10, made
    assert made["ChangeMessageVisibilityBatch"] == 0, made
    assert empty <= 10, f"long polls of a second that returned nothing: {empty}"


def test_an_idle_process_keeps_one_long_poll_however_many_workers_it_has(rig):
    rig.migrate()
    running = rig.start("--workers", "4").wait_ready()

    def polls():
        return running.metrics().value("sqs2pg_sqs_requests_total", operation="ReceiveMessage")
    wait_until(lambda: polls() >= 5, "the workers to have found the queue empty", 30)
    before, since = polls(), time.monotonic()
    made = wait_until(lambda: polls() - before >= 4 and polls() - before, "four long polls", 30)
    # One that was nearly over when the clock started, one that ended between two looks.
    assert made <= time.monotonic() - since + 2, "more than one long poll of a second at a time"


def test_the_arithmetic_of_the_page_is_right():
    page = (CHECKOUT / "docs" / "cost.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .*? \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| \$([\d.]+) \| \$([\d.]+) \|$", page, re.M)
    assert len(rows) >= 3, "the table of requests per million messages"
    for row in rows:
        receives, deletes, total = (int(figure.replace(",", "")) for figure in row[:3])
        assert receives + deletes == total, row
        assert f"{total * 0.40 / 1e6:.2f}" == row[3] and f"{total * 0.50 / 1e6:.2f}" == row[4], row
