"""`sqs2pg queue` with boto3 as its client: every operation, its attributes and its errors."""
import hashlib
import re
import threading
import time
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from program import BINARY
from sqs_servers import EmbeddedQueue, depth
from waiting import wait_until


@pytest.fixture(scope="module")
def server():
    started = EmbeddedQueue.start(BINARY)
    yield started
    started.stop()


@pytest.fixture
def sqs(server):
    return server.client()


@pytest.fixture
def url(sqs, request):
    name = "q-" + hashlib.sha256(request.node.name.encode()).hexdigest()[:16]
    made = sqs.create_queue(QueueName=name)["QueueUrl"]
    yield made
    sqs.delete_queue(QueueUrl=made)


def code_of(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def receive(sqs, url, **arguments):
    arguments = {"MaxNumberOfMessages": 10, **arguments}
    return sqs.receive_message(QueueUrl=url, **arguments).get("Messages", [])


def test_create_is_idempotent_and_names_a_clash(sqs, url):
    name = url.rsplit("/", 1)[1]
    assert sqs.create_queue(QueueName=name)["QueueUrl"] == url
    assert code_of(sqs.create_queue, QueueName=name, Attributes={"VisibilityTimeout": "77"}) in (
        "QueueAlreadyExists", "QueueNameExists")


def test_queues_are_found_by_name_and_prefix(sqs, url):
    name = url.rsplit("/", 1)[1]
    assert sqs.get_queue_url(QueueName=name)["QueueUrl"] == url
    assert sqs.list_queues(QueueNamePrefix=name)["QueueUrls"] == [url]
    assert "QueueDoesNotExist" in code_of(sqs.get_queue_url, QueueName="absent") or \
        "NonExistentQueue" in code_of(sqs.get_queue_url, QueueName="absent")


def test_a_message_makes_the_round(sqs, url):
    body = "grüße \U0001f600 \"quoted\"\n"
    sent = sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes={
        "kind": {"DataType": "String", "StringValue": "login"},
        "blob": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        "count": {"DataType": "Number", "StringValue": "12"}})
    assert sent["MD5OfMessageBody"] == hashlib.md5(body.encode()).hexdigest()
    (got,) = receive(sqs, url, MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"])
    assert got["Body"] == body and got["MessageId"] == sent["MessageId"]
    assert got["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]  # botocore checks both digests as well
    assert got["MessageAttributes"]["kind"]["StringValue"] == "login"
    assert got["MessageAttributes"]["blob"]["BinaryValue"] == b"\x00\xff"
    attributes = got["Attributes"]
    assert attributes["ApproximateReceiveCount"] == "1"
    assert abs(int(attributes["SentTimestamp"]) / 1000 - time.time()) < 60
    assert int(attributes["ApproximateFirstReceiveTimestamp"]) >= int(attributes["SentTimestamp"])
    sqs.delete_message(QueueUrl=url, ReceiptHandle=got["ReceiptHandle"])
    assert depth(sqs, url) == (0, 0, 0)


def test_system_attributes_are_asked_for_by_either_name(sqs, url):
    sqs.send_message(QueueUrl=url, MessageBody="a")
    (got,) = receive(sqs, url, AttributeNames=["SentTimestamp"], VisibilityTimeout=0)
    assert set(got["Attributes"]) == {"SentTimestamp"}
    (again,) = receive(sqs, url, MessageSystemAttributeNames=["ApproximateReceiveCount"])
    assert again["Attributes"] == {"ApproximateReceiveCount": "2"}
    assert again["ReceiptHandle"] != got["ReceiptHandle"] and again["MessageId"] == got["MessageId"]


def test_visibility_hides_extends_and_releases(sqs, url):
    sqs.send_message(QueueUrl=url, MessageBody="a")
    (got,) = receive(sqs, url, VisibilityTimeout=30)
    assert receive(sqs, url) == [] and depth(sqs, url) == (0, 1, 0)
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=got["ReceiptHandle"], VisibilityTimeout=0)
    assert depth(sqs, url) == (1, 0, 0)
    assert code_of(sqs.change_message_visibility, QueueUrl=url, ReceiptHandle=got["ReceiptHandle"],
                   VisibilityTimeout=43201) == "InvalidParameterValue"
    assert len(receive(sqs, url)) == 1


def test_batches_fail_in_part(sqs, url):
    reply = sqs.send_message_batch(QueueUrl=url, Entries=[
        {"Id": "good", "MessageBody": "a"}, {"Id": "bad", "MessageBody": "b", "DelaySeconds": 901}])
    assert [entry["Id"] for entry in reply["Successful"]] == ["good"]
    assert [(entry["Id"], entry["SenderFault"]) for entry in reply["Failed"]] == [("bad", True)]
    (got,) = receive(sqs, url)
    reply = sqs.delete_message_batch(QueueUrl=url, Entries=[
        {"Id": "1", "ReceiptHandle": got["ReceiptHandle"]}, {"Id": "2", "ReceiptHandle": "nonsense"}])
    assert [entry["Id"] for entry in reply["Successful"]] == ["1"]
    assert [entry["Id"] for entry in reply["Failed"]] == ["2"]
    assert depth(sqs, url) == (0, 0, 0)


def test_visibility_batches_answer_each_entry(sqs, url):
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(i), "MessageBody": str(i)} for i in range(3)])
    got = receive(sqs, url)
    assert len(got) == 3
    reply = sqs.change_message_visibility_batch(QueueUrl=url, Entries=[
        {"Id": str(i), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0 if i else 60}
        for i, message in enumerate(got)])
    assert len(reply["Successful"]) == 3 and not reply.get("Failed")
    assert depth(sqs, url) == (2, 1, 0)


