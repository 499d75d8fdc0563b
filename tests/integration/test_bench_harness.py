"""The pure parts of `./dev bench`: figures of several runs, the table, the document's sections, the charts. Nothing is
timed here."""
import sys
from xml.etree import ElementTree

import pytest
from sqs_servers import CHECKOUT

sys.path.insert(0, str(CHECKOUT / "bench"))

from harness import charts, page, peers, table, words  # noqa: E402
from harness.chart import Bar, Line, bars, lines  # noqa: E402
from harness.outcome import Check, Figure, Outcome, outcome_of  # noqa: E402
from harness.rows import ROWS  # noqa: E402
from harness.spread import percentile, ratios, spread  # noqa: E402
from harness.svg import ticks  # noqa: E402


def measured():
    return Outcome([Figure("", "messages/s", spread([95_000, 105_000, 99_000]))],
                   [Figure("sink alone", "rows/s", spread([150_000, 150_000, 165_000]))],
                   [Figure("", "", ratios(spread([95_000, 105_000, 99_000]), spread([150_000, 150_000, 165_000])))],
                   [Check("messages/s", 99_000, at_least=100_000), Check("ratio", 0.63, at_least=0.6)],
                   "2 workers | 2 connections")


def test_a_spread_is_median_least_and_most_and_keeps_the_runs():
    seen = spread([3.0, 1.0, 2.0, 10.0])
    assert (seen.median, seen.least, seen.most, seen.values) == (2.5, 1.0, 10.0, (3.0, 1.0, 2.0, 10.0))
    with pytest.raises(ValueError):
        spread([])


def test_ratios_are_taken_run_by_run():
    assert ratios(spread([1, 9]), spread([2, 3])).values == (0.5, 3.0)
    with pytest.raises(ValueError):
        ratios(spread([1, 2]), spread([1]))


def test_percentiles_are_of_the_nearest_rank():
    values = list(range(1, 101))
    assert [percentile(values, percent) for percent in (0, 50, 99, 100)] == [1, 50, 99, 100]
    assert percentile([7], 99) == 7
    assert percentile([5, 1, 3], 50) == 3


def test_numbers_have_three_figures_or_so():
    assert [words.number(value) for value in (0.6333, 3.5, 10.04, 123.4, 1234.5, 99_567)] == \
        ["0.63", "3.50", "10.0", "123", "1,234", "99,600"]


def test_a_figure_of_one_run_has_no_span():
    assert words.figure(Figure("p50", "ms", spread([2.5]))) == "p50 2.50 ms"
    assert words.figure(Figure("", "us", spread([2, 3, 4]))) == "3.00 µs (2.00 to 4.00)"


def test_microseconds_are_written_as_such_and_other_words_left_alone():
    assert words.aim("us a message; they use 3.5 us") == "µs a message; they use 3.5 µs"


def test_a_missed_bound_is_named_with_its_aim():
    outcome = measured()
    assert outcome.status == "short"
    assert words.shortfall(outcome) == "messages/s 99,000, aim at least 100,000"
    outcome.checks = outcome.checks[1:]
    assert outcome.status == "met" and words.shortfall(outcome) == ""


def test_the_table_shows_every_row_and_why_one_failed():
    rows = [(row, measured()) for row in ROWS]
    rows[1] = (ROWS[1], Outcome(failed="no such server | here"))
    text, markdown = table.as_text(rows), table.as_markdown(rows)
    assert "99,000 messages/s" in text and "failed: no such" in text and "2 workers" in text
    lines = markdown.splitlines()
    assert len(lines) == 2 + len(ROWS) and len({line.replace("\\|", "").count("|") for line in lines}) == 1
    assert "failed: no such server \\| here" in lines[3]
    for row, line in zip(ROWS, lines[2:]):
        assert row.what in line


def test_an_outcome_survives_its_json():
    outcome = measured()
    assert outcome_of(outcome.as_json()) == outcome


def test_rows_have_keys_of_their_own():
    assert len({row.key for row in ROWS}) == len(ROWS)


SVG = "{http://www.w3.org/2000/svg}"


def texts_of(picture):
    return [element.text for element in ElementTree.fromstring(picture).iter(SVG + "text")]


def rows_of_all():
    """Of every row, with what the charts look at."""
    told = {row.key: measured() for row in ROWS}
    rates = spread([50_000, 60_000]).as_json()
    told["scaling"].details = {"rates": {"1 worker": rates, "2 processes": rates},
                               "cpu_us": {"1 worker": {"worker": 9.8, "queue": 4.0, "server": 5.6}}}
    told["memory"].details = {"curve": [[0, 20.0], [1, 33.5], [2, 33.5]]}
    told["duplicates"].details = {"rates": {"0": rates, "1": rates}}
    for key in ("latency", "half_rate"):
        told[key].details = {"percentiles": [[1, 1.5], [50, 2.0], [99, 9.0], [99.9, 80.0]]}
    return told


def results(**changed):
    machine = {"when": "2026-11-25T08:00:00+00:00", "system": "Debian", "kernel": "6.1", "cores": 2,
               "cpu": "a <cpu> & co", "memory_gib": 8, "flush_ms": 0.5, "load_before": 0.1, "sqs2pg": "sqs2pg 1",
               "commit": "abc", "postgresql": "postgres 15", "settings": dict.fromkeys(
                   ("fsync", "synchronous_commit", "shared_buffers", "max_wal_size"), "on")}
    rows = [{"key": row.key, **outcome.as_json()} for row, outcome in zip(ROWS, rows_of_all().values())]
    return {"machine": machine, "runs": 3, "rows": rows, **changed}


