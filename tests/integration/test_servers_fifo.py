"""FIFO queues on every SQS server of compatibility.py: groups, sequence numbers, deduplication, receipt handles, and
the pipeline's promise that rows stand in each group's order."""
import json
import time

import pytest
from botocore.exceptions import ClientError
from queue_proxy import QueueProxy
from sqs_servers import depth
from test_logins import expect_logins
from waiting import wait_until

shows = pytest.mark.shows
GROUPS = ("red", "green", "blue")
TABLE = "place bigint GENERATED ALWAYS AS IDENTITY, tenant text NOT NULL, number integer NOT NULL, sequence numeric"
COLUMNS = "      tenant: $group_id\n      number: number\n      sequence: $sequence_number\n"


def send(shown, url, bodies_and_groups, first=0):
    """One after the other; the deduplication id is the place in the list. Returns the replies."""
    return [shown.client.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group,
                                      MessageDeduplicationId=f"{first + place}")
            for place, (body, group) in enumerate(bodies_and_groups)]


def bodies(messages):
    return [message["Body"] for message in messages]


@shows("fifo-dedup")
def test_a_deduplication_id_sent_twice_is_one_message(shown):
    _, url = shown.make_queue()
    first, again = send(shown, url, [("first", "g")])[0], send(shown, url, [("second", "g")])[0]
    assert (first["MessageId"] == again["MessageId"]) == (not shown.deviates)
    assert bodies(shown.receive(url)) == ["first"] and depth(shown.client, url) == (0, 1, 0)


@shows("fifo-content")
def test_a_body_sent_twice_is_one_message_where_the_queue_says_so(shown):
    _, url = shown.make_queue(ContentBasedDeduplication="true")
    for body in ("same", "same", "other"):
        shown.client.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")
    assert depth(shown.client, url) == (2, 0, 0)


@shows("fifo-sequence")
def test_sequence_numbers_rise(shown):
    _, url = shown.make_queue()
    sent = [int(reply["SequenceNumber"]) for reply in send(shown, url, [(str(n), GROUPS[n % 3]) for n in range(12)])]
    assert (sent == sorted(set(sent))) == (not shown.deviates)
    first = shown.receive(url)[0]
    assert int(first["Attributes"]["SequenceNumber"]) == sent[int(first["Body"])]


@shows("fifo-blocks")
def test_a_message_in_flight_blocks_its_group_only(shown):
    _, url = shown.make_queue()
    send(shown, url, [("a1", "a"), ("b1", "b"), ("a2", "a")])
    held = shown.receive(url)[0]
    assert (held["Body"], held["Attributes"]["MessageGroupId"]) == ("a1", "a")
    other = shown.receive(url)[0]
    assert other["Body"] == "b1" and shown.nothing_comes(url)
    shown.client.delete_message(QueueUrl=url, ReceiptHandle=held["ReceiptHandle"])
    assert bodies(shown.receive(url)) == ["a2"]


