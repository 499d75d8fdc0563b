"""Many pipelines in one process: folders of files and their defaults, failures that stay where they are, reloading,
tables that are altered under a running pipeline, and the bounds of the process."""
import json
import signal
import time

import pytest
from program import run, write_configuration
from sqs_servers import depth, send_bodies
from waiting import wait_until


class Fleet:
    """Pipelines a, b, c … of one process: each with its own queue and its own table {id integer, note text}."""

    def __init__(self, rig):
        self.rig = rig
        self.folder = rig.folder / "pipelines"
        self.folder.mkdir()
        write_configuration(rig.folder)  # makes the key file
        self.write("defaults.yaml", f"defaults:\n  keys: {{file: {rig.folder}/keys.yaml}}\n  long_poll: 1\n"
                                    f"  visibility_timeout: 30\n")
        self.urls = {}

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def pipeline(self, name, columns=None, *, table=None, queue=None, lines="", make=True):
        """Writes NAME.yaml and makes the queue and the table."""
        if make:
            self.urls[name] = self.rig.client.create_queue(QueueName=f"queue-{name}")["QueueUrl"]
            self.rig.database.execute(f"CREATE TABLE IF NOT EXISTS table_{name} (id integer, note text)")
        text = columns or "{id: id, note: {from: note, optional: true}}"
        self.write(f"{name}.yaml", f"pipelines:\n  {name}:\n    queue: {queue or 'queue-' + name}\n"
                                   f"    table: {table or 'table_' + name}\n{lines}    columns: {text}\n")

    def send(self, name, ids, **fields):
        send_bodies(self.rig.client, self.urls[name], [json.dumps({"id": number, **fields}) for number in ids])

    def ids(self, name, column="id"):
        return sorted(row[0] for row in self.rig.database.rows(f"SELECT {column} FROM table_{name}"))

    def wait_ids(self, name, ids, column="id", seconds=20):
        wanted = sorted(ids)
        wait_until(lambda: self.ids(name, column) == wanted, f"the rows of {name}", seconds)

    def start(self, *arguments, migrate=True):
        self.rig.configuration = self.folder
        return self.rig.start(*(["--migrate"] if migrate else []), *arguments)

    def depth(self, name):
        return depth(self.rig.client, self.urls[name])[:2]

    def run(self, *arguments, **options):
        return run(arguments[0], "-c", self.folder, *arguments[1:], environment=self.rig.environment, **options)


@pytest.fixture
def fleet(rig):
    return Fleet(rig)


def state(running, name):
    """What /status says of a pipeline, {} while it says nothing."""
    code, text = running.get("/status")
    found = [one for one in json.loads(text)["pipelines"] if one["name"] == name] if code == 200 else []
    return found[0] if found else {}


def wait_paused(running, name, *words, seconds=20):
    def paused():
        code, text = running.get("/readyz")
        return text if code == 503 and name in text and all(word in text for word in words) else None
    return wait_until(paused, f"/readyz to name {name} with {words}", seconds)


def reload(running, sentence="the configuration was"):
    """SIGHUP, and waits until the log tells what came of it."""
    before = running.log().count(sentence)
    running.signal(signal.SIGHUP)
    wait_until(lambda: running.log().count(sentence) > before, "the reload")


# --- folders and defaults

def test_a_folder_of_files_runs_all_their_pipelines(fleet):
    for name in "abc":
        fleet.pipeline(name)
    running = fleet.start().wait_ready()
    for name in "abc":
        fleet.send(name, range(20))
    for name in "abc":
        fleet.wait_ids(name, range(20))
    assert running.stop() == 0


