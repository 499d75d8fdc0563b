"""Queue to committed row, the same rows from memory, the same rows by COPY BINARY: rows `throughput`, `cpu`, `sink`."""
import os

from .drain import fill_and_drain
from .lab import Broken
from .outcome import Check, Figure, Outcome
from .spread import ratios, spread
from .words import number

COPY_BATCH = 1000


def sink_alone(lab, messages, connections, batch, workers, *arguments):
    """From memory; a bare database, which the program prepares."""
    with lab.database(migrated=False) as database:
        if not arguments:
            lab.program("sink_alone", "--url", database.socket_url(), "--prepare", "--messages", 1000)
            database.execute("TRUNCATE user_logins")
        lab.settle(database)
        return lab.program("sink_alone", "--url", database.socket_url(), "--prepare", "--messages", messages,
                           "--connections", connections, "--batch", batch, "--workers", workers, *arguments)


def pairs(lab):
    """The pipeline and, on the same connections with the same batch, the sink alone; measured once for all rows."""
    if "pairs" not in lab.shared:
        made = []
        for number in range(lab.options.runs):
            whole = fill_and_drain(lab, lab.options.messages, number + 1)
            alone = sink_alone(lab, lab.options.messages, whole.connections, whole.batch, whole.workers)
            lab.say(f"run {number + 1}: {whole.rate:,.0f} messages/s, the sink alone {alone['rows_per_second']:,.0f}")
            made.append((whole, alone))
        lab.shared["pairs"] = made
    return lab.shared["pairs"]


def sides(lab):
    """(workers, connections, rows a transaction) of the pipeline at its default settings"""
    whole = pairs(lab)[0][0]
    return whole.workers, whole.connections, whole.batch


def conditions(drained):
    return (f"{drained.messages:,} messages, {drained.workers} workers, {drained.connections} connections, "
            f"{drained.batch:,} rows a transaction")


def throughput(lab):
    made = pairs(lab)
    rate = spread(whole.rate for whole, _ in made)
    alone = spread(sink["rows_per_second"] for _, sink in made)
    ratio = ratios(rate, alone)
    details = {name: spread(getattr(whole, name) for whole, _ in made).as_json()
               for name in ("worker_cpu_us", "queue_cpu_us", "server_cpu_us", "peak_rss_mib", "batch", "connections",
                            "workers", "seconds")}
    return Outcome([Figure("", "messages/s", rate)], [Figure("", "rows/s", alone)], [Figure("", "", ratio)],
                   [Check("messages/s", rate.median, at_least=100_000), Check("ratio", ratio.median, at_least=0.7)],
                   conditions(made[-1][0]) + "; " + limit_of_machine(made), details)


def limit_of_machine(made):
    """What the cores would carry if they did nothing else: where the machine is full, whatever waits for whatever."""
    used = spread(whole.worker_cpu_us + whole.queue_cpu_us + whole.server_cpu_us for whole, _ in made).median
    cores = len(os.sched_getaffinity(0))
    return (f"worker, queue and PostgreSQL use {number(used)} us of CPU a message together, so {cores} cores end at "
            f"{number(cores * 1e6 / used)} messages/s")


def worker_cpu(lab):
    made = pairs(lab)
    cpu = spread(whole.worker_cpu_us for whole, _ in made)
    parts = 3.5  # measured apart, see docs/performance.md
    note = (f"queue {spread(one.queue_cpu_us for one, _ in made).median:.1f} us, PostgreSQL "
            f"{spread(one.server_cpu_us for one, _ in made).median:.1f} us a message")
    return Outcome([Figure("", "us", cpu)], [],
                   [Figure("", "", spread(value / parts for value in cpu.values))],
                   [Check("us a message", cpu.median, at_most=4)], note)


def sink(lab):
    """In the pipeline's own transactions, and, beside it, in those of COPY BINARY."""
    workers, connections, batch = sides(lab)
    messages = lab.options.messages
    own, alike, copy = [], [], []
    for _ in range(lab.options.runs):
        own.append(sink_alone(lab, messages, connections, batch, workers)["rows_per_second"])
        copy.append(sink_alone(lab, messages, connections, COPY_BATCH, workers, "--blind-copy")["rows_per_second"])
        alike.append(sink_alone(lab, messages, connections, COPY_BATCH, workers)["rows_per_second"])
        lab.say(f"sink {own[-1]:,.0f} rows/s, COPY BINARY {copy[-1]:,.0f}, sink by {COPY_BATCH:,} {alike[-1]:,.0f}")
    rate, equal, limit = spread(own), spread(alike), spread(copy)
    if not limit.least > 0:
        raise Broken("COPY BINARY wrote nothing")
    ratio, of_equal = ratios(rate, limit), f"{COPY_BATCH:,} a transaction"
    return Outcome([Figure("", "rows/s", rate), Figure(of_equal, "rows/s", equal)], [Figure("", "rows/s", limit)],
                   [Figure("", "", ratio), Figure(of_equal, "", ratios(equal, limit))],
                   [Check("ratio", ratio.median, at_least=0.55)],
                   f"{messages:,} rows, {connections} connections, {batch:,} rows a transaction as in the pipeline")
