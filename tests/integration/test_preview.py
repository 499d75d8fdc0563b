"""`sqs2pg preview`: what messages would become, against a live table; the queue keeps them, and no masked value
shows."""
import json
import os
import pty
import re
import subprocess

import pytest
from program import BINARY, run, write_configuration
from sqs_servers import CHECKOUT, depth, plain_environment, send_bodies
from waiting import wait_until

PAGE = (CHECKOUT / "docs" / "preview.md").read_text(encoding="utf-8")
SECRETS = ("192.0.2.7", "192.0.2.8", "device-secret")


def login(**members):
    return {"user_id": "u-1", "app_version": "2.3", "device_type": "ios", "ip": "192.0.2.7", "locale": "DE",
            "device_id": "device-secret", **members}


def lines(folder, *messages):
    path = folder / "messages.jsonl"
    path.write_text("".join((m if isinstance(m, str) else json.dumps(m)) + "\n" for m in messages))
    return path


GOOD = login()
MESSAGES = (GOOD, login(user_id="u-2", ip="192.0.2.8", locale=None), login(locale="x" * 33), "no json",
            {key: value for key, value in GOOD.items() if key != "user_id"}, login(locale="y" * 40))


@pytest.fixture
def preview(tmp_path, database):
    configuration = write_configuration(tmp_path)

    def call(*arguments, environment=None):
        return run("preview", "-c", configuration, *arguments,
                   environment={**database.environment(), **(environment or {})})

    call.folder, call.database, call.configuration = tmp_path, database, configuration
    return call


def report_of(finished):
    return json.loads(finished.out)


def test_rows_and_problems_of_a_file(preview):
    finished = preview("--from", lines(preview.folder, *MESSAGES), "--format", "json")
    assert finished.code == 1, finished.err
    report = report_of(finished)
    assert [report[key] for key in ("messages", "rows", "dead_letters", "ignored")] == [6, 2, 4, 0]
    problems = {(p["reason"], p["at"]): (p["messages"], p["which"]) for p in report["problems"]}
    assert problems == {("too_long", "locale"): (2, ["line 3", "line 6"]), ("not_json", ""): (1, ["line 4"]),
                        ("missing_field", "user_id"): (1, ["line 5"])}
    route, = report["routes"]
    columns = {column["column"]: column for column in route["columns"]}
    assert (route["table"], route["rows"]) == ("user_logins", 2)
    assert columns["user_id"]["written"] == "u-1" and columns["user_id"]["type"] == "character varying(128)"
    assert columns["user_id"]["absent"] == 1 and columns["locale"]["nulls"] == 1
    assert columns["app_version"]["written"] == "2" and columns["app_version"]["convert"] == "major_version"
    assert columns["masked_ip"]["shown"] == "token" and columns["masked_ip"]["written"].startswith("k1_")
    assert preview.database.value("SELECT count(*) FROM user_logins") == 0


def test_masked_values_never_show(preview):
    for form in ("text", "json"):
        finished = preview("--from", lines(preview.folder, *MESSAGES), "--format", form)
        assert not [secret for secret in SECRETS if secret in finished.out + finished.err]


def test_no_values_at_all_on_request(preview):
    for form in ("text", "json"):
        finished = preview("--from", lines(preview.folder, GOOD), "--no-values", "--format", form)
        assert finished.code == 0 and "u-1" not in finished.out and "k1_" in finished.out


def test_masks_that_leave_a_part_show_their_shape_and_what_holds_a_masked_value_is_hidden(preview):
    preview.database.execute("CREATE TABLE parts (net cidr, last text, hash text, whole jsonb, inner_ text, "
                             "plain text)")
    write_configuration(preview.folder, """\
      net:    {from: user.ip, mask: truncate}
      last:   {from: user.card, mask: keep-last, keep: 4}
      hash:   {from: user.card, mask: sha256}
      whole:  $body
      inner_: {from: user, convert: json}
      plain:  kind
""", table="parts")
    message = {"kind": "plainly", "user": {"ip": "192.0.2.7", "card": "4929000011112222"}}
    for form in ("text", "json"):
        finished = preview("--from", lines(preview.folder, message), "--format", form)
        assert finished.code == 0, finished.err
        assert "2222" not in finished.out and "192.0.2" not in finished.out and "plainly" in finished.out
    shown = {c["column"]: c["shown"] for c in report_of(finished)["routes"][0]["columns"]}
    assert shown == {"net": "shape", "last": "shape", "hash": "shape", "whole": "hidden", "inner_": "hidden",
                     "plain": "value"}


def test_the_queue_keeps_its_messages_and_each_was_received_once(preview, queue):
    client = queue.client(retries=3)
    url = client.get_queue_url(QueueName="login-queue")["QueueUrl"]
    send_bodies(client, url, [json.dumps(login(user_id=f"u-{i}")) for i in range(25)])
    finished = preview("--messages", "20", "--format", "json", environment=queue.environment())
    assert finished.code == 0, finished.err
    report = report_of(finished)
    assert report["rows"] == 20 and "received once and released" in report["note"]
    wait_until(lambda: depth(client, url) == (25, 0, 0), "all messages to be visible")
    counts = []
    while len(counts) < 25:
        for message in client.receive_message(QueueUrl=url, MaxNumberOfMessages=10,
                                              MessageSystemAttributeNames=["All"])["Messages"]:
            counts.append(int(message["Attributes"]["ApproximateReceiveCount"]))
    assert sorted(counts) == [1] * 5 + [2] * 20