@shows("fifo-batch")
def test_one_receive_brings_several_messages_of_a_group_in_order(shown):
    _, url = shown.make_queue()
    send(shown, url, [(f"a{n}", "a") for n in range(5)])
    came = bodies(shown.client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"])
    assert came == (["a0"] if shown.deviates else ["a0", "a1", "a2", "a3", "a4"])


@shows("fifo-attempt")
def test_an_attempt_id_repeats_a_receive(shown):
    _, url = shown.make_queue()
    send(shown, url, [("a1", "a"), ("b1", "b")])
    lost = {"QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 60, "ReceiveRequestAttemptId": "attempt-1"}
    first = shown.client.receive_message(**lost).get("Messages", [])
    again = shown.client.receive_message(**lost).get("Messages") or []
    assert sorted(bodies(first)) == ["a1", "b1"]
    assert sorted(bodies(again)) == ([] if shown.deviates else ["a1", "b1"])


@shows("fifo-expired")
def test_an_expired_handle_is_refused(shown):
    _, url = shown.make_queue()
    send(shown, url, [("x", "g")])
    handle = shown.receive(url, VisibilityTimeout=1)[0]["ReceiptHandle"]
    received = time.monotonic()
    wait_until(lambda: time.monotonic() > received + 1.5, "the visibility to end", 10)
    answer = shown.client.delete_message_batch(QueueUrl=url, Entries=[{"Id": "late", "ReceiptHandle": handle}])
    assert [entry["Id"] for entry in answer.get("Failed", [])] == ([] if shown.deviates else ["late"])
    if shown.deviates:
        assert depth(shown.client, url) == (0, 0, 0)
    else:
        assert bodies(shown.receive(url)) == ["x"]


@shows("fifo-redrive")
def test_a_dead_letter_queue_of_a_fifo_queue_is_fifo(shown):
    _, letters = shown.make_queue()
    _, plain = shown.make_queue(fifo=False)
    _, url = shown.make_queue(RedrivePolicy=json.dumps(
        {"deadLetterTargetArn": shown.arn(letters), "maxReceiveCount": 1}))
    send(shown, url, [("a1", "a"), ("a2", "a")])
    for body in ("a1", "a2"):
        message = shown.receive(url)[0]
        assert message["Body"] == body
        shown.let_go(url, message)
    assert shown.nothing_comes(url, 1)
    for body in ("a1", "a2"):
        message = shown.receive(letters)[0]
        assert message["Body"] == body
        shown.client.delete_message(QueueUrl=letters, ReceiptHandle=message["ReceiptHandle"])
    policy = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": shown.arn(plain), "maxReceiveCount": 1})}
    if shown.deviates:
        shown.make_queue(**policy)
    else:
        with pytest.raises(ClientError):
            shown.make_queue(**policy)


@pytest.fixture
def ordered(peer):
    peer.database.execute(f"CREATE TABLE things ({TABLE})")
    # Where the server deviates, concurrent receives split a group: one at a time then.
    one_poll = "    max_polls: 1\n" if peer.shown.deviates else ""
    peer.configure(COLUMNS, table="things", pipeline=one_poll)
    peer.workers = ("--workers", "1" if peer.shown.deviates else "2")
    return peer


def numbered(count, first=0):
    return [(json.dumps({"number": first + n}), GROUPS[n % 3]) for n in range(count)]


def expect_order(rig, count):
    """Each message once, and each group's rows in the order in which they were sent. Returns the rows."""
    rows = rig.database.rows("SELECT tenant, number, sequence FROM things ORDER BY place")
    assert sorted(number for _, number, _ in rows) == list(range(count))
    for group in GROUPS:
        numbers = [number for tenant, number, _ in rows if tenant == group]
        assert numbers == sorted(numbers), group
    return rows


@shows("fifo-logins")
def test_real_logins_through_a_fifo_queue(peer, logins_file):
    lines = logins_file.read_text(encoding="utf-8").splitlines()
    send(peer.shown, peer.queue_url, [(body, f"g{place % 7}") for place, body in enumerate(lines)])
    peer.drain()
    expect_logins(peer.database, lines)
    assert peer.depth() == (0, 0, 0)


@shows("fifo-order")
def test_rows_stand_in_each_group_s_order(ordered):
    send(ordered.shown, ordered.queue_url, numbered(45))
    ordered.drain(*ordered.workers)
    rows = expect_order(ordered, 45)
    assert len({sequence for *_, sequence in rows}) == 45 and ordered.depth() == (0, 0, 0)


@shows("fifo-again")
def test_killed_and_redelivered_each_group_keeps_its_order(ordered):
    ordered.migrate()
    with QueueProxy(ordered.shown.server) as proxy:
        proxy.refused.add("DeleteMessageBatch")
        first = ordered.start(*ordered.workers, environment=proxy.environment())
        send(ordered.shown, ordered.queue_url, numbered(9))
        wait_until(lambda: ordered.database.value("SELECT count(DISTINCT tenant) FROM things") == 3,
                   "rows of each group")
        first.kill()
        for handle in proxy.handles:
            ordered.client.change_message_visibility(QueueUrl=ordered.queue_url, ReceiptHandle=handle,
                                                     VisibilityTimeout=0)
    send(ordered.shown, ordered.queue_url, numbered(9, 9), 9)
    second = ordered.start(*ordered.workers)
    wait_until(lambda: ordered.depth() == (0, 0, 0), "an empty queue", 40)
    wait_until(lambda: second.metrics().settled("duplicate") >= 3, "ledger hits")
    assert second.stop() == 0
    expect_order(ordered, 18)


@shows("fifo-bad")
def test_a_bad_message_is_one_dead_letter_and_its_group_goes_on_in_order(ordered):
    messages = numbered(18)
    messages[7] = ('{"number": "seven"}', GROUPS[7 % 3])
    send(ordered.shown, ordered.queue_url, messages)
    ordered.drain(*ordered.workers)
    assert ordered.dead_letters() == {"wrong_type": 1} and ordered.depth() == (0, 0, 0)
    for group in range(3):
        found = ordered.database.rows("SELECT number FROM things WHERE tenant = %s ORDER BY place", [GROUPS[group]])
        assert [row[0] for row in found] == [number for number in range(group, 18, 3) if number != 7]


@shows("fifo-two")
def test_two_processes_share_a_fifo_queue_in_each_group_s_order(ordered):
    ordered.migrate()
    running = [ordered.start(), ordered.start()]
    send(ordered.shown, ordered.queue_url, numbered(36))
    wait_until(lambda: ordered.database.value("SELECT count(*) FROM things") == 36 and ordered.depth() == (0, 0, 0),
               "36 rows and an empty queue", 60)
    assert [process.stop() for process in running] == [0, 0]
    if ordered.shown.deviates:
        assert ordered.database.value("SELECT count(DISTINCT number) FROM things") == 36
    else:
        expect_order(ordered, 36)
