"""Dead letters from end to end: bad messages are listed, looked into, mended by a better configuration and replayed as
masked rows; each role does its part and no more; nothing of a message stands where it should not."""
import json
import re
import signal
import subprocess
import threading
import time

import pytest
from logins import bodies_of, make_logins
from postgres_cluster import PASSWORD
from program import BINARY, LOGIN_COLUMNS, encodings, run
from sqs_servers import plain_environment
from waiting import wait_until

# user_id is required here and not in the message; `age` never is.
WRONG_COLUMNS = LOGIN_COLUMNS.replace("locale:           locale", "locale:           country")
PLANTED_IP, PLANTED_BODY = "203.0.113.77", "a-most-private-remark"


@pytest.fixture
def rig(rig):
    """Many bad messages in a row are what these tests send on purpose: without the brake."""
    configure = rig.configure
    rig.configure = lambda *columns, **options: configure(
        *columns, **{**options, "pipeline": options.get("pipeline", "") + "    brake: off\n"})
    rig.configure()
    return rig


def letters(rig, *arguments, url=None, **options):
    return run("dead-letters", arguments[0], "-c", rig.configuration, *(["--url", url] if url else []), *arguments[1:],
               environment={**rig.environment, **options.pop("environment", {})}, **options)


def listed(rig, *arguments):
    finished = letters(rig, "list", "--format", "json", *arguments)
    assert finished.code == 0, finished.err
    return json.loads(finished.out)


def poison(rig, count, columns=WRONG_COLUMNS):
    """`count` logins that a wrong mapping turned into dead letters."""
    rig.configure(columns)
    logins = make_logins(count)
    for login in logins:
        login["ip"], login["remark"] = PLANTED_IP, PLANTED_BODY
    rig.send(bodies_of(logins))
    rig.drain()
    assert rig.dead_letters() == {"missing_field": count}
    return logins


def audit(rig):
    return rig.database.rows("SELECT action, cardinality(letters), reason, ticket, session_role FROM sqs2pg.audit "
                             "ORDER BY seq")


def expect_nothing_private(text):
    for planted in (PLANTED_IP, PLANTED_BODY):
        for form in encodings(planted):
            assert form not in text


def test_from_poison_to_masked_rows(rig):
    logins = poison(rig, 30)
    rig.send(["{"])
    rig.drain()

    found = listed(rig)
    assert found["total"] == 31 and len(found["dead_letters"]) == 31
    newest = found["dead_letters"][0]
    assert newest["reason"] == "not_json" and newest["pipeline"] == "logins" and newest["queue"] == "login-queue"
    assert found["dead_letters"][1]["place"] == "country"
    counts = listed(rig, "--counts")["counts"]
    assert [(one["reason"], one["count"]) for one in counts] == [("missing_field", 30), ("not_json", 1)]
    assert listed(rig, "--reason", "not_json", "--since", "1h", "--pipeline", "logins")["total"] == 1
    assert listed(rig, "--until", "1h")["total"] == 0
    text = letters(rig, "list", "--limit", "2")
    assert "the newest 2 of 31 dead letters" in text.out
    expect_nothing_private(text.out + json.dumps(found))

    shown = letters(rig, "show", found["dead_letters"][1]["id"][:25])
    assert shown.code == 0 and "missing_field" in shown.out
    expect_nothing_private(shown.out + shown.err)

    # Under the wrong configuration nothing gets better, and that is told.
    again = letters(rig, "replay", "--all")
    assert again.code == 1 and "missing_field 30" in again.err, again.err
    assert rig.database.value("SELECT min(replay_count) FROM sqs2pg.dead_letter") == 1

    rig.configure()
    dry = letters(rig, "replay", "--reason", "missing_field", "--dry-run")
    assert dry.code == 0 and "30 dead letters would become 30 rows" in dry.err, dry.err
    assert rig.rows() == 0
    replayed = letters(rig, "replay", "--reason", "missing_field", "--because", "the mapping was wrong", "--ticket",
                       "T-1")
    assert replayed.code == 0 and "30 dead letters became 30 rows" in replayed.err, replayed.err
    assert rig.database.value("SELECT count(DISTINCT user_id) FROM user_logins") == 30
    rows = rig.database.rows("SELECT user_id, masked_ip, locale FROM user_logins")
    assert {(row[0], row[2]) for row in rows} == {(login["user_id"], login["locale"]) for login in logins}
    assert all(re.fullmatch("k1_[a-z2-7]{26}", row[1]) for row in rows)
    assert rig.dead_letters() == {"not_json": 1}
    assert audit(rig) == [("replay", 30, "the mapping was wrong", "T-1", rig.database.role)]
    expect_nothing_private(again.err + dry.err + replayed.err + replayed.out)
    assert letters(rig, "replay", "--reason", "missing_field").err == "no dead letters to replay\n"


