"""kill -9 at random moments under load, at least 50 times, until every stage of the walk was hit: each message is one
row or one dead letter, and the queue ends empty.

The stage is seen from outside. The worker is stopped (SIGSTOP) at a random moment; then the queue says what it holds,
the database says what its backends do and what is committed; then it is killed. Slow deletes and a slow trigger, each
for a part of the rounds, widen the windows that are otherwise microseconds wide.
"""
import os
import random
import signal
import time
from collections import Counter

from logins import bodies_of, make_logins, malformed
from program import run
from waiting import wait_until

ROUNDS, MOST_ROUNDS = 50, 120
STAGES = ("before the first receive", "received, no transaction", "inside a transaction",
          "committed, not deleted", "settled")
SLOW_TRIGGER = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.03); RETURN NULL; END $$;
CREATE TRIGGER slow AFTER INSERT ON user_logins FOR EACH STATEMENT EXECUTE FUNCTION slow();
"""


class Load:
    """What was sent, and what must come of it."""

    def __init__(self, rig):
        self.rig, self.seed, self.users, self.bad = rig, 0, set(), 0
        self.generator = random.Random(99)

    @property
    def sent(self):
        return len(self.users) + self.bad

    def add(self, count):
        self.seed += 1
        logins = make_logins(count, seed=self.seed)
        bodies = bodies_of(logins) + [malformed(self.generator)[1] for _ in range(count // 50)]
        self.generator.shuffle(bodies)
        self.users |= {login["user_id"] for login in logins}
        self.bad += count // 50
        path = self.rig.folder / "load.jsonl"
        path.write_text("\n".join(bodies) + "\n", encoding="utf-8")
        sent = run("send", "--queue", "login-queue", path, environment=self.rig.environment)
        assert sent.code == 0, sent.err


def committed(rig):
    return rig.database.value("SELECT (SELECT count(*) FROM user_logins) + (SELECT count(*) FROM sqs2pg.dead_letter)")


def stage_of(rig, load, holding_before):
    """Where the stopped worker is; called between SIGSTOP and SIGKILL, when nothing moves but backends that finish."""
    backends = rig.database.rows("SELECT xact_start IS NOT NULL FROM pg_stat_activity WHERE usename = 'app' "
                                 "AND datname = current_database() AND backend_type = 'client backend'")
    in_transaction = any(row[0] for row in backends)
    visible, held, _ = rig.depth()
    undeleted = committed(rig) - (load.sent - visible - held)
    if in_transaction:
        return "inside a transaction"
    if undeleted > holding_before["undeleted"]:
        return "committed, not deleted"
    if held > holding_before["held"]:
        return "received, no transaction"
    return "settled" if committed(rig) > holding_before["committed"] else "before the first receive"


def one_kill(rig, load, generator):
    before = {"committed": committed(rig), "held": rig.depth()[1]}
    visible, held, _ = rig.depth()
    before["undeleted"] = before["committed"] - (load.sent - visible - held)
    running = rig.start("--workers", "1")
    manner = generator.random()
    if manner < 0.3:  # right after the first receive, before a transaction could begin
        # Leases of earlier kills expire meanwhile and may hide it: then a commit tells that it was received.
        late = time.monotonic() + 2
        wait_until(lambda: rig.depth()[1] > before["held"] or
                   (time.monotonic() > late and committed(rig) > before["committed"]), "the first receive", pause=0)
        moment = 0.0
    else:
        if manner < 0.85:
            wait_until(lambda: rig.depth()[1] > before["held"] or committed(rig) > before["committed"],
                       "the load to move")
        moment = time.monotonic() + generator.random() ** 2 * 0.3
    while time.monotonic() < moment:
        running.check_alive()
    os.kill(running.pid, signal.SIGSTOP)
    stage = stage_of(rig, load, before)
    running.kill()
    return stage


def test_killed_at_random_at_every_stage_each_message_once(rig):
    rig.configure(pipeline="    visibility_timeout: 10\n    max_in_flight: 400\n    max_batch_rows: 100\n")
    rig.migrate()
    rig.database.execute(SLOW_TRIGGER)
    load, generator, hits, rounds = Load(rig), random.Random(int(os.environ.get("SQS2PG_KILL_SEED", "7"))), Counter(), 0
    while rounds < ROUNDS or (rounds < MOST_ROUNDS and any(hits[stage] < 2 for stage in STAGES[1:4])):
        if rig.depth()[0] < 2000:
            load.add(3000)
        slow_deletes = rounds % 3 == 0
        rig.database.execute(f"ALTER TABLE user_logins {'ENABLE' if rounds % 2 else 'DISABLE'} TRIGGER slow")
        if slow_deletes:
            rig.server.fault("DeleteMessageBatch", "delay", ms=60)
        hits[one_kill(rig, load, generator)] += 1
        if slow_deletes:
            rig.server.clear_faults()
        rounds += 1
    print(f"{rounds} kills: " + ", ".join(f"{hits[stage]} {stage}" for stage in STAGES))
    assert rounds >= ROUNDS and all(hits[stage] >= 2 for stage in STAGES[1:4]), hits

    rig.database.execute("DROP TRIGGER slow ON user_logins")
    rig.drain(timeout=120)
    assert rig.depth() == (0, 0, 0)
    users = [row[0] for row in rig.database.rows("SELECT user_id FROM user_logins")]
    assert len(users) == len(set(users)) and set(users) == load.users
    assert sum(rig.dead_letters().values()) == load.bad
    assert rig.database.value("SELECT count(*) FROM sqs2pg.ledger") == load.sent