def test_a_low_redrive_policy_wants_a_yes(preview, queue):
    client = queue.client(retries=3)
    dead = client.create_queue(QueueName="dead")["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    url = client.get_queue_url(QueueName="login-queue")["QueueUrl"]
    client.set_queue_attributes(QueueUrl=url, Attributes={
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "2"})})
    send_bodies(client, url, [json.dumps(GOOD)])
    refused = preview(environment=queue.environment())
    assert refused.code == 2 and "after 2 receives" in refused.err and "--yes" in refused.err and refused.out == ""
    taken = preview("--yes", environment=queue.environment())
    assert taken.code == 0 and "allows 2" in taken.out, taken.err


def test_an_empty_queue_is_an_answer(preview, queue):
    finished = preview(environment=queue.environment())
    assert finished.code == 0 and "gave no message" in finished.out


def test_the_database_judges_what_only_it_can(preview):
    preview.database.execute("ALTER TABLE user_logins ADD CONSTRAINT grown CHECK (app_version > 1), "
                             "ADD UNIQUE (user_id)")
    messages = lines(preview.folder, login(), login(user_id="u-2", app_version="1.0"), login())
    finished = preview("--from", messages, "--format", "json")
    assert finished.code == 0 and report_of(finished)["rows"] == 3
    finished = preview("--from", messages, "--try", "--format", "json")
    assert finished.code == 1, finished.err
    report = report_of(finished)
    assert {(p["reason"], p["sqlstate"], tuple(p["which"])) for p in report["problems"]} == {
        ("check", "23514", ("line 2",)), ("unique", "23505", ("line 3",))}
    assert report["rows"] == 1 and report["tried"]
    assert preview.database.value("SELECT count(*) FROM user_logins") == 0


def test_routes_are_shown_each_with_its_table(cluster, tmp_path):
    database = cluster.create_database()
    database.run_file(CHECKOUT / "examples" / "routes.sql")
    configuration = tmp_path / "routes.yaml"
    configuration.write_text((CHECKOUT / "examples" / "routes.yaml").read_text())
    finished = run("preview", "-c", configuration, "--test-keys", "--from", CHECKOUT / "examples" / "routes.jsonl",
                   "--format", "json", environment={"DATABASE_URL": database.socket_url()})
    report = report_of(finished)
    assert len(report["routes"]) > 1 and sum(route["rows"] for route in report["routes"]) == report["rows"] > 0
    assert report["messages"] == (report["dead_letters"] + report["ignored"] +
                                  sum(route["messages"] for route in report["routes"]))


def test_the_table_fits_the_terminal(preview):
    messages = lines(preview.folder, login(user_id="u" * 120), login(locale="z" * 50))
    parent, child = pty.openpty()
    subprocess.run(["stty", "cols", "72"], stdin=child, check=True)
    process = subprocess.Popen([BINARY, "preview", "-c", preview.configuration, "--from", messages], stdout=child,
                               stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                               env=plain_environment(**preview.database.environment()))
    os.close(child)
    out = b""
    while True:
        try:
            chunk = os.read(parent, 65536)
        except OSError:
            break
        if not chunk:
            break
        out += chunk
    os.close(parent)
    assert process.wait(30) == 1, process.stderr.read()
    process.stderr.close()
    text = out.decode().replace("\r\n", "\n")
    table = text.split("table user_logins")[1].splitlines()
    assert "COLUMN" in text and "too_long" in text and "…" in text
    assert all(len(line) <= 72 for line in table[1:]), text


def test_a_mapping_that_does_not_fit_costs_no_receive(preview, queue):
    preview.database.execute("ALTER TABLE user_logins DROP COLUMN locale")
    finished = preview(environment=queue.environment())
    assert finished.code == 2 and 'has no column "locale"' in finished.err and finished.out == ""


@pytest.mark.parametrize("arguments, sentence", [
    (("nobody",), "no pipeline nobody"),
    (("--messages", "0"), "--messages"),
    (("--from", "/nowhere/messages.jsonl"), "/nowhere/messages.jsonl"),
])
def test_bad_usage_is_told(preview, arguments, sentence):
    finished = preview(*arguments)
    assert finished.code == 2 and sentence in finished.err


def test_without_keys_it_says_how_to_do_without(preview):
    (preview.folder / "keys.yaml").unlink()
    finished = preview("--from", lines(preview.folder, GOOD))
    assert finished.code == 2 and "--test-keys" in finished.err
    assert preview("--from", lines(preview.folder, GOOD), "--test-keys").code == 0


def test_the_page_is_true(preview, queue):
    lines(preview.folder, GOOD)
    folder = preview.folder / "bin"
    folder.mkdir()
    (folder / "sqs2pg").symlink_to(BINARY.resolve())
    environment = plain_environment(**preview.database.environment(), **queue.environment())
    environment["PATH"] = f"{folder}:{environment.get('PATH', '/usr/bin:/bin')}"
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S))
    finished = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=preview.folder, text=True,
                              capture_output=True, env=environment, timeout=120)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    example = json.loads(re.search(r"^```json\n(.*?)^```", PAGE, re.M | re.S)[1])
    real = json.loads(finished.stdout.splitlines()[-1])
    assert set(example) == set(real) and set(example["routes"][0]) == set(real["routes"][0])
    assert set(example["routes"][0]["columns"][0]) == set(real["routes"][0]["columns"][0])