def test_a_section_is_replaced_and_nothing_else():
    text = "# Head\n<!-- bench:begin -->\nold\n<!-- bench:end -->\ntail\n<!-- peers:begin -->\n<!-- peers:end -->\n"
    once = page.replaced(text, "bench", "new\nlines\n")
    assert once == text.replace("old", "new\nlines")
    assert page.replaced(once, "bench", "new\nlines") == once


@pytest.mark.parametrize("text", ["nothing", "<!-- bench:begin -->", "<!-- bench:end --><!-- bench:begin -->",
                                  "<!-- bench:begin --><!-- bench:end -->" * 2])
def test_a_document_without_the_section_is_refused(text):
    with pytest.raises(page.NoSection):
        page.replaced(text, "bench", "new")


def test_the_document_of_the_checkout_has_both_sections():
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.replaced(page.replaced(text, "bench", "x"), "peers", "y")


def test_the_section_holds_machine_table_conditions_and_charts():
    told = page.bench_section(results(), ["cpu"])
    assert "2026-11-25, medians of 3 runs" in told and "a <cpu> & co" in told and "fsync on" in told
    assert "- **throughput**: 2 workers | 2 connections; short of it: messages/s 99,000, aim at least 100,000." in told
    assert "![CPU a message](performance/cpu.svg)" in told


def test_every_chart_is_a_document_with_title_and_unit():
    made = charts.drawn(results())
    assert made.keys() == charts.CHARTS.keys() == charts.TITLES.keys()
    for picture in made.values():
        root = ElementTree.fromstring(picture)
        assert root.tag == SVG + "svg" and root.find(SVG + "title").text and root.get("aria-label")
        assert "prefers-color-scheme: dark" in picture and "NaN" not in picture
        assert {"rows/s", "messages/s", "ms", "MiB", "µs of CPU a message, all cores"} & set(texts_of(picture))


def test_a_row_that_failed_or_was_left_out_has_no_chart():
    whole = results()
    whole["rows"] = [dict(row, failed="no") if row["key"] == "scaling" else row for row in whole["rows"]
                     if row["key"] != "memory"]
    assert charts.drawn(whole).keys() == charts.CHARTS.keys() - {"cpu", "workers", "memory"}


def test_bars_are_as_long_as_their_values_and_words_are_escaped():
    picture = bars("a < b & c", "rows/s", [Bar("first <1>", (50,)), Bar("second", (25, 75), 90, 110)], names=("x", "y"),
                   aim=(100, "aim"))
    boxes = [float(box.get("width")) for box in ElementTree.fromstring(picture).iter(SVG + "rect")][3:]
    assert boxes[0] == pytest.approx(2 * boxes[1], abs=0.2) and boxes[2] == pytest.approx(3 * boxes[1], abs=0.3)
    assert {"a < b & c", "first <1>", "100", "50.0", "aim"} <= set(texts_of(picture))


def test_long_labels_have_room():
    label = "an industrious consumer with batches and a ledger"
    root = ElementTree.fromstring(bars("t", "rows/s", [Bar(label, (3,)), Bar("short", (2,), 1, 3)]))
    ends = {element.text: float(element.get("x")) for element in root.iter(SVG + "text")}
    assert ends[label] == ends["short"] >= 7 * len(label)
    assert all(float(box.get("x") or 0) + float(box.get("width")) <= 760 for box in root.iter(SVG + "rect"))


def test_lines_stay_within_the_chart():
    picture = lines("t", "seconds", "MiB", [Line("one", ((5, 0), (6, 30), (9, 48)))], aim=(50, "most"), x_from=5)
    points = [tuple(map(float, point.split(","))) for line in ElementTree.fromstring(picture).iter(SVG + "polyline")
              for point in line.get("points").split()]
    xs, ys = zip(*points)
    assert len(points) == 3 and xs[0] == 66 and xs[-1] == 730 and list(xs) == sorted(xs)
    assert list(ys) == sorted(ys, reverse=True) and min(ys) > 60


@pytest.mark.parametrize("most", [0, 0.3, 1, 7, 48, 99, 123_456])
def test_ticks_begin_at_nothing_and_reach_the_largest_value(most):
    made = ticks(most)
    assert made[0] == 0 and made[-1] >= most and 2 <= len(made) <= 8


def test_the_tables_of_other_consumers_say_what_is_wrong_and_who_is_left_out():
    seen = {"median": 1000, "min": 900, "max": 1100}
    right = {"right": True, "emptied": True}
    wrong = {"right": False, "emptied": False, "missing": 3, "doubled": 0, "bad_lost": 1}
    told = {"peers": [
        {"name": "a", "title": "A", "versions": {"x": "1"}, "skipped": None,
         "throughput": {"messages_per_second": seen, "cpu_us_a_message": seen, "peak_memory_mib": seen},
         "correctness": {"kill": wrong, "duplicates": right, "poison": right}},
        {"name": "b", "title": "B", "versions": {}, "skipped": "left out: no network"}]}
    markdown = peers.as_markdown(told, "performance/peers.svg")
    assert "| A | 1,000 (900 to 1,100) |" in markdown and "| B | left out: no network |" in markdown
    assert "| A | 3 missing, 1 bad lost, never emptied the queue | right | right |" in markdown
    assert "3 missing" in peers.as_text(told)
    assert texts_of(charts.peers(told)).count("A") == 1 and "B" not in texts_of(charts.peers(told))