def test_each_pipeline_has_its_own_database(fleet, cluster):
    other = cluster.create_database()
    other.execute("CREATE TABLE elsewhere (id integer, note text)")
    fleet.pipeline("a")
    fleet.pipeline("b", table="elsewhere", lines=f"    postgres: {{url: '{other.tcp_url()}'}}\n")
    finished = fleet.run("migrate")
    assert finished.code == 0, finished.err
    assert finished.out.count("schema sqs2pg was made") == 2
    checked = fleet.run("check")
    assert checked.code == 0, checked.out
    assert checked.out.count("schema sqs2pg") == 2
    fleet.start(migrate=False).wait_ready()
    fleet.send("a", [1])
    fleet.send("b", [2])
    fleet.wait_ids("a", [1])
    wait_until(lambda: other.rows("SELECT id FROM elsewhere") == [(2,)], "the row in the other database")


def test_two_pipelines_of_one_name_name_both_places(fleet):
    fleet.pipeline("a")
    text = (fleet.folder / "a.yaml").read_text()
    fleet.write("b.yaml", text.replace("queue-a", "queue-b"))
    finished = fleet.run("run", "--ops", "off")
    assert finished.code == 2
    assert "b.yaml:2:3: the pipeline `a` stands in" in finished.err and "a.yaml:2:3 already" in finished.err


def test_one_queue_by_name_and_by_url_is_found_by_check_and_at_the_start(fleet):
    fleet.pipeline("a")
    fleet.pipeline("b", queue=fleet.urls["a"])
    fleet.run("migrate")
    checked = fleet.run("check")
    assert checked.code == 1 and "the pipelines a and b read the same queue" in checked.out
    running = fleet.start(migrate=False)
    wait_until(lambda: "reads this queue" in running.get("/readyz")[1], "/readyz to tell it")
    wait_until(lambda: sum(state(running, name)["state"] == "running" for name in "ab") == 1, "one of them to run")
    assert running.stop() == 2


# --- isolation

def test_a_failure_stays_within_its_pipeline(fleet):
    fleet.pipeline("a")
    fleet.pipeline("wrong", table="no_such_table")
    fleet.pipeline("absent", lines="    postgres: {url: 'postgresql://nobody@127.0.0.1:9/none'}\n")
    (fleet.rig.folder / "broken.keys").write_text("active: k1\nkeys: {k1: short}\n")
    (fleet.rig.folder / "broken.keys").chmod(0o600)
    fleet.pipeline("keyless", lines=f"    keys: {{file: {fleet.rig.folder}/broken.keys}}\n")
    running = fleet.start()
    fleet.send("a", range(10))
    fleet.wait_ids("a", range(10))
    for name in ("wrong", "absent", "keyless"):
        wait_paused(running, name)
    assert state(running, "a")["state"] == "running"
    assert running.stop() == 2
    assert fleet.ids("a") == list(range(10))


def test_a_failed_pipeline_starts_after_a_reload(fleet):
    fleet.pipeline("a")
    fleet.pipeline("b", table="later")
    running = fleet.start()
    wait_paused(running, "b", "later")
    fleet.rig.database.execute("CREATE TABLE later (id integer, note text)")
    reload(running)
    running.wait_ready()
    fleet.send("b", [5])
    wait_until(lambda: fleet.rig.database.rows("SELECT id FROM later") == [(5,)], "the row")
    assert running.stop() == 0


# --- reload

def test_reload_adds_removes_and_changes_and_leaves_the_rest_alone(fleet):
    for name in "abc":
        fleet.pipeline(name)
    running = fleet.start().wait_ready()
    fleet.send("a", [1])
    fleet.wait_ids("a", [1])
    threads = running.log().count('"event":"started"')
    fleet.pipeline("d")
    (fleet.folder / "b.yaml").unlink()
    fleet.rig.database.execute("ALTER TABLE table_c ADD COLUMN extra text")
    fleet.pipeline("c", "{id: id, extra: {from: note}}", make=False)
    reload(running)
    wait_until(lambda: state(running, "d").get("state") == "running", "d to run")
    wait_until(lambda: not state(running, "b"), "b to be gone")
    wait_until(lambda: running.log().count('"event":"started"') == threads + 2, "c to run anew")
    for name in "acd":
        fleet.send(name, [7], note="new")
    fleet.send("b", [9])
    fleet.wait_ids("a", [1, 7])
    fleet.wait_ids("d", [7])
    fleet.wait_ids("c", ["new"], "extra")
    assert running.stop() == 0
    assert fleet.ids("b") == [] and fleet.depth("b") == (1, 0)
    assert running.log().count('"event":"started"') == threads + 2


