"""Measures the rows of rows.py in one run and prints the table; see `--help` and docs/performance.md."""
import argparse
import json
import os
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from . import machine, table
from .lab import CHECKOUT, Broken, Lab
from .outcome import Outcome
from .rows import ROWS

RESULTS = CHECKOUT / "build" / "bench" / "results.json"


@dataclass(frozen=True)
class Options:
    """What the measurements look at."""
    runs: int
    messages: int
    quick: bool
    full: bool
    ledger_entries: int


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description="Every row of the table of aims, in one run.")
    parser.add_argument("runs", nargs="?", type=int, default=5, help="of each row (default 5)")
    parser.add_argument("--quick", action="store_true", help="one run of fewer messages: a few minutes")
    parser.add_argument("--full", action="store_true", help="also what takes an hour: a ledger of 200 million entries")
    parser.add_argument("--only", metavar="ROW,ROW", help="rows: " + ", ".join(row.key for row in ROWS))
    parser.add_argument("--messages", type=int, help="in the queue of a run (default 200,000)")
    parser.add_argument("--ledger-entries", type=int, help="of row ledger (default 10 million)")
    parser.add_argument("--binary", type=Path, default=CHECKOUT / "build" / "bench" / "sqs2pg")
    parser.add_argument("--json", type=Path, default=RESULTS)
    asked = parser.parse_args()
    if asked.runs < 1:
        parser.error("at least one run is needed")
    return parser, asked


def options_of(asked):
    entries = 200_000_000 if asked.full else 1_000_000 if asked.quick else 10_000_000
    messages = 60_000 if asked.quick else 200_000
    return Options(1 if asked.quick else asked.runs, asked.messages or messages, asked.quick, asked.full,
                   asked.ledger_entries or entries)


def chosen(parser, only):
    known = {row.key: row for row in ROWS}
    wanted = only.split(",") if only else list(known)
    unknown = [key for key in wanted if key not in known]
    if unknown:
        parser.error(f"no row is called {', '.join(unknown)}; there are {', '.join(known)}")
    return [row for row in ROWS if row.key in wanted]


def measure(row, lab):
    print(f"{row.key}: {row.what}", file=sys.stderr, flush=True)
    began, load = time.monotonic(), os.getloadavg()[0]
    try:
        outcome = row.measure(lab)
    except Broken as problem:
        outcome = Outcome(failed=str(problem))
    except Exception as problem:  # a row that fails does not end the run
        traceback.print_exc()
        outcome = Outcome(failed=f"{type(problem).__name__}: {problem}")
    outcome.details.update(seconds_of_measuring=round(time.monotonic() - began, 1), load_before=round(load, 2))
    if outcome.failed:
        lab.say(f"failed: {outcome.failed}")
    return outcome


def save(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2, default=str) + "\n", encoding="utf-8")


def document_of(described, options, measured):
    return {"machine": described, "runs": options.runs, "messages": options.messages, "quick": options.quick,
            "full": options.full,
            "rows": [{"key": row.key, "what": row.what, "aim": row.aim, "against": row.against, **outcome.as_json()}
                     for row, outcome in measured]}


def end_by_signal(number, _):
    raise KeyboardInterrupt


def main():
    parser, asked = arguments()
    rows = chosen(parser, asked.only)
    options = options_of(asked)
    binary = asked.binary.resolve()
    if not binary.exists():
        parser.error(f"no program at {binary}: ./dev bench builds it")
    signal.signal(signal.SIGTERM, end_by_signal)
    lab, measured, code = Lab(binary, options), [], 0
    try:
        described = machine.describe(lab)
        for row in rows:
            measured.append((row, measure(row, lab)))
            save(asked.json, document_of(described, options, measured))
    except KeyboardInterrupt:
        print("stopped; what was measured until then:", file=sys.stderr)
        code = 130
    finally:
        lab.close()
    if not measured:
        return code
    print("\n".join(machine.sentences(described)) + f"\nMedians of {options.runs} runs (least to most).\n")
    print(table.as_text(measured))
    print(f"The same with all runs: {asked.json}")
    return code or int(any(outcome.failed for _, outcome in measured))


if __name__ == "__main__":
    sys.exit(main())
