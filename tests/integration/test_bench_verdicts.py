"""`sqs2pg bench` beside what slows a real server: a synchronous standby far away, and a session that keeps locks."""
import json
import subprocess
import tempfile
import threading

import psycopg
import pytest
from conftest import logins_database
from postgres_cluster import PASSWORD, Cluster, scratch_folder
from program import run, write_configuration
from slow_line import SlowLine
from sqs_servers import plain_environment
from waiting import wait_until

SCRATCH = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'sqs2pg_bench_%'"
WRITTEN = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'sqs2pg_bench_%' AND query LIKE '%COPY%'"


def verdict(tmp_path, database, *arguments):
    configuration = write_configuration(tmp_path)
    finished = run("bench", "-c", configuration, "--no-queue", "--seconds", "4", "--format", "json", *arguments,
                   environment=database.environment())
    assert finished.code == 0, finished.err
    return json.loads(finished.out)


@pytest.fixture
def far_standby():
    """A server that waits for a synchronous standby 20 ms away: PostgreSQL's own pg_receivewal behind a slow line."""
    server = Cluster({"fsync": "on", "wal_level": "replica", "max_wal_senders": "4"}, scratch_folder())
    try:
        with open(server.data / "pg_hba.conf", "a", encoding="utf-8") as file:
            file.write("host replication all 127.0.0.1/32 scram-sha-256\n")
        server.start()
        with server.connect("postgres") as connection:
            connection.execute(f"CREATE ROLE standby REPLICATION LOGIN PASSWORD '{PASSWORD}'")
        database = logins_database(server)
        with SlowLine(server.port, 0.02) as line, tempfile.TemporaryDirectory() as wal:
            receiving = subprocess.Popen(
                [server.bin / "pg_receivewal", "-D", wal, "--synchronous", "--no-loop", "-h", "127.0.0.1", "-p",
                 str(line.port), "-U", "standby"], env=plain_environment(PGPASSWORD=PASSWORD),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                with server.connect("postgres") as connection:
                    connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                    connection.execute("SELECT pg_reload_conf()")
                wait_until(lambda: database.value("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"),
                           "the standby to be a synchronous one")
                yield database
            finally:
                receiving.kill()
                receiving.wait(10)
    finally:
        server.stop()


def test_a_synchronous_standby_that_is_far_away_is_what_binds(tmp_path, far_standby):
    told = verdict(tmp_path, far_standby, "--workers", "1")
    writer = told["database"]["writers"][0]
    assert told["binds"] == "standby" and "synchronous_standby_names" in " ".join(told["changes"]), writer
    assert writer["standby_ms"] > 30 and writer["standby_ms"] > writer["transaction_ms"] / 2
    assert writer["disk_ms"] < writer["standby_ms"] / 2


class TableKeptLocked:
    """A session that takes a table from its writers for 50 ms again and again, as some report or migration may."""

    def __init__(self, database):
        self._database, self._end = database, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join(30)

    def _run(self):
        wait_until(lambda: self._end.is_set() or self._database.value(WRITTEN), "bench to write")
        scratch = self._database.rows(SCRATCH)
        while scratch and not self._end.is_set():
            try:
                with self._database.cluster.connect(self._database.name) as connection, connection.transaction():
                    connection.execute(f"LOCK {scratch[0][0]}.t0 IN SHARE MODE")
                    self._end.wait(0.05)
            except (psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedTable):
                return  # bench has ended


def test_a_session_that_keeps_locks_is_what_binds(tmp_path, database):
    with TableKeptLocked(database):
        told = verdict(tmp_path, database, "--workers", "2")
    writer = told["database"]["writers"][-1]
    assert told["binds"] == "locks" and "unique indexes" in " ".join(told["changes"]), writer
    assert writer["locks_ms"] > writer["transaction_ms"] / 2
