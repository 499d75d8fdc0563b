"""docs/migrating.md is true: it quotes the files of examples/migrating, what the others' versions write is what ours
writes but for the masks and the differences that the page names, and its commands run."""
import hashlib
import hmac
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from logins import bodies_of, make_logins
from migrating_sides import EXAMPLES, KEY, MASKED, MESSAGE_ID_TABLE, SCRIPT_TABLE, Side, invoke, loaded_handler, shell
from postgres_cluster import free_port
from program import run
from sqs_servers import CHECKOUT, depth, plain_environment
from waiting import wait_until

RECORDED = Path(__file__).parent / "migrating"
PAGE = (CHECKOUT / "docs" / "migrating.md").read_text(encoding="utf-8")
LANGUAGES = {".py": "python", ".yaml": "yaml", ".sql": "sql"}


def section(title):
    return re.split(r"^## ", PAGE.split(f"\n## {title}\n")[1], maxsplit=1, flags=re.M)[0]


def commands(title):
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", section(title), re.M | re.S))


# --- the page

def test_the_page_quotes_every_file_and_nothing_else():
    files = sorted(path for path in EXAMPLES.rglob("*") if path.suffix in LANGUAGES)
    quoted = re.findall(r"^\[([^]]+)\]\(\.\./examples/migrating/([^)]+)\)\n\n```(\w+)\n(.*?)^```", PAGE, re.M | re.S)
    assert sorted(EXAMPLES / target for _, target, _, _ in quoted) == files
    for name, target, language, text in quoted:
        assert name == target and language == LANGUAGES[Path(target).suffix]
        assert text == (EXAMPLES / target).read_text(encoding="utf-8"), target
    assert len(re.findall(r"^```(?:python|yaml|sql)$", PAGE, re.M)) == len(files)


def test_its_links_lead_somewhere():
    headings = {re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-")
                for line in re.findall(r"^#+ (.+)$", PAGE, re.M)}
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        if target.startswith("#"):
            assert target[1:] in headings, target
        else:
            assert (CHECKOUT / "docs" / target).exists(), target


class AnyTag(yaml.SafeLoader):
    """CloudFormation's !GetAtt and !Ref are texts."""


AnyTag.add_multi_constructor("!", lambda loader, suffix, node: f"{suffix} {node.value}")


def names_in(value):
    if isinstance(value, dict):
        return set(value) | set().union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("title, file, obvious", [
    ("From Redpanda Connect", "connect/connect.yaml", {"input", "output", "pipeline", "processors", "cases"}),
    ("From Vector", "vector/vector.yaml", {"sources", "transforms", "sinks", "logins", "rows", "type", "inputs",
                                           "source"}),
    ("From a Lambda function", "lambda/template.yaml",
     {"Transform", "Parameters", "Type", "NoEcho", "Default", "Resources", "Properties", "Logins", "LoginsFailed",
      "LoginsToPostgres", "QueueName", "deadLetterTargetArn", "Environment", "Variables", "Events", "MaskingKey",
      "DatabaseUrl"})])
def test_the_table_has_a_line_for_everything_that_theirs_says(title, file, obvious):
    text = section(title)
    table = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    written = yaml.load((EXAMPLES / file).read_text(encoding="utf-8"), AnyTag)
    assert {name for name in names_in(written) - obvious if not re.search(rf"\b{name}\b", table)} == set()


