"""`sqs2pg demo`: quick, true, and gone without a trace, Ctrl-C included."""
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from logins import bodies_of, make_logins
from program import BINARY, run
from sqs_servers import plain_environment
from waiting import wait_until


def leftovers(folder):
    return sorted(entry.name for entry in Path(folder).iterdir())


def servers_of(folder):
    """Processes that still run with the folder in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(folder).encode() in (entry / "cmdline").read_bytes():
                found.append(entry.name)
        except OSError:
            continue
    return found


@pytest.fixture
def folder(tmp_path):
    """Where the demo makes its temporary files: for every user, since PostgreSQL runs as another one than root."""
    import tempfile
    with tempfile.TemporaryDirectory(prefix="sqs2pg-demo-test-") as made:
        os.chmod(made, 0o777)
        yield made


def test_the_real_logins(folder, logins_file):
    finished = run("demo", "--input", logins_file, environment={"TMPDIR": folder})
    assert finished.code == 0, finished.err
    assert re.search(r"\b99\b", finished.out) and "missing_field" in finished.out
    assert "k1_" in finished.out and leftovers(folder) == []
    for line in logins_file.read_text(encoding="utf-8").splitlines():
        login = json.loads(line)
        for field in ("ip", "device_id"):
            assert login.get(field, "absent") not in finished.out + finished.err


def test_generated_logins_in_a_few_seconds(folder):
    started = time.monotonic()
    finished = run("demo", environment={"TMPDIR": folder})
    assert finished.code == 0, finished.err
    assert re.search(r"\b1,?000\b", finished.out)
    assert time.monotonic() - started < 15  # 5 alone; these tests share two cores
    assert leftovers(folder) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_cleans_up(folder, number, tmp_path):
    many = tmp_path / "many.jsonl"
    many.write_text("\n".join(bodies_of(make_logins(60_000))))
    process = subprocess.Popen([BINARY, "demo", "--input", many], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL, env=plain_environment(TMPDIR=folder))
    wait_until(lambda: leftovers(folder) or process.poll() is not None, "the demo's folder")
    process.send_signal(number)
    process.wait(40)
    wait_until(lambda: leftovers(folder) == [] and servers_of(folder) == [], "everything to be gone")


def test_an_absent_input_is_one_sentence(folder):
    finished = run("demo", "--input", "/nowhere/at.all", environment={"TMPDIR": folder})
    assert finished.code == 2 and "/nowhere/at.all" in finished.err and leftovers(folder) == []
