"""Figures of several runs: median, least and most. Pure."""
import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The values of the runs, in their order."""
    values: tuple

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def least(self):
        return min(self.values)

    @property
    def most(self):
        return max(self.values)

    def as_json(self):
        return {"median": self.median, "min": self.least, "max": self.most, "values": list(self.values)}


def spread(values):
    values = tuple(values)
    if not values:
        raise ValueError("no run has a figure")
    return Spread(values)


def ratios(above, below):
    """Run by run, since the two of one run met the same machine."""
    if len(above.values) != len(below.values):
        raise ValueError(f"{len(above.values)} runs beside {len(below.values)}")
    return Spread(tuple(a / b for a, b in zip(above.values, below.values)))


def percentile(values, percent):
    """The smallest value that so many percent of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("a percentile of nothing")
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]
