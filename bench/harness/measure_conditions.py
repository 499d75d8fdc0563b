"""The pipeline under other conditions than a plain run's: a ledger with many entries, slow SQS calls, duplicates. Rows
`ledger`, `delay` and `duplicates`."""
import time

from .drain import drain, fill_and_drain, started_of
from .lab import Broken
from .outcome import Check, Figure, Outcome
from .running import login, wait_for, wait_started, worker
from .spread import ratios, spread
from .sqs_calls import SqsCalls

DELAY_MS = 20
SHARES = (0, 1, 10, 100)
CLIFF = 0.7  # of the rate without duplicates, counted in messages
CHUNK = 5_000_000
ENTRIES_A_CALL = 10

# Entries as the ledger has them: times from the day's first moment until now, 80 bits of a hash behind them.
ENTRIES = """
    INSERT INTO sqs2pg.ledger
    SELECT (lpad(to_hex(of_day.first_ms + ((of_day.now_ms - of_day.first_ms) * number::numeric / %(all)s)::bigint),
                 12, '0') || left(md5(number::text), 20))::uuid
      FROM generate_series(%(first)s, %(last)s) AS number,
           (SELECT (1000 * extract(epoch FROM %(day)s::timestamptz))::bigint AS first_ms,
                   (1000 * extract(epoch FROM %(now)s::timestamptz))::bigint AS now_ms) AS of_day"""


def fill_ledger(lab, database, entries):
    """Into the partition of today."""
    began = time.monotonic()
    with lab.cluster.connect(database.name) as connection:
        day, now = connection.execute("SELECT date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', now()"
                                      ).fetchone()
        for first in range(0, entries, CHUNK):
            last = min(first + CHUNK, entries) - 1
            connection.execute(ENTRIES, {"all": entries, "first": first, "last": last, "day": day, "now": now})
        size = connection.execute("SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits"
                                  " WHERE inhparent = 'sqs2pg.ledger'::regclass").fetchone()[0]
    lab.say(f"{entries:,} entries of the ledger in {time.monotonic() - began:.0f} s, {size / 2**30:.1f} GiB")


def ledger(lab):
    entries = lab.options.ledger_entries
    messages, full, empty = lab.options.messages, [], []
    with lab.database() as large:
        fill_ledger(lab, large, entries)
        for number in range(lab.options.runs):
            with lab.queue() as server:
                large.execute("TRUNCATE user_logins")
                lab.fill(server, messages, number + 1)
                full.append(drain(lab, server, large, messages).rate)
            empty.append(fill_and_drain(lab, messages, number + 1).rate)
            lab.say(f"{full[-1]:,.0f} messages/s beside {empty[-1]:,.0f} with an empty one")
    rate, plain = spread(full), spread(empty)
    ratio = ratios(rate, plain)
    return Outcome([Figure("", "messages/s", rate)], [Figure("", "messages/s", plain)], [Figure("", "", ratio)],
                   [Check("ratio", ratio.median, at_least=0.9)],
                   f"{entries:,} entries in the partition that is written to; {messages:,} messages")


def delay(lab):
    # A longer run than others: it takes some 0.2 s until as many receives are under way as the distance asks for.
    messages, slow, plain = 3 * lab.options.messages, [], []
    for number in range(lab.options.runs):
        for delayed, rates in ((True, slow), (False, plain)):
            with lab.queue(faults=True) as server, lab.database() as database:
                lab.fill(server, messages, number + 1)
                if delayed:
                    server.fault("*", "delay", ms=DELAY_MS)
                rates.append(drain(lab, server, database, messages).rate)
        lab.say(f"{slow[-1]:,.0f} messages/s with {DELAY_MS} ms more a call, {plain[-1]:,.0f} without")
    rate, limit = spread(slow), spread(plain)
    ratio = ratios(rate, limit)
    return Outcome([Figure("", "messages/s", rate)], [Figure("", "messages/s", limit)], [Figure("", "", ratio)],
                   [Check("ratio", ratio.median, at_least=0.9)],
                   f"{DELAY_MS} ms before every answer of the queue; {messages:,} messages, default settings")


