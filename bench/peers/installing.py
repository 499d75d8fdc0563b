"""Puts what the peers need into .cache/peers, by the package managers' own means and in the pinned versions; says in a
sentence why a peer cannot be had."""
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache" / "peers"


class CannotInstall(Exception):
    """The sentence that is shown instead of figures."""


def _install(what, folder, pinned, commands):
    """Runs the commands unless the folder was made of the same pinned files."""
    stamp = CACHE / f"{folder}.stamp"
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in pinned)).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    print(f"installing {what}", file=sys.stderr)
    for command in commands:
        if not shutil.which(str(command[0])):
            raise CannotInstall(f"{what}: there is no {command[0]} on this machine")
        done = subprocess.run(command, cwd=CACHE, capture_output=True, text=True, timeout=600)
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise CannotInstall(f"{what}: `{Path(command[0]).name}` failed: {' '.join(last)[:200]}")
    stamp.write_text(digest)


def python():
    """The interpreter of the peers' virtual environment."""
    requirements = HERE / "python" / "requirements.txt"
    venv = CACHE / "venv"
    _install("boto3 and psycopg2", "venv", [requirements],
             [[sys.executable, "-m", "venv", "--clear", venv],
              [venv / "bin" / "pip", "install", "-q", "--disable-pip-version-check", "-r", requirements]])
    return venv / "bin" / "python"