def test_a_replayed_message_is_what_its_first_try_would_have_been(rig):
    """$sent_at, attributes and the token of the ip are the same, whether a message went at once or by way of replay."""
    rig.database.execute("ALTER TABLE user_logins ADD COLUMN tenant text, ADD COLUMN message_id text")
    columns = LOGIN_COLUMNS + "      tenant: $attributes.tenant\n      message_id: $message_id\n"
    login = make_logins(1)[0]
    attributes = {"tenant": {"DataType": "String", "StringValue": "acme \u20ac"}}

    def send(body):
        rig.client.send_message(QueueUrl=rig.queue_url, MessageBody=json.dumps(body), MessageAttributes=attributes)
    rig.configure(columns)
    send(login)
    rig.drain()
    rig.configure(columns.replace("from: app_version", "from: app"))
    send(login)
    rig.drain()
    stored = rig.database.rows("SELECT message_id, sent_at FROM sqs2pg.dead_letter")[0]
    rig.configure(columns)
    assert letters(rig, "replay", "--all").code == 0
    rows = rig.database.rows("SELECT user_id, masked_ip, masked_device_id, locale, app_version, tenant FROM "
                             "user_logins")
    assert len(rows) == 2 and rows[0] == rows[1]
    assert rig.database.value("SELECT count(*) FROM user_logins WHERE message_id = %s AND create_date = "
                              "(%s::timestamptz AT TIME ZONE 'UTC')::date", stored) == 1


def test_a_body_is_revealed_for_a_reason_and_with_a_trace_only(rig):
    poison(rig, 1)
    identifier = listed(rig)["dead_letters"][0]["id"]
    refused = letters(rig, "show", identifier, "--reveal-body")
    assert refused.code == 2 and "--because" in refused.err and refused.out == ""
    assert audit(rig) == []
    shown = letters(rig, "show", identifier, "--reveal-body", "--because", "customer asked", "--format", "json")
    assert shown.code == 0, shown.err
    body = json.loads(json.loads(shown.out)["message"]["body"])
    assert body["remark"] == PLANTED_BODY
    assert shown.err == ""
    assert audit(rig) == [("reveal", 1, "customer asked", None, rig.database.role)]
    text = letters(rig, "show", identifier, "--reveal-body", "--reason", "again")
    assert PLANTED_BODY in text.out and "body:\n{" in text.out
    # Nothing is revealed where the audit cannot be written.
    rig.database.execute("ALTER TABLE sqs2pg.audit ADD CHECK (reason <> 'refuse me')")
    refused = letters(rig, "show", identifier, "--reveal-body", "--because", "refuse me")
    assert refused.code != 0 and refused.out == "" and "nothing is revealed" in refused.err, refused.err


def test_drop_asks_or_is_told_and_names_its_reason(rig):
    poison(rig, 12)
    rig.send(["{"])
    rig.drain()
    for arguments in (["--all"], ["--all", "--because", "x"], ["--because", "x", "--yes"],
                      ["--all", "--reason", "not_json", "--because", "x", "--yes"]):
        refused = letters(rig, "drop", *arguments)
        assert refused.code == 2, arguments
        assert refused.err.count("\n") == 1
    assert listed(rig)["total"] == 13
    dropped = letters(rig, "drop", "--reason", "missing_field", "--because", "test data", "--yes")
    assert dropped.code == 0 and dropped.err == "dropped 12 dead letters\n", dropped.err
    assert rig.dead_letters() == {"not_json": 1}
    assert audit(rig) == [("drop", 12, "test data", None, rig.database.role)]
    # A redelivery of what was dropped is known to the ledger: nothing comes back.
    assert rig.database.value("SELECT count(*) FROM sqs2pg.ledger") == 13
    gone = letters(rig, "drop", "00000000", "--because", "x", "--yes")
    assert gone.code == 1 and "no dead letters to drop" in gone.err


@pytest.mark.parametrize("arguments, sentence", [
    (["replay"], "say which"),
    (["replay", "--all", "--pipeline", "logins"], "--all stands alone"),
    (["replay", "--since", "yesterday"], "--since is a time such as 2h"),
    (["list", "--until", "2026-13-01"], "--until is a time"),
    (["list", "--format", "xml"], "--format"),
    (["show"], "ID"),
    (["show", "zebra"], "a dead letter's id is a uuid"),
    (["frobnicate"], "subcommand")], ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "")
