"""The pipeline against every SQS server of compatibility.py: what becomes of messages, deliveries and interruptions."""
import json
import time
import uuid

import pytest
from conftest import logins_database
from logins import bodies_of, make_logins
from program import run
from queue_proxy import QueueProxy
from shown import Shown
from test_logins import expect_logins, expect_tokens_follow_values
from waiting import wait_until

shows = pytest.mark.shows
HELD = 5


@shows("logins")
def test_real_logins_become_99_rows_and_one_dead_letter(peer, logins_file):
    bodies = logins_file.read_text(encoding="utf-8").splitlines()
    peer.send(bodies)
    peer.drain()
    expect_logins(peer.database, bodies)
    assert peer.depth() == (0, 0, 0)


@shows("queue-url")
def test_a_queue_named_by_its_url_is_the_same_queue(peer):
    peer.configure(queue=peer.queue_url)
    peer.send(bodies_of(make_logins(3)))
    peer.drain()
    assert peer.rows() == 3 and peer.depth() == (0, 0, 0)
    # The same messages' ledger entries, whichever way the queue is named: the identity is account and name.
    peer.configure()
    peer.send(bodies_of(make_logins(1, seed=2)))
    peer.drain()
    assert peer.database.rows("SELECT count(*), count(DISTINCT id) FROM sqs2pg.ledger") == [(4, 4)]


@shows("absent-queue")
def test_an_absent_queue_is_waited_for_or_fails_fast(peer):
    name = f"late-{uuid.uuid4().hex[:10]}"
    peer.configure(queue=name)
    refused = peer.run("--drain", "--migrate", "--fail-fast")
    assert refused.code == 1 and name in refused.err, refused.err
    running = peer.start("--migrate")
    wait_until(lambda: name in running.log(), "the log to name the absent queue")
    url = peer.client.create_queue(QueueName=name)["QueueUrl"]
    peer.client.send_message(QueueUrl=url, MessageBody=bodies_of(make_logins(1))[0])
    wait_until(lambda: peer.rows() == 1, "the row", 40)
    assert running.stop() == 0
    peer.client.delete_queue(QueueUrl=url)


@shows("long-poll")
def test_a_long_poll_lasts_and_a_message_ends_it(peer):
    started = time.monotonic()
    assert peer.shown.nothing_comes(peer.queue_url, 1)
    assert 0.9 < time.monotonic() - started < 10
    peer.configure(long_poll=15)
    peer.migrate()
    running = peer.start().wait_ready()
    peer.send(bodies_of(make_logins(1)))
    wait_until(lambda: peer.rows() == 1, "the row long before the poll's end", 8)
    running.kill()  # an orderly end waits for the poll


@shows("redelivery")
def test_messages_that_come_again_change_nothing(peer):
    """Their deletes get lost, and the queue gives them out a second time."""
    peer.migrate()
    with QueueProxy(peer.shown.server) as proxy:
        proxy.refused.add("DeleteMessageBatch")
        running = peer.start(environment=proxy.environment())
        peer.send(bodies_of(make_logins(12)))
        wait_until(lambda: peer.rows() == 12, "the rows")
        before = peer.database.rows("SELECT * FROM user_logins ORDER BY user_id")
        # Let go behind the program's back: it receives them again while it still wants to delete them.
        for handle in list(proxy.handles):
            peer.client.change_message_visibility(QueueUrl=peer.queue_url, ReceiptHandle=handle, VisibilityTimeout=0)
        wait_until(lambda: running.metrics().received() >= 24, "every message to come again")
        proxy.refused.clear()
        wait_until(lambda: running.metrics().settled("inserted") == 12, "the deletes", 40)
        wait_until(lambda: running.metrics().settled("duplicate") >= 12, "the deletes of what came again", 40)
        assert running.metrics().conserved() and peer.depth() == (0, 0, 0), running.metrics()
        assert running.stop() == 0
    assert peer.database.rows("SELECT * FROM user_logins ORDER BY user_id") == before


