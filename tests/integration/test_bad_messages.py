"""What a bad message becomes: exactly one dead letter with its reason, while its neighbours become rows. Nothing is
lost, nothing is truncated, and nobody's receive count is burnt."""
import json
import urllib.error
import urllib.request

import pytest
from program import LOGIN_COLUMNS
from waiting import wait_until

TABLE = """
CREATE TABLE parent (id integer PRIMARY KEY);
INSERT INTO parent VALUES (1), (2), (3);
CREATE TABLE readings (
    id integer NOT NULL UNIQUE,
    small smallint,
    amount numeric(6,2) CHECK (amount >= 0),
    ratio double precision,
    flag boolean,
    name varchar(5),
    note text,
    at timestamptz,
    day date,
    key uuid,
    data jsonb,
    tags text[],
    parent integer REFERENCES parent DEFERRABLE INITIALLY DEFERRED
);
"""
FIELDS = ("small", "amount", "ratio", "flag", "name", "note", "at", "day", "key", "data", "tags", "parent")
COLUMNS = "      id: id\n" + "".join(f"      {field}: {{from: {field}, optional: true}}\n" for field in FIELDS)


@pytest.fixture
def readings(rig):
    rig.database.execute(TABLE)
    rig.configure(COLUMNS, table="readings")
    return rig


def ids(rig):
    return sorted(row[0] for row in rig.database.rows("SELECT id FROM readings"))


def expect_one_dead_letter(rig, bad_body, *reasons):
    """The bad body between two good ones."""
    rig.send(['{"id": 1, "name": "left"}', bad_body, '{"id": 3, "name": "right"}'])
    rig.drain()
    found = rig.dead_letters()
    assert sum(found.values()) == 1 and set(found) <= set(reasons), f"{found} instead of one of {reasons}"
    assert ids(rig) == [1, 3]
    assert rig.depth() == (0, 0, 0)


@pytest.mark.parametrize("body", ['{"id": ', "plain text", '{"id": 2} trailing', "{'id': 2}", '{"id": 02}',
                                  '{"id": 2, "note": "\n"}', '{"id": 2, "note": "tab\there"}', "{", " "],
                         ids=lambda body: repr(body)[:24])
def test_undecodable_json(readings, body):
    expect_one_dead_letter(readings, body, "not_json")


@pytest.mark.parametrize("body", ["[1, 2]", '"text"', "17", "null"])
def test_json_that_is_no_object(readings, body):
    expect_one_dead_letter(readings, body, "not_json", "missing_field", "wrong_type")


def test_an_absent_mapped_path(readings):
    expect_one_dead_letter(readings, '{"name": "a"}', "missing_field")


@pytest.mark.parametrize("field, value", [
    ("small", True), ("small", "seven"), ("small", ""), ("small", 1.5), ("small", {"a": 1}), ("small", [1]),
    ("amount", "a lot"), ("flag", "perhaps"), ("key", "not-a-uuid"), ("at", "yesterday-ish"), ("day", "31.12.2026x"),
    ("name", {"first": "a"}), ("ratio", "fast"), ("tags", {"a": 1})], ids=str)
def test_a_wrong_type(readings, field, value):
    expect_one_dead_letter(readings, json.dumps({"id": 2, field: value}), "wrong_type")


@pytest.mark.parametrize("field, value", [
    ("small", "32768"), ("small", "-32769"), ("id", "2147483648"), ("id", "99999999999999999999999"),
    ("amount", "10000.00"), ("amount", "1e400"), ("ratio", "1e400"), ("day", '"2026-02-30"'),
    ("day", '"9999999-01-01"'),
    ("at", '"2026-13-01T00:00:00Z"'), ("at", '"2026-01-01T25:00:00Z"'), ("at", '"300000-01-01T00:00:00Z"')], ids=str)
def test_numbers_and_dates_out_of_range(readings, field, value):
    expect_one_dead_letter(readings, '{"id": 2, "%s": %s}' % (field, value) if field != "id" else '{"id": %s}' % value,
                           "out_of_range")


