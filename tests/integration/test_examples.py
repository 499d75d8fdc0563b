"""Every example is right: the JSON Schema takes it, `check` finds nothing wrong, and its messages become the rows that
stand beside it. An example is NAME.yaml (or a folder NAME of them), NAME.sql, NAME.jsonl (or NAME/QUEUE.jsonl) and
NAME.rows: queries, each with its result below it, a tab between columns (SQS2PG_WRITE_GOLDEN=1 writes the results)."""
import base64
import json
import os
import re
import shutil

import pytest
from configuration_schema import load_yaml, mistakes
from program import BINARY, run
from sqs_servers import CHECKOUT, EmbeddedQueue, send_bodies

EXAMPLES = CHECKOUT / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.rows"))
TABLES = {"logins": "user_logins.sql"}  # the README's own name


def configurations(name):
    folder = EXAMPLES / name
    return sorted(folder.glob("*.yaml")) if folder.is_dir() else [EXAMPLES / f"{name}.yaml"]


def queues_of(name):
    """queue -> its messages"""
    queues = []
    for path in configurations(name):
        for pipeline in (load_yaml(path.read_text(encoding="utf-8")).get("pipelines") or {}).values():
            queues.append(pipeline["queue"])
    if len(queues) == 1 and (EXAMPLES / f"{name}.jsonl").exists():
        return {queues[0]: EXAMPLES / f"{name}.jsonl"}
    return {queue: EXAMPLES / name / f"{queue}.jsonl" for queue in queues}


def send_fifo(client, url, bodies):
    """A message's group is its member `group`; order is that of the file."""
    for number, body in enumerate(bodies):
        client.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=json.loads(body)["group"],
                            MessageDeduplicationId=str(number))


def fill(server, name):
    client = server.client(retries=3)
    for queue, messages in queues_of(name).items():
        bodies = [line for line in messages.read_text(encoding="utf-8").splitlines() if line]
        attributes = {"FifoQueue": "true"} if queue.endswith(".fifo") else {}
        url = client.create_queue(QueueName=queue, Attributes=attributes)["QueueUrl"]
        (send_fifo if attributes else send_bodies)(client, url, bodies)


def shown(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list):
        return "{" + ",".join(map(shown, value)) + "}"
    return str(value)


def blocks(text):
    return [block.strip().split("\n") for block in re.split(r"\n\s*\n", text) if block.strip()]


def results(database, queries):
    text = []
    for query in queries:
        rows = ["\t".join(map(shown, row)) for row in database.rows(query)]
        text.append("\n".join([query, *rows]))
    return "\n\n".join(text) + "\n"


@pytest.fixture
def server():
    queue = EmbeddedQueue.start(BINARY)
    yield queue
    queue.stop()


def copy_of(name, folder):
    """The configuration with a key file beside it, as a user would have them."""
    keys = "active: k1\nkeys:\n  k1: " + base64.b64encode(bytes(range(32))).decode() + "\n"
    for path in configurations(name):
        shutil.copy(path, folder)
    (folder / "sqs2pg.keys").write_text(keys)
    (folder / "sqs2pg.keys").chmod(0o600)
    return folder if (EXAMPLES / name).is_dir() else folder / f"{name}.yaml"


@pytest.mark.parametrize("name", NAMES)
def test_an_example_becomes_the_rows_beside_it(name, server, cluster, tmp_path):
    database = cluster.create_database()
    database.run_file(EXAMPLES / TABLES.get(name, f"{name}.sql"))
    fill(server, name)
    configuration = copy_of(name, tmp_path)
    environment = {**server.environment(), "DATABASE_URL": database.socket_url()}

    drained = run("run", "-c", configuration, "--ops", "off", "--drain", "--migrate", environment=environment)
    assert drained.code == 0, drained.err
    checked = run("check", "-c", configuration, environment=environment)
    assert checked.code == 0, checked.out

    path = EXAMPLES / f"{name}.rows"
    expected = path.read_text(encoding="utf-8")
    found = results(database, [block[0] for block in blocks(expected)])
    if os.environ.get("SQS2PG_WRITE_GOLDEN"):
        path.write_text(found, encoding="utf-8")
    else:
        assert found == expected


def test_every_configuration_is_run():
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()} - {"migrating"}  # test_migrating.py
    written = {path.stem for path in EXAMPLES.glob("*.yaml")} | folders
    assert written == set(NAMES)
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}.yaml`" in page or f"`{name}/`" in page for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_takes_every_example(name):
    for path in configurations(name):
        assert mistakes(load_yaml(path.read_text(encoding="utf-8"))) == [], path
