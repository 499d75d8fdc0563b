"""The README is true: its YAML is the example's file, and its commands run in their order, in a copy of what they need.

`./dev demo` is run by itself and `./dev test` is what runs this test; every other block of ```sh goes into one script.
The user's own database is a private one, and 9324 is a port that is free here.
"""
import os
import re
import shutil
import subprocess

import pytest
from postgres_cluster import free_port
from program import BINARY
from sqs_servers import CHECKOUT, plain_environment

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


def commands():
    return [line for block in blocks("sh") for line in block.splitlines() if line.strip()]


def test_the_yaml_is_the_example():
    assert blocks("yaml") == [(CHECKOUT / "examples" / "logins.yaml").read_text(encoding="utf-8")]


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (CHECKOUT / target).exists(), target


def test_the_two_first_commands_are_demo_and_test():
    assert commands()[:2] == ["./dev demo", "./dev test"]


def test_every_other_command_runs(tmp_path, database):
    script = "\n".join(line for line in commands() if not line.startswith("./dev"))
    script = script.replace("9324", str(free_port()))
    shutil.copytree(CHECKOUT / "examples", tmp_path / "examples")
    (tmp_path / "build" / "release").mkdir(parents=True)
    (tmp_path / "build" / "release" / "sqs2pg").symlink_to(BINARY.resolve())
    database.execute("DROP TABLE user_logins")
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"trap 'kill $(jobs -p)' EXIT\n{script}"], cwd=tmp_path, text=True,
        capture_output=True, stdin=subprocess.DEVNULL, timeout=120,
        env=plain_environment(DATABASE_URL=database.socket_url(), HOME=str(tmp_path)))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    rows = database.value("SELECT count(*) FROM user_logins")
    letters = database.value("SELECT count(*) FROM sqs2pg.dead_letter")
    assert rows + letters == 1000 and rows > 900 and letters > 0
    assert "k1_" in finished.stdout


def test_dev_knows_the_commands_that_are_written_down():
    text = subprocess.run([CHECKOUT / "dev", "help"], capture_output=True, text=True, check=True).stdout
    documents = [README, (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")]
    named = {name for document in documents for name in re.findall(r"\./dev (\w+)", document)}
    assert named and all(f"./dev {name}" in text for name in named), named


def test_dev_demo_shows_the_pipeline():
    if BINARY.resolve() != CHECKOUT / "build" / "release" / "sqs2pg":
        command = [BINARY, "demo"]  # another binary than ./dev builds: the same command without it
    else:
        command = [CHECKOUT / "dev", "demo"]
    finished = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600,
                              env=plain_environment(NO_COLOR="1"))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "k1_" in finished.stdout and "missing_field" in finished.stdout


@pytest.mark.parametrize("wrong", ["dance", "--nothing"])
def test_dev_refuses_what_it_does_not_know(wrong):
    finished = subprocess.run([CHECKOUT / "dev", wrong], capture_output=True, text=True, env=dict(os.environ))
    assert finished.returncode == 2 and "setup" in finished.stderr
