"""What test_migrating.py holds against each other: a queue and a database of their own, with the others' consumers of
examples/migrating and ours to move between them."""
import base64
import importlib.util
import os
import subprocess
import sys

import psycopg
from program import BINARY, run
from sqs_servers import CHECKOUT, plain_environment, send_bodies

EXAMPLES = CHECKOUT / "examples" / "migrating"
MASKED = ("masked_ip", "masked_device_id")
SCRIPT_TABLE, MESSAGE_ID_TABLE = CHECKOUT / "examples" / "user_logins.sql", EXAMPLES / "user_logins.sql"
KEY = "secret"  # of the recorded results


class Side:
    """One database and one queue, with either consumer's environment."""

    def __init__(self, server, database, folder, table, queue_name):
        self.server, self.database, self.folder = server, database, folder
        database.run_file(table)
        self.client = server.client(retries=3)
        self.queue = queue_name
        self.url = self.client.create_queue(QueueName=queue_name)["QueueUrl"]
        self.environment = {**server.environment(), "DATABASE_URL": database.socket_url(), "QUEUE": queue_name,
                            "QUEUE_URL": self.url, "MASKING_KEY": KEY}
        keys = "active: k1\nkeys:\n  k1: " + base64.b64encode(bytes(range(32))).decode() + "\n"
        (folder / "sqs2pg.keys").write_text(keys)
        (folder / "sqs2pg.keys").chmod(0o600)

    def send(self, bodies):
        return send_bodies(self.client, self.url, bodies)

    def script(self):
        return subprocess.run([sys.executable, EXAMPLES / "script" / "consume.py"], capture_output=True, text=True,
                              timeout=60, env=plain_environment(**self.environment))

    def configuration(self, source):
        text = (EXAMPLES / source / "sqs2pg.yaml").read_text(encoding="utf-8")
        text = text.replace("queue: login-queue", f"queue: {self.queue}").replace("eu-west-1", "us-east-1")
        path = self.folder / f"{source}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def sqs2pg(self, source):
        """Drained; then `check` has to find no error."""
        path = self.configuration(source)
        drained = run("run", "-c", path, "--ops", "off", "--drain", "--migrate", environment=self.environment)
        assert drained.code == 0, drained.err
        checked = run("check", "-c", path, environment=self.environment)
        assert checked.code == 0, checked.out

    def rows(self):
        """user_id -> the row without what differs by nature: mask, MessageId."""
        with psycopg.connect(self.database.socket_url(), row_factory=psycopg.rows.dict_row) as connection:
            rows = connection.execute("SELECT * FROM user_logins").fetchall()
        assert len({row["user_id"] for row in rows}) == len(rows), "a row stands twice"
        return {row["user_id"]: row for row in rows}

    def reasons(self):
        return dict(self.database.rows("SELECT reason, count(*) FROM sqs2pg.dead_letter GROUP BY reason"))


def loaded_handler(monkeypatch, environment):
    """The function's module as Lambda has it: loaded once, in its environment."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("handler", EXAMPLES / "lambda" / "handler.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def as_lambda_would(message):
    attributes = {**message["Attributes"], "ApproximateFirstReceiveTimestamp": "0"}
    return {"messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
            "attributes": attributes, "messageAttributes": {}, "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs", "awsRegion": "us-east-1",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:login-queue"}


def invoke(side, module, delete=True):
    """Receives, calls the function and deletes what it did not report. The events, for another call."""
    events = []
    while True:
        messages = side.client.receive_message(QueueUrl=side.url, MaxNumberOfMessages=10, VisibilityTimeout=5,
                                               MessageSystemAttributeNames=["All"]).get("Messages")
        if not messages:
            return events
        events.append({"Records": [as_lambda_would(message) for message in messages]})
        failed = {entry["itemIdentifier"] for entry in module.handler(events[-1], None)["batchItemFailures"]}
        for message in messages:
            if delete and message["MessageId"] not in failed:
                side.client.delete_message(QueueUrl=side.url, ReceiptHandle=message["ReceiptHandle"])


def shell(script, folder, environment):
    """The page's commands with our binary, and AWS's own command line from wherever its packages are."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "sqs2pg").symlink_to(BINARY.resolve())
    awscli = CHECKOUT / ".cache" / "awscli" / "bin"
    # Version 1 of the CLI takes no endpoint for SQS from AWS_ENDPOINT_URL.
    (programs / "aws").write_text(f'#!/bin/sh\nexec {awscli}/python {awscli}/aws --endpoint-url "$AWS_ENDPOINT_URL" '
                                  '"$@"\n')
    (programs / "aws").chmod(0o755)
    script = f"trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}"
    return subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=60,
                          env=plain_environment(**{**environment, "HOME": str(folder),
                                                   "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}))
