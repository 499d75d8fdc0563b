"""AWS's own clients behind one call: boto3, the AWS CLI and the AWS SDK for JavaScript. Each takes endpoint, region and
keys from its environment and tries once. `./dev setup test` installs them."""
import json
import os
import subprocess

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from sqs_servers import CHECKOUT, plain_environment

CACHE = CHECKOUT / ".cache"
SCRIPTS = CHECKOUT / "tests" / "integration" / "clients"


class Refused(Exception):
    """The service's error, as the client names it."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class Boto3:
    name = "boto3"

    def __init__(self, environment):
        self.client = boto3.client(
            "sqs", endpoint_url=environment["AWS_ENDPOINT_URL"], region_name=environment["AWS_REGION"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=environment.get("AWS_SESSION_TOKEN"), config=Config(retries={"total_max_attempts": 1}))

    def call(self, operation, **parameters):
        method = "".join("_" + c.lower() if c.isupper() else c for c in operation)[1:]
        try:
            reply = getattr(self.client, method)(**parameters)
        except ClientError as error:
            raise Refused(error.response["Error"]["Code"], error.response["Error"]["Message"]) from None
        reply.pop("ResponseMetadata")
        return reply

    def close(self):
        self.client.close()


class LineClient:
    """A process that answers one line of JSON with another."""

    def __init__(self, environment):
        command = self.command()
        if not os.path.exists(command[0]):
            raise RuntimeError(f"{command[0]} is not there: ./dev setup test installs it")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=plain_environment(NODE_PATH=str(CACHE / "clients" / "node_modules"), AWS_MAX_ATTEMPTS="1",
                                  **environment))

    def call(self, operation, **parameters):
        self.process.stdin.write(json.dumps({"operation": operation, "parameters": parameters}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"{self.name} ended"
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"]["code"], answer["error"]["message"])
        return answer["reply"]

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class AwsCli(LineClient):
    name = "AWS CLI"

    def command(self):
        return [str(CACHE / "awscli" / "bin" / "python"), str(SCRIPTS / "cli_calls.py")]


class JavaScriptSdk(LineClient):
    name = "AWS SDK for JavaScript"

    def command(self):
        return [str(CACHE / "node" / "bin" / "node"), str(SCRIPTS / "sdk_calls.cjs")]


CLIENTS = (Boto3, AwsCli, JavaScriptSdk)
