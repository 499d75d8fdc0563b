"""What measuring a row of the table came to: figures, what they are held against, and whether the aim was reached."""
from dataclasses import dataclass, field

from .spread import Spread


@dataclass(frozen=True)
class Figure:
    name: str      # "" where the row has only one
    unit: str      # "messages/s", "us", "ms", "MiB", "" for a ratio
    spread: Spread

    def as_json(self):
        return {"name": self.name, "unit": self.unit, **self.spread.as_json()}


@dataclass(frozen=True)
class Check:
    """One bound of the aim, on a median."""
    name: str
    value: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self):
        return (self.at_least is None or self.value >= self.at_least) and \
            (self.at_most is None or self.value <= self.at_most)

    def as_json(self):
        return {"name": self.name, "value": self.value, "at_least": self.at_least, "at_most": self.at_most,
                "met": self.met}


@dataclass
class Outcome:
    figures: list = field(default_factory=list)
    against: list = field(default_factory=list)  # figures, measured in the same run
    ratios: list = field(default_factory=list)   # figures without a unit
    checks: list = field(default_factory=list)
    note: str = ""      # conditions: connections, batch, number of messages
    details: dict = field(default_factory=dict)  # into the JSON and the charts only
    failed: str = ""    # why there are no figures

    @property
    def status(self):
        if self.failed:
            return "failed"
        return "met" if all(check.met for check in self.checks) else "short"

    def as_json(self):
        listed = {name: [one.as_json() for one in getattr(self, name)]
                  for name in ("figures", "against", "ratios", "checks")}
        return {"status": self.status, **listed, "note": self.note, "failed": self.failed, "details": self.details}


def outcome_of(told):
    """The reverse of as_json."""
    def figures(name):
        return [Figure(one["name"], one["unit"], Spread(tuple(one["values"]))) for one in told[name]]
    checks = [Check(one["name"], one["value"], one["at_least"], one["at_most"]) for one in told["checks"]]
    return Outcome(figures("figures"), figures("against"), figures("ratios"), checks, told["note"], told["details"],
                   told["failed"])
