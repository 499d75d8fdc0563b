"""Which charts are drawn of the results: file name to SVG. A row that failed or was left out has no chart. Pure."""
from .chart import Bar, Line, bars, lines


def spread_bar(label, told, kind=0):
    return Bar(label, (told["median"],), told["min"], told["max"], kind)


def rates(rows):
    """The pipeline beside the sink alone and COPY BINARY."""
    whole, sink = rows.get("throughput"), rows.get("sink")
    if not whole or not sink:
        return None
    several = [spread_bar("queue to committed row", whole["figures"][0]),
               spread_bar("the sink alone, same batch", whole["against"][0], 1),
               spread_bar("the sink alone, 1,000 rows", sink["figures"][-1], 1),
               spread_bar("COPY BINARY, 1,000 rows", sink["against"][0], 4)]
    return bars("From queue to committed row, and what it is held against", "rows/s", several,
                aim=(100_000, "aim of the first"))


def cpu(rows):
    scaling = rows.get("scaling")
    if not scaling:
        return None
    names = ("worker", "queue", "server")
    several = [Bar(label, tuple(told[name] for name in names))
               for label, told in scaling["details"]["cpu_us"].items()]
    return bars("CPU a message", "µs of CPU a message, all cores", several,
                names=("sqs2pg", "embedded queue", "PostgreSQL"))


def workers(rows):
    scaling = rows.get("scaling")
    if not scaling:
        return None
    several = [spread_bar(label, told, 1 if "processes" in label else 0)
               for label, told in scaling["details"]["rates"].items()]
    return bars("Workers of one process, and processes of one worker", "messages/s", several)


def latency(rows):
    curves = [Line(label, tuple((percent, ms) for percent, ms in rows[key]["details"]["percentiles"] if percent <= 99))
              for key, label in (("latency", "one message at a time"), ("half_rate", "at half of the maximum rate"))
              if key in rows]
    return lines("From sent to row", "percentile", "ms", curves, x_to=100) if curves else None


def memory(rows):
    row = rows.get("memory")
    if not row or len(row["details"]["curve"]) < 2:
        return None
    curve = Line("one worker", tuple(map(tuple, row["details"]["curve"])))
    return lines("Resident memory at full rate", "seconds", "MiB", [curve], aim=(48, "aim: 48 MiB"))


def duplicates(rows):
    row = rows.get("duplicates")
    if not row:
        return None
    several = [spread_bar(f"{percent} % duplicates", told) for percent, told in row["details"]["rates"].items()]
    return bars("Messages that were written already", "messages/s", several)


def conditions(rows):
    several = []
    for key, changed, plain in (("ledger", "ledger with many entries", "empty ledger"),
                                ("delay", "20 ms more a call", "no delay")):
        if key in rows:
            several += [spread_bar(changed, rows[key]["figures"][0]), spread_bar(plain, rows[key]["against"][0], 4)]
    return bars("The pipeline under other conditions", "messages/s", several) if several else None


def peers(told):
    shown = [one for one in (told or {}).get("peers", ()) if one.get("throughput")]
    if not shown:
        return None
    shown.sort(key=lambda one: -one["throughput"]["messages_per_second"]["median"])
    return bars("Consumers of the same queue into the same table", "messages/s",
                [spread_bar(one["title"], one["throughput"]["messages_per_second"],
                            0 if one["name"].startswith("sqs2pg") else 4) for one in shown])


CHARTS = {"throughput": rates, "cpu": cpu, "workers": workers, "latency": latency, "memory": memory,
          "duplicates": duplicates, "conditions": conditions}
TITLES = {"throughput": "queue to committed row beside the sink alone and COPY BINARY", "cpu": "CPU a message",
          "workers": "messages a second by workers and processes", "latency": "latency by percentile",
          "memory": "resident memory over time", "duplicates": "messages a second by share of duplicates",
          "conditions": "messages a second under other conditions"}


def drawn(results):
    """{name: SVG} of the charts there is something for"""
    rows = {row["key"]: row for row in results["rows"] if not row["failed"]}
    made = {name: chart(rows) for name, chart in CHARTS.items()}
    return {name: text for name, text in made.items() if text}
