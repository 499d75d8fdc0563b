"""A private PostgreSQL of the installed binaries: a temporary folder, a unix socket for everybody, and TCP on loopback
with passwords. initdb refuses root, so root hands the cluster to another user."""
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg
from waiting import wait_until

PASSWORD = "correct-horse-battery"


def binaries():
    found = os.environ.get("SQS2PG_TEST_PG_BIN")
    if found:
        return Path(found)
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise RuntimeError("no PostgreSQL server here: ./dev setup installs it")
    return versions[-1].parent


def unprivileged_user():
    """The name of the user that runs the cluster, or None for the present one."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
            return name
        except KeyError:
            continue
    raise RuntimeError("no user postgres or nobody to run a private PostgreSQL as")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def scratch_folder():
    """Where a cluster that nobody measures lives: in memory where there is room for it, since dozens of databases are
    slow to make and to remove on a disk."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4 * 2**30
    return memory if roomy else None


class Cluster:
    """One server. `start` and `kill` may be called again and again; the port and the folder stay."""

    SETTINGS = {
        "fsync": "off",  # no test pulls the plug of the machine
        "shared_buffers": "64MB",
        "max_connections": "60",
        "log_min_messages": "info",
        "log_connections": "on",
        "autovacuum_naptime": "1h",
    }

    def __init__(self, settings=None, folder=None):
        self.folder = Path(tempfile.mkdtemp(prefix="sqs2pg-test-", dir=folder))
        self.bin = binaries()
        self.user = unprivileged_user()
        self.port = free_port()
        self.settings = dict(self.SETTINGS, **(settings or {}))
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self._server = None
        self._count = 0
        if self.user:
            shutil.chown(self.folder, self.user)
        self.folder.chmod(0o755)
        self._initdb()

    def _as_user(self):
        if not self.user:
            return {}
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}

    def _initdb(self):
        subprocess.run([self.bin / "initdb", "-D", self.data, "-U", "postgres", "-N", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8"], check=True, capture_output=True, cwd="/", **self._as_user())
        (self.data / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")

    def start(self):
        options = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.folder,
                   **self.settings}
        arguments = [self.bin / "postgres", "-D", self.data]
        for name, value in options.items():
            arguments += ["-c", f"{name}={value}"]
        with open(self.log, "ab") as log:
            self._server = subprocess.Popen(arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/",
                                            start_new_session=True, **self._as_user())
        wait_until(self._answers, "PostgreSQL to accept connections", 30)
        return self

    def _answers(self):
        try:
            self.connect("postgres").close()
            return True
        except psycopg.OperationalError:
            if self._server.poll() is not None:
                raise RuntimeError("PostgreSQL ended: " + self.log.read_text()[-2000:]) from None
            return False

    @property
    def pid(self):
        return self._server.pid

    def kill(self):
        """As `pg_ctl stop -m immediate`: no checkpoint, recovery at the next start."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(30)

    def stop(self):
        if self._server and self._server.poll() is None:
            self.kill()  # the folder goes anyway
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, database, user="postgres"):
        return psycopg.connect(host=str(self.folder), port=self.port, dbname=database, user=user, autocommit=True)

    def create_database(self, role="app"):
        """A new empty database owned by `role`, an ordinary one with a password."""
        self._count += 1
        name = f"test_{self._count}"
        with self.connect("postgres") as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
            connection.execute(f"CREATE DATABASE {name} OWNER {role}")
        return Database(self, name, role)


class Database:
    """One database of a cluster, and how the program under test reaches it."""

    def __init__(self, cluster, name, role):
        self.cluster, self.name, self.role = cluster, name, role

    def environment(self):
        return {"PGHOST": str(self.cluster.folder), "PGPORT": str(self.cluster.port), "PGDATABASE": self.name,
                "PGUSER": self.role}

    def tcp_url(self, password=PASSWORD, user=None, database=None, port=None):
        return (f"postgresql://{user or self.role}:{password}@127.0.0.1:{port or self.cluster.port}"
                f"/{database or self.name}")

    def socket_url(self):
        folder = str(self.cluster.folder).replace("/", "%2F")
        return f"postgresql://{self.role}@{folder}:{self.cluster.port}/{self.name}"

    def execute(self, sql, parameters=None, user=None):
        with self.cluster.connect(self.name, user or self.role) as connection:
            connection.execute(sql, parameters)

    def rows(self, sql, parameters=None):
        with self.cluster.connect(self.name) as connection:
            return connection.execute(sql, parameters).fetchall()

    def value(self, sql, parameters=None):
        return self.rows(sql, parameters)[0][0]

    def run_file(self, path):
        self.execute(Path(path).read_text(encoding="utf-8"))
