"""The SQS servers that the tests run against, seen through boto3: our own embedded one here, those that nobody here
wrote in foreign_servers.py. All on loopback."""
import json
import os
import re
import subprocess
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config

CHECKOUT = Path(__file__).resolve().parents[2]
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI", "AWS_REGION": "us-east-1",
               "AWS_DEFAULT_REGION": "us-east-1"}


class SqsServer:
    """An endpoint with a boto3 client. `stop` ends the process."""

    name, version, foreign, ca = "?", "", False, None  # ca: of an https URL

    def __init__(self, process, url):
        self.process, self.url = process, url

    def environment(self):
        return {"AWS_ENDPOINT_URL": self.url, **CREDENTIALS}

    def client(self, retries=1, read_timeout=30):
        return boto3.client("sqs", endpoint_url=self.url, region_name="us-east-1", aws_access_key_id="AKIDEXAMPLE",
                            aws_secret_access_key="wJalrXUtnFEMI", verify=str(self.ca) if self.ca else None,
                            config=Config(retries={"total_max_attempts": retries}, read_timeout=read_timeout))

    def stop(self):
        if self.process.poll() is None:
            if self.foreign:
                self.process.kill()  # they take their time, and keep nothing
            else:
                self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


class EmbeddedQueue(SqsServer):
    name = "sqs2pg queue"

    @classmethod
    def start(cls, binary, *arguments, faults=True, ca=None):
        command = [binary, "queue", "--listen", "127.0.0.1:0", *map(str, arguments)] + (["--faults"] if faults else [])
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   stdin=subprocess.DEVNULL, text=True, env=plain_environment())
        line = process.stdout.readline()
        url = re.search(r"https?://127\.0\.0\.1:\d+", line)
        if not url:
            process.kill()
            raise RuntimeError(f"`sqs2pg queue` said {line!r} instead of where it listens")
        started = cls(process, url[0])
        started.ca = ca
        return started

    def fault(self, operation, fault, **rule):
        """From now on calls of the operation go wrong: see src/devqueue/faults.h for the faults."""
        self._faults("POST", {"operation": operation, "fault": fault, **rule})

    def fired(self, operation):
        """How many calls of the operation have met a fault."""
        with urllib.request.urlopen(self.url + "/_faults", timeout=5) as reply:
            return sum(rule["fired"] for rule in json.load(reply)["rules"] if rule["operation"] == operation)

    def clear_faults(self):
        self._faults("DELETE")

    def _faults(self, method, rule=None):
        request = urllib.request.Request(self.url + "/_faults", None if rule is None else json.dumps(rule).encode(),
                                         {"Content-Type": "application/json"}, method=method)
        urllib.request.urlopen(request, timeout=5).close()


def plain_environment(**extra):
    """The environment without anything that would choose an endpoint, a database or a credential by itself."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("AWS_", "PG", "SQS2PG_")) and not name.lower().endswith("_proxy")}
    return {**kept, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull, **extra}


def send_bodies(client, queue_url, bodies):
    """Through boto3, in tens (fewer where the total of 1 MiB asks for it). Returns the MessageIds in order."""
    ids, batch, size = [], [], 0

    def flush():
        nonlocal batch, size
        if batch:
            reply = client.send_message_batch(QueueUrl=queue_url, Entries=[
                {"Id": str(index), "MessageBody": body} for index, body in enumerate(batch)])
            assert not reply.get("Failed"), reply["Failed"]
            ids.extend(entry["MessageId"] for entry in sorted(reply["Successful"], key=lambda entry: int(entry["Id"])))
        batch, size = [], 0

    for body in bodies:
        length = len(body.encode("utf-8"))
        if len(batch) == 10 or size + length > 1_000_000:
            flush()
        batch.append(body)
        size += length
    flush()
    return ids


def depth(client, queue_url):
    """(visible, in flight, delayed)"""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
             "ApproximateNumberOfMessagesDelayed"]
    answer = client.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    return tuple(int(answer[name]) for name in names)
