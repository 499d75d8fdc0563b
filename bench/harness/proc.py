"""CPU time and memory of processes, read from /proc, and waiting for a child with its exact CPU time."""
import os
import re
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


class NotInTime(RuntimeError):
    pass


def cpu_seconds(pid):
    """User and system time of one process so far; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


def cpu_seconds_with_children(pid):
    """Of a server that forks: of the children that it has and of those that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
    ended = (int(fields[13]) + int(fields[14])) / TICK
    return ended + cpu_seconds(pid) + sum(cpu_seconds(child) for child in children_of(pid))


def children_of(pid):
    return [int(entry) for entry in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def status_of(pid, field):
    """A number of /proc/PID/status: VmHWM, VmRSS and RssAnon are in kB."""
    match = re.search(rf"^{field}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="ascii"), re.M)
    return int(match[1]) if match else 0


def peak_rss(pid):
    return status_of(pid, "VmHWM") * 1024


def title_of(pid):
    """What the process calls itself; PostgreSQL's backends name their role and database here."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def wait_with_cpu(process, seconds):
    """Waits for a Popen's end: its user and system time, whole. Sets `returncode`."""
    deadline = time.monotonic() + seconds
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_utime + usage.ru_stime
        if time.monotonic() > deadline:
            raise NotInTime(f"not at its end after {seconds:g} s")
        time.sleep(0.005)


def pin(pid, cores):
    """All threads of the process that there are, and those that they will start."""
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), cores)


def two_cores():
    """(first, last) of the cores that this process may use, as sets; the same one where there is only one."""
    mine = sorted(os.sched_getaffinity(0))
    return {mine[0]}, {mine[-1]}
