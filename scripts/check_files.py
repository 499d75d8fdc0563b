#!/usr/bin/env python3
"""Rules for files that no compiler knows: size, line length, an opening comment, names that say something, no history
in comments, no path or host of one machine. Prints every violation and ends with 1 if there is one.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 400
MAX_WIDTH = 120
REFUSED_NAMES = re.compile(r"(^|_)(utils?|common|helpers?|managers?|misc)(_|$)")
SNAKE = re.compile(r"^[a-z0-9_]+$")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
# Assembled, so that this file does not hold them itself.
HOSTS = ("pypi" + r"\.org", "npmjs" + r"\.(org|com)", "repo1?" + r"\.maven", "crates" + r"\.io")
REGISTRY_HOSTS = re.compile("|".join(HOSTS))
HOME_PATH = re.compile(r"(?<![\w.])/(work|home/\w+|root)/\w")


def files():
    out = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"], check=True,
                         capture_output=True, text=True).stdout
    return [ROOT / line for line in out.splitlines() if (ROOT / line).is_file()]


def check_code(path, lines):
    name = path.relative_to(ROOT)
    if len(lines) > MAX_LINES:
        yield f"{name}: {len(lines)} lines; {MAX_LINES} at most: it has more than one purpose"
    if not SNAKE.match(path.stem) or REFUSED_NAMES.search(path.stem):
        yield f"{name}: a file's name is snake_case and says what the file is for"
    opening = lines[0] if lines else ""
    if not opening.startswith(("//", "/*", "#!", '"""', "#")):
        yield f"{name}:1: a file opens with a comment: what it is for"
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_WIDTH and "http" not in line:
            yield f"{name}:{number}: {len(line)} characters; {MAX_WIDTH} at most"
        if UNFINISHED.search(line) and path.name != "check_files.py":
            yield f"{name}:{number}: unfinished work belongs in an issue"


def check_text(path, lines):
    for number, line in enumerate(lines, 1):
        if REGISTRY_HOSTS.search(line):
            yield f"{path.relative_to(ROOT)}:{number}: package managers' defaults only: no registry host"
        if HOME_PATH.search(line):
            yield f"{path.relative_to(ROOT)}:{number}: a path of one machine"


def main():
    problems = []
    for path in files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a corpus file
        problems += check_text(path, lines)
        if path.suffix in (".h", ".cpp", ".py", ".sh"):
            problems += check_code(path, lines)
    print("\n".join(problems) if problems else "the files keep the rules")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
