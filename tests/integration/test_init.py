"""`sqs2pg init` from outside: what it proposes passes `check` and makes rows; what is wrong gets an answer."""
import json
import os
import re
import subprocess

import pytest
from configuration_schema import load_yaml, mistakes
from postgres_cluster import free_port
from program import BINARY, run
from sqs_servers import CHECKOUT, plain_environment


class Desk:
    """A folder with a database and a queue beside it, in which `init` and what follows it run."""

    def __init__(self, folder, database, server):
        self.folder, self.database, self.server = folder, database, server
        self.environment = {**server.environment(), "DATABASE_URL": database.socket_url()}

    def write(self, name, bodies):
        text = "".join((body if isinstance(body, str) else json.dumps(body)) + "\n" for body in bodies)
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def init(self, *arguments, environment=None, **options):
        return run("init", *arguments, cwd=self.folder, environment={**self.environment, **(environment or {})},
                   **options)

    def sqs2pg(self, *arguments):
        finished = run(*arguments, cwd=self.folder, environment=self.environment, timeout=120)
        assert finished.code == 0, finished.out + finished.err
        return finished

    def send(self, queue, file):
        run("send", "--queue", queue, "--create", file, cwd=self.folder, environment=self.environment)

    def configuration(self, name="sqs2pg.yaml"):
        text = (self.folder / name).read_text(encoding="utf-8")
        configuration = load_yaml(text)
        assert mistakes(configuration) == []
        return configuration

    def to_rows(self, *, tables=False):
        """What the last lines of `init` say."""
        if tables:
            self.database.run_file(self.folder / "sqs2pg.sql")
        if not (self.folder / "sqs2pg.keys").exists():
            self.sqs2pg("key", "new", "-o", "sqs2pg.keys")
        self.sqs2pg("migrate", "-c", "sqs2pg.yaml")
        self.sqs2pg("check", "-c", "sqs2pg.yaml")
        self.sqs2pg("run", "-c", "sqs2pg.yaml", "--ops", "off", "--drain")


@pytest.fixture
def desk(tmp_path, cluster, queue):
    return Desk(tmp_path, cluster.create_database(), queue)


def columns_of(configuration):
    (pipeline,) = configuration["pipelines"].values()
    return {name: rule if isinstance(rule, dict) else {"from": rule} for name, rule in pipeline["columns"].items()}


def test_the_logins_and_their_table_give_the_example(desk, logins_file):
    desk.database.run_file(CHECKOUT / "examples" / "user_logins.sql")
    finished = desk.init("--from", logins_file, "--queue", "login-queue", "--table", "user_logins")
    assert finished.code == 0, finished.out + finished.err
    example = load_yaml((CHECKOUT / "examples" / "logins.yaml").read_text(encoding="utf-8"))
    assert columns_of(desk.configuration()) == columns_of(example)
    desk.send("login-queue", logins_file)
    desk.to_rows()
    assert desk.database.value("SELECT count(*) FROM user_logins") == 99
    assert desk.database.value("SELECT reason FROM sqs2pg.dead_letter") == "missing_field"


def test_no_value_of_a_message_is_told(desk, logins_file):
    finished = desk.init("--from", logins_file, "--table", "user_logins", "--format", "json")
    assert finished.code == 0, finished.err
    told = finished.out + finished.err + (desk.folder / "sqs2pg.yaml").read_text() + (
        desk.folder / "sqs2pg.sql").read_text()
    for line in logins_file.read_text(encoding="utf-8").splitlines():
        for value in json.loads(line).values():
            assert value is None or len(str(value)) < 4 or f'"{value}"' not in told
            assert value is None or len(str(value)) < 8 or str(value) not in told


def test_a_table_that_is_not_there_is_proposed_and_gets_rows(desk, logins_file):
    finished = desk.init("--from", logins_file, "--queue", "login-queue", "--table", "fresh_logins")
    assert finished.code == 0, finished.out + finished.err
    assert "[no_table]" in finished.out
    desk.send("login-queue", logins_file)
    desk.to_rows(tables=True)
    assert desk.database.value("SELECT count(*) FROM fresh_logins WHERE masked_ip LIKE 'k1\\_%'") == 99


def test_kinds_nested_places_and_maps_become_rows_in_a_table_each(desk):
    bodies = []
    for i in range(40):
        if i % 2:
            bodies.append({"type": "order", "order": {"id": i, "customer": {"email": f"u{i}@example.org"},
                                                      "lines": [{"sku": "a", "n": 1}], "tags": ["x"]}})
        else:
            bodies.append({"type": "signup", "userId": i, "clientIP": "2001:db8::1", "password": "hunter2",
                           "on": True, "weird key": "1", "scores": {f"{i}-{i}-{i}a": i}, "createdAt": 1700000000 + i})
    desk.send("shop", desk.write("shop.jsonl", bodies))
    finished = desk.init("--queue", "shop", "--table", "events", "--create-table")
    assert finished.code == 0, finished.out + finished.err
    assert "CREATE TABLE" in finished.err and "the tables were made" in finished.out
    desk.to_rows()
    assert desk.database.value("SELECT count(*) FROM events_order WHERE masked_email LIKE 'k1\\_%'") == 20
    assert desk.database.value("SELECT count(*) FROM events_signup WHERE created_at > '2023-01-01'") == 20