@shows("killed")
def test_killed_after_the_commit_and_before_the_delete(peer):
    peer.migrate()
    with QueueProxy(peer.shown.server) as proxy:
        proxy.refused.add("DeleteMessageBatch")
        first = peer.start(environment=proxy.environment())
        peer.send(bodies_of(make_logins(12)))
        wait_until(lambda: peer.rows() == 12, "the rows")
        first.kill()
        for handle in proxy.handles:
            peer.client.change_message_visibility(QueueUrl=peer.queue_url, ReceiptHandle=handle, VisibilityTimeout=0)
    second = peer.start()
    wait_until(lambda: peer.depth() == (0, 0, 0), "an empty queue", 40)
    wait_until(lambda: second.metrics().settled("duplicate") == 12, "12 ledger hits")
    assert second.stop() == 0
    assert peer.rows() == 12 and peer.database.value("SELECT count(DISTINCT user_id) FROM user_logins") == 12


@shows("equality")
def test_generated_logins_keep_equality(peer):
    logins = make_logins(60, seed=11, ips=12, devices=9)
    peer.send(bodies_of(logins))
    peer.drain()
    rows = [dict(zip(("user_id", "masked_ip", "masked_device_id"), row)) for row in
            peer.database.rows("SELECT user_id, masked_ip, masked_device_id FROM user_logins")]
    assert len(rows) == 60
    expect_tokens_follow_values(rows, logins, "masked_ip", "ip")
    expect_tokens_follow_values(rows, logins, "masked_device_id", "device_id")


@shows("conserved")
def test_metrics_are_conserved(peer):
    peer.migrate()
    running = peer.start().wait_ready()
    peer.send(bodies_of(make_logins(40, seed=5)))

    def done():
        metrics = running.metrics()
        assert metrics.conserved(), metrics
        return metrics.settled("inserted") == 40
    wait_until(done, "40 rows settled", 40)
    assert running.stop() == 0


@shows("two-processes")
def test_two_processes_share_the_work_exactly_once(peer):
    peer.migrate()
    running = [peer.start("--workers", "2"), peer.start()]
    peer.send(bodies_of(make_logins(120, seed=9)))
    wait_until(lambda: peer.rows() == 120 and peer.depth() == (0, 0, 0), "120 rows and an empty queue", 60)
    assert [process.stop() for process in running] == [0, 0]
    assert peer.database.value("SELECT count(DISTINCT user_id) FROM user_logins") == 120


@shows("release")
def test_sigterm_gives_back_what_could_not_be_written(peer):
    """A pipeline whose table is gone is paused; no time mends that, so the end does not wait for it."""
    peer.configure(pipeline="    visibility_timeout: 600\n")
    peer.migrate()
    running = peer.start().wait_ready()
    peer.database.execute("ALTER TABLE user_logins RENAME TO elsewhere")
    peer.send(bodies_of(make_logins(12)))
    wait_until(lambda: running.get("/readyz")[0] == 503, "the pause")
    assert running.stop() == 0, running.log()[-2000:]
    peer.database.execute("ALTER TABLE elsewhere RENAME TO user_logins")
    wait_until(lambda: peer.depth() == (12, 0, 0), "all to be visible again", 5)
    peer.drain()
    assert peer.rows() == 12


@pytest.fixture(scope="module")
def stalled(request, cluster, tmp_path_factory):
    """For each server a running pipeline whose table is locked since its messages came: all at once, since the test
    has to outlast their visibility timeout."""
    from conftest import Rig
    rigs, locks = {}, []

    def stall(server_id, server):
        shown = Shown(server_id, server, "keeper")
        name, url = shown.make_queue()
        rig = rigs[server_id] = Rig(server, logins_database(cluster), tmp_path_factory.mktemp("stalled"), name, url)
        rig.shown = shown
        rig.configure(pipeline="    visibility_timeout: 10\n")
        rig.migrate()
        lock = rig.database.cluster.connect(rig.database.name)
        locks.append(lock)
        lock.autocommit = False
        lock.execute("LOCK TABLE user_logins IN ACCESS EXCLUSIVE MODE")
        rig.lock, rig.process = lock, rig.start()
        rig.send(bodies_of(make_logins(HELD)))
        wait_until(lambda: rig.depth()[1] == HELD, "all to be held")
        rig.held_since = time.monotonic()

    for server_id, name in {"sqs2pg": "embedded", "moto": "moto", "localstack": "localstack", "elasticmq": "elasticmq",
                            "fauxqs": "fauxqs"}.items():
        stall(server_id, request.getfixturevalue(name))
    yield rigs
    for lock in locks:
        lock.close()
    for rig in rigs.values():
        rig.close()
        rig.shown.finish()


