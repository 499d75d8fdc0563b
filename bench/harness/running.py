"""`sqs2pg run` as a service, for the measurements that are not of a drain."""
import contextlib
import json
import subprocess
import time

from .drain import start
from .lab import Broken

PAUSE_SECONDS = 0.0001


@contextlib.contextmanager
def worker(lab, server, database, *arguments):
    """The process and its log; ended with SIGTERM, and killed when it does not end."""
    log = lab.new_folder() / "run.log"
    command = [lab.binary, "run", "-c", lab.configuration(), "--ops", "off", "--log", "json", *arguments]
    process = start(command, log, {**server.environment(), **database.environment()})
    try:
        yield process, log
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                pass
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()


def wait_started(process, log, seconds=20):
    def started():
        if process.poll() is not None:
            raise Broken(f"the run ended with {process.returncode}: {log.read_text()[-300:]}")
        return '"event":"started"' in log.read_text().replace(" ", "")
    wait_for(started, "the worker to start", seconds, pause=0.01)


def wait_for(condition, what, seconds, pause=PAUSE_SECONDS):
    """The time at which it was first seen to hold (perf_counter)."""
    deadline = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > deadline:
            raise Broken(f"waited {seconds:g} s in vain for {what}")
        time.sleep(pause)
    return time.perf_counter()


def login(number, name):
    """A message whose row is found by its user_id."""
    return json.dumps({"user_id": name, "app_version": "2.3.0", "device_type": "android",
                       "ip": f"198.51.100.{number % 250}", "locale": "DE", "device_id": f"{number:03d}-11-2222"})


class RowSight:
    """Looks for rows of user_logins over one connection: what is seen has been committed and is visible to others."""

    def __init__(self, lab, database):
        self._connection = lab.cluster.connect(database.name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._connection.close()

    def has(self, name):
        asked = self._connection.execute("SELECT 1 FROM user_logins WHERE user_id = %s", [name], prepare=True)
        return asked.fetchone() is not None

    def count(self):
        return self._connection.execute("SELECT count(*) FROM user_logins").fetchone()[0]
