"""The good script: several processes, receives of ten gathered into a transaction of hundreds of rows, execute_values,
and deletes in tens after the commit. What it cannot read or PostgreSQL refuses is not deleted: the queue's redrive
policy takes it to the dead-letter queue, and its neighbours are written.

With LEDGER=1 the ids of the messages are written in the same transaction, into a table of their own (ledger.sql), and
only messages whose id is new become rows: what one does in Python when no row may stand twice."""
import hashlib
import hmac
import json
import logging
import multiprocessing
import os
import signal
import threading
from datetime import datetime, timezone

import boto3
import psycopg2
from psycopg2.extras import execute_values

KEY = hmac.new(os.environ["MASKING_KEY"].encode(), digestmod=hashlib.sha256)  # copied for each value: no key schedule
LEDGER = os.environ.get("LEDGER") == "1"
# Processes, since boto3 takes far more CPU than anything else here and threads share one lock; two threads in each, so
# that one computes while the other waits.
PROCESSES = int(os.environ.get("PROCESSES", "2"))
THREADS = int(os.environ.get("THREADS", "2"))
ROWS = 500  # a transaction: an fsync less a message than ten, and milliseconds long
INSERT = """
    INSERT INTO user_logins (user_id, device_type, masked_ip, masked_device_id, locale, app_version, create_date)
    VALUES %s"""
NEW_IDS = "INSERT INTO written_messages (id) VALUES %s ON CONFLICT DO NOTHING RETURNING id"


def masked(value):
    if value is None:
        return None
    mac = KEY.copy()
    mac.update(value.encode())
    return mac.hexdigest()


def row_of(message):
    login = json.loads(message["Body"])
    sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, timezone.utc)
    return (login["user_id"], login["device_type"], masked(login["ip"]), masked(login["device_id"]), login["locale"],
            int(login["app_version"].split(".")[0]), sent.date())


class Consumer:
    """One thread's loop, with a client and a connection of its own."""

    def __init__(self, stopping):
        self.stopping = stopping
        self.sqs = boto3.session.Session().client("sqs")
        self.queue_url = self.sqs.get_queue_url(QueueName=os.environ["QUEUE"])["QueueUrl"]
        self.database = psycopg2.connect("")
        self.cursor = self.database.cursor()

    def gather(self):
        """Up to ROWS messages; fewer as soon as the queue has no ten at once."""
        messages = []
        while len(messages) < ROWS and not self.stopping.is_set():
            reply = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10,
                                             WaitTimeSeconds=0 if messages else 1,
                                             MessageSystemAttributeNames=["SentTimestamp"])
            received = reply.get("Messages", [])
            messages += received
            if len(received) < 10:
                break
        return messages

    def insert(self, pairs):
        if LEDGER:
            # Sorted, or two transactions that hold the same messages could wait for each other.
            ids = sorted({message["MessageId"] for message, _ in pairs})
            new = {row[0] for row in execute_values(self.cursor, NEW_IDS, [(one,) for one in ids], page_size=ROWS,
                                                    fetch=True)}
            first_of = {message["MessageId"]: row for message, row in pairs if message["MessageId"] in new}
            rows = list(first_of.values())
        else:
            rows = [row for _, row in pairs]
        if rows:
            execute_values(self.cursor, INSERT, rows, page_size=ROWS)

    def write(self, pairs):
        """Those that are written when it returns. One refused row must not take its neighbours along."""
        try:
            self.insert(pairs)
            self.database.commit()
            return pairs
        except (psycopg2.DataError, psycopg2.IntegrityError):
            self.database.rollback()
        written = []
        for pair in pairs:
            self.cursor.execute("SAVEPOINT one")
            try:
                self.insert([pair])
                written.append(pair)
            except (psycopg2.DataError, psycopg2.IntegrityError) as problem:
                self.cursor.execute("ROLLBACK TO SAVEPOINT one")
                logging.error("refused %s: %s", pair[0]["MessageId"], problem.pgcode)
            self.cursor.execute("RELEASE SAVEPOINT one")
        self.database.commit()
        return written

    def delete(self, pairs):
        for start in range(0, len(pairs), 10):
            entries = [{"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                       for index, (message, _) in enumerate(pairs[start:start + 10])]
            reply = self.sqs.delete_message_batch(QueueUrl=self.queue_url, Entries=entries)
            for failed in reply.get("Failed", []):
                logging.error("not deleted: %s", failed["Code"])

    def run(self):
        while not self.stopping.is_set():
            pairs = []
            for message in self.gather():
                try:
                    pairs.append((message, row_of(message)))
                except (ValueError, KeyError, TypeError, AttributeError) as problem:
                    logging.error("skipped %s: %s", message["MessageId"], type(problem).__name__)
            if pairs:
                self.delete(self.write(pairs))


def consume():
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    threads = [threading.Thread(target=Consumer(stopping).run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main():
    processes = [multiprocessing.Process(target=consume) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    signal.signal(signal.SIGTERM, lambda *_: [process.terminate() for process in processes])
    for process in processes:
        process.join()


if __name__ == "__main__":
    main()
