"""The pipeline end to end, from outside: a full queue, drained by `sqs2pg run --drain` into PostgreSQL.

The clock runs from the first receive (the program says when it begins) to the last commit; sending, the program's start
and its end are not measured.
"""
import json
import subprocess
import threading
import time
from dataclasses import dataclass
from datetime import datetime

from .lab import Broken
from .proc import (NotInTime, children_of, cpu_seconds, cpu_seconds_with_children, peak_rss, status_of, title_of,
                   wait_with_cpu)

SAMPLE_SECONDS = 0.05
DEADLINE_SECONDS = 300


@dataclass(frozen=True)
class Drained:
    messages: int
    seconds: float
    worker_cpu_us: float  # a message, each of the three
    queue_cpu_us: float
    server_cpu_us: float
    peak_rss_mib: float   # of the largest process
    connections: int      # on which rows were written
    transactions: int
    workers: int          # of all processes
    rss: tuple            # (seconds, MiB) of the first process

    @property
    def rate(self):
        return self.messages / self.seconds

    @property
    def batch(self):
        return max(1, round(self.messages / self.transactions))


class Watcher(threading.Thread):
    """Samples the workers' memory and what the database's backends do until it is told to stop."""

    def __init__(self, processes, postmaster, database):
        super().__init__(daemon=True)
        self.processes, self.postmaster, self.mark = processes, postmaster, f" {database.name} "
        self.peak, self.rss, self.backends = 0, [], {}
        self._ended = threading.Event()

    def run(self):
        began = time.monotonic()
        while not self._ended.wait(SAMPLE_SECONDS):
            for process in self.processes:
                self._look_at_worker(process, time.monotonic() - began)
            try:
                children = children_of(self.postmaster)
            except OSError:
                continue
            for child in children:
                if child in self.backends or self.mark in title_of(child) + " ":
                    self.backends[child] = max(cpu_seconds(child), self.backends.get(child, 0.0))

    def _look_at_worker(self, process, moment):
        try:
            self.peak = max(self.peak, peak_rss(process.pid))
            if process is self.processes[0]:
                self.rss.append((round(moment, 3), status_of(process.pid, "VmRSS") / 1024))
        except OSError:
            pass  # it has ended

    def stop(self):
        self._ended.set()
        self.join()

    def connections(self):
        """Those with a tenth of the busiest one's CPU: the others listen, or looked at the table."""
        used = self.backends.values()
        return sum(1 for cpu in used if cpu > max(used) / 10)


def commands(lab, configuration, workers, processes):
    command = [lab.binary, "run", "-c", configuration, "--drain", "--ops", "off", "--log", "json"]
    return [command + (["--workers", str(workers)] if workers else []) for _ in range(processes)]


def start(command, log_path, environment):
    from sqs_servers import plain_environment
    with open(log_path, "wb") as log:
        return subprocess.Popen([str(word) for word in command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                env=plain_environment(**environment))


def events_of(log_path):
    lines = log_path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def started_of(log_path):
    """(when receiving began, workers)"""
    for event in events_of(log_path):
        if event.get("event") == "started":
            return datetime.fromisoformat(event["ts"].replace("Z", "+00:00")), event["workers"]
    raise Broken("the log has no line that says that receiving begins")


def wait_for_all(processes, logs):
    """Their CPU seconds together."""
    try:
        cpu = sum(wait_with_cpu(process, DEADLINE_SECONDS) for process in processes)
    except NotInTime as problem:
        raise Broken(f"the queue was not drained: {problem}") from None
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                process.wait()
    for process, log in zip(processes, logs):
        if process.returncode:
            raise Broken(f"the run ended with {process.returncode}: {log.read_text()[-500:]}")
    return cpu


def written(database):
    """(rows, transactions, time of the last commit) of user_logins"""
    return database.rows("SELECT count(*), count(DISTINCT xmin::text), max(pg_xact_commit_timestamp(xmin))"
                         " FROM user_logins")[0]


def drain(lab, server, database, messages, *, workers=None, processes=1):
    """Drains the queue, which holds `messages`; `user_logins` is empty. Raises Broken when the rows are not as many."""
    folder = lab.new_folder()
    lab.settle(database)
    environment = {**server.environment(), **database.environment()}
    queue_cpu, server_cpu = cpu_seconds(server.process.pid), cpu_seconds_with_children(lab.cluster.pid)
    running, logs = [], []
    for number, command in enumerate(commands(lab, lab.configuration(), workers, processes)):
        logs.append(folder / f"run-{number}.log")
        running.append(start(command, logs[-1], environment))
    watcher = Watcher(running, lab.cluster.pid, database)
    watcher.start()
    try:
        cpu = wait_for_all(running, logs)
    finally:
        watcher.stop()
    queue_cpu = cpu_seconds(server.process.pid) - queue_cpu
    server_cpu = cpu_seconds_with_children(lab.cluster.pid) - server_cpu
    rows, transactions, last = written(database)
    if rows != messages:
        raise Broken(f"{rows} rows of {messages} messages")
    started = [started_of(log) for log in logs]
    return Drained(
        messages=messages, seconds=(last - min(moment for moment, _ in started)).total_seconds(),
        worker_cpu_us=cpu * 1e6 / messages, queue_cpu_us=queue_cpu * 1e6 / messages,
        server_cpu_us=server_cpu * 1e6 / messages, peak_rss_mib=watcher.peak / 2**20,
        connections=max(1, watcher.connections()), transactions=transactions,
        workers=sum(number for _, number in started), rss=tuple(watcher.rss))


def fill_and_drain(lab, messages, seed, **options):
    """Of a fresh queue into a fresh database."""
    with lab.queue() as server, lab.database() as database:
        lab.fill(server, messages, seed)
        return drain(lab, server, database, messages, **options)
