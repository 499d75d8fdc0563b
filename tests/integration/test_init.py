"""`sqs2pg init` from outside: what it proposes passes `check` and makes rows; what is wrong gets an answer."""
import json

import pytest
from configuration_schema import load_yaml, mistakes
from program import run
from sqs_servers import CHECKOUT


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