def all_delivered_once(lab, server, database, messages):
    """Writes every message and leaves it in the queue: the queue forgets the deletes."""
    server.fault("DeleteMessageBatch", "redeliver")
    server.fault("DeleteMessage", "redeliver")
    calls = SqsCalls(server.url)
    with worker(lab, server, database) as (process, log):
        wait_started(process, log)
        wait_for(lambda: database.value("SELECT count(*) FROM sqs2pg.ledger") >= messages, "every row", 120, pause=0.2)
    wait_for(lambda: calls.held() == (messages, 0), "all messages to be visible again", 90, pause=0.1)
    calls.close()
    server.clear_faults()


def send(calls, first, last):
    for begin in range(first, last, ENTRIES_A_CALL):
        numbers = range(begin, min(begin + ENTRIES_A_CALL, last))
        calls.call("SendMessageBatch", Entries=[{"Id": str(number), "MessageBody": login(number, f"user-{number}")}
                                                for number in numbers])


def hide_all(calls, messages):
    """Receives all of them; the handles with which they can be shown again."""
    handles = []
    while len(handles) < messages:
        reply = calls.call("ReceiveMessage", MaxNumberOfMessages=ENTRIES_A_CALL, VisibilityTimeout=3600)
        handles += [message["ReceiptHandle"] for message in reply.get("Messages", [])]
    return handles


def fill_with_duplicates(lab, server, database, messages, percent):
    """So many percent, evenly spread among the others, have their rows already; the others were never delivered."""
    calls, known = SqsCalls(server.url), messages * percent // 100
    handles = []
    if known:
        send(calls, 0, known)
        all_delivered_once(lab, server, database, known)
        handles = hide_all(calls, known)
    sent, stride = known, (messages - known) // known if known else messages
    for handle in handles:
        send(calls, sent, sent + stride)
        sent += stride
        calls.call("ChangeMessageVisibility", ReceiptHandle=handle, VisibilityTimeout=0)
    send(calls, sent, messages)
    calls.close()


def with_duplicates(lab, messages, percent):
    """Messages a second of a queue of which so many percent have their rows already, until the queue is empty."""
    with lab.queue(faults=True) as server, lab.database() as database:
        fill_with_duplicates(lab, server, database, messages, percent)
        lab.settle(database)
        calls = SqsCalls(server.url)
        with worker(lab, server, database) as (process, log):
            wait_started(process, log)
            wait_for(lambda: calls.held() == (0, 0), "the queue to be empty", 120, pause=0.005)
            ended = time.time()
            began = started_of(log)[0].timestamp()
        calls.close()
        rows = database.value("SELECT count(*) FROM user_logins")
        if rows != messages:
            raise Broken(f"{rows} rows of {messages} messages")
        return messages / (ended - began)


def duplicates(lab):
    messages = lab.options.messages // 2
    rates = {percent: [] for percent in SHARES}
    for _ in range(lab.options.runs):
        for percent in SHARES:
            rates[percent].append(with_duplicates(lab, messages, percent))
        lab.say(", ".join(f"{percent} %: {seen[-1]:,.0f}" for percent, seen in rates.items()) + " messages/s")
    seen = {percent: spread(values) for percent, values in rates.items()}
    ratio = {percent: ratios(seen[percent], seen[0]) for percent in SHARES if percent}
    return Outcome([Figure(f"{percent} %", "messages/s", seen[percent]) for percent in SHARES if percent],
                   [Figure("", "messages/s", seen[0])],
                   [Figure(f"{percent} %", "", ratio[percent]) for percent in ratio],
                   [Check(f"ratio at {percent} %", ratio[percent].median, at_least=0.9 if percent == 1 else CLIFF)
                    for percent in ratio],
                   f"{messages:,} messages; duplicates spread among others that come for the first time; "
                   "until the queue is empty",
                   {"rates": {str(percent): one.as_json() for percent, one in seen.items()}})