def test_a_wrong_command_line_is_one_sentence(rig, arguments, sentence):
    rig.migrate()
    finished = letters(rig, *arguments)
    assert finished.code == 2 and sentence in finished.err, finished.err
    assert finished.err.count("\n") == 1, finished.err


def test_a_key_that_is_absent_is_named_and_its_letters_stay(rig, tmp_path):
    poison(rig, 3)
    identifier = listed(rig)["dead_letters"][0]["id"]
    other = tmp_path / "other-keys.yaml"
    made = run("key", "new", "-o", other)
    assert made.code == 0, made.err
    other.write_text(other.read_text().replace("k1", "k9"))
    rig.configure(keys=other)
    rig.migrate()
    replayed = letters(rig, "replay", "--all")
    assert replayed.code == 1 and "3 left: sealed with key k1, which is not in the key file" in replayed.err
    revealed = letters(rig, "show", identifier, "--reveal-body", "--because", "x")
    assert revealed.code == 2 and "key k1" in revealed.err and revealed.out == ""
    assert rig.dead_letters() == {"missing_field": 3} and audit(rig) == []


def make_roles(rig, *roles):
    with rig.database.cluster.connect("postgres") as connection:
        for role in roles:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")


def test_each_role_does_its_part_and_no_more(rig):
    make_roles(rig, "loader", "mender", "looker")
    head = "postgres:\n  worker_role: loader\n  replayer_role: mender\n  analyst_role: looker\n"
    rig.configure(WRONG_COLUMNS, head=head)
    rig.migrate()
    rig.send(bodies_of(make_logins(5)))
    as_worker = {**rig.environment, "PGUSER": "loader"}
    assert run("run", "-c", rig.configuration, "--ops", "off", "--drain", environment=as_worker).code == 0
    assert rig.dead_letters() == {"missing_field": 5}
    rig.configure(head=head)
    mender, looker = (rig.database.tcp_url(user=user) for user in ("mender", "looker"))
    loader = rig.database.tcp_url(user="loader")

    counted = letters(rig, "list", "--counts", url=looker)
    assert counted.code == 0 and "missing_field" in counted.out
    identifier = listed(rig)["dead_letters"][0]["id"]
    assert letters(rig, "show", identifier, url=looker).code == 0
    for url, arguments in ((looker, ["replay", "--all"]), (looker, ["drop", "--all", "--because", "x", "--yes"]),
                           (looker, ["show", identifier, "--reveal-body", "--because", "x"]), (loader, ["list"]),
                           (loader, ["replay", "--all"])):
        refused = letters(rig, *arguments, url=url)
        assert refused.code == 2 and "lacks" in refused.err and refused.err.count("\n") == 1, refused.err
        assert PASSWORD not in refused.err
    replayed = letters(rig, "replay", identifier, url=mender)
    assert replayed.code == 0, replayed.err
    assert letters(rig, "show", listed(rig)["dead_letters"][0]["id"], "--reveal-body", "--because", "x",
                   url=mender).code == 0
    assert letters(rig, "replay", "--all", url=mender).code == 0
    assert rig.rows() == 5 and rig.dead_letters() == {}
    assert {row[4] for row in audit(rig)} == {"mender"}


def test_three_processes_at_once_a_drop_and_redeliveries(rig):
    """Each letter ends as one row, or dropped; never as two."""
    poison(rig, 3000)
    some = [one["id"] for one in listed(rig, "--limit", "3000")["dead_letters"]][1000:1100]
    rig.configure()
    commands = [["replay", "--all"]] * 3 + [["drop", *some, "--because", "x", "--yes"]]
    processes = [subprocess.Popen([BINARY, "dead-letters", command[0], "-c", rig.configuration, *command[1:]],
                                  env=plain_environment(**rig.environment), stderr=subprocess.PIPE, text=True,
                                  stdin=subprocess.DEVNULL) for command in commands]
    for process in processes:
        error = process.communicate(timeout=60)[1]
        assert process.returncode in (0, 1), error
    dropped = rig.database.value("SELECT coalesce(sum(cardinality(letters)), 0) FROM sqs2pg.audit "
                                 "WHERE action = 'drop'")
    assert rig.dead_letters() == {}
    assert rig.rows() + dropped == 3000
    assert rig.database.value("SELECT count(DISTINCT user_id) FROM user_logins") == rig.rows()
    assert rig.database.value("SELECT count(*) - count(DISTINCT id) FROM (SELECT unnest(letters) id FROM sqs2pg.audit) "
                              "a") == 0