def test_a_look_leaves_the_messages_in_the_queue(desk, logins_file):
    desk.send("login-queue", logins_file)
    finished = desk.init("--queue", "login-queue", "--table", "logins", "--messages", "30")
    assert finished.code == 0 and "30 messages of the queue" in finished.out, finished.out + finished.err
    desk.to_rows(tables=True)
    assert desk.database.value("SELECT count(*) FROM logins") == 99


def test_messages_of_sns_are_taken_out_of_their_envelope(desk):
    bodies = [{"Type": "Notification", "MessageId": str(i), "TopicArn": "arn:aws:sns:eu-central-1:1:t",
               "Message": json.dumps({"n": i, "kind_of": "x"}), "Timestamp": "2026-01-01T00:00:00.000Z"}
              for i in range(25)]
    desk.send("notes", desk.write("notes.jsonl", bodies))
    finished = desk.init("--queue", "notes", "--table", "notes", "--create-table")
    assert finished.code == 0, finished.out + finished.err
    assert desk.configuration()["pipelines"]["notes"]["unwrap"] == "sns"
    desk.to_rows()
    assert desk.database.value("SELECT sum(n) FROM notes") == 300


def test_an_empty_queue_and_one_that_is_not_there(desk):
    empty = desk.init("--queue", "login-queue", "--table", "t")
    assert empty.code == 1 and "gave no message" in empty.err
    absent = desk.init("--queue", "no-such-queue", "--table", "t")
    assert absent.code == 2 and '"no-such-queue" does not exist' in absent.err
    assert list(desk.folder.iterdir()) == []


@pytest.mark.parametrize(("bodies", "hint"), [
    (["<a/>", "<b/>"], "XML"), (["{'a': 1}"], "single quotes"), (["[1]", "[2]"], "JSON array"),
    (['"{\\"a\\": 1}"'], "twice"), (["a=1&b=2"], "form"), (["1", "2"], "plain values")])
def test_messages_that_are_no_json_objects_are_told_by_what_they_are(desk, bodies, hint):
    finished = desk.init("--from", desk.write("odd.jsonl", bodies), "--table", "t")
    assert finished.code == 1 and hint in finished.err, finished.err
    assert len(finished.err.splitlines()) == 1


def test_forty_kinds_a_stray_and_bad_lines_are_said(desk):
    names = [chr(97 + k // 26) + chr(97 + k % 26) for k in range(40)]
    bodies = [{"type": "k" + name, "only_" + name: 1, "n": i} for name in names for i in range(2)] + ["not json"]
    finished = desk.init("--from", desk.write("kinds.jsonl", bodies), "--table", "t", "--queue", "q")
    assert finished.code == 0, finished.out + finished.err
    assert "40 kinds" in finished.out and "the 12 most frequent have a route" in finished.out
    assert "line 81" in finished.out and "[not_json]" in finished.out


def test_a_table_that_does_not_fit_is_an_error_that_says_what(desk, logins_file):
    desk.database.execute("CREATE TABLE other (thing integer NOT NULL, locale integer)")
    finished = desk.init("--from", logins_file, "--table", "other", "--queue", "q")
    assert finished.code == 1
    assert "[column_without_source]" in finished.out and "other.thing" in finished.out
    assert "wrong_type (locale)" in finished.out


def test_without_a_database_a_table_is_proposed(desk, logins_file):
    finished = desk.init("--from", logins_file, "--table", "t", "--queue", "q",
                         environment={"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/x"})
    assert finished.code == 0 and "[no_database]" in finished.out, finished.out + finished.err


def test_what_is_there_is_not_overwritten(desk, logins_file):
    (desk.folder / "sqs2pg.yaml").write_text("mine")
    refused = desk.init("--from", logins_file, "--table", "t")
    assert refused.code == 2 and "--force" in refused.err
    assert (desk.folder / "sqs2pg.yaml").read_text() == "mine"
    assert desk.init("--from", logins_file, "--table", "t", "--force").code == 0


def test_the_page_is_true(desk):
    page = (CHECKOUT / "docs" / "init.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^```sh\n(.*?)^```", page, re.M | re.S)
    (desk.folder / "bin").mkdir()
    (desk.folder / "bin" / "sqs2pg").symlink_to(BINARY.resolve())
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c",
         "trap 'kill $(jobs -p)' EXIT\n" + script.replace("9324", str(free_port()))],
        cwd=desk.folder, text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=120,
        env=plain_environment(DATABASE_URL=desk.database.socket_url(), HOME=str(desk.folder),
                              PATH=f"{desk.folder / 'bin'}:{os.environ['PATH']}"))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "k1_" in finished.stdout
