"""The second table: what is in the table and in the dead-letter queue after kill -9, after messages that come twice and
after messages that cannot become rows, held against what was sent."""
import random
import time

from sent_logins import Messages, judge
from rig import Peer, Rig
from throughput import ROWS

KILLS = 5
STARTS = 40  # a supervisor gives up after so many
DEADLINE = 120


def drain(definition, rig, kill_at=()):
    """Starts the peer, again whenever it ends, until the queue is empty; kills it as soon as so many rows stand in the
    table. Returns (starts, ends by itself, whether the queue was emptied)."""
    kill_at, deadline = list(kill_at), time.monotonic() + DEADLINE
    starts, crashes, peer = 0, 0, None
    try:
        while time.monotonic() < deadline:
            if peer is None:
                if starts == STARTS:
                    return starts, crashes, False
                peer, starts = Peer(definition, rig), starts + 1
            if kill_at and rig.rows() >= kill_at[0]:
                kill_at.pop(0)
                peer.kill()
                peer = None
            elif not peer.alive():
                crashes += 1
                peer.kill()  # what may be left of its group
                peer = None
            elif not kill_at and not rig.left():
                return starts, crashes, True
            time.sleep(0.002 if kill_at else 0.1)
        return starts, crashes, False
    finally:
        if peer:
            peer.stop()


def bad_ones(definition, rig, messages):
    """Bad messages that a person can still find: in the dead-letter queue, or where the peer keeps them."""
    dead = rig.dead_bodies()
    kept = len(messages.bad.intersection(dead)) + definition.kept(rig)
    return {"bad": len(messages.bad), "bad_kept": kept,
            "good_in_dead_letter_queue": sum(body not in messages.bad for body in dead)}


def scenario(name, definition, cluster, binary, folder, seed):
    """One of `kill`, `duplicates`, `poison`: the counts as in README.md."""
    count = definition.few if name == "poison" else definition.many
    messages = Messages(count, seed, bad=name == "poison")
    kill_at = []
    if name == "kill":
        chosen = random.Random(seed)
        # Spread over the run, and not where a batch happens to end.
        kill_at = [count * (step + chosen.random()) / (KILLS + 1.5) for step in range(1, KILLS + 1)]
    with Rig(cluster, binary, folder, visibility=3, faults=name == "duplicates") as rig:
        definition.migrate(rig)
        rig.send(messages.bodies)
        if name == "duplicates":
            for operation in ("DeleteMessage", "DeleteMessageBatch"):
                rig.server.fault(operation, "redeliver", fraction=0.01, seed=seed)
        starts, crashes, emptied = drain(definition, rig, kill_at)
        left = rig.left()
        result = {"sent": count, **judge(messages, rig.database.rows(ROWS)), **bad_ones(definition, rig, messages),
                  "kills": len(kill_at), "starts": starts, "crashes": crashes, "emptied": emptied,
                  "left_in_queue": left}
    result["bad_lost"] = max(0, result["bad"] - result["bad_kept"] - left)
    result["right"] = emptied and not (result["missing"] or result["doubled"] or result["wrong"] or result["bad_lost"])
    return result
