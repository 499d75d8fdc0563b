"""What the figures were measured on: machine, versions, the server's settings, the disk's flush."""
import os
import platform
import statistics
import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path

from .lab import CHECKOUT

ASKED = ("fsync", "synchronous_commit", "wal_level", "shared_buffers", "max_wal_size", "checkpoint_timeout",
         "track_commit_timestamp", "full_page_writes", "max_connections", "huge_pages", "autovacuum_naptime")
FLUSHES = 200
PAGE = bytes(8192)


def output_of(*command):
    try:
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=20,
                              cwd=CHECKOUT, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def cpu_model():
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def memory_gib():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def system_name():
    release = Path("/etc/os-release")
    for line in release.read_text(encoding="utf-8").splitlines() if release.exists() else ():
        if line.startswith("PRETTY_NAME="):
            return line.split("=", 1)[1].strip('"')
    return platform.system()


def flush_ms(folder):
    """Median of writing one page and fdatasync, on the disk that the database is on."""
    path, took = Path(folder) / "flush", []
    with open(path, "wb", buffering=0) as file:
        file.write(PAGE * 2048)
        os.fsync(file.fileno())
        for number in range(FLUSHES):
            began = time.perf_counter()
            os.pwrite(file.fileno(), PAGE, number % 2048 * len(PAGE))
            os.fdatasync(file.fileno())
            took.append(1000 * (time.perf_counter() - began))
    path.unlink()
    return statistics.median(took)


def describe(lab):
    changed = output_of("git", "status", "--porcelain", "--untracked-files=no", "src", "bench")
    return {
        "when": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "cpu": cpu_model(), "cores": len(os.sched_getaffinity(0)), "memory_gib": round(memory_gib(), 1),
        "system": system_name(), "kernel": platform.release(), "flush_ms": round(flush_ms(lab.cluster.folder), 3),
        "load_before": round(os.getloadavg()[0], 2),
        "sqs2pg": output_of(lab.binary, "--version"),
        "commit": output_of("git", "rev-parse", "--short", "HEAD") + (" with changes" if changed else ""),
        "postgresql": output_of(lab.cluster.bin / "postgres", "--version"),
        "python": platform.python_version(),
        "settings": settings_of(lab.cluster),
    }


def settings_of(cluster):
    with cluster.connect("postgres") as connection:
        return {name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()[0] for name in ASKED}


def sentences(machine):
    """For the table's head and the document."""
    settings = machine["settings"]
    names = ("fsync", "synchronous_commit", "shared_buffers", "max_wal_size")
    return [
        f"{machine['system']}, Linux {machine['kernel']}, {machine['cores']} cores ({machine['cpu']}), "
        f"{machine['memory_gib']:g} GiB; a flush of the disk takes {machine['flush_ms']:.2f} ms; the load was "
        f"{machine['load_before']:g} before.",
        f"{machine['sqs2pg']} ({machine['commit']}), {machine['postgresql']} on a unix socket with "
        + ", ".join(f"{name} {settings[name]}" for name in names) + ".",
    ]
