"""The same login pipeline against SQS servers that nobody here wrote, filled by boto3."""
import json

import pytest
from logins import bodies_of, make_logins
from sqs_servers import send_bodies, depth
from test_logins import expect_logins, expect_tokens_follow_values
from waiting import wait_until


@pytest.fixture(params=["moto", "localstack", "elasticmq", "fauxqs"])
def foreign(request, database, rig_of):
    server = request.getfixturevalue(request.param)
    client = server.client()
    url = client.create_queue(QueueName="login-queue")["QueueUrl"]
    yield rig_of(server, database)
    client.delete_queue(QueueUrl=url)


def test_real_logins_become_99_rows_and_one_dead_letter(foreign, logins_file):
    bodies = logins_file.read_text(encoding="utf-8").splitlines()
    foreign.send(bodies)
    foreign.drain()
    expect_logins(foreign.database, bodies)
    assert foreign.depth() == (0, 0, 0)


def test_a_queue_named_by_its_url_is_the_same_queue(foreign, logins_file):
    bodies = logins_file.read_text(encoding="utf-8").splitlines()
    foreign.configure(queue=foreign.queue_url)
    foreign.send(bodies)
    foreign.drain()
    expect_logins(foreign.database, bodies)


def test_messages_that_come_again_change_nothing(foreign, logins_file):
    """Another consumer holds every message for a moment and lets it go: each comes at least a second time."""
    bodies = logins_file.read_text(encoding="utf-8").splitlines()
    foreign.send(bodies)
    foreign.drain()
    before = foreign.database.rows("SELECT * FROM user_logins ORDER BY user_id")
    client, url = foreign.client, foreign.queue_url
    repeated = send_bodies(client, url, bodies[:20])
    held = []
    while len(held) < len(repeated):
        held += client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60,
                                       WaitTimeSeconds=1).get("Messages", [])
    for message in held:
        client.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    foreign.drain()
    # A message sent again by its producer is another message, with rows of its own: 20 more, and no other change.
    after = foreign.database.rows("SELECT * FROM user_logins ORDER BY user_id")
    assert len(after) == len(before) + sum("user_id" in json.loads(body) for body in bodies[:20])
    assert depth(client, url) == (0, 0, 0)


def test_deleted_late_a_message_is_one_row(foreign):
    """Killed after the commit, before any delete is heard of: the second process deletes and writes nothing twice."""
    logins = make_logins(200, seed=21)
    foreign.configure(pipeline="    visibility_timeout: 10\n")
    foreign.migrate()
    running = foreign.start()
    foreign.send(bodies_of(logins))
    wait_until(lambda: foreign.rows() > 0, "the first rows")
    running.kill()
    foreign.drain(timeout=90)
    assert foreign.rows() == 200
    assert foreign.database.value("SELECT count(DISTINCT user_id) FROM user_logins") == 200


def test_generated_logins_keep_equality(foreign):
    logins = make_logins(200, seed=11, ips=30, devices=25)
    foreign.send(bodies_of(logins))
    foreign.drain()
    rows = [dict(zip(("user_id", "masked_ip"), row)) for row in
            foreign.database.rows("SELECT user_id, masked_ip FROM user_logins")]
    assert len(rows) == 200
    expect_tokens_follow_values(rows, logins, "masked_ip", "ip")


def test_metrics_are_conserved(foreign):
    foreign.migrate()
    running = foreign.start().wait_ready()
    foreign.send(bodies_of(make_logins(100, seed=5)))

    def done():
        metrics = running.metrics()
        assert metrics.conserved(), metrics
        return metrics.settled("inserted") == 100
    wait_until(done, "100 rows settled", 40)
    assert running.stop() == 0
