#!/usr/bin/env python3
"""The pipeline end to end alone, for profiles and for comparing two binaries: a queue filled by `sqs2pg send --generate
logins`, drained by `sqs2pg run --drain` into a private PostgreSQL (fsync on). The row `throughput` of `./dev bench`,
with a binary and a number of workers of one's own; a wrapper as --binary may start a profiler when its $1 is `run`.
"""
import argparse
import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness.drain import fill_and_drain  # noqa: E402
from harness.lab import CHECKOUT, Broken, Lab  # noqa: E402

FIGURES = {"messages_per_second": "rate", "seconds": "seconds", "worker_cpu_us_a_message": "worker_cpu_us",
           "queue_cpu_us_a_message": "queue_cpu_us", "server_cpu_us_a_message": "server_cpu_us",
           "worker_peak_rss_mib": "peak_rss_mib", "connections": "connections", "rows_a_transaction": "batch"}


def measure(lab, options, workers):
    """The runs with so many workers: printed as a table, returned for the JSON."""
    runs = []
    for number in range(options.runs):
        drained = fill_and_drain(lab, options.messages, number + 1, workers=workers)
        runs.append({name: getattr(drained, field) for name, field in FIGURES.items()})
        print(f"run {number + 1} of {options.runs}: {drained.rate:,.0f} messages/s", file=sys.stderr)
    medians = {name: statistics.median(run[name] for run in runs) for name in FIGURES}
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
    lab = Lab(options.binary.resolve(), options)
    try:
        results = [measure(lab, options, workers) for workers in options.workers]
    except Broken as problem:
        raise SystemExit(f"pipeline.py: {problem}") from None
    finally:
        lab.close()
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