def test_reload_under_load_loses_and_repeats_nothing(fleet):
    fleet.pipeline("a")
    running = fleet.start().wait_ready()
    for turn in range(3):
        fleet.send("a", range(turn * 1000, turn * 1000 + 1000))
        fleet.pipeline("a", lines=f"    max_batch_rows: {100 + turn}\n", make=False)
        reload(running)
    fleet.wait_ids("a", range(3000), seconds=60)
    assert running.stop() == 0
    assert fleet.depth("a") == (0, 0)
    assert fleet.rig.dead_letters() == {}


def test_a_broken_configuration_is_told_and_the_old_one_goes_on(fleet):
    fleet.pipeline("a")
    running = fleet.start().wait_ready()
    fleet.write("b.yaml", "pipelines:\n  b: {queue: q, tabel: t, columns: {id: id}}\n")
    reload(running)
    assert "unknown key `tabel`" in running.log() and "the old one goes on" in running.log()
    fleet.send("a", [1])
    fleet.wait_ids("a", [1])
    fleet.write("b.yaml", "pipelines:\n  b: {queue: queue-a")
    reload(running)
    running.check_alive()
    fleet.send("a", [2])
    fleet.wait_ids("a", [1, 2])
    assert running.stop() == 0


def test_a_changed_pipeline_that_does_not_fit_keeps_the_old_one_going(fleet):
    fleet.pipeline("a")
    running = fleet.start().wait_ready()
    fleet.pipeline("a", "{id: id, no_such_column: note}", make=False)
    running.signal(signal.SIGHUP)
    wait_until(lambda: "is not taken, and the old one goes on" in running.log(), "the refusal")
    assert "no_such_column" in running.log()
    fleet.send("a", [1])
    fleet.wait_ids("a", [1])
    assert running.stop() == 0


def test_another_key_under_the_same_id_is_refused(fleet):
    fleet.pipeline("a")
    running = fleet.start().wait_ready()
    keys = fleet.rig.folder / "keys.yaml"
    keys.write_text("active: k1\nkeys:\n  k1: " + "B" * 43 + "=\n")
    running.signal(signal.SIGHUP)
    wait_until(lambda: "is not taken, and the old one goes on" in running.log(), "the refusal")
    fleet.send("a", [1])
    fleet.wait_ids("a", [1])
    # Nor does a second process with it start.
    finished = fleet.run("run", "--ops", "off")
    assert finished.code == 2 and "k1" in finished.err
    assert running.stop() == 0


# --- ALTER TABLE under a running pipeline

@pytest.fixture
def altered(fleet):
    """A running pipeline that has written one row."""
    fleet.pipeline("a")
    fleet.running = fleet.start().wait_ready()
    fleet.send("a", [0])
    fleet.wait_ids("a", [0])
    fleet.alter = lambda sql: fleet.rig.database.execute(f"ALTER TABLE table_a {sql}")
    yield fleet
    if fleet.running.process.poll() is None:
        assert fleet.running.stop() == 0
    assert fleet.rig.dead_letters() == {}


def test_a_dropped_column_pauses_until_it_is_back(altered):
    altered.alter("DROP COLUMN note")
    altered.send("a", range(1, 30))
    wait_paused(altered.running, "a", "note")
    assert "mend the table or the configuration" in altered.running.log()
    altered.alter("ADD COLUMN note text")
    altered.wait_ids("a", range(30), seconds=40)
    altered.running.wait_ready()


