"""Endings and interruptions: SIGTERM under load, a database that dies, a slow one, a queue that answers badly. Each
message is one row, and the queue ends empty."""
import signal
import threading

from logins import bodies_of, make_logins
from waiting import wait_until


class Producer:
    """Sends logins from a thread of its own until told to stop."""

    def __init__(self, rig, batch=200):
        self.rig, self.batch, self.sent, self.seed = rig, batch, 0, 1000
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._loop, daemon=True)

    def _loop(self):
        from sqs_servers import send_bodies
        client = self.rig.server.client(retries=10)
        while not self.ending.is_set():
            self.seed += 1
            send_bodies(client, self.rig.queue_url, bodies_of(make_logins(self.batch, seed=self.seed)))
            self.sent += self.batch

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join(30)


def expect_each_once(rig, count):
    assert rig.rows() == count
    assert rig.database.value("SELECT count(DISTINCT user_id) FROM user_logins") == count
    assert rig.depth() == (0, 0, 0)


def test_sigterm_under_load_loses_nothing_and_ends_with_zero(rig):
    rig.migrate()
    with Producer(rig) as producer:
        for number in range(4):
            before = rig.rows()
            running = rig.start("--workers", "2")
            wait_until(lambda: rig.rows() > before, "rows to come")
            running.signal(signal.SIGTERM if number % 2 else signal.SIGINT)
            assert running.wait(40) == 0, running.log()[-2000:]
            assert rig.depth()[1] == 0, "messages were neither settled nor released"
    rig.drain()
    expect_each_once(rig, producer.sent)
    assert rig.dead_letters() == {}


def test_sigterm_while_idle_ends_within_the_long_poll(rig):
    rig.configure(long_poll=10)
    rig.migrate()
    running = rig.start().wait_ready()
    wait_until(lambda: running.metrics().value("sqs2pg_sqs_requests_total", operation="ReceiveMessage") > 0,
               "the first poll to have returned", 20)
    assert running.stop(15) == 0


def test_sigterm_ends_a_drain_in_order(rig):
    rig.send(bodies_of(make_logins(4000, seed=3)))
    rig.migrate()
    running = rig.start("--drain")
    wait_until(lambda: rig.rows() > 0, "rows to come")
    assert running.stop() == 0
    assert rig.depth()[1] == 0
    rig.drain()
    expect_each_once(rig, 4000)


def test_postgresql_killed_and_restarted_under_load(queue, own_cluster, rig_of):
    from conftest import logins_database
    rig = rig_of(queue, logins_database(own_cluster))
    rig.configure(pipeline="    visibility_timeout: 10\n")
    rig.migrate()
    running = rig.start("--workers", "2").wait_ready()
    with Producer(rig) as producer:
        for _ in range(3):
            before = rig.rows()
            wait_until(lambda: rig.rows() > before, "rows to come", 40)
            own_cluster.kill()
            own_cluster.start()
        wait_until(lambda: producer.sent > 0 and rig.rows() > before, "rows after the last restart", 40)
    wait_until(lambda: rig.depth() == (0, 0, 0), "an empty queue", 60)
    metrics = running.metrics()
    assert metrics.conserved(), metrics
    assert running.stop() == 0
    expect_each_once(rig, producer.sent)
    assert rig.dead_letters() == {}


def test_backends_terminated_under_load(rig):
    rig.migrate()
    running = rig.start("--workers", "2").wait_ready()
    with Producer(rig) as producer:
        for _ in range(10):
            before = rig.rows()
            wait_until(lambda: rig.rows() > before, "rows to come", 40)
            rig.database.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app' "
                              "AND datname = current_database()")
    wait_until(lambda: rig.depth() == (0, 0, 0), "an empty queue", 60)
    assert running.stop() == 0
    expect_each_once(rig, producer.sent)
    assert rig.dead_letters() == {}


def test_a_stalled_table_keeps_its_messages_invisible(rig):
    """Longer than the visibility timeout: the keeper extends, nobody else receives what is held."""
    rig.configure(pipeline="    visibility_timeout: 10\n")
    rig.migrate()
    running = rig.start().wait_ready()
    with rig.database.cluster.connect(rig.database.name) as holder:
        holder.autocommit = False
        holder.execute("LOCK TABLE user_logins IN ACCESS EXCLUSIVE MODE")
        rig.send(bodies_of(make_logins(50)))
        wait_until(lambda: rig.depth()[1] == 50, "all to be held")
        wait_until(lambda: running.metrics().value("sqs2pg_sqs_requests_total",
                                                   operation="ChangeMessageVisibilityBatch", outcome="ok") >= 15,
                   "the visibility to be extended three times over", 60, pause=0.2)
        assert rig.depth() == (0, 50, 0)
        holder.rollback()
    wait_until(lambda: rig.depth() == (0, 0, 0), "an empty queue", 40)
    metrics = running.metrics()
    assert metrics.settled("inserted") == 50 and metrics.settled("duplicate") == 0 and metrics.received() == 50
    assert running.stop() == 0
    expect_each_once(rig, 50)


def test_a_queue_that_answers_badly_costs_time_and_nothing_else(rig):
    rig.configure(pipeline="    visibility_timeout: 10\n")
    rig.migrate()
    rig.send(bodies_of(make_logins(3000, seed=8)))
    for operation in ("ReceiveMessage", "DeleteMessageBatch"):
        rig.server.fault(operation, "error", status=500, fraction=0.1, seed=1)
        rig.server.fault(operation, "drop_after", fraction=0.05, seed=2)
        rig.server.fault(operation, "throttle", fraction=0.05, seed=3)
        rig.server.fault(operation, "delay", ms=150, fraction=0.05, seed=4)
    rig.server.fault("DeleteMessageBatch", "fail_entries", entries=3, fraction=0.2, seed=5)
    rig.server.fault("ReceiveMessage", "flip_bit", fraction=0.02, seed=6)
    rig.server.fault("ReceiveMessage", "over_limit", times=2)
    running = rig.start("--workers", "2")
    wait_until(lambda: rig.rows() == 3000, "all rows", 90)
    rig.server.clear_faults()
    wait_until(lambda: rig.depth() == (0, 0, 0), "an empty queue", 60)
    metrics = running.metrics()
    assert metrics.conserved(), metrics
    assert running.stop() == 0
    expect_each_once(rig, 3000)
    assert rig.dead_letters() == {}