def test_text_that_is_too_long_is_never_truncated(readings):
    expect_one_dead_letter(readings, '{"id": 2, "name": "sixsix"}', "too_long")
    assert readings.database.value("SELECT max(length(name)) FROM readings") == 5


def test_length_is_counted_in_characters(readings):
    readings.send(['{"id": 1, "name": "\u00e4\u00f6\u00fc\u00df\U0001f600"}'])
    readings.drain()
    assert readings.database.value("SELECT name FROM readings") == "\u00e4\u00f6\u00fc\u00df\U0001f600"


@pytest.mark.parametrize("field", ["note", "data", "name"])
@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "\\udc00x"])
def test_text_that_postgresql_cannot_hold(readings, field, text):
    value = '{"a": "%s"}' % text if field == "data" else '"%s"' % text
    expect_one_dead_letter(readings, '{"id": 2, "%s": %s}' % (field, value), "invalid_text", "not_json")


def test_constraints_name_their_kind(readings):
    bad = {"not_null": '{"id": null}', "check": '{"id": 10, "amount": -1}', "foreign_key": '{"id": 11, "parent": 99}',
           "unique": '{"id": 1, "name": "again"}'}
    readings.send(['{"id": 1}'])
    readings.drain()
    readings.send(['{"id": 2, "parent": 2}', *bad.values(), '{"id": 3, "parent": 3}'])
    readings.drain()
    assert readings.dead_letters() == {reason: 1 for reason in bad}
    assert ids(readings) == [1, 2, 3]
    # Bisection happens in the database: no neighbour was received a second time.
    assert readings.database.value("SELECT max(receive_count) FROM sqs2pg.dead_letter") == 1


def test_one_bad_row_among_a_thousand_is_bisected_out(readings):
    readings.send([json.dumps({"id": number, "amount": -1 if number == 617 else 1}) for number in range(1000)])
    readings.drain()
    assert readings.dead_letters() == {"check": 1}
    assert len(ids(readings)) == 999 and 617 not in ids(readings)


def test_a_trigger_that_refuses_is_named_with_its_sqlstate(readings):
    readings.database.execute("""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF NEW.note = 'no' THEN RAISE 'planted %', NEW.note; END IF; RETURN NEW; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON readings FOR EACH ROW EXECUTE FUNCTION refuse()""")
    expect_one_dead_letter(readings, '{"id": 2, "note": "no"}', "refused")
    assert readings.database.value("SELECT sqlstate FROM sqs2pg.dead_letter") == "P0001"


def test_bodies_of_one_mebibyte(readings):
    for number in range(12):
        head = '{"id": %d, "note": "' % number
        body = head + "x" * (1_048_576 - len(head) - 2) + '"}'
        readings.client.send_message(QueueUrl=readings.queue_url, MessageBody=body)
    readings.drain()
    assert ids(readings) == list(range(12))
    assert readings.database.value("SELECT min(length(note)) FROM readings") > 1_048_000


def test_a_mebibyte_into_a_short_column_is_one_dead_letter(readings):
    readings.client.send_message(QueueUrl=readings.queue_url,
                                 MessageBody='{"id": 2, "name": "' + "x" * 1_000_000 + '"}')
    readings.drain()
    assert readings.dead_letters() == {"too_long": 1}


@pytest.mark.parametrize("levels", [1000, 50_000])
@pytest.mark.parametrize("field", ["data", "unmapped"])
def test_deep_nesting_is_one_row_or_one_dead_letter(readings, field, levels):
    readings.send(['{"id": 1}', '{"id": 2, "%s": %s%s}' % (field, "[" * levels, "]" * levels), '{"id": 3}'])
    readings.drain()
    letters = readings.dead_letters()
    assert (ids(readings), sum(letters.values())) in (([1, 2, 3], 0), ([1, 3], 1)), letters
    assert readings.depth() == (0, 0, 0)


