"""More workers, more processes: row `scaling`."""
from .drain import fill_and_drain
from .outcome import Check, Figure, Outcome
from .spread import ratios, spread

WORKERS = (1, 2, 4)
PROCESSES = (2, 4)  # of one worker each; one of one worker is measured already


def scaling(lab):
    # A longer run than others: while the first process receives, the start of three more takes a tenth of a second of
    # both cores.
    messages = 3 * lab.options.messages
    kinds = [("workers", count) for count in WORKERS] + [("processes", count) for count in PROCESSES]
    seen = {kind: [] for kind in kinds}
    for number in range(lab.options.runs):
        for name, count in kinds:
            options = {"workers": count} if name == "workers" else {"workers": 1, "processes": count}
            seen[name, count].append(fill_and_drain(lab, messages, number + 1, **options))
        lab.say(", ".join(f"{count} {name} {runs[-1].rate:,.0f}" for (name, count), runs in seen.items())
                + " messages/s")
    rates = {kind: spread(one.rate for one in runs) for kind, runs in seen.items()}
    one = rates["workers", 1]
    gains = {kind: ratios(rate, one) for kind, rate in rates.items() if kind != ("workers", 1)}
    label = {kind: f"{kind[1]} {kind[0]}" if kind[1] > 1 else "1 worker" for kind in kinds}
    checks = []
    for name in ("workers", "processes"):
        checks.append(Check(f"2 {name} to 1", gains[name, 2].median, at_least=1))
        checks.append(Check(f"4 {name} to 2", ratios(rates[name, 4], rates[name, 2]).median, at_least=0.9))
    details = {"rates": {label[kind]: rate.as_json() for kind, rate in rates.items()},
               "cpu_us": {label[kind]: {name: spread(getattr(run, f"{name}_cpu_us") for run in runs).median
                                        for name in ("worker", "queue", "server")} for kind, runs in seen.items()}}
    return Outcome([Figure(label[kind], "messages/s", rates[kind]) for kind in gains],
                   [Figure("", "messages/s", one)], [Figure(label[kind], "", gain) for kind, gain in gains.items()],
                   checks, f"{messages:,} messages; a process has one worker; all share the cores of the machine",
                   details)
