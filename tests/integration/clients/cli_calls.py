"""The AWS CLI as a process that answers lines: {"operation", "parameters"} in, {"reply"} or {"error"} out. Every call
goes through the CLI's own main function; only the start of an interpreter a call is saved. Runs in the CLI's Python."""
import contextlib
import io
import json
import os
import re
import sys

from awscli.clidriver import create_clidriver

# Version 1 of the CLI takes no endpoint for SQS from AWS_ENDPOINT_URL: it has a table of old host names of its own.
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]


def answer(line):
    call = json.loads(line)
    command = re.sub(r"(?<!^)(?=[A-Z])", "-", call["operation"]).lower()
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = create_clidriver().main(["sqs", command, "--endpoint-url", ENDPOINT, "--output", "json",
                                        "--cli-input-json", json.dumps(call["parameters"])])
    if code == 0:
        return {"reply": json.loads(out.getvalue() or "{}")}
    found = re.search(r"An error occurred \(([^)]+)\).*?: (.*)", err.getvalue(), re.DOTALL)
    if not found:
        return {"error": {"code": f"exit {code}", "message": err.getvalue()}}
    return {"error": {"code": found[1], "message": found[2].strip()}}


for request in sys.stdin:
    print(json.dumps(answer(request)), flush=True)
