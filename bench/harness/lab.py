"""What every measurement needs: the programs, one private PostgreSQL, databases and queues, and an orderly end. All
servers listen on loopback or a unix socket, on free ports, and end with the lab."""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "tests" / "integration"))

SETTINGS = {"fsync": "on", "synchronous_commit": "on", "shared_buffers": "1GB", "max_wal_size": "4GB",
            "checkpoint_timeout": "30min", "track_commit_timestamp": "on", "max_connections": "100",
            "log_min_messages": "warning", "log_connections": "off"}
QUEUE = "login-queue"


class Broken(RuntimeError):
    """A measurement that is worth nothing, in one sentence."""


class Lab:
    def __init__(self, binary, options):
        os.environ["SQS2PG_BINARY"] = str(binary)
        self.binary, self.options = binary, options
        self.programs = binary.parent / "bench"
        self.shared = {}  # what one row measured and another needs
        self.folder = Path(tempfile.mkdtemp(prefix="sqs2pg-bench-"))
        self._cluster, self._count = None, 0

    @property
    def cluster(self):
        if self._cluster is None:
            from postgres_cluster import Cluster
            self._cluster = Cluster(SETTINGS)
            self._cluster.start()
        return self._cluster

    def close(self):
        if self._cluster is not None:
            self._cluster.stop()
            self._cluster = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def say(self, text):
        print(f"  {text}", file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def database(self, migrated=True):
        """An empty database with `user_logins` and sqs2pg's own schema; dropped afterwards. `migrated=False`: a bare
        one."""
        made = self.cluster.create_database()
        try:
            if migrated:
                made.run_file(CHECKOUT / "examples" / "user_logins.sql")
                self.command("migrate", "-c", self.configuration(), environment=made.environment())
            yield made
        finally:
            with self.cluster.connect("postgres") as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {made.name} WITH (FORCE)")

    @contextlib.contextmanager
    def queue(self, faults=False):
        from sqs_servers import EmbeddedQueue
        server = EmbeddedQueue.start(self.binary, "--create", QUEUE, faults=faults)
        try:
            yield server
        finally:
            server.stop()

    def configuration(self):
        """The login pipeline at its default settings, with two HMACs. Its long polls are short: an orderly end waits
        for them."""
        from program import write_configuration
        return write_configuration(self.folder)

    def new_folder(self):
        self._count += 1
        made = self.folder / str(self._count)
        made.mkdir()
        return made

    def command(self, *arguments, environment=None, timeout=600):
        from program import run
        finished = run(*arguments, environment=environment, timeout=timeout)
        if finished.code:
            raise Broken(f"`sqs2pg {arguments[0]}` failed: {finished.err.strip()[-500:]}")
        return finished.out

    def fill(self, server, messages, seed):
        self.command("send", "--queue", QUEUE, "--generate", "logins", "--count", messages, "--seed", seed,
                     environment=server.environment())

    def settle(self, database):
        """Nothing that was written before is written during the measurement."""
        with self.cluster.connect(database.name) as connection:
            connection.execute("CHECKPOINT")

    def program(self, name, *arguments, timeout=300):
        """The JSON that a program of bench/ prints."""
        path = self.programs / name
        if not path.exists():
            raise Broken(f"{path.name} is not built: ninja -C build/bench {path.name}")
        finished = subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                                  stdin=subprocess.DEVNULL)
        if finished.returncode:
            raise Broken(f"{name} failed: {finished.stderr.strip()[-500:]}")
        return json.loads(finished.stdout)