def test_interrupted_half_way_nothing_is_lost_and_the_same_command_goes_on(rig):
    poison(rig, 20000)
    rig.configure()
    command = [BINARY, "dead-letters", "replay", "-c", str(rig.configuration), "--all"]
    # Interrupted at any moment after its first transaction.
    process = subprocess.Popen(command, env=plain_environment(**rig.environment), stderr=subprocess.PIPE, text=True)
    wait_until(lambda: rig.rows() > 0 or process.poll() is not None, "the first rows", 30)
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=60)[1]
    left = rig.dead_letters().get("missing_field", 0)
    assert rig.rows() + left == 20000
    if process.returncode != 0:
        assert "stopped before the end" in error and left > 0, error
    killed = subprocess.Popen(command, env=plain_environment(**rig.environment), stderr=subprocess.DEVNULL)
    time.sleep(0.2)  # any moment will do: a kill may come at every one of them
    killed.kill()
    killed.wait()
    final = letters(rig, "replay", "--all")
    assert final.code == 0, final.err
    assert rig.dead_letters() == {} and rig.rows() == 20000
    assert rig.database.value("SELECT count(DISTINCT user_id) FROM user_logins") == 20000


def test_rows_that_only_the_server_refuses_stay_and_their_neighbours_go(rig):
    logins = poison(rig, 500)
    rig.database.execute("CREATE UNIQUE INDEX ON user_logins (user_id)")
    rig.database.execute("INSERT INTO user_logins (user_id, device_type, masked_ip, masked_device_id, app_version, "
                         "create_date) VALUES (%s, 'x', 'x', 'x', 1, now())", [logins[123]["user_id"]])
    rig.configure()
    replayed = letters(rig, "replay", "--all")
    assert replayed.code == 1 and "499 dead letters became 499 rows" in replayed.err
    assert "1 are dead letters still: unique 1" in replayed.err, replayed.err
    assert logins[123]["user_id"] not in replayed.err
    assert rig.rows() == 500 and rig.dead_letters() == {"unique": 1}


def test_workers_and_replay_side_by_side(rig):
    """New bad messages arrive while the old ones are replayed: the replay ends, and leaves the new ones alone."""
    poison(rig, 2000)
    running = rig.start("--workers", "1").wait_ready()
    more = bodies_of(make_logins(2000, seed=7))
    sender = threading.Thread(target=rig.send, args=(more,))
    sender.start()
    good = rig.configuration.with_name("good.yaml")
    good.write_text(rig.configuration.read_text().replace("country", "locale"))
    replayed = run("dead-letters", "replay", "-c", good, "--all", environment=rig.environment)
    sender.join()
    assert replayed.code == 0, replayed.err
    wait_until(lambda: rig.depth() == (0, 0, 0), "the queue to be empty")
    wait_until(lambda: rig.rows() + sum(rig.dead_letters().values()) == 4000, "every message to have its end")
    assert rig.rows() >= 2000
    assert running.stop() == 0


def test_replay_obeys_routes_otherwise_and_on_conflict(rig):
    rig.database.execute("CREATE TABLE states (id integer PRIMARY KEY, v text, at timestamptz)")

    def configure(path, otherwise):
        rig.configure(table="states")
        head = rig.configuration.read_text().split("    table:")[0]
        rig.configuration.write_text(
            f"{head}    long_poll: 1\n    otherwise: {otherwise}\n    routes:\n      - when: {{kind: a}}\n"
            "        table: states\n        on_conflict: {key: id, do: update, newer_by: at}\n        columns:\n"
            f"          id: id\n          v: {path}\n          at: $sent_at\n")

    configure("nowhere", "dead-letter")
    rig.send([json.dumps({"kind": "a", "id": 1, "v": "older"}), json.dumps({"kind": "b"})])
    rig.drain()
    assert rig.dead_letters() == {"missing_field": 1, "no_route": 1}
    configure("v", "ignore")
    rig.send([json.dumps({"kind": "a", "id": 1, "v": "newer"})])
    rig.drain()
    replayed = letters(rig, "replay", "--all")
    assert replayed.code == 0 and "1 removed: no route wants them" in replayed.err, replayed.err
    assert rig.database.rows("SELECT id, v FROM states") == [(1, "newer")]
    assert rig.dead_letters() == {}
