"""Moves login messages from SQS into PostgreSQL. Cron starts it every five minutes; it ends when the queue is empty."""
import hashlib
import json
import logging
import os
from datetime import datetime, timezone

import boto3
import psycopg

INSERT = """
    INSERT INTO user_logins (user_id, device_type, masked_ip, masked_device_id, locale, app_version, create_date)
    VALUES (%s, %s, %s, %s, %s, %s, %s)"""


def masked(value):
    return None if value is None else hashlib.sha256(value.encode()).hexdigest()


def row_of(message):
    login = json.loads(message["Body"])
    sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, timezone.utc)
    return (login["user_id"], login["device_type"], masked(login["ip"]), masked(login["device_id"]), login["locale"],
            int(login["app_version"].split(".")[0]), sent.date())


def main():
    sqs = boto3.client("sqs")
    queue_url = sqs.get_queue_url(QueueName=os.environ["QUEUE"])["QueueUrl"]
    with psycopg.connect(os.environ["DATABASE_URL"]) as database:
        while True:
            reply = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1,
                                        MessageSystemAttributeNames=["SentTimestamp"])
            if not reply.get("Messages"):
                return
            for message in reply["Messages"]:
                try:
                    row = row_of(message)
                except (ValueError, KeyError, TypeError, AttributeError) as problem:
                    logging.error("skipped %s: %r", message["Body"], problem)
                else:
                    database.execute(INSERT, row)
                    database.commit()
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


if __name__ == "__main__":
    main()