def test_theirs_uses_fields_that_theirs_has():
    """As documented for Redpanda Connect 4.106.0 and Vector 0.58.0."""
    connect = yaml.safe_load((EXAMPLES / "connect/connect.yaml").read_text(encoding="utf-8"))
    to_queue, to_table = connect["output"]["switch"]["cases"]
    assert set(connect["input"]["aws_sqs"]) <= {
        "url", "delete_message", "reset_visibility", "max_number_of_messages", "max_outstanding_messages",
        "wait_time_seconds", "message_timeout", "region", "endpoint", "tcp", "credentials"}
    assert set(to_queue["output"]["aws_sqs"]) <= {"url", "max_in_flight", "metadata", "batching", "region", "endpoint"}
    assert set(to_table["output"]["sql_insert"]) <= {
        "driver", "dsn", "table", "columns", "args_mapping", "prefix", "suffix", "options", "max_in_flight",
        "init_files", "init_statement", "conn_max_idle_time", "conn_max_life_time", "conn_max_idle", "conn_max_open",
        "batching"}
    vector = yaml.safe_load((EXAMPLES / "vector/vector.yaml").read_text(encoding="utf-8"))
    source, transform = vector["sources"]["logins"], vector["transforms"]["rows"]
    assert set(source) <= {"type", "region", "endpoint", "auth", "queue_url", "poll_secs", "visibility_timeout_secs",
                           "delete_message", "client_concurrency", "framing", "decoding", "acknowledgements", "tls"}
    assert set(transform) <= {"type", "inputs", "source", "file", "drop_on_error", "drop_on_abort", "reroute_dropped"}
    assert set(vector["sinks"]["postgres"]) <= {"type", "inputs", "endpoint", "table", "pool_size", "batch", "request",
                                                "acknowledgements"}
    assert set(vector["sinks"]["dropped"]) <= {"type", "inputs", "region", "queue_url", "encoding", "request", "auth",
                                               "acknowledgements", "message_group_id", "message_deduplication_id"}


def test_the_template_keeps_lambdas_own_rules():
    resources = yaml.load((EXAMPLES / "lambda/template.yaml").read_text(encoding="utf-8"), AnyTag)["Resources"]
    function = resources["LoginsToPostgres"]["Properties"]
    mapping = function["Events"]["Logins"]["Properties"]
    assert resources["Logins"]["Properties"]["VisibilityTimeout"] == 6 * function["Timeout"]
    assert mapping["BatchSize"] <= 10 or mapping["MaximumBatchingWindowInSeconds"] >= 1
    assert function["Handler"] == "handler.handler"


# --- both on the same messages

@pytest.fixture
def side_of(queue, cluster, tmp_path):
    """side_of(table): another pair of database and queue."""
    def make(table):
        number = len(list(tmp_path.iterdir()))
        folder = tmp_path / str(number)
        folder.mkdir()
        return Side(queue, cluster.create_database(), folder, table, f"logins-{number}")
    return make


def expect_the_same(old, new):
    """Unmasked columns are equal; masks of theirs and ours are equal for the same values."""
    assert set(old) == set(new)
    for user, row in old.items():
        unlike = {name for name in row if name not in (*MASKED, "message_id") and row[name] != new[user][name]}
        assert not unlike, (user, unlike)
    for column in MASKED:
        pairs = {(old[user][column], new[user][column]) for user in old}
        assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}), column
        assert all(token is None or token.startswith("k1_") for _, token in pairs)


@pytest.fixture
def function_of(monkeypatch):
    modules = []

    def load(side):
        modules.append(loaded_handler(monkeypatch, side.environment))
        return modules[-1]
    yield load
    for module in modules:
        if module.database is not None:
            module.database.close()


def test_the_script_and_ours_write_the_same_rows(side_of):
    bodies = bodies_of(make_logins(40, seed=4, ips=9, devices=7))
    theirs, ours = side_of(SCRIPT_TABLE), side_of(SCRIPT_TABLE)
    theirs.send(bodies)
    ours.send(bodies)
    assert theirs.script().returncode == 0
    ours.sqs2pg("script")
    expect_the_same(theirs.rows(), ours.rows())
    assert len(ours.rows()) == 40 and depth(theirs.client, theirs.url) == depth(ours.client, ours.url) == (0, 0, 0)


def test_what_the_script_loses_becomes_dead_letters(side_of):
    theirs, ours = side_of(SCRIPT_TABLE), side_of(SCRIPT_TABLE)
    for side in (theirs, ours):
        side.send(['{"user_id": ', '{"foo": "bar"}', *bodies_of(make_logins(3))])
    finished = theirs.script()
    assert finished.returncode == 0 and "foo" in finished.stderr  # the body stands in its log
    ours.sqs2pg("script")
    expect_the_same(theirs.rows(), ours.rows())
    assert depth(theirs.client, theirs.url) == (0, 0, 0)
    assert ours.reasons() == {"not_json": 1, "missing_field": 1}


