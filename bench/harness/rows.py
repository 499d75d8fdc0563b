"""The table of aims, in its order: what each row is called, aims at and is held against, and what measures it."""
from dataclasses import dataclass
from typing import Callable

from . import measure_parts, measure_throughput


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
)
