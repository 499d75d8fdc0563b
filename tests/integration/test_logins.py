"""The login pipeline: what becomes of every message of the real input, delivered once and again, and of many
generated ones. Against our own queue; the foreign servers stand in test_foreign_servers.py."""
import json
import re
from collections import defaultdict

from logins import bodies_of, make_logins
from waiting import wait_until

TOKEN = re.compile(r"^k1_[a-z2-7]{26}$")


def expect_logins(database, bodies):
    """99 rows, faithful to their messages, and one dead letter."""
    logins = [login for login in map(json.loads, bodies) if "user_id" in login]
    rows = database.rows("SELECT user_id, device_type, masked_ip, masked_device_id, locale, app_version, create_date "
                         "FROM user_logins")
    assert len(rows) == 99
    by_user = {row[0]: row for row in rows}
    assert len(by_user) == 99
    for login in logins:
        row = by_user[login["user_id"]]
        assert row[1] == login["device_type"]
        assert row[4] == login["locale"]
        assert row[5] == int(login["app_version"].split(".")[0])
        assert row[6] is not None
        assert TOKEN.match(row[2]) and TOKEN.match(row[3])
    assert sum(row[4] is None for row in rows) == 29  # the wrong message has no locale at all
    assert len({row[2] for row in rows}) == 99 and len({row[3] for row in rows}) == 99  # all are distinct in the input
    assert dict(database.rows("SELECT reason, count(*) FROM sqs2pg.dead_letter GROUP BY 1")) == {"missing_field": 1}


def expect_tokens_follow_values(rows, logins, column, field):
    """Equal values have equal tokens, and only they."""
    tokens, values = defaultdict(set), defaultdict(set)
    by_user = {login["user_id"]: login for login in logins}
    for row in rows:
        value = by_user[row["user_id"]][field]
        tokens[value].add(row[column])
        values[row[column]].add(value)
    assert all(len(found) == 1 for found in tokens.values())
    assert all(len(found) == 1 for found in values.values())
    assert len(tokens) > 1


def test_real_logins_become_99_rows_and_one_dead_letter(rig, logins_file):
    bodies = logins_file.read_text(encoding="utf-8").splitlines()
    rig.send(bodies)
    rig.drain()
    expect_logins(rig.database, bodies)
    assert rig.depth() == (0, 0, 0)


def test_redelivery_of_every_message_changes_nothing(rig, logins_file):
    bodies = logins_file.read_text(encoding="utf-8").splitlines()
    rig.server.fault("DeleteMessageBatch", "redeliver")
    rig.send(bodies)
    running = rig.start("--migrate").wait_ready()
    wait_until(lambda: running.metrics().settled("duplicate") >= 100, "everything to come twice", 40)
    rig.server.clear_faults()
    wait_until(lambda: rig.depth() == (0, 0, 0), "an empty queue")
    metrics = running.metrics()
    assert metrics.settled("inserted") == 99 and metrics.settled("dead_lettered") == 1
    assert metrics.conserved(), metrics
    assert running.stop() == 0
    expect_logins(rig.database, bodies)


def test_messages_made_visible_again_after_the_commit_change_nothing(rig):
    """A consumer whose deletes do nothing, as a crash right after every commit: the messages come again."""
    logins = make_logins(300, seed=3)
    rig.send(bodies_of(logins))
    rig.migrate()
    rig.server.fault("DeleteMessageBatch", "error", status=503)
    rig.configure(pipeline="    visibility_timeout: 10\n")
    first = rig.start()
    wait_until(lambda: rig.rows() == 300, "300 rows")
    first.kill()
    rig.server.clear_faults()
    second = rig.start()
    wait_until(lambda: rig.depth() == (0, 0, 0), "an empty queue", 40)
    assert second.metrics().settled("duplicate") == 300
    assert second.stop() == 0
    assert rig.rows() == 300


def test_equal_values_have_equal_tokens_and_only_they(rig):
    logins = make_logins(2000, seed=7, ips=60, devices=45)
    rig.send(bodies_of(logins))
    rig.drain()
    rows = [dict(zip(("user_id", "masked_ip", "masked_device_id"), row)) for row in
            rig.database.rows("SELECT user_id, masked_ip, masked_device_id FROM user_logins")]
    assert len(rows) == 2000
    expect_tokens_follow_values(rows, logins, "masked_ip", "ip")
    expect_tokens_follow_values(rows, logins, "masked_device_id", "device_id")
    assert not {row["masked_ip"] for row in rows} & {row["masked_device_id"] for row in rows}


def test_spellings_of_one_address_have_one_token(rig):
    login = make_logins(1)[0]
    spellings = ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201", "2001:db8::1", "2001:0DB8:0:0:0:0:0:1"]
    rig.send([json.dumps({**login, "user_id": spelling, "ip": spelling}) for spelling in spellings])
    rig.drain()
    tokens = dict(rig.database.rows("SELECT user_id, masked_ip FROM user_logins"))
    assert tokens[spellings[0]] == tokens[spellings[1]] == tokens[spellings[2]]
    assert tokens[spellings[3]] == tokens[spellings[4]] != tokens[spellings[0]]


def test_two_workers_and_two_processes_share_the_work_exactly_once(rig):
    logins = make_logins(4000, seed=9)
    rig.migrate()
    running = [rig.start("--workers", "2"), rig.start("--workers", "2")]
    rig.send(bodies_of(logins))
    wait_until(lambda: rig.rows() == 4000 and rig.depth() == (0, 0, 0), "4000 rows and an empty queue", 40)
    assert [process.stop() for process in running] == [0, 0]
    assert rig.database.value("SELECT count(DISTINCT user_id) FROM user_logins") == 4000


def test_a_second_drain_of_an_empty_queue_ends_at_once_with_zero(rig):
    rig.drain()
    rig.drain(timeout=15)
    assert rig.rows() == 0
