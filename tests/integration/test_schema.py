"""The JSON Schema of the configuration: it is one, the program prints it, it takes what the program takes and refuses
what the program refuses."""
import json
import re

import pytest
from configuration_schema import SCHEMA, load_yaml, mistakes
from jsonschema import Draft202012Validator
from program import run
from sqs_servers import CHECKOUT

RIGHT = """\
keys: {file: k}
pipelines:
  p:
    queue: q
    table: t
"""


def test_it_is_a_schema_and_the_program_prints_it():
    text = SCHEMA.read_text(encoding="utf-8")
    Draft202012Validator.check_schema(json.loads(text))
    printed = run("check", "--schema")
    assert (printed.code, printed.out) == (0, text)


def yaml_of_the_documents():
    for path in sorted(CHECKOUT.glob("docs/*.md")) + [CHECKOUT / "README.md"]:
        for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)):
            if re.search(r"^pipelines:", block, re.MULTILINE) and "..." not in block and "…" not in block:
                yield pytest.param(block, id=f"{path.name}-{number}")


@pytest.mark.parametrize("block", list(yaml_of_the_documents()))
def test_it_takes_the_configurations_of_the_documents(block):
    assert mistakes(load_yaml(block)) == []


@pytest.mark.parametrize("lines", [
    "    columns: {a: b, c: $sent_at, d: {from: d, optional: true, default: null}}",
    "    columns: {a: {from: b, mask: hmac, domain: d, as: ip}}",
    "    columns: {a: {from: b, mask: keep-last, keep: 4}}",
    "    columns: {a: b}\n    visibility_timeout: 90s\n    max_in_flight_bytes: 64MiB\n    max_polls: ${POLLS}",
    "    columns: {a: b}\n    missing: null\n    long_poll: 20",
])
def test_both_take(lines, tmp_path):
    verdict_of_both(lines, tmp_path, True)


@pytest.mark.parametrize("lines", [
    "    columns: {}",
    "    colums: {a: b}\n    columns: {a: b}",
    "    columns: {a: {from: b, mask: hmac}}",
    "    columns: {a: {from: b, mask: siv}}",
    "    columns: {a: {from: b, mask: keep-last}}",
    "    columns: {a: {from: b, mask: md5, domain: d}}",
    "    columns: {a: {mask: redact}}",
    "    columns: {a: {from: b, keeep: 4}}",
    "    columns: {a: b}\n    visibility_timeout: 1",
    "    columns: {a: b}\n    long_poll: soon",
    "    columns: {a: b}\n    missing: maybe",
])
def test_both_refuse(lines, tmp_path):
    verdict_of_both(lines, tmp_path, False)


def verdict_of_both(lines, folder, right):
    """The schema's verdict, and the program's: a file that is right gets as far as its keys."""
    path = folder / "c.yaml"
    path.write_text(RIGHT + lines + "\n", encoding="utf-8")
    assert (mistakes(load_yaml(path.read_text())) == []) == right
    found = json.loads(run("check", "-c", path, "--format", "json", environment={"POLLS": "3"}).out)["findings"]
    assert ("configuration" not in {f["code"] for f in found if f["verdict"] == "error"}) == right, found
