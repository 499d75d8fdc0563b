"""The fixtures of test_servers_*.py: one capability held against one SQS server, with a queue of its own and, for the
tests of the pipeline, a database and the program between them."""
import uuid

import pytest
from compatibility import CAPABILITIES, DEVIATIONS, FIFO, SERVERS


class Shown:
    """A server and the capability that the test is about. The test of a declared deviation has to ask for
    it."""

    def __init__(self, server_id, server, capability):
        self.server_id, self.server, self.capability = server_id, server, capability
        self.client = server.client(retries=3)
        self.fifo = CAPABILITIES[capability].section == FIFO
        self._asked, self._made = False, []

    @property
    def deviates(self):
        self._asked = True
        return (self.server_id, self.capability) in DEVIATIONS

    def finish(self):
        for url in self._made:
            self.client.delete_queue(QueueUrl=url)
        declared = (self.server_id, self.capability) in DEVIATIONS
        assert self._asked or not declared, "the test does not look at the deviation that compatibility.py declares"

    def make_queue(self, fifo=None, **attributes):
        """(name, URL) of a new queue; FIFO for a capability of FIFO queues."""
        fifo = self.fifo if fifo is None else fifo
        name = f"{self.capability}-{uuid.uuid4().hex[:10]}" + (".fifo" if fifo else "")
        attributes = {**({"FifoQueue": "true"} if fifo else {}), **attributes}
        url = self.client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self._made.append(url)
        return name, url

    def arn(self, url):
        return self.client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def receive(self, url, count=1, **options):
        """`count` messages, gathered over several receives; each stays invisible for 60 seconds."""
        options = {"VisibilityTimeout": 60, "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"],
                   "WaitTimeSeconds": 2, **options}
        found = []
        while len(found) < count:
            came = self.client.receive_message(QueueUrl=url, MaxNumberOfMessages=min(10, count - len(found)),
                                               **options).get("Messages") or []
            assert came, f"{len(found)} messages instead of {count}"
            found += came
        return found

    def nothing_comes(self, url, seconds=0):
        return not self.client.receive_message(QueueUrl=url, WaitTimeSeconds=seconds).get("Messages")

    def let_go(self, url, *messages):
        for message in messages:
            self.client.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"],
                                                  VisibilityTimeout=0)


def pytest_generate_tests(metafunc):
    if "shown" in metafunc.fixturenames:
        metafunc.parametrize("shown", SERVERS, indirect=True)


@pytest.fixture
def shown(request):
    capability = request.node.get_closest_marker("shows").args[0]
    server = request.getfixturevalue("embedded" if request.param == "sqs2pg" else request.param)
    request.node.user_properties.append(("compatibility", f"{request.param}|{server.version}|{capability}"))
    made = Shown(request.param, server, capability)
    yield made
    made.finish()


@pytest.fixture
def peer(shown, database, rig_of):
    """A rig on a queue of its own."""
    name, url = shown.make_queue()
    rig = rig_of(shown.server, database, queue=name, queue_url=url)
    rig.shown = shown
    return rig