def test_the_script_dies_of_what_becomes_one_dead_letter(side_of):
    theirs, ours = side_of(SCRIPT_TABLE), side_of(SCRIPT_TABLE)
    too_long = json.dumps({**make_logins(1, seed=2)[0], "locale": "x" * 33})
    for side in (theirs, ours):
        side.send([too_long])
    finished = theirs.script()
    assert finished.returncode == 1 and "StringDataRightTruncation" in finished.stderr
    assert sum(depth(theirs.client, theirs.url)) == 1
    ours.sqs2pg("script")
    assert ours.rows() == {} and ours.reasons() == {"too_long": 1}


def test_the_function_and_ours_write_the_same_rows(side_of, function_of):
    logins = make_logins(40, seed=5, ips=9, devices=7)
    for number, name in ((3, "locale"), (4, "device_type")):
        del logins[number][name]
    theirs, ours = side_of(MESSAGE_ID_TABLE), side_of(MESSAGE_ID_TABLE)
    for side in (theirs, ours):
        side.send(bodies_of(logins))
    module = function_of(theirs)
    for event in invoke(theirs, module):
        assert module.handler(event, None) == {"batchItemFailures": []}  # delivered again
    ours.sqs2pg("lambda")
    expect_the_same(theirs.rows(), ours.rows())
    assert len(ours.rows()) == 40 and ours.rows()[logins[4]["user_id"]]["device_type"] == "unknown"


def test_what_the_function_reports_as_failed_becomes_dead_letters(side_of, function_of):
    theirs, ours = side_of(MESSAGE_ID_TABLE), side_of(MESSAGE_ID_TABLE)
    good = make_logins(3, seed=6)
    bad = ['{"user_id": ', '{"foo": "bar"}', json.dumps({**good[0], "locale": "x" * 33})]
    for side in (theirs, ours):
        side.send([*bad, *bodies_of(good)])
    invoke(theirs, function_of(theirs))
    ours.sqs2pg("lambda")
    expect_the_same(theirs.rows(), ours.rows())
    assert sum(depth(theirs.client, theirs.url)) == 3  # they come again, until the redrive policy takes them
    assert ours.reasons() == {"not_json": 1, "missing_field": 1, "too_long": 1}


# What the mapping of Connect and the program of Vector made of messages.jsonl, MASKING_KEY "secret": run by their own
# engines, benthos 4.60.0 and vrl 0.32.0. Below: what we write differently, as the page says.
DIFFERENCES = {"connect": {"u-05": {"device_type": ("unknown", None)}}, "vector": {}}