@shows("keeper")
def test_a_stalled_table_keeps_its_messages_invisible(stalled, shown):
    rig = stalled[shown.server_id]
    wait_until(lambda: time.monotonic() > rig.held_since + 12, "more than the visibility timeout to pass", 20)
    assert rig.depth() == (0, HELD, 0)
    assert shown.nothing_comes(rig.queue_url)
    assert rig.process.metrics().received() == HELD  # extended in time, and none let go for the lock on the table
    assert rig.process.metrics().value("sqs2pg_sqs_requests_total", operation="ChangeMessageVisibilityBatch",
                                       outcome="ok") >= 1
    rig.lock.rollback()
    wait_until(lambda: rig.process.metrics().settled("inserted") == HELD, "all to be settled", 40)
    wait_until(lambda: rig.depth() == (0, 0, 0), "an empty queue", 40)
    assert rig.process.metrics().conserved()
    assert rig.process.stop() == 0
    assert rig.rows() == HELD


@shows("purged")
def test_messages_purged_while_they_are_held_are_written_and_their_deletes_end(peer):
    peer.migrate()
    running = peer.start().wait_ready()
    with peer.database.cluster.connect(peer.database.name) as holder:
        holder.autocommit = False
        holder.execute("LOCK TABLE user_logins IN ACCESS EXCLUSIVE MODE")
        peer.send(bodies_of(make_logins(12)))
        wait_until(lambda: peer.depth()[1] == 12, "all to be held")
        peer.client.purge_queue(QueueUrl=peer.queue_url)
        holder.rollback()
    wait_until(lambda: peer.rows() == 12, "the rows")
    assert running.stop() == 0, running.log()[-2000:]
    assert peer.depth() == (0, 0, 0)


@shows("drain")
def test_a_drain_waits_for_what_another_consumer_holds(peer):
    peer.send(bodies_of(make_logins(2)))
    peer.migrate()
    peer.shown.receive(peer.queue_url, VisibilityTimeout=3)
    peer.drain()
    assert peer.rows() == 2 and peer.depth() == (0, 0, 0)
    started = time.monotonic()
    peer.drain()
    assert time.monotonic() - started < 10


@shows("send")
def test_send_makes_a_queue_and_fills_it(peer):
    name = f"made-{uuid.uuid4().hex[:10]}"
    lines = "\n".join(bodies_of(make_logins(23))) + "\n"
    sent = run("send", "--queue", name, "--create", "-", input=lines, environment=peer.environment)
    assert sent.code == 0, sent.err
    peer.configure(queue=name)
    peer.drain()
    assert peer.rows() == 23
    peer.client.delete_queue(QueueUrl=peer.client.get_queue_url(QueueName=name)["QueueUrl"])


@shows("check")
def test_check_reads_the_queue_and_its_redrive_policy(peer):
    peer.migrate()
    fine = run("check", "-c", peer.configuration, environment=peer.environment)
    assert fine.code == 0 and "reachable" in fine.out + fine.err, fine.out + fine.err
    _, letters = peer.shown.make_queue()
    policy = json.dumps({"deadLetterTargetArn": peer.shown.arn(letters), "maxReceiveCount": 2})
    peer.client.set_queue_attributes(QueueUrl=peer.queue_url, Attributes={"RedrivePolicy": policy})
    warned = run("check", "-c", peer.configuration, environment=peer.environment)
    assert warned.code == 0 and "maxReceiveCount 2" in warned.out + warned.err, warned.out + warned.err
