"""The table of aims, in its order: what each row is called, aims at and is held against, and what measures it."""
from dataclasses import dataclass
from typing import Callable

from . import (measure_conditions, measure_latency, measure_memory, measure_parts, measure_scaling,
               measure_throughput)


@dataclass(frozen=True)
class Row:
    key: str
    what: str
    aim: str
    against: str
    measure: Callable  # of a Lab: an Outcome


ROWS = (
    Row("throughput", "exactly-once throughput, queue to committed row, default settings",
        "100,000 messages/s; 0.7 of the sink alone",
        "the sink alone: ledger and rows from memory, same connections and batch", measure_throughput.throughput),
    Row("sink", "the sink alone", "0.55 of COPY BINARY", "the same rows by COPY BINARY, 1,000 a transaction, no ledger",
        measure_throughput.sink),
    Row("cpu", "worker CPU a message, all of it, plain HTTP", "4 us", "3.5 us, the sum of the parts measured apart",
        measure_throughput.worker_cpu),
    Row("transform", "decode + map + mask (2 HMACs) + encode, one core", "0.9 us", "a bare prototype",
        measure_parts.transform),
    Row("queue", "embedded queue, a core", "60,000 requests/s", "a Beast server that answers a constant",
        measure_parts.queue),
    Row("latency", "latency sent to visible row, one message at a time", "p50 3 ms, p99 10 ms",
        "an SQS call and one fsync", measure_latency.latency),
    Row("half_rate", "latency at half of the maximum rate", "p99 100 ms", "", measure_latency.half_rate),
    Row("memory", "resident memory at full rate", "48 MiB a worker, flat (10 %)", "", measure_memory.memory),
    Row("start", "start to first row", "100 ms", "", measure_latency.start_time),
    Row("ledger", "throughput with many entries in the ledger's partition", "0.9 of an empty one", "an empty ledger",
        measure_conditions.ledger),
    Row("delay", "20 ms of added delay on every SQS call", "the same throughput (0.9)", "no delay",
        measure_conditions.delay),
    Row("scaling", "2 and 4 workers; 2 and 4 processes", "grows until the machine is full, then holds (0.9)",
        "1 worker", measure_scaling.scaling),
    Row("duplicates", "duplicates 1, 10, 100 %", "at 1 %: 0.9 of 0 %; no cliff at 10 and 100 % (0.7)",
        "no duplicates", measure_conditions.duplicates),
)