@pytest.mark.parametrize("source", ["connect", "vector"])
def test_ours_writes_what_the_others_engine_wrote(source, side_of):
    side = side_of(MESSAGE_ID_TABLE if source == "connect" else SCRIPT_TABLE)
    side.send((RECORDED / "messages.jsonl").read_text(encoding="utf-8").splitlines())
    side.sqs2pg(source)
    ours = side.rows()
    theirs = {}
    for line in (RECORDED / f"{source}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        theirs[row["user_id"]] = row
    for user, columns in DIFFERENCES[source].items():
        for column, (before, after) in columns.items():
            assert (theirs[user][column], ours[user][column]) == (before, after)
            theirs[user][column] = after
    assert ours["u-06"]["masked_ip"] is None and "u-06" not in theirs  # a null is no error here
    expect_the_same(theirs, {user: ours[user] for user in ours if user != "u-06"})
    assert side.reasons() == {"not_null": 1, "wrong_type": 1, "missing_field": 1, "not_json": 1}
    assert theirs["u-01"]["masked_ip"] == hmac.new(KEY.encode(), b"192.0.2.1", hashlib.sha256).hexdigest()


# --- the changeover

def test_with_a_message_id_what_the_function_did_not_delete_is_not_written_again(side_of, function_of):
    side = side_of(MESSAGE_ID_TABLE)
    side.send(bodies_of(make_logins(12, seed=7)))
    module = function_of(side)
    invoke(side, module, delete=False)  # written, and the deletes are lost
    side.send(bodies_of(make_logins(8, seed=8)))
    before = side.rows()
    side.sqs2pg("lambda")
    assert len(side.rows()) == 20 and side.reasons() == {} and depth(side.client, side.url) == (0, 0, 0)
    assert {user: side.rows()[user] for user in before} == before


def test_without_a_key_what_the_old_consumer_did_not_delete_is_written_again(side_of):
    """The page's warning: the ledger does not know rows that sqs2pg has not written."""
    side = side_of(SCRIPT_TABLE)
    side.client.set_queue_attributes(QueueUrl=side.url, Attributes={"VisibilityTimeout": "2"})
    side.send(bodies_of(make_logins(3, seed=9)))
    side.server.fault("DeleteMessage", "error")
    died = side.script()
    assert died.returncode == 1
    written = side.database.value("SELECT count(*) FROM user_logins")
    assert written == 1
    side.server.clear_faults()
    wait_until(lambda: depth(side.client, side.url)[1] == 0, "the messages to be visible again", 40)
    drained = run("run", "-c", side.configuration("script"), "--ops", "off", "--drain", "--migrate",
                  environment=side.environment)
    assert drained.code == 0, drained.err
    assert side.database.value("SELECT count(*) FROM user_logins") == 3 + written


def test_the_page_waits_until_the_old_consumer_holds_nothing(side_of):
    side = side_of(SCRIPT_TABLE)
    side.send(["{}"])
    side.client.receive_message(QueueUrl=side.url, VisibilityTimeout=3)
    waited = shell(commands("The changeover"), side.folder, side.environment)
    assert waited.returncode == 0, waited.stderr
    assert depth(side.client, side.url) == (1, 0, 0)


def test_old_rows_are_rebuilt_and_join_again(side_of):
    side = side_of(SCRIPT_TABLE)
    logins = make_logins(30, seed=10, ips=5, devices=4)
    side.send(bodies_of(logins[:20]))
    assert side.script().returncode == 0
    side.send(bodies_of(logins[20:]))
    side.sqs2pg("script")
    for path in (EXAMPLES / "bridge").iterdir():
        (side.folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    known = [{"column": "masked_ip", "value": login["ip"]} for login in logins]
    known += [{"column": "masked_device_id", "value": login["device_id"]} for login in logins]
    (side.folder / "values.jsonl").write_text("".join(json.dumps(one) + "\n" for one in known))
    script = commands("Old hashes and new tokens").replace("9324", str(free_port()))
    environment = {"DATABASE_URL": side.environment["DATABASE_URL"]}
    rebuilt = shell(script, side.folder, environment)
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    assert re.search(r"^ +0 \| +0$", rebuilt.stdout, re.M), rebuilt.stdout
    rows = side.rows()
    for column, member in (("masked_ip", "ip"), ("masked_device_id", "device_id")):
        pairs = {(login[member], rows[login["user_id"]][column]) for login in logins}
        assert len(pairs) == len({value for value, _ in pairs}) == len({token for _, token in pairs})


def test_old_masks_knows_both_kinds_of_hash():
    for environment, expected in (({}, hashlib.sha256(b"192.0.2.1").hexdigest()),
                                  ({"MASKING_KEY": KEY}, hmac.new(b"secret", b"192.0.2.1", "sha256").hexdigest())):
        finished = subprocess.run([sys.executable, EXAMPLES / "bridge" / "old_masks.py"], text=True, check=True,
                                  input='{"column": "masked_ip", "value": "192.0.2.1"}\n', capture_output=True,
                                  env=plain_environment(**environment))
        assert json.loads(finished.stdout)["old"] == expected


def test_going_back_the_old_consumer_gets_the_rest_and_the_dead_letters(side_of):
    side = side_of(SCRIPT_TABLE)
    good = make_logins(30, seed=11)
    side.send([*bodies_of(good[:15]), '{"foo":\n "bar"}', '{"user_id": "half'])
    side.sqs2pg("script")
    side.configuration("script").rename(side.folder / "sqs2pg.yaml")
    assert sum(side.reasons().values()) == 2
    side.send(bodies_of(good[15:]))
    back = shell(commands("Going back"), side.folder, side.environment)
    assert back.returncode == 0, back.stderr
    assert depth(side.client, side.url)[0] == 17
    finished = side.script()
    assert finished.returncode == 0 and finished.stderr.count("skipped") == 2, finished.stderr
    assert set(side.rows()) == {login["user_id"] for login in good}
    assert side.database.value(r"SELECT count(*) FROM user_logins WHERE masked_ip LIKE 'k1\_%'") == 15
