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

from . import machine, page, peers, table, words
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
    parser.add_argument("--peers", action="store_true", help="the consumers of bench/peers too: half an hour more")
    parser.add_argument("--write-docs", action="store_true", help="table and charts into docs/performance.md")
    parser.add_argument("--from", dest="source", type=Path, metavar="FILE",
                        help="measure nothing: take the results of an earlier run")
    parser.add_argument("--messages", type=int, help="in the queue of a run (default 200,000)")
    parser.add_argument("--ledger-entries", type=int, help="of row ledger (default 10 million)")
    parser.add_argument("--binary", type=Path, default=CHECKOUT / "build" / "bench" / "sqs2pg")
    parser.add_argument("--json", type=Path, default=RESULTS)
    asked = parser.parse_args()
    if asked.runs < 1:
        parser.error("at least one run is needed")
    if asked.write_docs and asked.only:
        parser.error("--write-docs writes the whole table: leave --only out")
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


def document_of(described, options, measured, of_peers):
    told = {"machine": described, "runs": options.runs, "messages": options.messages, "quick": options.quick,
            "full": options.full,
            "rows": [{"key": row.key, "what": row.what, "aim": row.aim, "against": row.against, **outcome.as_json()}
                     for row, outcome in measured]}
    return {**told, "peers": of_peers} if of_peers else told


def end_by_signal(number, _):
    raise KeyboardInterrupt


def measure_peers(binary, options, folder):
    print("peers: other consumers of the same queue", file=sys.stderr, flush=True)
    try:
        return peers.measure(binary, options, folder)
    except Broken as problem:
        print(f"  failed: {problem}", file=sys.stderr)
        return None


def run(asked, rows, binary):
    """(results, exit code); what there is after every row stands in asked.json."""
    options, measured, of_peers = options_of(asked), [], None
    lab, code = Lab(binary, options), 0
    try:
        described = machine.describe(lab)
        for row in rows:
            measured.append((row, measure(row, lab)))
            save(asked.json, document_of(described, options, measured, None))
        lab.close()
        if asked.peers:
            of_peers = measure_peers(binary, options, asked.json.parent)
            code = 0 if of_peers else 1
    except KeyboardInterrupt:
        print("stopped; what was measured until then:", file=sys.stderr)
        code = 130
    finally:
        lab.close()
    if not measured and not of_peers:
        return None, code
    results = document_of(described, options, measured, of_peers)
    save(asked.json, results)
    return results, code or int(any(outcome.failed for _, outcome in measured))


def show(results):
    print("\n".join(machine.sentences(results["machine"])))
    print(words.runs(results["runs"]).capitalize() + ".\n")
    print(table.as_text(page.known_rows(results)))
    if results.get("peers"):
        print(peers.as_text(results["peers"]))


def main():
    parser, asked = arguments()
    rows = chosen(parser, asked.only)
    signal.signal(signal.SIGTERM, end_by_signal)
    if asked.source:
        results, code = json.loads(asked.source.read_text(encoding="utf-8")), 0
    else:
        binary = asked.binary.resolve()
        if not binary.exists():
            parser.error(f"no program at {binary}: ./dev bench builds it")
        results, code = run(asked, rows, binary)
    if results:
        show(results)
        print(f"With all runs: {asked.source or asked.json}")
    if asked.write_docs and results and code != 130:
        page.write(results)
    return code


if __name__ == "__main__":
    sys.exit(main())
