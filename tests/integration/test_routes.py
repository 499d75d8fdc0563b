"""Several kinds of message in one queue, several rows of one message, and rows that meet others with their key: from
the queue to the tables, with redelivery."""
import json

import pytest

from program import run
from waiting import wait_until

CONFIGURATION = """
keys: {file: keys.yaml}
pipelines:
  shop:
    queue: login-queue
    long_poll: 1
    missing: null
    otherwise: %s
    routes:
      - when: {type: order, version: [1, 2]}
        table: shop.items
        each: order.items
        columns:
          order_id: order.id
          place: $index
          sku: $item.sku
          masked_buyer: {from: buyer, mask: hmac, domain: buyer}
          origin: {value: web}
          tags: $item.tags
      - when: {type: [stock, price]}
        table: shop.stock
        columns: {sku: sku, amount: amount, changed: changed}
        on_conflict: {key: sku, do: update, newer_by: changed}
      - when: {type: null}
        table: shop.odd
        columns: {body: $body}
"""

TABLES = """
CREATE SCHEMA shop;
CREATE TABLE shop.items (order_id int NOT NULL, place int NOT NULL, sku text NOT NULL, masked_buyer text, origin text,
                         tags text[], PRIMARY KEY (order_id, place));
CREATE TABLE shop.stock (sku text PRIMARY KEY, amount int NOT NULL CHECK (amount >= 0), changed int,
                         note text DEFAULT 'unmapped');
CREATE TABLE shop.odd (body jsonb);
"""


def order(number, items):
    return {"type": "order", "version": 1, "order": {"id": number, "items": items}, "buyer": f"buyer-{number % 2}"}


MESSAGES = [
    order(1, [{"sku": "a", "tags": ["x", None]}, {"sku": "b"}]),
    order(2, []),
    order(3, [{"sku": "c"}]),
    order(4, [{"sku": "d"}, {"sku": None}]),  # NOT NULL: all of it or nothing
    order(5, [{"sku": "e"}] * 1001),
    {"type": "stock", "sku": "a", "amount": 5, "changed": 10},
    {"type": "price", "sku": "a", "amount": 3, "changed": 7},
    {"type": "stock", "sku": "b", "amount": 1, "changed": 1},
    {"type": "stock", "sku": "b", "amount": 2, "changed": 2},
    {"type": "stock", "sku": "c", "amount": -1, "changed": 3},  # the server's own CHECK
    {"type": None, "v": 1},
    {"type": "order", "version": 3},
    {"type": "refund"},
]


@pytest.fixture
def shop(rig):
    def make(otherwise="dead-letter"):
        rig.database.execute(TABLES)
        rig.configure()
        rig.configuration.write_text(CONFIGURATION % otherwise, encoding="utf-8")
        return rig
    return make


def test_each_kind_of_message_goes_where_it_belongs(shop):
    rig = shop()
    rig.send([json.dumps(message) for message in MESSAGES])
    rig.drain()
    rows = rig.database.rows("SELECT order_id, place, sku, origin, tags FROM shop.items ORDER BY 1, 2")
    assert [tuple(row) for row in rows] == [
        (1, 0, "a", "web", ["x", None]), (1, 1, "b", "web", None), (3, 0, "c", "web", None)]
    buyers = dict(rig.database.rows("SELECT order_id, masked_buyer FROM shop.items"))
    assert buyers[1] == buyers[3] and buyers[1].startswith("k1_")
    assert rig.database.rows("SELECT sku, amount, changed, note FROM shop.stock ORDER BY 1") == [
        ("a", 5, 10, "unmapped"), ("b", 2, 2, "unmapped")]
    assert rig.database.value("SELECT body FROM shop.odd") == {"type": None, "v": 1}
    letters = sorted(rig.database.rows("SELECT reason, place FROM sqs2pg.dead_letter"))
    assert letters == [("check", "stock_amount_check"), ("fan_out", "order.items"), ("no_route", "type, version"),
                       ("no_route", "type, version"), ("not_null", "sku in order.items[1]")]
    assert rig.database.value("SELECT count(*) FROM sqs2pg.ledger") == len(MESSAGES)
    assert rig.depth() == (0, 0, 0)


def test_what_no_route_wants_is_ignored_where_that_is_asked_for(shop):
    rig = shop("ignore")
    rig.send([json.dumps({"type": "refund"}), json.dumps(order(1, [{"sku": "a"}])), "{"])
    finished = rig.drain()
    assert rig.database.rows("SELECT order_id FROM shop.items") == [(1,)]
    assert rig.database.rows("SELECT reason FROM sqs2pg.dead_letter") == [("not_json",)]
    assert rig.database.value("SELECT count(*) FROM sqs2pg.ledger") == 2
    assert rig.depth() == (0, 0, 0)
    assert "refund" not in finished.err


def test_a_second_delivery_changes_nothing(shop):
    rig = shop()
    rig.server.fault("DeleteMessageBatch", "redeliver")
    messages = [message for message in MESSAGES if message["type"] != "refund"]
    rig.send([json.dumps(message) for message in messages])
    running = rig.start("--migrate").wait_ready()
    wait_until(lambda: running.metrics().settled("duplicate") >= len(messages), "everything to come twice", 40)
    rig.server.clear_faults()
    wait_until(lambda: rig.depth() == (0, 0, 0), "the queue to be empty", 40)
    assert running.metrics().conserved()
    running.stop()
    assert rig.database.value("SELECT count(*) FROM shop.items") == 3
    assert rig.database.rows("SELECT sku, amount FROM shop.stock ORDER BY 1") == [("a", 5), ("b", 2)]
    assert rig.database.value("SELECT count(*) FROM shop.odd") == 1


def test_a_key_without_an_index_and_an_unreachable_route_are_told_by_check(shop):
    rig = shop()
    rig.migrate()
    rig.database.execute("ALTER TABLE shop.stock DROP CONSTRAINT stock_pkey")
    finished = run("check", "-c", rig.configuration, environment=rig.environment)
    assert finished.code == 1
    assert "no unique index of shop.stock stands on exactly (sku)" in finished.out
    text = rig.configuration.read_text(encoding="utf-8")
    rig.configuration.write_text(text.replace("when: {type: [stock, price]}", "when: {type: order, version: 2}"),
                                 encoding="utf-8")
    finished = run("check", "-c", rig.configuration, environment=rig.environment)
    assert finished.code == 1
    assert "no message ever reaches this route" in finished.out + finished.err
