#!/usr/bin/env python3
"""Many idle pipelines in one process: resident memory, CPU and requests, measured from outside with `sqs2pg queue`
and a private PostgreSQL. Each pipeline writes one message first, so that every connection there is was made. Prints
a table, and ends with 1 when a bound of --most-mib or --most-cpu is broken.
"""
import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT / "tests" / "integration"))
sys.path.insert(0, str(CHECKOUT / "bench"))

from harness.proc import cpu_seconds, status_of  # noqa: E402


def write_folder(folder, count, wait_seconds):
    for number in range(count):
        (folder / f"p{number}.yaml").write_text(
            f"pipelines:\n  p{number}:\n    queue: idle-{number}\n    table: idle_{number}\n    columns: {{id: id}}\n",
            encoding="utf-8")
    (folder / "defaults.yaml").write_text(
        f"defaults:\n  keys: {{file: {folder}/keys}}\n  long_poll: {wait_seconds}\n", encoding="utf-8")


def measure(running, seconds):
    def requests():
        return running.metrics().value("sqs2pg_sqs_requests_total", operation="ReceiveMessage")
    cpu, asked, started = cpu_seconds(running.pid), requests(), time.monotonic()
    switches = status_of(running.pid, "voluntary_ctxt_switches")
    time.sleep(seconds)
    took = time.monotonic() - started
    return {
        "cpu_percent": round(100 * (cpu_seconds(running.pid) - cpu) / took, 2),
        "receives_a_minute": round((requests() - asked) * 60 / took, 1),
        "control_wakeups_a_second": round((status_of(running.pid, "voluntary_ctxt_switches") - switches) / took, 1),
        "rss_mib": round(status_of(running.pid, "VmRSS") / 1024, 1),
        "own_mib": round(status_of(running.pid, "RssAnon") / 1024, 1),
        "threads": status_of(running.pid, "Threads"),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(CHECKOUT / "build" / "release" / "sqs2pg"))
    parser.add_argument("--pipelines", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--settle", type=float, default=150, help="seconds before measuring: connections rest by then")
    parser.add_argument("--most-mib", type=float, default=0)
    parser.add_argument("--most-cpu", type=float, default=0)
    parser.add_argument("--json")
    arguments = parser.parse_args()

    import program
    from postgres_cluster import Cluster, scratch_folder
    from sqs_servers import EmbeddedQueue, send_bodies
    from waiting import wait_until
    program.BINARY = Path(arguments.binary)

    count = arguments.pipelines
    names = [name for number in range(count) for name in ("--create", f"idle-{number}")]
    queue = EmbeddedQueue.start(program.BINARY, *names)
    cluster = Cluster({"max_connections": "200"}, scratch_folder()).start()
    try:
        database = cluster.create_database()
        database.execute("".join(f"CREATE TABLE idle_{number} (id integer);" for number in range(count)))
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            keys = program.run("key", "new", "-o", folder / "keys")
            assert keys.code == 0, keys.err
            write_folder(folder, count, 10)
            running = program.Running(folder, {**queue.environment(), **database.environment()}, folder, "--migrate")
            try:
                running.wait_ready(120)
                client = queue.client(retries=3)
                for number in range(count):
                    url = client.get_queue_url(QueueName=f"idle-{number}")["QueueUrl"]
                    send_bodies(client, url, [json.dumps({"id": number})])
                wait_until(lambda: running.metrics().settled("inserted") == count, "a row a pipeline", 60)
                busy = {"rss_mib_after_one_row_each": round(status_of(running.pid, "VmRSS") / 1024, 1)}
                time.sleep(arguments.settle)
                result = {"pipelines": count, **busy, **measure(running, arguments.seconds)}
                backends = database.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sqs2pg'")
                result["database_connections"] = backends
            finally:
                running.stop()
    finally:
        cluster.stop()
        queue.stop()
    for name, value in result.items():
        print(f"{name:32} {value}")
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    broken = (arguments.most_mib and result["rss_mib"] > arguments.most_mib) or \
        (arguments.most_cpu and result["cpu_percent"] > arguments.most_cpu)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
