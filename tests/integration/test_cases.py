"""`sqs2pg test`: our own cases, and that a wrong expectation fails with what was expected and what came. The commands
of docs/testing.md run as they stand there."""
import json
import re
import subprocess
import xml.etree.ElementTree as ET

import pytest
from program import BINARY, run, write_configuration
from sqs_servers import CHECKOUT, plain_environment

CASES = CHECKOUT / "tests" / "cases"
PAGE = (CHECKOUT / "docs" / "testing.md").read_text(encoding="utf-8")

TABLE = """\
table: {user_id: varchar(8) not null, device_type: text, masked_ip: text, masked_device_id: text, locale: text,
        app_version: integer, create_date: date}
base: {user_id: u-1, app_version: "1.2", device_type: ios, ip: 192.0.2.7, locale: DE, device_id: d}
"""


def write(folder, cases, table=TABLE):
    write_configuration(folder)
    (folder / "keys.yaml").unlink()  # no key is ever opened
    path = folder / "cases.yaml"
    path.write_text("configuration: sqs2pg.yaml\n" + table + "cases:\n" + cases)
    return path


def test_our_own_cases_hold():
    files = sorted(CASES.glob("*.yaml"))
    finished = run("test", "--format", "json", *files)
    assert finished.code == 0, finished.out + finished.err
    report = json.loads(finished.out)
    assert report["failed"] == 0 and report["passed"] >= 60
    assert {case["file"] for case in report["cases"]} == {str(path) for path in files}


def test_our_own_tables_are_what_a_server_makes_of_them(cluster, tmp_path):
    """--database on tables made from the same words gives the same verdicts."""
    text = (CASES / "logins.yaml").read_text()
    columns = re.search(r"^table:\n((?:  .*\n)+)", text, re.M)[1]
    database = cluster.create_database()
    database.execute("CREATE TABLE user_logins (" + ",".join(columns.replace(":", " ").splitlines()) + ")")
    configuration = write_configuration(tmp_path)
    finished = run("test", "--database", "-c", configuration, CASES / "logins.yaml", environment=database.environment())
    assert finished.code == 0, finished.out + finished.err


@pytest.mark.parametrize("expect, sentence", [
    ("{row: {user_id: u-2}}", 'cases.yaml:7:29  user_id: expected "u-2", got "u-1"'),
    ("{row: {app_version: null}}", 'app_version: expected NULL, got "1"'),
    ("{row: {locale: masked}}", 'locale: expected "masked", got "DE"'),
    ("{row: {masked_ip: k1_abc}}", 'masked_ip: expected "k1_abc", got "k1_'),
    ("{row: {masked_ip: {same_as: masked_device_id}}}", "masked_ip: expected the same as `masked_device_id`: \"k1_"),
    ("{row: {locale: {differs_from: {case: one}}}}", "locale: expected another value than `locale` of the case `one`"),
    ("{rows: 2}", "expected 2 rows, got 1 row in user_logins"),
    ("ignored", "expected ignored, got 1 row in user_logins"),
    ("{dead_letter: {reason: too_long, column: locale}}",
     "expected dead letter too_long at locale, got 1 row in user_logins"),
])
def test_a_case_that_fails_says_what_was_expected(tmp_path, expect, sentence):
    path = write(tmp_path, f"  - name: one\n    expect: {expect}\n")
    finished = run("test", path, cwd=tmp_path)
    assert finished.code == 1
    assert "FAIL" in finished.out and sentence in finished.out and "0 passed, 1 failed" in finished.out


def test_a_dead_letter_that_was_not_expected_is_told_with_its_place(tmp_path):
    path = write(tmp_path, "  - name: long\n    with: {user_id: far too long}\n    expect: {row: {user_id: x}}\n")
    finished = run("test", path)
    assert finished.code == 1 and "expected 1 row, got dead letter too_long at user_id" in finished.out


def test_no_address_of_a_masked_column_is_ever_shown(tmp_path):
    path = write(tmp_path, "  - name: one\n    expect: {row: {masked_ip: x}}\n")
    for form in ("text", "json", "junit"):
        finished = run("test", "--format", form, path)
        assert finished.code == 1 and "192.0.2.7" not in finished.out + finished.err


@pytest.mark.parametrize("cases, place, sentence", [
    ("  - nam: one\n    expect: ignored\n", "6:5", "unknown key `nam`"),
    ("  - name: one\n    expct: ignored\n", "7:5", "did you mean `expect`?"),
    ("  - name: one\n    expect: {row: {usr_id: x}}\n", "7:20", "did you mean `user_id`?"),
    ("  - name: one\n    expect: {dead_letter: misssing_field}\n", "7:27", "did you mean `missing_field`?"),
    ("  - name: one\n    expect: {row: {locale: {same_as: {case: onne}}}}\n", "7:38", "did you mean `one`?"),
    ("  - name: one\n    message: '{}'\n    expect: ignored\n", "7:14", "stands under `body`"),
    ("  - name: one\n    without: nothing\n    expect: ignored\n", "7:14", "`base` has no member"),
    ("  - name: one\n    expect: {table: user_login, rows: 1}\n", "7:13", "writes to no table `user_login`"),
])
def test_mistakes_have_their_place_and_the_nearest_name(tmp_path, cases, place, sentence):
    finished = run("test", write(tmp_path, cases), cwd=tmp_path)
    assert finished.code == 2 and finished.out == ""
    lines = [line for line in finished.err.splitlines() if sentence in line]
    assert len(lines) == 1 and f"cases.yaml:{place}: " in lines[0], finished.err


def test_a_table_that_does_not_fit_the_configuration_is_a_mistake(tmp_path):
    path = write(tmp_path, "  - name: one\n    expect: ignored\n", "table: {user_id: interger}\nbase: {}\n\n")
    finished = run("test", path)
    assert finished.code == 2 and "the type of `user_id` names no type" in finished.err
    path = write(tmp_path, "  - name: one\n    expect: ignored\n", "table: {user_id: text}\nbase: {}\n\n")
    finished = run("test", path)
    assert finished.code == 2 and 'has no column "device_type"' in finished.err
    path = write(tmp_path, "  - name: one\n    expect: ignored\n", "base: {}\n\n\n")
    finished = run("test", path)
    assert finished.code == 2 and "write them under `table`" in finished.err


def test_a_ci_server_can_read_the_results(tmp_path):
    path = write(tmp_path, "  - name: a < b & c\n    expect: {rows: 1}\n  - name: wrong\n    expect: ignored\n")
    finished = run("test", "--format", "junit", path)
    root = ET.fromstring(finished.out)
    assert finished.code == 1 and root.get("tests") == "2" and root.get("failures") == "1"
    names = {case.get("name"): case.find("failure") is not None for case in root.iter("testcase")}
    assert names == {"a < b & c": False, "wrong": True}


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def test_the_page_is_true(tmp_path):
    write_configuration(tmp_path)
    (tmp_path / "logins.test.yaml").write_text(blocks("yaml")[0])
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sqs2pg").symlink_to(BINARY.resolve())
    environment = plain_environment()
    environment["PATH"] = f"{folder}:{environment.get('PATH', '/usr/bin:/bin')}"
    finished = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(blocks("sh"))], cwd=tmp_path, text=True,
                              capture_output=True, env=environment, timeout=60)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "3 passed, 0 failed" in finished.stdout
    assert ET.parse(tmp_path / "results.xml").getroot().get("failures") == "0"
