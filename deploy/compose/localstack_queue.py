"""LocalStack's init hook (in /etc/localstack/init/ready.d): makes the queue, once LocalStack is ready, and puts logins
it. LocalStack runs it within its own process, where boto3 is at hand; its queues are gone when the container ends."""
import json
import os
import random

import boto3

QUEUE = "login-queue"
LOGINS = int(os.environ.get("LOGINS", "1000"))


def login(draw):
    """A few busy users, devices and addresses among many, so that equal values repeat as in real traffic."""
    user = min(int(draw.expovariate(1 / 60)), 999)
    return {"user_id": f"00000000-0000-4000-8000-{user:012d}",
            "app_version": f"{draw.randint(0, 5)}.{draw.randint(0, 9)}.{draw.randint(0, 9)}",
            "device_type": draw.choice(["android", "ios"]),
            "ip": f"192.0.2.{user % 254 + 1}",
            "locale": draw.choice(["DE", "IN", "PH", "RU", "US", None]),
            "device_id": f"{user % 900 + 100}-{user % 90 + 10}-{user % 9000 + 1000}"}


def fill():
    sqs = boto3.client("sqs", endpoint_url="http://localhost:4566", region_name="us-east-1",
                       aws_access_key_id="local", aws_secret_access_key="local")
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    draw = random.Random(1)
    for first in range(0, LOGINS, 10):
        entries = [{"Id": str(number), "MessageBody": json.dumps(login(draw))}
                   for number in range(first, min(first + 10, LOGINS))]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)
    print(f"{QUEUE}: {LOGINS} messages", flush=True)


fill()
