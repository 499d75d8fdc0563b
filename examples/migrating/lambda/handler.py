"""Writes the login messages of one SQS batch to PostgreSQL. Lambda deletes those that are not reported as failed."""
import hashlib
import hmac
import json
import os
from datetime import datetime, timezone

import psycopg

KEY = os.environ["MASKING_KEY"].encode()
INSERT = """
    INSERT INTO user_logins (message_id, user_id, device_type, masked_ip, masked_device_id, locale, app_version,
                             create_date)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (message_id) DO NOTHING"""
database = None


def token(value):
    return None if value is None else hmac.new(KEY, value.encode(), hashlib.sha256).hexdigest()


def row_of(record):
    login = json.loads(record["body"])
    sent = datetime.fromtimestamp(int(record["attributes"]["SentTimestamp"]) / 1000, timezone.utc)
    return (record["messageId"], login["user_id"], login.get("device_type", "unknown"), token(login["ip"]),
            token(login["device_id"]), login.get("locale"), int(login["app_version"].split(".")[0]), sent.date())


def handler(event, context):
    global database
    if database is None or database.closed:
        database = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    failed = []
    for record in event["Records"]:
        try:
            database.execute(INSERT, row_of(record))
        except Exception as problem:
            print(json.dumps({"failed": record["messageId"], "problem": type(problem).__name__}))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
