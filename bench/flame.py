#!/usr/bin/env python3
"""Draws a flame graph of what perf saw: `flame.py SCRIPT SVG`.

To record a worker at full rate, give `bench/pipeline.py` a program as --binary that starts
`perf record -g -o F -- …/sqs2pg "$@"` when $1 is `run`, else `…/sqs2pg "$@"`, and then
`perf script -i F -F ip,sym >SCRIPT`.
"""
import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness.flame import flame, stacks  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("script", type=Path)
    parser.add_argument("svg", type=Path)
    parser.add_argument("--root", default="sqs2pg::cli::WorkerThread::Impl::walk_until_ended")
    parser.add_argument("--title", default="CPU of a worker at full rate")
    options = parser.parse_args()
    with options.script.open(encoding="utf-8", errors="replace") as script:
        try:
            drawn = flame(options.title, stacks(script), options.root)
        except ValueError as problem:
            raise SystemExit(f"flame.py: {problem}") from None
    options.svg.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
