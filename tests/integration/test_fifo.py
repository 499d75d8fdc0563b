"""Order within a message group of a FIFO queue: from producer to identity column, whatever befalls the workers."""
import json
import random
import time

import pytest
from program import LOGIN_COLUMNS, run
from waiting import wait_until

GROUPS = 20
COLUMNS = LOGIN_COLUMNS + "      sequence: $sequence_number\n      message_group: $group_id\n"


def fifo_rig(server, database, rig_of, pipeline=""):
    """A rig on a FIFO queue; the table gets columns for the order."""
    client = server.client(retries=3)
    client.create_queue(QueueName="login-queue")  # what the rig looks for first
    client.create_queue(QueueName="login-queue.fifo", Attributes={"FifoQueue": "true"})
    rig = rig_of(server, database)
    rig.queue_url = client.get_queue_url(QueueName="login-queue.fifo")["QueueUrl"]
    database.execute("ALTER TABLE user_logins ADD place bigint GENERATED ALWAYS AS IDENTITY, "
                     "ADD sequence numeric(40), ADD message_group text")
    rig.configure(COLUMNS, queue="login-queue.fifo", pipeline="    visibility_timeout: 10\n" + pipeline)
    rig.migrate()
    return rig


def login(user, **other):
    return json.dumps({"user_id": user, "app_version": "2.3.0", "device_type": "android", "ip": "10.0.0.1",
                       "locale": None, "device_id": "d", **other})


class Producer:
    """Sends into random groups and remembers the order."""

    def __init__(self, rig):
        self.rig, self.sent, self.count, self.random = rig, {}, 0, random.Random(5)

    def send(self, count, body_of=lambda user, index: login(user)):
        for _ in range(count // 10):
            entries = []
            for place in range(10):
                group, user = f"g{self.random.randrange(GROUPS)}", f"u{self.count:06}"
                self.sent.setdefault(group, []).append(user)
                entries.append({"Id": str(place), "MessageBody": body_of(user, self.count), "MessageGroupId": group,
                                "MessageDeduplicationId": user})
                self.count += 1
            reply = self.rig.client.send_message_batch(QueueUrl=self.rig.queue_url, Entries=entries)
            assert not reply.get("Failed"), reply


def written(rig):
    """group -> users by the identity column"""
    groups = {}
    for group, user in rig.database.rows("SELECT message_group, user_id FROM user_logins ORDER BY place"):
        groups.setdefault(group, []).append(user)
    return groups


@pytest.fixture(params=["queue", "moto", "elasticmq"])
def any_rig(request, database, rig_of):
    server = request.getfixturevalue(request.param)
    # moto hands out a group whose messages are in flight when two receives meet: it gets one at a time.
    rig = fifo_rig(server, database, rig_of, "    max_polls: 1\n" if server.name == "moto" else "")
    yield rig
    rig.close()
    rig.client.delete_queue(QueueUrl=rig.queue_url)


def test_each_group_is_written_in_the_order_in_which_it_was_sent(any_rig):
    producer = Producer(any_rig)
    alone = any_rig.server.name == "moto"
    producer.send(200 if alone else 600)
    any_rig.drain("--workers", "1" if alone else "2")
    assert written(any_rig) == producer.sent


@pytest.mark.parametrize("server", ["queue", "elasticmq"])  # moto hands an expired group out from its end
def test_killed_again_and_again_two_processes_keep_the_order(server, request, database, rig_of):
    rig = fifo_rig(request.getfixturevalue(server), database, rig_of, "    max_batch_rows: 25\n")
    # What holds up the server now and then, so that kills meet transactions.
    rig.database.execute("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
                         "$$ BEGIN PERFORM pg_sleep(0.02); RETURN NULL; END $$;"
                         "CREATE TRIGGER slow AFTER INSERT ON user_logins FOR EACH STATEMENT EXECUTE FUNCTION slow()")
    producer, chance = Producer(rig), random.Random(11)
    producer.send(800)
    processes = [rig.start("--workers", "1"), rig.start("--workers", "1")]
    for _ in range(10):
        time.sleep(chance.random() * 0.8)
        victim = chance.randrange(2)
        processes[victim].kill()
        processes[victim] = rig.start("--workers", "1")
        producer.send(40)
    wait_until(lambda: rig.rows() == producer.count, "all rows", 90)
    assert written(rig) == producer.sent
    wait_until(lambda: rig.depth() == (0, 0, 0), "the queue to be empty", 40)
    assert all(process.stop() == 0 for process in processes)
    rig.client.delete_queue(QueueUrl=rig.queue_url)


def bad_seventh(user, index):
    return login("x" * 300 if index % 70 == 7 else user)


def test_a_bad_message_is_skipped_and_its_group_goes_on_in_order(queue, database, rig_of):
    rig, users = fifo_rig(queue, database, rig_of), set()
    producer = Producer(rig)
    producer.send(280, bad_seventh)
    rig.drain()
    bad = {f"u{index:06}" for index in range(280) if index % 70 == 7}
    assert written(rig) == {group: [user for user in users if user not in bad]
                            for group, users in producer.sent.items()}
    assert rig.dead_letters() == {"too_long": 4}


def test_a_blocked_group_waits_and_goes_on_in_order_when_it_is_mended(queue, database, rig_of):
    rig = fifo_rig(queue, database, rig_of, "    bad_message: block\n")
    producer = Producer(rig)
    rig.database.execute("ALTER TABLE user_logins ADD CONSTRAINT old CHECK (user_id NOT IN ('u000012', 'u000031'))")
    producer.send(200)
    running = rig.start()
    blocked = {group for group, users in producer.sent.items() if {"u000012", "u000031"} & set(users)}
    before = {group: users[:min(users.index(user) for user in users if user in ("u000012", "u000031"))]
              if group in blocked else users for group, users in producer.sent.items()}
    wait_until(lambda: rig.rows() == sum(map(len, before.values())), "everything that is not blocked", 40)
    wait_until(lambda: running.metrics().value("sqs2pg_blocked_groups") == len(blocked), "the blocked groups", 20)
    assert running.status()["pipelines"][0]["blocked_groups"] == len(blocked)
    log = running.log()
    assert "group_blocked" in log and not any(f'"{group}"' in log for group in producer.sent)
    assert written(rig) == {group: users for group, users in before.items() if users}

    rig.database.execute("ALTER TABLE user_logins DROP CONSTRAINT old")
    wait_until(lambda: rig.rows() == producer.count, "the rest", 60)
    assert written(rig) == producer.sent
    assert rig.dead_letters() == {}
    wait_until(lambda: running.metrics().value("sqs2pg_blocked_groups") == 0, "no blocked group", 20)
    assert running.stop() == 0


def test_block_beside_a_redrive_policy_is_refused_by_check(queue, database, rig_of):
    rig = fifo_rig(queue, database, rig_of, "    bad_message: block\n")
    arguments = ("check", "-c", rig.configuration)
    assert "redrive policy" not in run(*arguments, environment=rig.environment).err.replace("no redrive policy", "")
    dead = rig.client.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    arn = rig.client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rig.client.set_queue_attributes(QueueUrl=rig.queue_url, Attributes={
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "50"})})
    refused = run(*arguments, environment=rig.environment)
    assert refused.code == 1 and "`bad_message: block` beside a redrive policy" in refused.out + refused.err
    running = rig.start().wait_ready()
    warnings = [line for line in running.log().splitlines() if "redrive policy" in line]
    assert len(warnings) == 1 and json.loads(warnings[0])["level"] == "warn", warnings
    assert running.stop() == 0
