"""`sqs2pg send`: JSON lines and generated logins into a queue."""
import json

from program import run
from sqs_servers import depth


def receive_all(rig):
    found = []
    while True:
        got = rig.client.receive_message(QueueUrl=rig.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        if not got:
            return found
        found += [message["Body"] for message in got]
        rig.client.delete_message_batch(QueueUrl=rig.queue_url, Entries=[
            {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]} for index, message in enumerate(got)])


def test_lines_arrive_as_they_stand_and_blank_ones_do_not(rig, tmp_path):
    lines = ['{"a": 1}', "not json", "ünïcode \U0001f600", '{"b": "x"}']
    path = tmp_path / "lines"
    path.write_text("\n".join([lines[0], "", lines[1], "   ", *lines[2:]]) + "\n", encoding="utf-8")
    finished = run("send", "--queue", "login-queue", path, environment=rig.environment)
    assert finished.code == 0 and "4" in finished.err
    assert sorted(receive_all(rig)) == sorted(lines)


def test_standard_input_and_a_queue_that_is_made(rig):
    finished = run("send", "--queue", "made-by-send", "--create", "-", environment=rig.environment,
                   input='{"a":1}\n{"a":2}\n')
    assert finished.code == 0, finished.err
    url = rig.client.get_queue_url(QueueName="made-by-send")["QueueUrl"]
    assert depth(rig.client, url) == (2, 0, 0)


def test_an_absent_queue_is_one_sentence(rig):
    finished = run("send", "--queue", "absent", "-", environment=rig.environment, input="{}\n")
    assert finished.code in (1, 2) and "absent" in finished.err and "--create" in finished.err


def test_a_line_that_is_too_large_is_named_and_the_rest_is_sent(rig):
    text = '{"a": 1}\n{"b": "' + "x" * 1_048_577 + '"}\n{"c": 1}\n'
    finished = run("send", "--queue", "login-queue", "-", environment=rig.environment, input=text)
    assert finished.code == 1 and "line 2" in finished.err
    assert sorted(receive_all(rig)) == ['{"a": 1}', '{"c": 1}']


def test_generated_logins_are_the_same_for_the_same_seed(rig):
    runs = []
    for _ in range(2):
        finished = run("send", "--queue", "login-queue", "--generate", "logins", "--count", "500", "--seed", "3",
                       "--malformed", "0.02", environment=rig.environment)
        assert finished.code == 0, finished.err
        runs.append(sorted(receive_all(rig)))
    assert runs[0] == runs[1] and len(runs[0]) == 500
    good = []
    for body in runs[0]:
        try:
            login = json.loads(body)
        except json.JSONDecodeError:
            continue
        if isinstance(login, dict) and {"user_id", "ip", "device_id"} <= login.keys():
            good.append(login)
    assert len(good) > 450
    for field in ("ip", "device_id"):
        assert 1 < len({login[field] for login in good}) < len(good), "values must repeat, and not all be one"
    assert any(login["locale"] is None for login in good)


def test_no_credentials_for_a_local_endpoint_says_what_to_set(rig):
    environment = {**rig.environment, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    finished = run("send", "--queue", "login-queue", "-", environment=environment, input="{}\n")
    assert finished.code == 2 and "AWS_ACCESS_KEY_ID" in finished.err
