"""What is held against each SQS server, and every deviation that is known: the one table behind the tests of
test_servers_*.py and docs/compatibility.md. A test asserts the capability, or, where this table declares a deviation,
the deviation itself: so a server that improves fails the test, and its entry goes."""
from dataclasses import dataclass

SERVERS = {"sqs2pg": "sqs2pg queue", "moto": "moto", "localstack": "LocalStack", "elasticmq": "ElasticMQ",
           "fauxqs": "fauxqs"}
ORIGINS = {"sqs2pg": "this project", "moto": "PyPI `moto`", "localstack": "PyPI `localstack-core`",
           "elasticmq": "Maven `org.elasticmq`", "fauxqs": "npm `fauxqs`"}
STANDARD, FIFO = "Standard queues", "FIFO queues"


@dataclass(frozen=True)
class Capability:
    section: str
    sentence: str


CAPABILITIES = {
    # the pipeline, seen from outside
    "logins": Capability(STANDARD, "The login pipeline: 99 rows and one dead letter of 100 real messages, masked"),
    "redelivery": Capability(STANDARD, "A message that comes a second time changes nothing"),
    "equality": Capability(STANDARD, "Equal values have equal tokens, and only they"),
    "queue-url": Capability(STANDARD, "A queue is named by its URL as well as by its name"),
    "absent-queue": Capability(STANDARD, "An absent queue is waited for, or ends `--fail-fast` with its name"),
    "query-error": Capability(STANDARD, "An error carries the header `x-amzn-query-error`"),
    "long-poll": Capability(STANDARD, "A receive waits as long as it was told, and a message ends the wait"),
    "keeper": Capability(STANDARD, "Visibility is extended while the database stalls: nobody else receives"),
    "two-processes": Capability(STANDARD, "Two processes share a queue: each message once"),
    "release": Capability(STANDARD, "SIGTERM gives back at once what could not be written"),
    "killed": Capability(STANDARD, "kill -9 after the commit and before the delete: one row, a ledger hit"),
    "old-handle": Capability(STANDARD, "A receipt handle of an earlier receive does not delete"),
    "partial-failure": Capability(STANDARD, "A batch fails in part: each entry has its own answer"),
    "purged": Capability(STANDARD, "Messages purged while they are held are written, and their deletes end"),
    "system-attributes": Capability(STANDARD, "`$message_id`, `$sent_at`, `$receive_count` are the queue's own"),
    "message-attributes": Capability(STANDARD, "`$attributes.NAME` of String, Number and Binary become columns"),
    "group-on-standard": Capability(STANDARD, "`$group_id` of a standard queue (fair queues) becomes a column"),
    "mebibyte": Capability(STANDARD, "A message of 1 MiB (1,048,576 bytes) becomes a row, and a larger one is refused"),
    "unicode": Capability(STANDARD, "Unicode of every plane, U+FFFD and the escape `\\u0000` arrive as sent"),
    "control-characters": Capability(STANDARD, "Characters that XML cannot hold are refused when they are sent"),
    "depth": Capability(STANDARD, "The depth attributes count visible, held and delayed messages"),
    "drain": Capability(STANDARD, "`--drain` waits for what another consumer holds, and then ends"),
    "conserved": Capability(STANDARD, "The metrics are conserved at every scrape"),
    "send": Capability(STANDARD, "`sqs2pg send --create` makes the queue and fills it"),
    "check": Capability(STANDARD, "`sqs2pg check` reads the queue and warns of a small maxReceiveCount"),
    "redrive": Capability(STANDARD, "A message received too often moves to the dead-letter queue, as the same message"),
    "dead-letter-sources": Capability(STANDARD, "ListDeadLetterSourceQueues names the queues of a dead-letter queue"),
    "later-sources": Capability(STANDARD, "It names a queue whose redrive policy was set after the queue was made"),
    "move-task": Capability(STANDARD, "StartMessageMoveTask moves messages back out of a dead-letter queue"),
    "moved-identity": Capability(STANDARD, "A moved message is a new one (MessageId): written already, it is a second "
                                           "row"),
    "twelve-hours": Capability(STANDARD, "An extension beyond 12 hours in total is refused"),
    # FIFO
    "fifo-dedup": Capability(FIFO, "A MessageDeduplicationId sent twice is one message, with the first one's ids"),
    "fifo-content": Capability(FIFO, "ContentBasedDeduplication drops a body sent twice"),
    "fifo-sequence": Capability(FIFO, "Sequence numbers rise in the order of sending"),
    "fifo-blocks": Capability(FIFO, "A message in flight blocks the later ones of its group, and no other group"),
    "fifo-batch": Capability(FIFO, "One receive brings several messages of a group, in order"),
    "fifo-attempt": Capability(FIFO, "ReceiveRequestAttemptId repeats a receive whose reply was lost"),
    "fifo-expired": Capability(FIFO, "A receipt handle whose visibility ended is refused"),
    "fifo-redrive": Capability(FIFO, "A dead-letter queue of a FIFO queue has to be FIFO, and receives in order"),
    "fifo-logins": Capability(FIFO, "The login pipeline: 99 rows and one dead letter of 100 real messages"),
    "fifo-order": Capability(FIFO, "Rows stand in each group's order"),
    "fifo-again": Capability(FIFO, "kill -9 and redelivery: each message once, and each group in its order"),
    "fifo-bad": Capability(FIFO, "A bad message is one dead letter, and its group goes on in order"),
    "fifo-two": Capability(FIFO, "Two processes share a queue: each message once, each group in its order"),
}


