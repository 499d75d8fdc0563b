"""The first table: messages a second, CPU and memory of each peer, from a full queue."""
import statistics
import time

from sent_logins import Messages, judge
from rig import Peer, Rig, Sampler

DEADLINE = 180  # seconds a run
COMMITS = """
    SELECT extract(epoch FROM at)::float8, count(*)
      FROM (SELECT pg_xact_commit_timestamp(xmin) AS at FROM user_logins) AS row GROUP BY at ORDER BY at"""
ROWS = ("SELECT user_id, device_type, masked_ip, masked_device_id, locale, app_version, create_date FROM user_logins")


def window(commits, count):
    """(start, end, rows between them) of [(moment, rows)]: from the first commit, whose rows are left out, to the one
    that brings the table to 99 % of `count`. So a start costs nobody anything, and a straggler that waits for its
    visibility timeout is not taken for the speed."""
    start, written = commits[0][0], 0
    for moment, rows in commits:
        written += rows
        if written >= 0.99 * count:
            return start, moment, written - commits[0][1]
    raise ValueError("fewer rows than that")


def one_run(definition, cluster, binary, folder, count, seed):
    """The figures of the window of one full queue."""
    messages = Messages(count, seed)
    with Rig(cluster, binary, folder, visibility=60) as rig:
        definition.migrate(rig)
        rig.send(messages.bodies)
        cluster.connect(rig.database.name).execute("CHECKPOINT")
        peer = Peer(definition, rig)
        sampler = Sampler(peer.process.pid)
        try:
            deadline = time.monotonic() + DEADLINE
            while rig.left():
                if not peer.alive() or time.monotonic() > deadline:
                    raise RuntimeError(f"{definition.name} did not empty the queue\n{peer.tail()}")
                time.sleep(0.1)
        finally:
            sampler.stop()
            peer.stop()
        verdict = judge(messages, rig.database.rows(ROWS))
        if any(verdict.values()):
            raise RuntimeError(f"{definition.name} wrote other rows than were sent: {verdict}")
        commits = rig.database.rows(COMMITS)
    if len(commits) < 5:
        raise RuntimeError(f"{count} messages are too few to measure {definition.name}: {len(commits)} commits")
    start, end, rows = window(commits, count)
    return {"messages_per_second": rows / (end - start), "seconds": end - start,
            "last_one_percent_seconds": commits[-1][0] - end,
            "cpu_us_a_message": sampler.cpu_between(start, end) * 1e6 / rows,
            "peak_memory_mib": sampler.memory() / 2**20, "transactions": len(commits)}


def summary(runs):
    """median, min and max of each figure."""
    return {name: {"median": statistics.median(run[name] for run in runs), "min": min(run[name] for run in runs),
                   "max": max(run[name] for run in runs)} for name in runs[0]}
