"""docs/sqs2pg.schema.json with a validator that others wrote, and YAML as an editor reads it (YAML 1.2: `off` is a
text)."""
import json
import re

import yaml
from jsonschema import Draft202012Validator
from sqs_servers import CHECKOUT

SCHEMA = CHECKOUT / "docs" / "sqs2pg.schema.json"


class CoreLoader(yaml.SafeLoader):
    """The core schema of YAML 1.2."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
                            ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
                            ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
                            ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?$",
                             list("-+0123456789."))):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)


def load_yaml(text):
    return yaml.load(text, CoreLoader) or {}


def mistakes(configuration):
    """One sentence a mistake, with its place."""
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(configuration)]
