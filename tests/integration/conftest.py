"""Fixtures of the integration tests: a PostgreSQL and the SQS servers a session (started when first asked for), a
database, a queue and a configuration a test."""
import os

import foreign_servers
import pytest
import sqs_servers
from compatibility_page import PageOfRun
from postgres_cluster import Cluster, scratch_folder
from program import BINARY, Running, data_file, run, write_configuration
from shown import peer, pytest_generate_tests, shown  # noqa: F401: pytest finds fixtures and hooks here
from sqs_servers import CHECKOUT, EmbeddedQueue


def pytest_addoption(parser):
    parser.addoption("--write-compatibility", action="store_true",
                     help="write docs/compatibility.md from this run, which has to be one of every test_servers_*.py")


def pytest_configure(config):
    config.addinivalue_line("markers", "shows(capability): what the test says about an SQS server (compatibility.py)")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(PageOfRun(config))
    if not BINARY.exists():
        raise pytest.UsageError(f"{BINARY} is not there: ./dev build makes it")


@pytest.fixture(scope="session")
def cluster():
    server = Cluster(folder=scratch_folder()).start()
    yield server
    server.stop()


@pytest.fixture
def own_cluster():
    """A PostgreSQL that the test may kill."""
    server = Cluster({"fsync": "on"}, scratch_folder()).start()
    yield server
    server.stop()


def logins_database(server):
    made = server.create_database()
    made.run_file(CHECKOUT / "examples" / "user_logins.sql")
    return made


@pytest.fixture
def database(cluster):
    return logins_database(cluster)


@pytest.fixture
def queue():
    """Our own queue, faults on demand, with an empty `login-queue`."""
    server = EmbeddedQueue.start(BINARY, "--create", "login-queue")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def embedded():
    """Our own queue for the tests that hold it against the foreign ones: one a session, without faults."""
    server = EmbeddedQueue.start(BINARY, faults=False)
    server.version = "this one"
    yield server
    server.stop()


@pytest.fixture(scope="session")
def moto(tmp_path_factory):
    server = foreign_servers.start_moto(tmp_path_factory.mktemp("moto"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def localstack(tmp_path_factory):
    server = foreign_servers.start_localstack(tmp_path_factory.mktemp("localstack"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def localstack_of_secrets(tmp_path_factory):
    """Another one than `localstack`: its Secrets Manager and SSM are slow to load, and only few tests want them."""
    server = foreign_servers.start_localstack(tmp_path_factory.mktemp("localstack"), "kms,secretsmanager,ssm,sts")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def elasticmq(tmp_path_factory):
    server = foreign_servers.start_elasticmq(tmp_path_factory.mktemp("elasticmq"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def fauxqs(tmp_path_factory):
    server = foreign_servers.start_fauxqs(tmp_path_factory.mktemp("fauxqs"))
    yield server
    server.stop()


@pytest.fixture
def logins_file():
    path = data_file("logins.jsonl")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("logins.jsonl is neither in ../shared/data nor in $SQS2PG_DATA")
        pytest.skip("logins.jsonl is neither in ../shared/data nor in $SQS2PG_DATA")
    return path


class Rig:
    """Queue, database, configuration and the program between them."""

    def __init__(self, server, database, folder, queue="login-queue", queue_url=None):
        self.server, self.database, self.folder, self.queue = server, database, folder, queue
        self.client = server.client(retries=3)
        self.queue_url = queue_url or self.client.get_queue_url(QueueName=queue)["QueueUrl"]
        self.environment = {**server.environment(), **database.environment()}
        self.running = []
        self.configure()

    def configure(self, *arguments, **options):
        self.configuration = write_configuration(self.folder, *arguments, **{"queue": self.queue, **options})

    def send(self, bodies):
        return sqs_servers.send_bodies(self.client, self.queue_url, bodies)

    def depth(self):
        return sqs_servers.depth(self.client, self.queue_url)

    def run(self, *arguments, environment=None, timeout=60):
        return run("run", "-c", self.configuration, "--ops", "off", *arguments, timeout=timeout,
                   environment={**self.environment, **(environment or {})})

    def drain(self, *arguments, timeout=120):
        finished = self.run("--drain", "--migrate", *arguments, timeout=timeout)
        assert finished.code == 0, finished.err
        return finished

    def migrate(self):
        finished = run("migrate", "-c", self.configuration, environment=self.environment)
        assert finished.code == 0, finished.err

    def start(self, *arguments, environment=None, **options):
        running = Running(self.configuration, {**self.environment, **(environment or {})}, self.folder, *arguments,
                          **options)
        self.running.append(running)
        return running

    def rows(self):
        return self.database.value("SELECT count(*) FROM user_logins")

    def dead_letters(self):
        """reason -> count"""
        return dict(self.database.rows("SELECT reason, count(*) FROM sqs2pg.dead_letter GROUP BY reason"))

    def close(self):
        for running in self.running:
            running.kill()


@pytest.fixture
def rig_of(tmp_path):
    """rig_of(server, database, …): a rig whose processes end with the test."""
    made = []

    def make(server, database, **options):
        made.append(Rig(server, database, tmp_path, **options))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def rig(queue, database, rig_of):
    return rig_of(queue, database)
