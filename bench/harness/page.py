"""docs/performance.md: the sections between markers are made of the results, everything else is written by hand. Pure,
but for `write`."""
import sys

from . import charts, machine, peers, table, words
from .lab import CHECKOUT
from .outcome import outcome_of
from .rows import ROWS

PAGE = CHECKOUT / "docs" / "performance.md"
FOLDER = "performance"


class NoSection(ValueError):
    pass


def replaced(text, name, body):
    """The text with `body` between `<!-- NAME:begin -->` and `<!-- NAME:end -->`, each of which stands there once."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise NoSection(f"the document has no section from {begin} to {end}")
    return text[:text.index(begin) + len(begin)] + "\n" + body.strip("\n") + "\n" + text[text.index(end):]


def known_rows(results):
    by_key = {row.key: row for row in ROWS}
    return [(by_key[told["key"]], outcome_of(told)) for told in results["rows"] if told["key"] in by_key]


def bench_section(results, names):
    """`names` of the charts that were drawn."""
    measured = known_rows(results)
    lines = [f"{results['machine']['when'][:10]}, {words.runs(results['runs'])}; queue, worker and server share the "
             "cores:", ""]
    lines += [f"- {sentence}" for sentence in machine.sentences(results["machine"])]
    lines += ["", table.as_markdown(measured), "", "How each was measured, and what fell short:", ""]
    for row, outcome in measured:
        told = "; ".join(part for part in (outcome.note, short(outcome)) if part)
        if told:
            lines.append(f"- **{row.key}**: {words.aim(told)}.")
    for name in names:
        lines += ["", f"![{charts.TITLES[name]}]({FOLDER}/{name}.svg)"]
    return "\n".join(lines)


def short(outcome):
    missed = words.shortfall(outcome)
    return f"short of it: {missed}" if missed else ""


def write(results):
    """The page and its charts. Charts of rows that were not measured are removed."""
    text = PAGE.read_text(encoding="utf-8")
    drawn = charts.drawn(results)
    text = replaced(text, "bench", bench_section(results, drawn))
    if results.get("peers"):
        drawn["peers"] = charts.peers(results["peers"])
        text = replaced(text, "peers", peers.as_markdown(results["peers"], f"{FOLDER}/peers.svg"))
    folder = PAGE.parent / FOLDER
    folder.mkdir(exist_ok=True)
    for name, picture in drawn.items():
        if picture:
            (folder / f"{name}.svg").write_text(picture, encoding="utf-8")
    for name in charts.CHARTS:
        if name not in drawn:
            (folder / f"{name}.svg").unlink(missing_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE.relative_to(CHECKOUT)} and {len(drawn)} charts", file=sys.stderr)