@dataclass(frozen=True)
class Deviation:
    verdict: str  # "no": not there; "differs": there, but otherwise
    sentence: str


ONE_POLL = Deviation("differs", "with `max_polls: 1` and `--workers 1`, since its concurrent receives split a group")
DEVIATIONS = {
    ("moto", "control-characters"): Deviation("differs", "accepts them; one that JSON cannot hold is a dead letter"),
    ("moto", "old-handle"): Deviation("differs", "an earlier handle deletes like the newest"),
    ("localstack", "old-handle"): Deviation("differs", "an earlier handle deletes like the newest"),
    ("moto", "move-task"): Deviation("no", "answers HTTP 500"),
    ("moto", "moved-identity"): Deviation("no", "it has no move tasks"),
    ("localstack", "twelve-hours"): Deviation("differs", "accepts it"),
    ("localstack", "moved-identity"): Deviation(
        "differs", "the moved message keeps its MessageId and SentTimestamp, so that it is a ledger hit and no second "
                   "row"),
    ("elasticmq", "query-error"): Deviation("differs", "repeats `__type` there; the error is known by `__type`"),
    ("elasticmq", "twelve-hours"): Deviation("differs", "accepts it"),
    ("elasticmq", "moved-identity"): Deviation(
        "differs", "the moved message keeps its MessageId, but gets a new SentTimestamp: a second row all the same"),
    ("elasticmq", "later-sources"): Deviation(
        "differs", "not named, and its move task fails; its messages do move to the dead-letter queue"),
    ("fauxqs", "later-sources"): Deviation("no", "does not know the operation"),
    ("fauxqs", "partial-failure"): Deviation(
        "differs", "DeleteMessageBatch answers success for a handle that never was; ChangeMessageVisibilityBatch does "
                   "not"),
    ("fauxqs", "unicode"): Deviation("differs", "refuses characters beyond U+FFFF when they are sent"),
    ("fauxqs", "group-on-standard"): Deviation("no", "forgets the group of a message on a standard queue"),
    ("fauxqs", "dead-letter-sources"): Deviation("no", "does not know the operation"),
    ("fauxqs", "move-task"): Deviation("no", "does not know the operation"),
    ("fauxqs", "moved-identity"): Deviation("no", "it has no move tasks"),
    ("fauxqs", "twelve-hours"): Deviation("differs", "accepts it"),
    ("moto", "fifo-dedup"): Deviation("differs", "one message, but the second send is answered with ids of its own"),
    ("moto", "fifo-sequence"): Deviation("differs", "they are random numbers"),
    ("moto", "fifo-attempt"): Deviation("no", "ignores it: the reply brings nothing"),
    ("moto", "fifo-expired"): Deviation("differs", "the late delete succeeds"),
    ("moto", "fifo-order"): ONE_POLL,
    ("moto", "fifo-again"): ONE_POLL,
    ("moto", "fifo-bad"): ONE_POLL,
    ("moto", "fifo-two"): Deviation("differs", "each message once, but its concurrent receives split a group"),
    ("localstack", "fifo-attempt"): Deviation("no", "ignores it: the reply brings nothing"),
    ("localstack", "fifo-redrive"): Deviation("differs", "accepts a standard queue as dead-letter queue"),
    ("elasticmq", "fifo-expired"): Deviation("differs", "the late delete succeeds"),
    ("elasticmq", "fifo-redrive"): Deviation("differs", "accepts a standard queue as dead-letter queue"),
    ("fauxqs", "fifo-batch"): Deviation("differs", "one message a group and receive"),
    ("fauxqs", "fifo-attempt"): Deviation("no", "ignores it: the reply brings nothing"),
    ("fauxqs", "fifo-expired"): Deviation("differs", "the late delete succeeds"),
    ("fauxqs", "fifo-redrive"): Deviation("differs", "accepts a standard queue as dead-letter queue"),
}


def pairs():
    return {(server, capability) for capability in CAPABILITIES for server in SERVERS}
