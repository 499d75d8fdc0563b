"""`sqs2pg queue`, signatures verified, with AWS's own clients: boto3, the AWS CLI and the AWS SDK for JavaScript do the
same, each standard queues with a long-lived key and FIFO queues with a temporary one."""
import hashlib
import json
import subprocess
import threading
import time

import pytest
from program import BINARY, run
from sqs_clients import CACHE, CLIENTS, Refused
from sqs_servers import EmbeddedQueue, plain_environment
from waiting import wait_until

STATIC = {"AWS_ACCESS_KEY_ID": "AKIDSTATIC", "AWS_SECRET_ACCESS_KEY": "static/secret"}
TEMPORARY = {"AWS_ACCESS_KEY_ID": "ASIATEMPORARY", "AWS_SECRET_ACCESS_KEY": "temporary/secret",
             "AWS_SESSION_TOKEN": "token+of/the=session"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    keys = tmp_path_factory.mktemp("keys") / "credentials"
    lines = []
    for name, key in (("static", STATIC), ("temporary", TEMPORARY)):
        lines += [f"[{name}]"] + [f"{setting.lower()} = {value}" for setting, value in key.items()]
    keys.write_text("\n".join(lines) + "\n")
    started = EmbeddedQueue.start(BINARY, "--verify-signatures", "--accept-keys", keys)
    yield started
    started.stop()


@pytest.fixture(scope="module", params=CLIENTS, ids=lambda kind: kind.name)
def kind(request):
    return request.param


def connect(kind, server, key):
    return kind({"AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", **key})


@pytest.fixture(scope="module", params=["standard", "fifo"])
def client(request, kind, server):
    made = connect(kind, server, STATIC if request.param == "standard" else TEMPORARY)
    made.suffix = "" if request.param == "standard" else ".fifo"
    yield made
    made.close()


@pytest.fixture(scope="module")
def fifo_client(kind, server):
    made = connect(kind, server, TEMPORARY)
    made.suffix = ".fifo"
    yield made
    made.close()


class Queue:
    """A queue of the client's, and short names for what the tests do with it."""

    def __init__(self, client, name, **attributes):
        if client.suffix:
            attributes["FifoQueue"] = "true"
        self.client, self.sent = client, 0
        self.name = name + client.suffix
        self.url = client.call("CreateQueue", QueueName=self.name, Attributes=attributes)["QueueUrl"]
        self.arn = self.attributes("QueueArn")["QueueArn"]

    def call(self, operation, **parameters):
        return self.client.call(operation, QueueUrl=self.url, **parameters)

    def message(self, body, group="g", **more):
        self.sent += 1
        fifo = {"MessageGroupId": group, "MessageDeduplicationId": f"d{self.sent}"} if self.client.suffix else {}
        return {"MessageBody": body, **fifo, **more}

    def send(self, body, group="g", **more):
        return self.call("SendMessage", **self.message(body, group, **more))

    def receive(self, most=10, **more):
        return self.call("ReceiveMessage", MaxNumberOfMessages=most, **more).get("Messages", [])

    def attributes(self, *names):
        return self.call("GetQueueAttributes", AttributeNames=list(names))["Attributes"]

    def depth(self):
        found = self.attributes("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        return int(found["ApproximateNumberOfMessages"]), int(found["ApproximateNumberOfMessagesNotVisible"])


@pytest.fixture
def name(request):
    return "q-" + hashlib.sha256(request.node.name.encode()).hexdigest()[:16]


def refused(call, *arguments, **parameters):
    with pytest.raises(Refused) as caught:
        call(*arguments, **parameters)
    return caught.value


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def test_a_message_makes_the_round(client, name):
    queue = Queue(client, name, VisibilityTimeout="40")
    assert client.call("GetQueueUrl", QueueName=queue.name)["QueueUrl"] == queue.url
    assert client.call("ListQueues", QueueNamePrefix=name)["QueueUrls"] == [queue.url]
    assert queue.attributes("All")["VisibilityTimeout"] == "40"
    queue.call("SetQueueAttributes", Attributes={"VisibilityTimeout": "50"})
    assert queue.attributes("VisibilityTimeout") == {"VisibilityTimeout": "50"}
    body = 'größer "als" \U0001f600\n'
    sent = queue.send(body, MessageAttributes={"kind": {"DataType": "String", "StringValue": "login"},
                                               "n": {"DataType": "Number", "StringValue": "7"}})
    assert sent["MD5OfMessageBody"] == md5(body)
    names = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]}
    (message,) = queue.receive(1, WaitTimeSeconds=5, **names)
    assert message["Body"] == body and message["MessageId"] == sent["MessageId"]
    assert message["MessageAttributes"]["kind"]["StringValue"] == "login"
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    if client.suffix:
        assert message["Attributes"]["MessageGroupId"] == "g"
        assert message["Attributes"]["SequenceNumber"] == sent["SequenceNumber"]
    assert queue.depth() == (0, 1)
    queue.call("ChangeMessageVisibility", ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    (again,) = queue.receive(1)
    queue.call("DeleteMessage", ReceiptHandle=again["ReceiptHandle"])
    assert queue.depth() == (0, 0)


def test_batches_succeed_and_fail_by_entry(client, name):
    queue = Queue(client, name)
    entries = [{"Id": str(i), **queue.message(f"m{i}")} for i in range(10)]
    entries[3]["DelaySeconds"] = 901
    reply = queue.call("SendMessageBatch", Entries=entries)
    assert [entry["Id"] for entry in reply["Failed"]] == ["3"] and len(reply["Successful"]) == 9
    messages = queue.receive()
    assert [message["Body"] for message in messages] == [f"m{i}" for i in range(10) if i != 3]
    handles = [{"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]} for i, message in enumerate(messages)]
    longer = [{**entry, "VisibilityTimeout": 60} for entry in handles]
    reply = queue.call("ChangeMessageVisibilityBatch", Entries=longer)
    assert len(reply["Successful"]) == 9
    reply = queue.call("DeleteMessageBatch", Entries=handles + [{"Id": "x", "ReceiptHandle": "nonsense"}])
    assert len(reply["Successful"]) == 9
    assert [(entry["Id"], entry["Code"]) for entry in reply["Failed"]] == [("x", "ReceiptHandleIsInvalid")]
    assert queue.depth() == (0, 0)


def test_a_long_poll_is_woken(client, kind, server, name):
    queue = Queue(client, name)
    other = connect(kind, server, STATIC)
    sender = threading.Timer(0.5, lambda: other.call("SendMessage", QueueUrl=queue.url, **queue.message("late")))
    begun = time.monotonic()
    sender.start()
    (message,) = queue.receive(WaitTimeSeconds=20)
    assert message["Body"] == "late" and 0.3 < time.monotonic() - begun < 19
    sender.join()
    other.close()


def test_worn_out_messages_move_away_and_back(client, name):
    dead = Queue(client, name + "-dead")
    queue = Queue(client, name, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 1}))
    assert dead.call("ListDeadLetterSourceQueues")["queueUrls"] == [queue.url]
    sent = [queue.send(f"m{i}") for i in range(4)]
    assert len(queue.receive(VisibilityTimeout=0)) == 4
    assert queue.receive() == []
    assert dead.depth() == (4, 0)
    client.call("StartMessageMoveTask", SourceArn=dead.arn)
    wait_until(lambda: queue.depth() == (4, 0), "the messages to be back", 60)
    (task,) = client.call("ListMessageMoveTasks", SourceArn=dead.arn)["Results"]
    assert task["Status"] == "COMPLETED" and task["ApproximateNumberOfMessagesMoved"] == 4
    back = queue.receive()
    assert [message["Body"] for message in back] == ["m0", "m1", "m2", "m3"]
    assert not {message["MessageId"] for message in back} & {message["MessageId"] for message in sent}


def test_a_move_task_goes_at_its_rate_and_is_cancelled(client, name):
    dead = Queue(client, name + "-dead")
    queue = Queue(client, name, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 1}))
    elsewhere = Queue(client, name + "-other")
    # So many that the task still runs when a slow client cancels it.
    for _ in range(9):
        queue.call("SendMessageBatch", Entries=[{"Id": str(i), **queue.message("m")} for i in range(10)])
        queue.receive(VisibilityTimeout=0)
        queue.receive(VisibilityTimeout=0)
    handle = client.call("StartMessageMoveTask", SourceArn=dead.arn, DestinationArn=elsewhere.arn,
                         MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    (task,) = client.call("ListMessageMoveTasks", SourceArn=dead.arn)["Results"]
    assert task["Status"] == "RUNNING" and task["TaskHandle"] == handle and task["DestinationArn"] == elsewhere.arn
    assert refused(client.call, "StartMessageMoveTask", SourceArn=dead.arn).code.startswith("InvalidParameterValue")
    moved = client.call("CancelMessageMoveTask", TaskHandle=handle)["ApproximateNumberOfMessagesMoved"]
    assert elsewhere.depth() == (moved, 0) and dead.depth() == (90 - moved, 0)
    assert "NotFound" in refused(client.call, "CancelMessageMoveTask", TaskHandle=handle).code


def test_groups_keep_their_order_and_block(fifo_client, name):
    queue = Queue(fifo_client, name)
    numbers = [queue.send(body, group)["SequenceNumber"]
               for body, group in (("a1", "a"), ("b1", "b"), ("a2", "a"), ("a3", "a"))]
    assert numbers == sorted(numbers) and all(len(number) == 20 for number in numbers)
    attempt = {"ReceiveRequestAttemptId": "attempt-1"}
    first = queue.receive(2, **attempt)
    assert [message["Body"] for message in first] == ["a1", "a2"]
    assert [message["ReceiptHandle"] for message in queue.receive(2, **attempt)] == \
        [message["ReceiptHandle"] for message in first]
    assert [message["Body"] for message in queue.receive()] == ["b1"]
    for message in first:
        queue.call("DeleteMessage", ReceiptHandle=message["ReceiptHandle"])
    (last,) = queue.receive(VisibilityTimeout=0)
    assert last["Body"] == "a3"
    error = refused(queue.call, "DeleteMessage", ReceiptHandle=last["ReceiptHandle"])
    assert error.code.startswith("InvalidParameterValue") and "The receipt handle has expired" in error.message


def test_repeated_sends_are_delivered_once(fifo_client, name):
    queue = Queue(fifo_client, name, ContentBasedDeduplication="true")
    same = {"MessageGroupId": "g", "MessageDeduplicationId": "once"}
    first = queue.call("SendMessage", MessageBody="1", **same)
    second = queue.call("SendMessage", MessageBody="2", **same)
    assert (first["MessageId"], first["SequenceNumber"]) == (second["MessageId"], second["SequenceNumber"])
    for _ in range(2):
        queue.call("SendMessage", MessageBody="by content", MessageGroupId="g")
    assert [message["Body"] for message in queue.receive()] == ["1", "by content"]
    error = refused(queue.call, "SendMessage", MessageBody="x")
    assert error.code.startswith("Missing") and "MessageGroupId" in error.message
    error = refused(queue.call, "SendMessage", MessageBody="x", MessageGroupId="g", DelaySeconds=1)
    assert error.code.startswith("InvalidParameterValue") and "queue type" in error.message


def test_a_purge_empties_and_errors_are_the_services(client, name):
    queue = Queue(client, name)
    queue.send("a")
    queue.call("PurgeQueue")
    assert queue.depth() == (0, 0)
    assert "PurgeQueueInProgress" in refused(queue.call, "PurgeQueue").code
    assert refused(queue.call, "SetQueueAttributes", Attributes={"DelaySeconds": "901"}).code == "InvalidAttributeValue"
    queue.call("DeleteQueue")
    gone = refused(queue.receive)
    assert gone.code in ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
    assert "does not exist" in gone.message


def code_with(kind, server, key):
    other = connect(kind, server, key)
    try:
        return refused(other.call, "ListQueues").code
    finally:
        other.close()


def test_a_wrong_key_secret_or_token_is_refused(kind, server):
    assert code_with(kind, server, {**STATIC, "AWS_SECRET_ACCESS_KEY": "wrong"}) in \
        ("SignatureDoesNotMatch", "InvalidSignatureException")
    unknown = ("InvalidClientTokenId", "UnrecognizedClientException")
    assert code_with(kind, server, {**STATIC, "AWS_ACCESS_KEY_ID": "AKIDUNKNOWN"}) in unknown
    assert code_with(kind, server, {**TEMPORARY, "AWS_SESSION_TOKEN": "another"}) in unknown


def test_the_cli_as_a_command_of_its_own_works(server):
    made = subprocess.run([CACHE / "awscli" / "bin" / "aws", "--endpoint-url", server.url, "sqs", "create-queue",
                           "--queue-name", "by-hand"], text=True, capture_output=True, timeout=60, check=True,
                          env=plain_environment(AWS_DEFAULT_REGION="us-east-1", **STATIC))
    assert json.loads(made.stdout)["QueueUrl"] == server.url + "/000000000000/by-hand"


@pytest.mark.parametrize("credentials, part", [
    (None, "AWS_ACCESS_KEY_ID"),
    ("[a]\naws_access_key_id = AKIDHALF\n", 'profile "a"'),
    ("[a]\naws_access_key_id = X\naws_secret_access_key = s3cr3t\n[b]\naws_access_key_id = X\n"
     "aws_secret_access_key = s3cr3t\n", 'profile "b"'),
])
def test_signatures_without_a_key_to_check_them_are_refused_in_words(tmp_path, credentials, part):
    arguments = []
    if credentials:
        (tmp_path / "credentials").write_text(credentials)
        arguments = ["--accept-keys", tmp_path / "credentials"]
    finished = run("queue", "--listen", "127.0.0.1:0", "--verify-signatures", *arguments)
    assert finished.code == 2 and part in finished.err and "s3cr3t" not in finished.err
