"""The plain script, as people write it: a receive of ten, then a row, a commit and a delete a message; what it cannot
read is logged by its kind and deleted. That of examples/migrating/script, with psycopg2 and keyed hashes; it runs on
as a service instead of ending with the queue."""
import hashlib
import hmac
import json
import logging
import os
import signal
import sys
from datetime import datetime, timezone

import boto3
import psycopg2

KEY = os.environ["MASKING_KEY"].encode()
INSERT = """
    INSERT INTO user_logins (user_id, device_type, masked_ip, masked_device_id, locale, app_version, create_date)
    VALUES (%s, %s, %s, %s, %s, %s, %s)"""


def masked(value):
    return None if value is None else hmac.new(KEY, value.encode(), hashlib.sha256).hexdigest()


def row_of(message):
    login = json.loads(message["Body"])
    sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, timezone.utc)
    return (login["user_id"], login["device_type"], masked(login["ip"]), masked(login["device_id"]), login["locale"],
            int(login["app_version"].split(".")[0]), sent.date())


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sqs = boto3.client("sqs")
    queue_url = sqs.get_queue_url(QueueName=os.environ["QUEUE"])["QueueUrl"]
    database = psycopg2.connect("")  # PGHOST and the others
    cursor = database.cursor()
    while True:
        reply = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1,
                                    MessageSystemAttributeNames=["SentTimestamp"])
        for message in reply.get("Messages", []):
            try:
                row = row_of(message)
            except (ValueError, KeyError, TypeError, AttributeError) as problem:
                logging.error("skipped %s: %s", message["MessageId"], type(problem).__name__)
            else:
                cursor.execute(INSERT, row)
                database.commit()
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


if __name__ == "__main__":
    main()