def test_a_renamed_column_goes_on_with_the_corrected_configuration_by_itself(altered):
    altered.alter("RENAME COLUMN note TO remark")
    altered.send("a", range(1, 30), note="n")
    wait_paused(altered.running, "a", "note")
    altered.pipeline("a", "{id: id, remark: {from: note, optional: true}}", make=False)
    altered.wait_ids("a", range(30), seconds=60)  # no SIGHUP
    assert altered.running.get("/readyz")[0] == 200


def test_a_not_null_column_that_nothing_maps_pauses(altered):
    altered.rig.database.execute("DELETE FROM table_a")
    altered.alter("ADD COLUMN owner text NOT NULL")
    altered.send("a", range(1, 30))
    wait_paused(altered.running, "a", "owner")
    altered.alter("ALTER COLUMN owner SET DEFAULT 'nobody'")
    altered.wait_ids("a", range(1, 30), seconds=40)


def test_a_changed_type_takes_what_the_old_one_refused(altered):
    altered.alter("ALTER COLUMN id TYPE text")
    altered.send("a", ["one", "two"])
    altered.wait_ids("a", ["0", "one", "two"])


def test_a_narrowed_type_refuses_only_what_it_cannot_hold(altered):
    altered.alter("ALTER COLUMN note TYPE varchar(3)")
    altered.send("a", [1, 2], note="abc")
    altered.send("a", [3], note="abcd")
    altered.wait_ids("a", [0, 1, 2])
    wait_until(lambda: altered.rig.dead_letters() == {"too_long": 1}, "the dead letter")
    altered.rig.database.execute("DELETE FROM sqs2pg.dead_letter")


def test_a_table_that_is_gone_pauses_until_it_is_back(altered):
    altered.rig.database.execute("ALTER TABLE table_a RENAME TO moved")
    altered.send("a", range(1, 10))
    wait_paused(altered.running, "a", "table_a")
    altered.rig.database.execute("ALTER TABLE moved RENAME TO table_a")
    altered.wait_ids("a", range(10), seconds=40)


def test_a_paused_pipeline_stops_at_once_and_gives_back_what_it_holds(altered):
    altered.alter("DROP COLUMN note")
    altered.send("a", range(1, 30))
    wait_paused(altered.running, "a", "note")
    started = time.monotonic()
    assert altered.running.stop() == 0
    assert time.monotonic() - started < 10
    wait_until(lambda: altered.depth("a") == (29, 0), "the messages to be back")


# --- bounds

def test_a_limit_on_rows_a_second_is_kept(fleet):
    fleet.pipeline("a", lines="    max_rows_per_second: 50\n")
    fleet.pipeline("b")
    fleet.send("a", range(400))
    fleet.send("b", range(400))
    running = fleet.start("--workers", "2").wait_ready()
    fleet.wait_ids("b", range(400))
    assert len(fleet.ids("a")) < 250
    wait_until(lambda: len(fleet.ids("a")) >= 100, "some rows")
    started, before = time.monotonic(), len(fleet.ids("a"))
    wait_until(lambda: len(fleet.ids("a")) >= before + 100, "a hundred rows more")
    assert 1.2 < time.monotonic() - started < 4
    assert running.metrics().value("sqs2pg_messages_in_flight", pipeline="a") <= 150
    assert running.stop() == 0


def test_max_connections_bounds_the_process(fleet):
    fleet.write("process.yaml", "max_connections: 3\n")
    names = "abcdef"
    for name in names:
        fleet.pipeline(name)
    checked = fleet.run("migrate")
    assert checked.code == 0, checked.err
    assert "max_connections is 3" in fleet.run("check").out
    role = fleet.rig.database.value("SELECT current_user")
    running = fleet.start(migrate=False).wait_ready()
    most = 0

    def count():
        nonlocal most
        now = fleet.rig.database.value(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sqs2pg' AND datname = current_database()")
        most = max(most, now)
        return most

    for name in names:
        fleet.send(name, range(200))
    for name in names:
        wait_until(lambda name=name: count() and len(fleet.ids(name)) == 200, f"the rows of {name}", 60)
    assert role and most <= 3
    assert running.stop() == 0
