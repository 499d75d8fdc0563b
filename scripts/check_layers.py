#!/usr/bin/env python3
"""The layers of the design, enforced on #include lines: dependencies run one way, and what is foreign to a module stays
out of it. Prints every violation and ends with 1 if there is one.

ALLOWED says which modules (or single headers) a module may include besides its own. FOREIGN says which modules may
include a third-party or system header.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"

ALLOWED = {
    "base": [],
    "net": ["base"],
    "aws": ["net", "base"],
    "sqs": ["aws", "net", "base"],
    "secrets": ["aws", "net", "base"],
    "pg": ["base"],
    "privacy": ["base"],
    "telemetry": ["base"],
    # The pipeline knows the world through its ports: of pg it takes only what is pure.
    "pipeline": ["privacy", "pg/copy.h", "pg/table_shape.h", "telemetry", "base"],
    "adapters": ["pipeline", "schema", "sqs", "secrets", "pg", "aws", "privacy", "base"],
    "schema": ["pg", "base"],
    "vault": ["pg", "privacy", "base"],
    "ops": ["telemetry", "net", "base"],
    "devqueue": ["sqs/protocol.h", "sqs/digest.h", "aws/sigv4.h", "net", "base"],
    "config": ["pipeline", "vault", "schema", "privacy", "secrets/reference.h", "pg/table_shape.h", "base"],
    # A proposal is judged by what the pipeline itself would say; no socket, no clock.
    "infer": ["pipeline", "privacy", "pg/copy.h", "pg/table_shape.h", "base"],
    # Of pg: what is pure.
    "cases": ["config", "pipeline", "privacy", "pg/copy.h", "pg/table_shape.h", "pg/type_text.h", "base"],
    # A proposal is judged by what the pipeline itself would say; no socket, no clock.
    "infer": ["pipeline", "privacy", "pg/copy.h", "pg/table_shape.h", "base"],
    # Of pg: what is pure.
    "cases": ["config", "pipeline", "privacy", "pg/copy.h", "pg/table_shape.h", "pg/type_text.h", "base"],
    "cli": ["config", "infer", "cases", "adapters", "ops", "devqueue", "pipeline", "vault", "schema", "telemetry",
            "privacy", "secrets", "sqs", "aws", "pg", "net", "base"],
}

# Which modules may include a header whose name begins so. The first match decides.
FOREIGN = [
    ("boost/beast", {"net"}),
    ("boost/asio/ssl", {"net"}),
    ("boost/asio/ip", {"net", "pg"}),
    ("boost/asio/posix", {"pg", "net", "aws", "cli"}),
    ("sys/socket.h", {"net"}),
    ("netinet/", {"net"}),
    ("arpa/inet.h", {"privacy", "net", "pg"}),
    ("libpq-fe.h", {"pg"}),
    ("gcrypt.h", {"privacy"}),
    ("simdjson.h", {"pipeline", "aws", "sqs", "devqueue", "infer", "cli"}),
    ("zlib.h", {"pipeline", "adapters", "cli"}),
    ("yaml-cpp/", {"privacy", "config"}),
    ("CLI/", {"cli"}),
    ("spdlog/", {"telemetry"}),
    ("prometheus/", {"telemetry"}),
    ("format", set()),
    ("print", set()),
]

# Text that reads a wall clock: the pipeline takes the time from its port.
WALL_CLOCK = re.compile(r"\b(?:system_clock|steady_clock|high_resolution_clock)::now|\bgettimeofday\b|\bclock_gettime\b"
                        r"|\bstd::time\(|\bgetenv\b")
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


def allowed(module, header):
    own = header.split("/")[0]
    return own == module or any(header == entry or own == entry for entry in ALLOWED[module])


def check_file(path):
    module = path.relative_to(SOURCE).parts[0]
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        place = f"{path.relative_to(ROOT)}:{number}"
        match = INCLUDE.match(line)
        if match and match[1] == '"':
            if not allowed(module, match[2]):
                yield f"{place}: {module} must not include {match[2]}"
        elif match:
            for prefix, modules in FOREIGN:
                hit = match[2] == prefix or ("/" in prefix and match[2].startswith(prefix))
                if hit:
                    if module not in modules:
                        yield f"{place}: {module} must not include <{match[2]}>"
                    break
        elif module == "pipeline" and WALL_CLOCK.search(line.split("//")[0]):
            yield f"{place}: the pipeline reads no clock and no environment of its own"


def circle():
    """A module that reaches itself through ALLOWED, or None."""
    reach = {module: {entry.split("/")[0] for entry in entries} for module, entries in ALLOWED.items()}
    for _ in reach:
        for entries in reach.values():
            for entry in list(entries):
                entries |= reach[entry]
    return next((module for module, entries in reach.items() if module in entries), None)


def main():
    problems = []
    if circle():
        problems.append(f"scripts/check_layers.py: {circle()} depends on itself")
    for folder in sorted(entry for entry in SOURCE.iterdir() if entry.is_dir()):
        if folder.name not in ALLOWED:
            problems.append(f"src/{folder.name}: not in the table of scripts/check_layers.py")
            continue
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".h", ".cpp"):
                problems += check_file(path)
    print("\n".join(problems) if problems else "the layers hold")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
