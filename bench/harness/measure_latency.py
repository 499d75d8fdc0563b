"""From sent to visible row: one message at a time, at half of the maximum rate, and from the program's start. Rows
`latency`, `half_rate` and `start`."""
import random
import time

from .lab import QUEUE, Broken
from .machine import flush_ms
from .measure_throughput import pairs
from .outcome import Check, Figure, Outcome
from .running import RowSight, login, wait_for, wait_started, worker
from .spread import percentile, ratios, spread
from .sqs_calls import SqsCalls

ROW_SECONDS = 20
WARM_MESSAGES = 20

# Sent is in the ledger's key: its first 48 bits are the milliseconds of SentTimestamp. The commit's time stamp is taken
# just before its flush.
LAGS = """
    SELECT 1000 * extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8
           - ('x' || replace(left(id::text, 13), '-', ''))::bit(48)::bigint AS lag,
           ('x' || replace(left(id::text, 13), '-', ''))::bit(48)::bigint AS sent
      FROM sqs2pg.ledger"""


def one_at_a_time(lab, messages):
    """([ms from before the send until the row is seen], [ms of the send])"""
    generator = random.Random(messages)
    with lab.queue() as server, lab.database() as database, worker(lab, server, database) as (process, log):
        wait_started(process, log)
        calls, lags, sends = SqsCalls(server.url), [], []
        with RowSight(lab, database) as sight:
            for number in range(messages + WARM_MESSAGES):
                name = f"lone-{number}"
                began = time.perf_counter()
                calls.send(login(number, name))
                sent = time.perf_counter()
                seen = wait_for(lambda: sight.has(name), "a row", ROW_SECONDS)  # noqa: B023: waited for at once
                lags.append(1000 * (seen - began))
                sends.append(1000 * (sent - began))
                time.sleep(generator.uniform(0.005, 0.02))  # the queue is quiet again, and no rhythm is kept
        calls.close()
    return lags[WARM_MESSAGES:], sends[WARM_MESSAGES:]


def curve_of(lags):
    """[percent, ms] of the last run"""
    return [[percent, round(percentile(lags, percent), 3)] for percent in (*range(1, 100), 99.5, 99.9)]


def latency(lab):
    messages = 100 if lab.options.quick else 400
    half, worst, least = [], [], []
    for _ in range(lab.options.runs):
        lags, sends = one_at_a_time(lab, messages)
        half.append(percentile(lags, 50))
        worst.append(percentile(lags, 99))
        least.append(percentile(sends, 50) + flush_ms(lab.cluster.folder))
        lab.say(f"p50 {half[-1]:.2f} ms, p99 {worst[-1]:.2f} ms; a call and a flush {least[-1]:.2f} ms")
    p50, p99, limit = spread(half), spread(worst), spread(least)
    return Outcome([Figure("p50", "ms", p50), Figure("p99", "ms", p99)], [Figure("", "ms", limit)],
                   [Figure("p50", "", ratios(p50, limit))],
                   [Check("p50 ms", p50.median, at_most=3), Check("p99 ms", p99.median, at_most=10)],
                   f"{messages} messages a run, from before the send until another connection sees the row",
                   {"percentiles": curve_of(lags)})


def at_rate(lab, rate, seconds, seed):
    """([ms from sent to committed], messages a second that were sent). The first second is left out."""
    with lab.queue() as server, lab.database() as database, worker(lab, server, database) as (process, log):
        wait_started(process, log)
        messages = int(rate * seconds)
        lab.command("send", "--queue", QUEUE, "--generate", "logins", "--count", messages, "--seed", seed, "--rate",
                    rate, environment=server.environment(), timeout=60 + 4 * seconds)
        with RowSight(lab, database) as sight:
            wait_for(lambda: sight.count() >= messages, f"{messages} rows", 120, pause=0.2)
        rows = database.rows(LAGS)
    first, last = min(sent for _, sent in rows), max(sent for _, sent in rows)
    steady = [lag for lag, sent in rows if sent >= first + 1000]
    if len(rows) != messages or not steady:
        raise Broken(f"{len(rows)} entries of the ledger of {messages} messages")
    return steady, 1000 * len(rows) / max(1, last - first)


def half_rate(lab):
    most = spread(whole.rate for whole, _ in pairs(lab)).median
    seconds = 4 if lab.options.quick else 8
    worst, half, reached = [], [], []
    for number in range(lab.options.runs):
        lags, rate = at_rate(lab, round(most / 2), seconds, number + 1)
        worst.append(percentile(lags, 99))
        half.append(percentile(lags, 50))
        reached.append(rate)
        lab.say(f"at {rate:,.0f} messages/s: p50 {half[-1]:.1f} ms, p99 {worst[-1]:.1f} ms")
    p99, sent = spread(worst), spread(reached)
    if sent.median < 0.9 * most / 2:
        raise Broken(f"the sender reached {sent.median:,.0f} messages/s of {most / 2:,.0f}")
    return Outcome([Figure("p99", "ms", p99), Figure("p50", "ms", spread(half))], [], [],
                   [Check("p99 ms", p99.median, at_most=100)],
                   f"at {sent.median:,.0f} messages/s for {seconds} s a run; from SentTimestamp to the commit, less "
                   "its flush; the sender shares the machine",
                   {"sent_per_second": sent.as_json(), "percentiles": curve_of(lags)})


def start_to_row(lab, server, database, sight, calls, name):
    """ms from the start of the process until its first row is seen; the message waits already."""
    calls.send(login(1, name))
    began = time.perf_counter()
    with worker(lab, server, database):
        return 1000 * (wait_for(lambda: sight.has(name), "the first row", ROW_SECONDS) - began)


def start_time(lab):
    starts = 3 if lab.options.quick else 5
    took = []
    with lab.queue() as server, lab.database() as database, RowSight(lab, database) as sight:
        calls = SqsCalls(server.url)
        start_to_row(lab, server, database, sight, calls, "first")  # the program's file comes from the disk
        for number in range(lab.options.runs):
            times = [start_to_row(lab, server, database, sight, calls, f"{number}-{turn}") for turn in range(starts)]
            took.append(percentile(times, 50))
            lab.say(f"first row after {took[-1]:.1f} ms")
        calls.close()
    ms = spread(took)
    return Outcome([Figure("", "ms", ms)], [], [], [Check("ms", ms.median, at_most=100)],
                   f"the median of {starts} starts a run, from exec until another connection sees the row")