def test_batch_limits_have_their_errors(sqs, url):
    def entries(count):
        return [{"Id": str(i), "MessageBody": "a"} for i in range(count)]

    assert "TooManyEntriesInBatchRequest" in code_of(sqs.send_message_batch, QueueUrl=url, Entries=entries(11))
    assert "EmptyBatchRequest" in code_of(sqs.send_message_batch, QueueUrl=url, Entries=[])
    twice = [{"Id": "1", "MessageBody": "a"}] * 2
    assert "BatchEntryIdsNotDistinct" in code_of(sqs.send_message_batch, QueueUrl=url, Entries=twice)
    large = [{"Id": str(i), "MessageBody": "x" * 600_000} for i in range(2)]
    assert "BatchRequestTooLong" in code_of(sqs.send_message_batch, QueueUrl=url, Entries=large)
    odd = [{"Id": "not allowed!", "MessageBody": "a"}]
    assert "InvalidBatchEntryId" in code_of(sqs.send_message_batch, QueueUrl=url, Entries=odd)


def test_a_message_of_one_mebibyte_fits_and_no_more(sqs, url):
    sqs.send_message(QueueUrl=url, MessageBody="x" * 1_048_576)
    (got,) = receive(sqs, url)
    assert len(got["Body"]) == 1_048_576
    assert code_of(sqs.send_message, QueueUrl=url, MessageBody="x" * 1_048_577) == "InvalidParameterValue"
    assert "InvalidMessageContents" in code_of(sqs.send_message, QueueUrl=url, MessageBody="a\x0bb")


def test_delayed_messages_wait(sqs, url):
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=1)
    assert depth(sqs, url) == (0, 0, 1) and receive(sqs, url) == []
    assert [message["Body"] for message in receive(sqs, url, WaitTimeSeconds=5)] == ["later"]


def test_a_long_poll_is_woken_by_a_send(sqs, server, url):
    got, started = [], time.monotonic()
    poll = threading.Thread(target=lambda: got.extend(receive(server.client(), url, WaitTimeSeconds=20)))
    poll.start()
    wait_until(poll.is_alive, "the poll to run")
    sqs.send_message(QueueUrl=url, MessageBody="now")
    poll.join(15)
    assert [message["Body"] for message in got] == ["now"]
    assert time.monotonic() - started < 15


