"""What bench/peers counts as missing, doubled and wrong, on rows made by hand: a judge that sees nothing would make
every consumer look right. And its arithmetic."""
import sys
from datetime import date
from types import SimpleNamespace

import pytest
from sqs_servers import CHECKOUT

sys.path.append(str(CHECKOUT / "bench" / "peers"))
import run as peers  # noqa: E402
import throughput  # noqa: E402
from sent_logins import BAD_EVERY, Messages, judge  # noqa: E402

RIGHT = {"missing": 0, "doubled": 0, "wrong": 0}


@pytest.fixture
def messages():
    return Messages(50, seed=3)


def rows_of(messages):
    """What a consumer without a fault writes; the masks are stand-ins that depend on the value alone."""
    return [[user, login["device_type"], f"masked {hash(login['ip']):020}", f"masked {hash(login['device_id']):020}",
             login["locale"], int(login["app_version"].split(".")[0]), date(2026, 11, 25)]
            for user, login in messages.good.items()]


def test_the_rows_that_belong_there_are_right_in_any_order(messages):
    assert judge(messages, rows_of(messages)[::-1]) == RIGHT


def test_a_row_that_is_not_there_is_missing(messages):
    assert judge(messages, rows_of(messages)[2:]) == {**RIGHT, "missing": 2}


def test_every_further_row_of_a_message_is_doubled(messages):
    rows = rows_of(messages)
    assert judge(messages, rows + rows[:3] + rows[:1]) == {**RIGHT, "doubled": 4}


@pytest.mark.parametrize("column, value", [(1, "toaster"), (2, None), (3, "short"), (4, "XX"), (5, 99), (6, None)])
def test_a_value_that_was_not_sent_is_wrong(messages, column, value):
    rows = rows_of(messages)
    rows[7][column] = value
    assert judge(messages, rows)["wrong"] >= 1


def test_an_unmasked_value_is_wrong():
    messages = Messages(1, seed=3)
    row = rows_of(messages)[0]
    login = messages.good[row[0]]
    login["device_id"] = row[3] = "a-device-id-of-some-length"
    assert judge(messages, [row]) == {**RIGHT, "wrong": 1}


def test_a_value_masked_in_two_ways_is_wrong(messages):
    rows = rows_of(messages)
    users = list(messages.good)
    messages.good[users[1]]["ip"] = messages.good[users[0]]["ip"]
    assert rows[0][2] != rows[1][2]
    assert judge(messages, rows)["wrong"] == 1


def test_a_row_that_nobody_sent_is_wrong(messages):
    rows = rows_of(messages)
    rows.append(["00000000-0000-4000-8000-000000000000", *rows[0][1:]])
    assert judge(messages, rows) == {**RIGHT, "wrong": 1}


def test_one_in_a_thousand_is_bad_and_belongs_into_no_table():
    messages = Messages(4 * BAD_EVERY, seed=5, bad=True)
    assert (len(messages.bad), len(messages.good), len(messages.bodies)) == (4, 4 * BAD_EVERY - 4, 4 * BAD_EVERY)
    assert judge(messages, rows_of(messages)) == RIGHT


def test_the_same_seed_makes_the_same_messages():
    assert Messages(20, seed=9).bodies == Messages(20, seed=9).bodies != Messages(20, seed=10).bodies


def test_speed_counts_from_the_first_commit_to_ninety_nine_percent():
    commits = [(10.0, 100), (10.5, 400), (11.0, 491), (71.0, 9)]
    assert throughput.window(commits, 1000) == (10.0, 11.0, 891)


def test_a_consumer_that_fails_is_left_out_and_the_others_are_measured(monkeypatch, tmp_path):
    def one_run(one, *_):
        if one.name == "broken":
            raise RuntimeError("broken did not empty the queue\na row of somebody's")
        return {"messages_per_second": 7}

    monkeypatch.setattr(throughput, "one_run", one_run)
    known = [SimpleNamespace(name=name, share=1.0) for name in ("broken", "sound")]
    results = {one.name: {"skipped": None} for one in known}
    options = SimpleNamespace(runs=2, messages=5000, binary=None)
    peers.measure(SimpleNamespace(folder=tmp_path), options, known, results)
    assert results["broken"] == {"skipped": "not measured: broken did not empty the queue"}
    assert results["sound"]["throughput"]["messages_per_second"] == {"median": 7, "min": 7, "max": 7}
