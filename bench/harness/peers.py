"""Other consumers in the same run: calls bench/peers/run.py, and shows its two tables."""
import json
import subprocess
import sys

from .lab import CHECKOUT, Broken
from .words import number

PROGRAM = CHECKOUT / "bench" / "peers" / "run.py"
SPEED = ("messages_per_second", "cpu_us_a_message", "peak_memory_mib")
COUNTS = ("missing", "doubled", "wrong", "bad_lost", "good_in_dead_letter_queue")


def measure(binary, options, folder):
    """Its JSON document."""
    if not PROGRAM.exists():
        raise Broken("bench/peers/run.py is not there")
    path = folder / "peers.json"
    command = [sys.executable, PROGRAM, "--binary", binary, "--runs", options.runs, "--messages", options.messages,
               "--json", path]
    process = subprocess.Popen([str(word) for word in command], stdout=sys.stderr)
    try:
        code = process.wait()
    finally:
        if process.poll() is None:  # a Ctrl-C reached it as well, and it stops its servers first
            process.terminate()
            process.wait(60)
    if code:
        raise Broken(f"bench/peers/run.py ended with {code}")
    return json.loads(path.read_text(encoding="utf-8"))


def span(told):
    text = number(told["median"])
    return text if told["min"] == told["max"] else f"{text} ({number(told['min'])} to {number(told['max'])})"


def versions(one):
    return ", ".join(f"{name} {version}" for name, version in one["versions"].items())


def speed_rows(told):
    for one in told["peers"]:
        if one.get("throughput"):
            yield [one["title"], *(span(one["throughput"][name]) for name in SPEED), versions(one)]
        elif one.get("skipped"):
            yield [one["title"], one["skipped"], "", "", ""]


def verdict(found):
    """`right`, or what is wrong with the rows."""
    if found["right"]:
        return "right"
    told = [f"{found[name]} {name.replace('_', ' ')}" for name in COUNTS if found.get(name)]
    if not found.get("emptied", True):
        told.append("never emptied the queue")
    return ", ".join(told) or "not right"


def right_rows(told):
    for one in told["peers"]:
        if one.get("correctness"):
            found = one["correctness"]
            yield [one["title"], *(verdict(found[name]) if name in found else ""
                                   for name in ("kill", "duplicates", "poison"))]


SPEED_HEADS = ("consumer", "messages/s", "its CPU, µs a message", "its memory, MiB", "versions")
RIGHT_HEADS = ("consumer", "kill -9 under load", "1 % delivered again", "one bad message in a thousand")


def as_text(told):
    parts = []
    for heads, rows in ((SPEED_HEADS, list(speed_rows(told))), (RIGHT_HEADS, list(right_rows(told)))):
        widths = [max(len(str(row[column])) for row in [heads, *rows]) for column in range(len(heads))]
        parts += ["  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip()
                  for row in [heads, *rows]] + [""]
    return "\n".join(parts)


def markdown_table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return lines + ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]


def as_markdown(told, picture):
    lines = ["All from the same embedded queue into the same table, masked alike, in one run; see "
             "[bench/peers](../bench/peers/README.md).", ""]
    lines += markdown_table(SPEED_HEADS, speed_rows(told))
    lines += ["", "Rows after what happens in operation:", ""]
    lines += markdown_table(RIGHT_HEADS, right_rows(told))
    return "\n".join([*lines, "", f"![messages a second of each consumer]({picture})"])