def test_an_empty_long_poll_lasts_as_long_as_it_says(sqs, url):
    started = time.monotonic()
    assert receive(sqs, url, WaitTimeSeconds=1) == []
    assert 0.9 < time.monotonic() - started < 5


def test_attributes_are_set_read_and_checked(sqs, url):
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "45", "MessageRetentionPeriod": "86400"})
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "45" and attributes["MessageRetentionPeriod"] == "86400"
    assert attributes["QueueArn"].startswith("arn:aws:sqs:") and int(attributes["CreatedTimestamp"]) > 0
    for name, value in (("VisibilityTimeout", "43201"), ("MessageRetentionPeriod", "59"), ("DelaySeconds", "x")):
        assert code_of(sqs.set_queue_attributes, QueueUrl=url, Attributes={name: value}) == "InvalidAttributeValue"
    assert code_of(sqs.set_queue_attributes, QueueUrl=url, Attributes={"Odd": "1"}) == "InvalidAttributeName"


def test_a_message_received_too_often_moves_to_the_dead_letter_queue(sqs, url):
    source = sqs.create_queue(QueueName="redrive-source")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=source, Attributes={
        "RedrivePolicy": '{"deadLetterTargetArn":"%s","maxReceiveCount":"2"}' % arn})
    sent = sqs.send_message(QueueUrl=source, MessageBody="poison")
    for _ in range(2):
        assert len(receive(sqs, source, VisibilityTimeout=0)) == 1
    assert receive(sqs, source, VisibilityTimeout=0) == []
    (moved,) = receive(sqs, url)
    assert moved["Body"] == "poison" and moved["MessageId"] == sent["MessageId"]
    sqs.delete_queue(QueueUrl=source)


def test_purge_empties_and_delete_forgets(sqs):
    made = sqs.create_queue(QueueName="short-lived")["QueueUrl"]
    sqs.send_message(QueueUrl=made, MessageBody="a")
    sqs.purge_queue(QueueUrl=made)
    assert depth(sqs, made) == (0, 0, 0)
    sqs.delete_queue(QueueUrl=made)
    assert "NonExistentQueue" in code_of(sqs.send_message, QueueUrl=made, MessageBody="a") or \
        "QueueDoesNotExist" in code_of(sqs.send_message, QueueUrl=made, MessageBody="a")


def test_an_old_handle_deletes_nothing(sqs, url):
    sqs.send_message(QueueUrl=url, MessageBody="a")
    (first,) = receive(sqs, url, VisibilityTimeout=0)
    (second,) = receive(sqs, url, VisibilityTimeout=30)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    assert depth(sqs, url) == (0, 1, 0)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=second["ReceiptHandle"])
    assert depth(sqs, url) == (0, 0, 0)
    assert code_of(sqs.delete_message, QueueUrl=url, ReceiptHandle="nonsense") == "ReceiptHandleIsInvalid"


def test_an_old_query_client_is_told_which_versions_work(server):
    request = urllib.request.Request(server.url + "/", b"Action=ListQueues&Version=2012-11-05",
                                     {"Content-Type": "application/x-www-form-urlencoded"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)
    text = caught.value.read().decode()
    assert caught.value.code == 400 and "<" in text
    assert re.search(r"boto3 \D*\d+\.\d+", text) and "AWS CLI" in text, text


def test_an_unknown_operation_is_an_error_with_a_type(server):
    request = urllib.request.Request(server.url + "/", b"{}", {"Content-Type": "application/x-amz-json-1.0",
                                                               "X-Amz-Target": "AmazonSQS.Dance"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)
    assert b"__type" in caught.value.read()


def test_queue_listens_on_loopback_and_ends_with_zero():
    server = EmbeddedQueue.start(BINARY)
    assert server.url.startswith("http://127.0.0.1:")
    server.process.terminate()
    assert server.process.wait(10) == 0
