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


def one_run(definition, cluster, binary, folder, count, seed):
    """Figures between the first and the last commit, so that no start of an interpreter counts; the messages of the
    first commit are left out of both."""
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
                    raise RuntimeError(f"{definition.name} did not empty the queue: {peer.tail()}")
                time.sleep(0.1)
        finally:
            sampler.stop()
            peer.stop()
        verdict = judge(messages, rig.database.rows(ROWS))
        if any(verdict.values()):
            raise RuntimeError(f"{definition.name} wrote other rows than were sent: {verdict}")
        commits = rig.database.rows(COMMITS)
    (first, of_first), (last, _) = commits[0], commits[-1]
    if len(commits) < 5:
        raise RuntimeError(f"{count} messages are too few to measure {definition.name}: {len(commits)} commits")
    counted = count - of_first
    return {"messages_per_second": counted / (last - first), "seconds": last - first,
            "cpu_us_a_message": sampler.cpu_between(first, last) * 1e6 / counted,
            "peak_memory_mib": sampler.memory() / 2**20, "transactions": len(commits)}


def summary(runs):
    """median, min and max of each figure."""
    return {name: {"median": statistics.median(run[name] for run in runs), "min": min(run[name] for run in runs),
                   "max": max(run[name] for run in runs)} for name in runs[0]}
