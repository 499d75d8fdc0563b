"""What sqs2pg relies on in a queue, held against every SQS server of compatibility.py: messages and their attributes,
receipt handles, dead-letter queues. Where it shows, through the pipeline."""
import json
import time
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from logins import bodies_of, make_logins
from queue_proxy import QueueProxy
from sqs_servers import depth
from waiting import wait_until

shows = pytest.mark.shows
MEBIBYTE = 1_048_576


def columns_into(peer, sql, columns):
    peer.database.execute(f"CREATE TABLE things ({sql})")
    peer.configure("".join(f"      {line}\n" for line in columns), table="things")


@shows("query-error")
def test_an_error_names_its_query_code(shown):
    request = urllib.request.Request(
        shown.server.url + "/", json.dumps({"QueueName": "nowhere"}).encode(),
        {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.GetQueueUrl",
         "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/sqs/aws4_request, "
                          "SignedHeaders=host, Signature=0"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    said = refused.value.headers["x-amzn-query-error"]
    assert json.loads(refused.value.read())["__type"].endswith("QueueDoesNotExist")
    assert said == ("com.amazonaws.sqs#QueueDoesNotExist" if shown.deviates else
                    "AWS.SimpleQueueService.NonExistentQueue;Sender")


@shows("partial-failure")
def test_a_batch_fails_in_part(shown):
    _, url = shown.make_queue()
    for number in range(2):
        shown.client.send_message(QueueUrl=url, MessageBody=str(number))
    first, second = [message["ReceiptHandle"] for message in shown.receive(url, 2)]

    def verdicts(reply):
        return tuple([entry["Id"] for entry in reply.get(kind, [])] for kind in ("Successful", "Failed"))

    extended = shown.client.change_message_visibility_batch(QueueUrl=url, Entries=[
        {"Id": "good", "ReceiptHandle": second, "VisibilityTimeout": 30},
        {"Id": "bad", "ReceiptHandle": "no-such-handle", "VisibilityTimeout": 30}])
    assert verdicts(extended) == (["good"], ["bad"])
    deleted = shown.client.delete_message_batch(QueueUrl=url, Entries=[
        {"Id": "good", "ReceiptHandle": first}, {"Id": "bad", "ReceiptHandle": "no-such-handle"}])
    assert verdicts(deleted) == ((["good", "bad"], []) if shown.deviates else (["good"], ["bad"]))
    assert depth(shown.client, url) == (0, 1, 0)


@shows("old-handle")
def test_an_old_handle_does_not_delete_a_message_received_again(shown):
    _, url = shown.make_queue()
    sent = shown.client.send_message(QueueUrl=url, MessageBody="x")["MessageId"]
    old = shown.receive(url, VisibilityTimeout=1)[0]
    new = wait_until(lambda: shown.client.receive_message(QueueUrl=url, VisibilityTimeout=60, WaitTimeSeconds=1)
                     .get("Messages"), "the message to come again", 10)[0]
    assert old["MessageId"] == new["MessageId"] == sent and old["ReceiptHandle"] != new["ReceiptHandle"]
    shown.client.delete_message_batch(QueueUrl=url, Entries=[{"Id": "old", "ReceiptHandle": old["ReceiptHandle"]}])
    assert depth(shown.client, url) == ((0, 0, 0) if shown.deviates else (0, 1, 0))


@shows("system-attributes")
def test_metadata_columns_are_the_queue_s_own(peer):
    columns_into(peer, "id text, sent timestamptz, received timestamptz, count integer",
                 ["id: $message_id", "sent: $sent_at", "received: $received_at", "count: $receive_count"])
    sent_id = peer.send(["{}"])[0]
    message = peer.shown.receive(peer.queue_url)[0]
    peer.shown.let_go(peer.queue_url, message)
    attributes = message["Attributes"]
    assert message["MessageId"] == sent_id and attributes["ApproximateReceiveCount"] == "1"
    assert message["MD5OfBody"] == "99914b932bd37a50b983c5e7c90ae93b"
    assert abs(int(attributes["SentTimestamp"]) / 1000 - time.time()) < 60
    assert int(attributes["ApproximateFirstReceiveTimestamp"]) >= int(attributes["SentTimestamp"])
    peer.drain()
    row = peer.database.rows("SELECT id, (extract(epoch FROM sent) * 1000)::bigint, count, received >= sent "
                             "FROM things")
    assert row == [(sent_id, int(attributes["SentTimestamp"]), 2, True)]


@shows("message-attributes")
def test_message_attributes_become_columns(peer):
    columns_into(peer, "id integer, kind text, size numeric, raw text, absent text",
                 ["id: id", "kind: $attributes.kind", "size: $attributes.size-1", "raw: $attributes.raw.bytes",
                  "absent: {from: $attributes.absent, optional: true}"])
    peer.client.send_message(QueueUrl=peer.queue_url, MessageBody='{"id": 1}', MessageAttributes={
        "kind": {"DataType": "String", "StringValue": "login \u00e4\u20ac"},
        "size-1": {"DataType": "Number.price", "StringValue": "1.50"},
        "raw.bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        "other": {"DataType": "String", "StringValue": "not mapped"}})
    peer.drain()
    assert peer.database.rows("SELECT id, kind, size::text, raw, absent FROM things") == [
        (1, "login \u00e4\u20ac", "1.50", "AP8=", None)]


@shows("group-on-standard")
def test_a_group_on_a_standard_queue_becomes_a_column(peer):
    columns_into(peer, "id integer, tenant text", ["id: id", "tenant: {from: $group_id, optional: true}"])
    peer.client.send_message(QueueUrl=peer.queue_url, MessageBody='{"id": 1}', MessageGroupId="tenant-7")
    peer.client.send_message(QueueUrl=peer.queue_url, MessageBody='{"id": 2}')
    peer.drain()
    assert peer.database.rows("SELECT id, tenant FROM things ORDER BY id") == [
        (1, None if peer.shown.deviates else "tenant-7"), (2, None)]


@shows("mebibyte")
def test_a_message_of_one_mebibyte(peer):
    columns_into(peer, "id integer, note text", ["id: id", "note: note"])
    head, tail = '{"id": 1, "note": "', '"}'
    body = head + "x" * (MEBIBYTE - len(head) - len(tail)) + tail
    peer.client.send_message(QueueUrl=peer.queue_url, MessageBody=body)
    with pytest.raises(ClientError):
        peer.client.send_message(QueueUrl=peer.queue_url, MessageBody=body + " ")
    peer.drain()
    assert peer.database.rows("SELECT id, length(note) FROM things") == [(1, MEBIBYTE - len(head) - len(tail))]


@shows("unicode")
def test_unicode_arrives_as_sent(peer):
    columns_into(peer, "id integer, note text", ["id: id", "note: note"])
    text = "\u00e4\u20ac\ufffd\ud7ff\ue000\r\n\t\u2028"
    peer.send([json.dumps({"id": 1, "note": text}, ensure_ascii=False), '{"id": 2, "note": "a\\u0000b"}',
               json.dumps({"id": 3, "note": "\U0001f600"})])
    plain = json.dumps({"id": 4, "note": "\U0001f600\U0010ffff"}, ensure_ascii=False)
    if peer.shown.deviates:
        with pytest.raises(ClientError, match="Invalid characters"):
            peer.client.send_message(QueueUrl=peer.queue_url, MessageBody=plain)
    else:
        peer.send([plain])
    peer.drain()
    expected = [(1, text), (3, "\U0001f600"), (4, "\U0001f600\U0010ffff")]
    assert peer.database.rows("SELECT id, note FROM things ORDER BY id") == expected[:2 if peer.shown.deviates else 3]
    assert peer.dead_letters() == {"invalid_text": 1}


@shows("control-characters")
def test_characters_that_xml_cannot_hold_are_refused(peer):
    columns_into(peer, "note text", ["note: note"])
    entries = [{"Id": "good", "MessageBody": '{"note": "fine"}'}, {"Id": "bad", "MessageBody": '{"note": "\x01"}'}]
    reply = peer.client.send_message_batch(QueueUrl=peer.queue_url, Entries=entries)
    assert [entry["Id"] for entry in reply.get("Failed", [])] == ([] if peer.shown.deviates else ["bad"])
    peer.drain()
    assert peer.database.rows("SELECT note FROM things") == [("fine",)]
    assert peer.dead_letters() == ({"not_json": 1} if peer.shown.deviates else {})


@shows("depth")
def test_the_depth_attributes_count_visible_held_and_delayed(shown):
    _, url = shown.make_queue()
    shown.client.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=60)
    for _ in range(2):
        shown.client.send_message(QueueUrl=url, MessageBody="now")
    held = shown.receive(url)[0]
    assert depth(shown.client, url) == (1, 1, 1)
    shown.client.delete_message(QueueUrl=url, ReceiptHandle=held["ReceiptHandle"])
    assert depth(shown.client, url) == (1, 0, 1)


@shows("twelve-hours")
def test_an_extension_beyond_twelve_hours_is_refused(shown):
    _, url = shown.make_queue()
    shown.client.send_message(QueueUrl=url, MessageBody="x")
    handle = shown.receive(url, VisibilityTimeout=60)[0]["ReceiptHandle"]
    # Twelve hours count from the receive: the whole of them from now is beyond, unless both fall into one moment.
    time_of_receive = time.monotonic()
    wait_until(lambda: time.monotonic() - time_of_receive > 1.1, "a second to pass", 5)
    extension = {"QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": 43_200}
    if shown.deviates:
        shown.client.change_message_visibility(**extension)
    else:
        with pytest.raises(ClientError, match="VisibilityTimeout"):
            shown.client.change_message_visibility(**extension)


def redrive_policy(shown, letters, count):
    return json.dumps({"deadLetterTargetArn": shown.arn(letters), "maxReceiveCount": count})


def with_dead_letter_queue(shown, count):
    """The URLs of a new queue and of that to which its messages move when they were received `count` times."""
    _, letters = shown.make_queue()
    name, url = shown.make_queue(RedrivePolicy=redrive_policy(shown, letters, count))
    return name, url, letters


@shows("redrive")
def test_a_message_received_too_often_moves_and_stays_itself(peer):
    shown = peer.shown
    _, letters = shown.make_queue()  # the policy of a queue that is there already
    peer.client.set_queue_attributes(QueueUrl=peer.queue_url,
                                     Attributes={"RedrivePolicy": redrive_policy(shown, letters, 2)})
    sent = peer.send(bodies_of(make_logins(1)))[0]
    for count in ("1", "2"):
        message = shown.receive(peer.queue_url)[0]
        assert message["Attributes"]["ApproximateReceiveCount"] == count
        shown.let_go(peer.queue_url, message)
    sent_at = message["Attributes"]["SentTimestamp"]
    assert shown.nothing_comes(peer.queue_url, 1)
    moved = shown.receive(letters)[0]
    assert (moved["MessageId"], moved["Attributes"]["SentTimestamp"]) == (sent, sent_at)
    shown.let_go(letters, moved)
    peer.configure(queue=letters)
    peer.drain()
    assert peer.rows() == 1 and peer.depth() == (0, 0, 0)


@shows("dead-letter-sources")
def test_a_dead_letter_queue_knows_its_sources(shown):
    _, url, letters = with_dead_letter_queue(shown, 5)
    if shown.deviates:
        with pytest.raises(ClientError, match="Unknown action"):
            shown.client.list_dead_letter_source_queues(QueueUrl=letters)
    else:
        assert shown.client.list_dead_letter_source_queues(QueueUrl=letters)["queueUrls"] == [url]


@shows("later-sources")
def test_a_dead_letter_queue_knows_a_source_whose_policy_came_later(shown):
    _, url = shown.make_queue()
    _, letters = shown.make_queue()
    shown.client.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": redrive_policy(shown, letters, 5)})
    if shown.server_id == "fauxqs" and shown.deviates:
        with pytest.raises(ClientError, match="Unknown action"):
            shown.client.list_dead_letter_source_queues(QueueUrl=letters)
    else:
        sources = shown.client.list_dead_letter_source_queues(QueueUrl=letters)["queueUrls"]
        assert sources == ([] if shown.deviates else [url])


def bury(shown, url):
    """Receives until what is in the queue has moved to its dead-letter queue, whose maxReceiveCount is 1."""
    for message in shown.receive(url):
        shown.let_go(url, message)
    assert shown.nothing_comes(url, 1)


@shows("move-task")
def test_a_move_task_brings_messages_back(shown):
    _, url, letters = with_dead_letter_queue(shown, 1)
    shown.client.send_message(QueueUrl=url, MessageBody="x")
    bury(shown, url)
    assert depth(shown.client, letters) == (1, 0, 0)
    if shown.deviates:
        with pytest.raises(ClientError, match="500" if shown.server_id == "moto" else "Unknown action"):
            shown.server.client().start_message_move_task(SourceArn=shown.arn(letters))
        return
    shown.client.start_message_move_task(SourceArn=shown.arn(letters))
    wait_until(lambda: depth(shown.client, url) == (1, 0, 0), "the message to be back")
    assert depth(shown.client, letters) == (0, 0, 0)
    wait_until(lambda: shown.client.list_message_move_tasks(SourceArn=shown.arn(letters))["Results"][0]["Status"]
               == "COMPLETED", "the task to end")


@shows("moved-identity")
def test_a_moved_message_that_was_written_is_a_documented_duplicate(peer):
    """Written, but its delete was lost, so that it ended in the dead-letter queue; then somebody moves it back."""
    shown = peer.shown
    name, peer.queue_url, letters = with_dead_letter_queue(shown, 1)
    peer.configure(queue=name)
    peer.migrate()
    with QueueProxy(shown.server) as proxy:
        proxy.refused.add("DeleteMessageBatch")
        running = peer.start(environment=proxy.environment())
        sent = peer.send(bodies_of(make_logins(1)))[0]
        wait_until(lambda: peer.rows() == 1, "the row")
        running.kill()
        peer.client.change_message_visibility(QueueUrl=peer.queue_url, ReceiptHandle=proxy.handles[0],
                                              VisibilityTimeout=0)
    assert shown.nothing_comes(peer.queue_url, 1) and depth(peer.client, letters) == (1, 0, 0)
    if shown.server_id in ("moto", "fauxqs") and shown.deviates:
        with pytest.raises(ClientError):
            shown.server.client().start_message_move_task(SourceArn=shown.arn(letters))
        return
    peer.client.start_message_move_task(SourceArn=shown.arn(letters))
    wait_until(lambda: depth(peer.client, peer.queue_url) == (1, 0, 0), "the message to be back")
    peer.client.set_queue_attributes(QueueUrl=peer.queue_url, Attributes={
        "RedrivePolicy": redrive_policy(shown, letters, 10)})
    message = shown.receive(peer.queue_url)[0]
    shown.let_go(peer.queue_url, message)
    assert (message["MessageId"] == sent) == shown.deviates
    peer.drain()
    assert peer.depth() == (0, 0, 0)
    assert peer.rows() == (1 if shown.server_id == "localstack" and shown.deviates else 2)