def test_invalid_utf8_is_refused_by_the_queue_or_ends_as_a_dead_letter(readings):
    frame = json.dumps({"QueueUrl": readings.queue_url, "MessageBody": '{"id": 2, "note": "?"}'}).encode()
    request = urllib.request.Request(readings.server.url + "/", frame.replace(b"?", b"\xff\xfe"),
                                     {"Content-Type": "application/x-amz-json-1.0",
                                      "X-Amz-Target": "AmazonSQS.SendMessage"})
    try:
        urllib.request.urlopen(request, timeout=5).close()
        accepted = 1
    except urllib.error.HTTPError as error:
        assert error.code == 400
        accepted = 0
    readings.send(['{"id": 1}'])
    readings.drain()
    assert ids(readings) == [1] and sum(readings.dead_letters().values()) == accepted


def test_numbers_reach_the_column_exactly_as_written(readings):
    readings.database.execute("ALTER TABLE readings ALTER amount TYPE numeric")
    readings.send(['{"id": 1, "amount": 12345678901234567890.123456789012345678901234567890}',
                   '{"id": "2", "amount": "0.10"}'])
    readings.drain()
    assert [str(row[0]) for row in readings.database.rows("SELECT amount FROM readings ORDER BY id")] == [
        "12345678901234567890.123456789012345678901234567890", "0.10"]


def test_the_last_of_duplicate_keys_wins_and_null_is_a_value(readings):
    readings.send(['{"id": 1, "note": "first", "note": "last"}', '{"id": 2, "note": null}'])
    readings.drain()
    assert readings.database.rows("SELECT note FROM readings ORDER BY id") == [("last",), (None,)]
    assert readings.dead_letters() == {}


def test_arrays_objects_dates_and_uuids_arrive(readings):
    readings.send([json.dumps({"id": 1, "tags": ["a", 'b"c', None], "data": {"a": [1, {"b": None}]},
                               "at": "2026-11-22T18:00:00.5+02:00", "day": "2026-11-22", "flag": True,
                               "key": "424cdd21-063a-43a7-b91b-7ca1a833afae"})])
    readings.drain()
    row = readings.database.rows("SELECT tags, data, at AT TIME ZONE 'UTC', day::text, flag, key::text "
                                 "FROM readings")[0]
    assert row[0] == ["a", 'b"c', None] and row[1] == {"a": [1, {"b": None}]}
    assert row[2].isoformat() == "2026-11-22T16:00:00.500000" and row[3:] == (
        "2026-11-22", True, "424cdd21-063a-43a7-b91b-7ca1a833afae")


def test_a_path_that_never_matches_is_warned_of_once(rig):
    rig.configure(LOGIN_COLUMNS.replace("locale:           locale",
                                        "locale:           {from: user.locle, optional: true}"))
    from logins import bodies_of, make_logins
    rig.migrate()
    running = rig.start()
    for seed in range(3):
        rig.send(bodies_of(make_logins(1500, seed=seed)))
        wait_until(lambda: rig.rows() == 1500 * (seed + 1), "the rows", 40)
    assert running.stop() == 0
    lines = [line for line in running.log().splitlines() if "user.locle" in line and "warn" in line.lower()]
    assert len(lines) == 1, lines


def test_dead_letters_are_sealed_and_complete(rig):
    rig.send(['{"secret-marker": "plain text of a person"}'])
    rig.drain()
    row = rig.database.rows("SELECT pipeline, queue, message_id, reason, key_id, receive_count, sealed "
                            "FROM sqs2pg.dead_letter")[0]
    assert row[0] == "logins" and "login-queue" in row[1] and len(row[2]) == 36
    assert row[3] == "missing_field" and row[4] == "k1" and row[5] >= 1
    assert len(row[6]) > 28 and b"marker" not in bytes(row[6]) and b"person" not in bytes(row[6])
