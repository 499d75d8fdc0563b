#!/usr/bin/env python3
"""Other consumers beside sqs2pg: from the same embedded queue into the same table of a private PostgreSQL (fsync on),
in turn in one run. Prints two tables, speed and correctness, and writes them as JSON (README.md tells its shape).
"""
import argparse
import json
import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import rig  # noqa: F401  (finds the modules of the tests)
import correctness
import definitions
import throughput
from installing import CannotInstall

CHECKOUT = Path(__file__).resolve().parents[2]
SETTINGS = {"fsync": "on", "shared_buffers": "1GB", "max_wal_size": "4GB", "track_commit_timestamp": "on",
            "max_connections": "100", "log_min_messages": "fatal", "log_connections": "off"}
SCENARIOS = ("kill", "duplicates", "poison")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", help="names, with commas between them")
    parser.add_argument("--messages", type=int, default=200_000, help="of sqs2pg; slower peers get a share")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--binary", type=Path, default=CHECKOUT / "build" / "release" / "sqs2pg")
    parser.add_argument("--table", choices=("both", "throughput", "correctness"), default="both")
    options = parser.parse_args()
    options.binary = options.binary.resolve()
    return options


def chosen(options):
    known = definitions.all_of_them(options.binary)
    if not options.only:
        return known
    names = options.only.split(",")
    unknown = set(names) - {one.name for one in known}
    if unknown:
        raise SystemExit(f"run.py: no peer is named {', '.join(sorted(unknown))}; there are "
                         f"{', '.join(one.name for one in known)}")
    return [one for one in known if one.name in names]


def installed(known):
    """The results so far: versions, or why a peer is left out."""
    results = {}
    for one in known:
        results[one.name] = {"name": one.name, "title": one.title, "versions": {}, "skipped": None}
        try:
            results[one.name]["versions"] = one.install()
        except (CannotInstall, OSError, subprocess.SubprocessError) as problem:
            results[one.name]["skipped"] = f"left out: {problem}"
            print(f"run.py: {one.name} is left out: {problem}", file=sys.stderr)
    return results


def measure(cluster, options, known, results):
    """Runs in turn, not one peer after the other: what the machine does meanwhile hits all of them. A peer that fails
    is left out from then on."""
    runs = {one.name: [] for one in known}
    for number in range(options.runs):
        for one in [one for one in known if not results[one.name]["skipped"]]:
            count = max(1000, int(options.messages * one.share))
            folder = cluster.folder / f"{one.name}-{number}"
            try:
                runs[one.name].append(throughput.one_run(one, cluster, options.binary, folder, count, number + 1))
            except RuntimeError as problem:
                results[one.name]["skipped"] = f"not measured: {str(problem).splitlines()[0]}"
                print(f"run.py: {one.name} is not measured: {problem}", file=sys.stderr)
                continue
            rate = runs[one.name][-1]["messages_per_second"]
            print(f"run {number + 1} of {options.runs}: {one.name} {rate:,.0f} messages/s", file=sys.stderr)
    for one in [one for one in known if not results[one.name]["skipped"]]:
        results[one.name]["throughput"] = {"messages": max(1000, int(options.messages * one.share)),
                                           **throughput.summary(runs[one.name]), "runs": runs[one.name]}


def examine(cluster, options, known, results):
    """The three scenarios of a peer at once, since nobody looks at the clock."""
    for one in known:
        with ThreadPoolExecutor(len(SCENARIOS)) as pool:
            waiting = {name: pool.submit(correctness.scenario, name, one, cluster, options.binary,
                                         cluster.folder / f"{one.name}-{name}", 7) for name in SCENARIOS}
            results[one.name]["correctness"] = {name: future.result() for name, future in waiting.items()}
        print(f"examined {one.name}", file=sys.stderr)


def show(results):
    print("\nmessages/s, CPU and memory of the tool: median (min to max)")
    for one in results.values():
        if one["skipped"]:
            print(f"  {one['name']:<15} {one['skipped']}")
        elif "throughput" in one:
            speed, cpu, memory = (one["throughput"][name] for name in ("messages_per_second", "cpu_us_a_message",
                                                                      "peak_memory_mib"))
            print(f"  {one['name']:<15} {speed['median']:>9,.0f} ({speed['min']:,.0f} to {speed['max']:,.0f})"
                  f"{cpu['median']:>10,.1f} us {memory['median']:>7,.0f} MiB")
    print("\nrows missing, doubled, wrong; bad messages kept and lost; good ones in the dead-letter queue")
    for one in results.values():
        for name, found in one.get("correctness", {}).items():
            print(f"  {one['name']:<15} {name:<11} {found['missing']:>5} {found['doubled']:>5} {found['wrong']:>5} "
                  f"{found['bad_kept']:>5} {found['bad_lost']:>5} {found['good_in_dead_letter_queue']:>5}  "
                  f"starts {found['starts']}, {'right' if found['right'] else 'not right'}"
                  f"{'' if found['emptied'] else ', never emptied the queue'}")


def machine(cluster):
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "?")
    server = subprocess.run([cluster.bin / "postgres", "--version"], capture_output=True, text=True).stdout.split()[2]
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(), "postgresql": server}


def main():
    options = arguments()
    os.environ["SQS2PG_BINARY"] = str(options.binary)
    known = chosen(options)
    if not options.binary.exists():
        raise SystemExit(f"run.py: no program at {options.binary}: its queue serves all peers, so build it first")
    results = installed(known)
    known = [one for one in known if not results[one.name]["skipped"]]
    from postgres_cluster import Cluster
    cluster = Cluster(SETTINGS)
    try:
        cluster.start()
        cluster.folder.chmod(0o755)
        if options.table != "correctness":
            measure(cluster, options, known, results)
        if options.table != "throughput":
            examine(cluster, options, known, results)
        document = {"date": str(date.today()), "machine": machine(cluster), "postgresql_settings": SETTINGS,
                    "messages": options.messages, "runs": options.runs, "kills": correctness.KILLS,
                    "peers": list(results.values())}
    finally:
        cluster.stop()
    show(results)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
