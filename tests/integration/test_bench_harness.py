"""The pure parts of `./dev bench`: figures of several runs, the table. Nothing is timed here."""
import sys

import pytest
from sqs_servers import CHECKOUT

sys.path.insert(0, str(CHECKOUT / "bench"))

from harness import table, words  # noqa: E402
from harness.outcome import Check, Figure, Outcome, outcome_of  # noqa: E402
from harness.rows import ROWS  # noqa: E402
from harness.spread import percentile, ratios, spread  # noqa: E402


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
