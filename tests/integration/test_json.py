"""docs/json.md, typed: every command prints one JSON object with the members that the page names, and nothing else."""
import json
import re
import shlex

from logins import bodies_of, make_logins
from program import run
from sqs_servers import CHECKOUT

PAGE = (CHECKOUT / "docs" / "json.md").read_text(encoding="utf-8")

# Beginning of the command -> its members.
MEMBERS = {
    "migrate": {"databases"},
    "send": {"queue", "sent", "not_sent", "seconds", "messages_per_second", "complete"},
    "check": {"errors", "warnings", "findings"},
    "status": {"pipelines", "ledger_bytes"},
    "pause": {"pipeline", "paused", "was_paused", "processes", "hosts", "how_to_end"},
    "resume": {"pipeline", "paused", "was_paused", "processes", "hosts", "how_to_end"},
    "dead-letters list": {"total", "dead_letters"},
    "dead-letters replay": {"dry_run", "stopped", "pipelines", "left"},
    "dead-letters drop": {"selected", "dropped", "stopped"},
    "key new": {"file", "active"},
    "key check": {"keys"},
    "health": {"ops", "path", "good", "sentence"},
    "explain": {"entries"},
    "version": {"version", "commit"},
}


def test_every_command_of_the_page_prints_its_object_and_nothing_else(rig):
    commands = re.search(r"```sh\n(.*?)```", PAGE, re.S)[1].splitlines()
    rig.configure()
    bodies = bodies_of(make_logins(3)) + ["{"]
    (rig.folder / "logins.jsonl").write_text("".join(body + "\n" for body in bodies[:3]), encoding="utf-8")
    environment = {**rig.environment, "AWS_ENDPOINT_URL_SQS": rig.environment.get("AWS_ENDPOINT_URL_SQS", "")}
    answers = {}
    for command in commands:
        words = shlex.split(command)
        assert words[0] == "sqs2pg" and words[-2:] == ["--format", "json"], command
        name = next(name for name in MEMBERS if " ".join(words[1:]).startswith(name))
        if name == "dead-letters list":
            rig.send(["{"])
            rig.drain()
        finished = run(*words[1:], cwd=rig.folder, environment={k: v for k, v in environment.items() if v})
        answers[name] = json.loads(finished.out)
        assert MEMBERS[name] <= answers[name].keys(), (command, answers[name])
        if name not in ("explain", "version"):
            assert MEMBERS[name] == answers[name].keys(), (command, answers[name])
        told_text = finished.err.count("\n")
        assert finished.code == (1 if name in ("health", "dead-letters replay") else 0), (command, finished.err)
        assert told_text <= (1 if name == "health" else 0), (command, finished.err)
    assert answers.keys() == MEMBERS.keys(), "the page shows every command once"

    database = answers["migrate"]["databases"][0]
    assert database["pipelines"] == ["logins"] and database["version_before"] == 0 and database["error"] is None
    assert database["version"] > 0 and database["partitions_made"] > 0
    assert (answers["send"]["sent"], answers["send"]["not_sent"], answers["send"]["complete"]) == (3, 0, True)
    pause, resume = answers["pause"], answers["resume"]
    assert (pause["paused"], pause["was_paused"], pause["processes"]) == (True, False, 0)
    assert pause["how_to_end"] == "sqs2pg resume logins -c sqs2pg.yaml"
    assert (resume["paused"], resume["was_paused"], resume["how_to_end"]) == (False, True, None)
    replayed = answers["dead-letters replay"]["pipelines"][0]
    assert replayed["dead_lettered"] == {"not_json": 1} and replayed["replayed"] == 0 and not replayed["stopped"]
    assert answers["dead-letters drop"] == {"selected": 1, "dropped": 1, "stopped": False}
    key = answers["key check"]["keys"][0]
    assert (key["file"], key["active"], key["ids"], key["mode"]) == ("new.keys", "k1", ["k1"], "0600")
    assert answers["health"]["good"] is False and "nothing listens" in answers["health"]["sentence"]


def test_what_cannot_be_answered_is_one_sentence_and_no_object(rig):
    for words in (["pause", "nobody", "-c", rig.configuration], ["migrate", "-c", "nothing.yaml"],
                  ["key", "new"], ["dead-letters", "drop", "-c", rig.configuration],
                  ["migrate", "--print", "-c", rig.configuration]):
        finished = run(*words, "--format", "json", environment=rig.environment)
        assert (finished.code, finished.out) == (2, ""), finished.out
        assert finished.err.strip(), words


def test_a_replay_and_a_drop_of_nothing_are_objects_too(rig):
    rig.migrate()
    nothing = json.loads(run("dead-letters", "replay", "--all", "-c", rig.configuration, "--format", "json",
                             environment=rig.environment).out)
    assert nothing == {"dry_run": False, "stopped": False, "pipelines": [], "left": []}
    dropped = json.loads(run("dead-letters", "drop", "--all", "--yes", "--because", "x", "-c", rig.configuration,
                             "--format", "json", environment=rig.environment).out)
    assert dropped == {"selected": 0, "dropped": 0, "stopped": False}


def test_a_key_file_that_cannot_be_used_is_told_twice_for_people_and_for_programs(tmp_path):
    (tmp_path / "odd.keys").write_text("active: k1\n")
    finished = run("key", "check", "odd.keys", "--format", "json", cwd=tmp_path)
    key = json.loads(finished.out)["keys"][0]
    assert finished.code == 2 and key["active"] is None and key["error"] and key["error"] in finished.err
