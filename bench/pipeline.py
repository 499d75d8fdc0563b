#!/usr/bin/env python3
"""The pipeline end to end, measured from outside: `sqs2pg queue` filled by `sqs2pg send --generate logins`, drained by
`sqs2pg run --drain` into a private PostgreSQL (fsync on), beside the same rows by COPY BINARY, 1,000 a transaction,
without a ledger. Medians of several runs, as a table and as JSON. Called by `./dev bench`.

Messages a second count from the first receive to the last commit. Sending and the program's start are not measured.
"""
import argparse
import json
import os
import re
import statistics
import struct
import subprocess
import sys
import threading
import time
from datetime import date, datetime
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT / "tests" / "integration"))
TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of one process so far."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


def children_of(pid):
    return [int(entry) for entry in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def peak_rss(pid):
    match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(match[1]) * 1024 if match else 0


class Watcher(threading.Thread):
    """Samples a process and the database's backends until the process ends: peak memory and CPU."""

    def __init__(self, process, postmaster):
        super().__init__(daemon=True)
        self.process, self.postmaster = process, postmaster
        self.rss, self.worker_cpu, self.backends = 0, 0.0, {}

    def run(self):
        while self.process.poll() is None:
            try:
                self.rss = max(self.rss, peak_rss(self.process.pid))
                self.worker_cpu = cpu_seconds(self.process.pid) or self.worker_cpu
                for child in children_of(self.postmaster):
                    self.backends.setdefault(child, []).append(cpu_seconds(child))
            except OSError:
                pass
            time.sleep(0.02)

    def server_cpu(self):
        return sum(max(seen) - seen[0] for seen in self.backends.values())


def copy_binary(database, rows, a_transaction=1000):
    """Rows a second of the blind COPY, in one connection; the data is encoded beforehand."""
    header, trailer, chunks = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0), struct.pack("!h", -1), []
    for start in range(0, len(rows), a_transaction):
        data = bytearray(header)
        for row in rows[start:start + a_transaction]:
            data += struct.pack("!h", len(row))
            for value in row:
                if value is None:
                    data += struct.pack("!i", -1)
                    continue
                if isinstance(value, int):
                    value = struct.pack("!i", value)
                elif isinstance(value, date):
                    value = struct.pack("!i", (value - date(2000, 1, 1)).days)
                else:
                    value = value.encode()
                data += struct.pack("!i", len(value)) + value
        chunks.append(bytes(data + trailer))
    with database.cluster.connect(database.name) as connection:
        started = time.monotonic()
        for chunk in chunks:
            with connection.transaction():
                with connection.cursor().copy("COPY user_logins FROM STDIN (FORMAT binary)") as copy:
                    copy.write(chunk)
        return len(rows) / (time.monotonic() - started)


def seconds_of_drain(database, log):
    """From the line that says that receiving begins to the last commit."""
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    started = next(event["ts"] for event in events if event.get("event") == "started")
    last = database.value("SELECT max(pg_xact_commit_timestamp(xmin)) FROM sqs2pg.ledger")
    return (last - datetime.fromisoformat(started.replace("Z", "+00:00"))).total_seconds()


def one_run(cluster, options, workers, number):
    from conftest import logins_database
    from program import run, write_configuration
    from sqs_servers import EmbeddedQueue, plain_environment

    database = logins_database(cluster)
    folder = cluster.folder / f"run-{workers}-{number}"
    folder.mkdir()
    server = EmbeddedQueue.start(options.binary, "--create", "login-queue", faults=False)
    try:
        environment = {**server.environment(), **database.environment()}
        configuration = write_configuration(folder)
        for arguments in (["migrate", "-c", configuration],
                          ["send", "--queue", "login-queue", "--generate", "logins", "--count", options.messages,
                           "--seed", number + 1]):
            finished = run(*arguments, environment=environment, timeout=600)
            if finished.code:
                raise SystemExit(f"pipeline.py: `sqs2pg {arguments[0]}` failed: {finished.err}")
        cluster.connect(database.name).execute("CHECKPOINT")
        queue_cpu = cpu_seconds(server.process.pid)
        command = [options.binary, "run", "-c", configuration, "--drain", "--ops", "off", "--log", "json",
                   "--workers", str(workers)]
        with open(folder / "run.log", "wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                       env=plain_environment(**environment))
            watcher = Watcher(process, cluster.pid)
            watcher.start()
            code = process.wait(600)
            watcher.join()
        if code:
            raise SystemExit("pipeline.py: the run failed:\n" + (folder / "run.log").read_text()[-3000:])
        queue_cpu = cpu_seconds(server.process.pid) - queue_cpu
    finally:
        server.stop()
    count = database.value("SELECT count(*) FROM user_logins")
    if count != options.messages:
        raise SystemExit(f"pipeline.py: {count} rows of {options.messages} messages")
    seconds = seconds_of_drain(database, folder / "run.log")
    rows = database.rows("SELECT * FROM user_logins")
    database.execute("TRUNCATE user_logins")
    blind = copy_binary(database, rows)
    each = 1e6 / options.messages
    return {"messages_per_second": options.messages / seconds, "seconds": seconds,
            "copy_binary_rows_per_second": blind, "ratio": options.messages / seconds / blind,
            "worker_peak_rss_mib": watcher.rss / 2**20, "worker_cpu_us_a_message": watcher.worker_cpu * each,
            "queue_cpu_us_a_message": queue_cpu * each, "server_cpu_us_a_message": watcher.server_cpu() * each}


def measure(cluster, options, workers):
    """The runs with so many workers: printed as a table, returned for the JSON."""
    runs = []
    for number in range(options.runs):
        runs.append(one_run(cluster, options, workers, number))
        rate = runs[-1]["messages_per_second"]
        print(f"run {number + 1} of {options.runs}: {rate:,.0f} messages/s", file=sys.stderr)
    medians = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    print(f"\n{options.messages:,} logins, {workers} worker(s), median of {options.runs} runs")
    for name, value in medians.items():
        print(f"  {name:<32} {value:>14,.2f}")
    return {"messages": options.messages, "workers": workers, "medians": medians, "runs": runs}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default=CHECKOUT / "build" / "release" / "sqs2pg")
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ["SQS2PG_BINARY"] = str(options.binary)
    from postgres_cluster import Cluster

    cluster = Cluster({"fsync": "on", "shared_buffers": "1GB", "max_wal_size": "4GB", "track_commit_timestamp": "on",
                       "log_min_messages": "warning"})
    results = []
    try:
        cluster.start()
        for workers in options.workers:
            results.append(measure(cluster, options, workers))
    finally:
        cluster.stop()
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
