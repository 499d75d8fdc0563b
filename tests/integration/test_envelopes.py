"""Messages in envelopes that somebody else made: notifications of SNS and objects of S3, both of moto's, pointers of
Amazon's own extended client, and bodies compressed by Python."""
import base64
import gzip
import json
import subprocess
import sys
import uuid

import boto3
import pytest
from foreign_servers import start_moto
from program import run
from sqs_servers import plain_environment

KEYS = "active: k1\nkeys:\n  k1: " + base64.b64encode(bytes(range(32))).decode() + "\n"
# A process of its own: the library alters boto3's clients, all of them.
EXTENDED = """
import json, sys
import boto3, sqs_extended_client
endpoint, queue, bucket = sys.argv[1:]
made = dict(endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
client = boto3.client("sqs", **made)
client.large_payload_support, client.always_through_s3 = bucket, True
client.s3_client = boto3.client("s3", **made)
for body in json.load(sys.stdin):
    client.send_message(QueueUrl=queue, MessageBody=body)
"""
TABLE = """CREATE TABLE items
    (id int, kind text, topic text, subject text, published timestamptz, size int, note text)"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    server = start_moto(tmp_path_factory.mktemp("moto"))
    yield server
    server.stop()


class Setup:
    """A queue, a bucket, a database and a configuration of one test."""

    def __init__(self, server, cluster, folder):
        self.server, self.folder = server, folder
        self.sqs, self.sns, self.s3 = (self.client(name) for name in ("sqs", "sns", "s3"))
        name = uuid.uuid4().hex[:12]
        self.queue, self.bucket = f"q-{name}", f"bodies-{name}"
        self.url = self.sqs.create_queue(QueueName=self.queue)["QueueUrl"]
        self.s3.create_bucket(Bucket=self.bucket)
        self.database = cluster.create_database()
        self.database.execute(TABLE)

    def client(self, service):
        return boto3.client(service, endpoint_url=self.server.url, region_name="us-east-1", aws_access_key_id="x",
                            aws_secret_access_key="x")

    def topic(self, **attributes):
        arn = self.sns.create_topic(Name=f"t-{uuid.uuid4().hex[:8]}")["TopicArn"]
        queue = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue, Attributes=attributes)
        return arn

    def configure(self, columns, pipeline):
        (self.folder / "keys.yaml").write_text(KEYS)
        (self.folder / "keys.yaml").chmod(0o600)
        self.path = self.folder / "sqs2pg.yaml"
        self.path.write_text(f"keys: {{file: {self.folder}/keys.yaml}}\npipelines:\n  items:\n    queue: {self.queue}\n"
                             f"    table: items\n    brake: off\n{pipeline}    columns: {columns}\n")

    def sqs2pg(self, *arguments):
        environment = {**self.server.environment(), **self.database.environment(),
                       "AWS_ENDPOINT_URL_S3": self.server.url}
        return run(*arguments, "-c", self.path, environment=environment)

    def drain(self):
        done = self.sqs2pg("run", "--drain", "--migrate", "--ops", "off")
        assert done.code == 0, done.err
        return done

    def rows(self, columns="*"):
        return self.database.rows(f"SELECT {columns} FROM items ORDER BY id")

    def letters(self):
        return self.database.rows("SELECT reason, place FROM sqs2pg.dead_letter ORDER BY place")

    def objects(self):
        return self.s3.list_objects_v2(Bucket=self.bucket).get("KeyCount", 0)

    def send_extended(self, bodies):
        subprocess.run([sys.executable, "-c", EXTENDED, self.server.url, self.url, self.bucket], check=True, text=True,
                       input=json.dumps(bodies), env=plain_environment(), timeout=60)


@pytest.fixture
def setup(aws, cluster, tmp_path):
    return Setup(aws, cluster, tmp_path)


def test_notifications_of_sns_become_rows_with_their_attributes_and_raw_ones_are_said(setup):
    setup.configure("{id: id, kind: $attributes.kind, topic: $envelope.TopicArn, subject: {from: $envelope.Subject, "
                    "optional: true}, published: $envelope.Timestamp}", "    unwrap: sns\n")
    topic, raw = setup.topic(), setup.topic(RawMessageDelivery="true")
    kind = {"kind": {"DataType": "String", "StringValue": "order"}}
    setup.sns.publish(TopicArn=topic, Message='{"id": 1, "text": "\\"q\\" ü"}', MessageAttributes=kind)
    setup.sns.publish(TopicArn=topic, Message='{"id": 2}', Subject="About two", MessageAttributes=kind)
    setup.sns.publish(TopicArn=raw, Message='{"id": 3}', MessageAttributes=kind)
    setup.drain()
    assert setup.rows("id, kind, topic, subject") == [(1, "order", topic, None), (2, "order", topic, "About two")]
    assert setup.letters() == [("envelope", "sns: no envelope (is raw message delivery on?)")]
    # Without the envelope there is nothing to take off: the message is right as it is.
    setup.configure("{id: id, kind: $attributes.kind}", "")
    replayed = setup.sqs2pg("dead-letters", "replay", "--all")
    assert replayed.code == 0, replayed.err
    assert setup.rows("id, kind")[2] == (3, "order")


def test_bodies_of_the_extended_client_are_fetched_and_deleted_after_their_row(setup):
    setup.configure("{id: id, size: size, note: text}", f"    unwrap: s3-pointer\n    s3: {{buckets: {setup.bucket}, "
                    "delete_object: true}\n")
    texts = ["x" * (number * 40_000) for number in range(12)]
    setup.send_extended([json.dumps({"id": i, "size": len(text), "text": text}) for i, text in enumerate(texts)])
    setup.sqs.send_message(QueueUrl=setup.url, MessageBody='{"id": 12, "size": 0, "text": "inline"}')
    assert setup.objects() == 12
    setup.drain()
    assert setup.rows("id, size, length(note)") == [(i, i * 40_000, i * 40_000) for i in range(12)] + [(12, 0, 6)]
    assert setup.objects() == 0
    assert setup.letters() == []


def test_an_absent_object_is_a_dead_letter_and_its_replay_fetches_again(setup):
    setup.configure("{id: id}", f"    unwrap: s3-pointer\n    s3: {{buckets: {setup.bucket}, delete_object: true}}\n")
    setup.send_extended(['{"id": 1}'])
    key = setup.s3.list_objects_v2(Bucket=setup.bucket)["Contents"][0]["Key"]
    setup.s3.delete_object(Bucket=setup.bucket, Key=key)
    pointer = ["software.amazon.payloadoffloading.PayloadS3Pointer", {"s3BucketName": "not-ours", "s3Key": "k"}]
    setup.sqs.send_message(QueueUrl=setup.url, MessageBody=json.dumps(pointer))
    done = setup.drain()
    assert setup.letters() == [("envelope", "s3-pointer: s3BucketName is none of s3.buckets"),
                               ("envelope", "s3-pointer: the object is absent")]
    assert key not in done.err and "not-ours" not in done.err
    setup.s3.put_object(Bucket=setup.bucket, Key=key, Body=b'{"id": 7}')
    replayed = setup.sqs2pg("dead-letters", "replay", "--all")
    assert replayed.code == 1, replayed.err  # one stays
    assert setup.rows("id") == [(7,)]
    assert setup.objects() == 0
    assert setup.letters() == [("envelope", "s3-pointer: s3BucketName is none of s3.buckets")]


def test_a_pointer_in_a_notification_and_one_that_is_too_large(setup):
    setup.configure("{id: id, topic: $envelope.TopicArn, note: $envelope.s3Key}",
                    f"    unwrap: [sns, s3-pointer, gzip]\n    max_unwrapped_bytes: 64KiB\n"
                    f"    s3: {{buckets: {setup.bucket}}}\n")
    topic = setup.topic()
    for number, body in enumerate([b'{"id": 1}', json.dumps({"id": 2, "pad": "x" * 70_000}).encode()]):
        setup.s3.put_object(Bucket=setup.bucket, Key=f"a/b c+{number}ü", Body=gzip.compress(body))
        pointer = ["com.amazon.sqs.javamessaging.MessageS3Pointer",
                   {"s3BucketName": setup.bucket, "s3Key": f"a/b c+{number}ü"}]
        setup.sns.publish(TopicArn=topic, Message=json.dumps(pointer), MessageAttributes={
            "SQSLargePayloadSize": {"DataType": "Number", "StringValue": str(len(body))}})
    setup.drain()
    assert setup.rows("id, topic, note") == [(1, topic, "a/b c+0ü")]
    assert setup.letters() == [("envelope", "gzip: the body is larger than max_unwrapped_bytes")]
    assert setup.objects() == 2


def test_an_attribute_says_how_a_body_is_encoded(setup):
    setup.configure("{id: id}", "    unwrap: encoding\n")
    bodies = {"": b'{"id": 1}', "gzip": base64.b64encode(gzip.compress(b'{"id": 2}')),
              "base64": base64.encodebytes(b'{"id": 3}'), "zstd": b"KLUv"}
    for encoding, body in bodies.items():
        attributes = {"Content-Encoding": {"DataType": "String", "StringValue": encoding}} if encoding else {}
        setup.sqs.send_message(QueueUrl=setup.url, MessageBody=body.decode(), MessageAttributes=attributes)
    setup.drain()
    assert setup.rows("id") == [(1,), (2,), (3,)]
    assert setup.letters() == [
        ("envelope", "encoding: the attribute names an encoding other than gzip, deflate and base64")]


def test_check_looks_at_the_buckets(setup):
    setup.configure("{id: id}", f"    unwrap: s3-pointer\n"
                                f"    s3: {{buckets: [{setup.bucket}, absent-{setup.bucket}]}}\n")
    setup.sqs2pg("migrate")
    checked = setup.sqs2pg("check")
    assert checked.code == 1
    assert f"bucket {setup.bucket}" in checked.out and "there is no such bucket here" in checked.out
    setup.configure("{id: id}", "    unwrap: s3-pointer\n")
    assert "[buckets_open]" in setup.sqs2pg("check").out
