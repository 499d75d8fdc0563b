"""Completion in real shells, and manual pages through groff: both come from the commands, and know all of them."""
import re
import shutil
import subprocess

import pytest
from program import run


def script(folder, shell):
    finished = run("completion", shell)
    assert finished.code == 0, finished.err
    path = folder / f"sqs2pg.{shell}"
    path.write_text(finished.out, encoding="utf-8")
    return path


def shell(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30, env={"PATH": "/usr/bin:/bin",
                          "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}).stdout.split()


def commands(path=()):
    """Every command's path, as --help tells them."""
    text = run(*path, "--help").out
    listed = re.search(r"^Subcommands:\n((?:  .*\n)+)", text, re.M)
    names = re.findall(r"^  ([a-z-]+) ", listed[1], re.M) if listed else []
    return [path] + [found for name in names for found in commands((*path, name))]


BASH = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sqs2pg; printf "%s\\n" "${COMPREPLY[@]}"'


@pytest.mark.parametrize("line, offered, kept_back", [
    (["sqs2pg", ""], {"run", "dead-letters", "completion", "--version"}, {"list", "--config"}),
    (["sqs2pg", "ru"], {"run"}, {"resume"}),
    (["sqs2pg", "dead-letters", ""], {"list", "show", "replay", "drop"}, {"run"}),
    (["sqs2pg", "dead-letters", "list", "--f"], {"--format"}, {"--config"}),
    (["sqs2pg", "run", "--log", ""], {"text", "json"}, {"--drain"}),
    (["sqs2pg", "run", "-c", "x.yaml", "--dr"], {"--drain"}, {"--log"}),
    (["sqs2pg", "explain", "too_"], {"too_long"}, {"not_json"}),
    (["sqs2pg", "completion", ""], {"bash", "zsh", "fish"}, {"run"}),
])
def test_bash_and_fish_offer_what_may_come_next(tmp_path, line, offered, kept_back):
    words = shell("bash", "--norc", "-c", BASH, "bash", str(script(tmp_path, "bash")), *line)
    assert offered <= set(words) and not kept_back & set(words), words
    told = subprocess.run(["fish", "--no-config", "-c", f"source {script(tmp_path, 'fish')}; complete -C $argv[1]",
                           " ".join(line)], capture_output=True, text=True, check=True, timeout=30).stdout
    names = {name.split("\t")[0] for name in told.splitlines()}
    # fish keeps options to itself until one begins with a dash.
    wanted = {word for word in offered if not word.startswith("-") or line[-1].startswith("-")}
    assert wanted <= names and not kept_back & names, names


def test_bash_completes_files_where_an_option_takes_one(tmp_path):
    (tmp_path / "pipelines.yaml").touch()
    words = shell("bash", "--norc", "-c", BASH, "bash", str(script(tmp_path, "bash")), "sqs2pg", "run", "-c",
                  f"{tmp_path}/pipe")
    assert words == [f"{tmp_path}/pipelines.yaml"]


def test_zsh_takes_the_script(tmp_path):
    path = script(tmp_path, "zsh")
    shell("zsh", "-f", "-n", str(path))
    ask = ('compadd() { shift; print -l -- "$@" }; _files() { print files }; compdef() { : }; source "$1"; '
           'words=(sqs2pg run --log ""); CURRENT=4; _sqs2pg; words=(sqs2pg key ""); CURRENT=3; _sqs2pg')
    words = shell("zsh", "-f", "-c", ask, "zsh", str(path))
    assert words[:2] == ["text", "json"] and {"new", "check"} <= set(words), words


def test_every_command_and_option_has_its_place_in_a_page_that_groff_takes(tmp_path):
    assert shutil.which("groff"), "groff-base is not installed: ./dev setup test"
    assert run("man", "--into", tmp_path).code == 0
    known = commands()
    assert len(known) > 20
    assert {path.name for path in tmp_path.iterdir()} == {"-".join(("sqs2pg", *path)) + ".1" for path in known}
    for path in known:
        page = tmp_path / ("-".join(("sqs2pg", *path)) + ".1")
        made = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-P-cbou", page], capture_output=True, text=True,
                              check=True)
        assert made.stderr == "", made.stderr
        plain = made.stdout
        for section in ("NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "SEE ALSO"):
            assert f"\n{section}\n" in plain, (path, section)
        for option in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", run(*path, "--help").out, re.M):
            assert option in plain, (path, option)


def test_an_unknown_command_and_a_folder_that_is_not_there_are_told(tmp_path):
    unknown = run("man", "runn")
    assert unknown.code == 2 and 'there is no command "runn"' in unknown.err
    absent = run("man", "--into", tmp_path / "absent")
    assert absent.code == 1 and "cannot be written" in absent.err


def test_help_shows_examples():
    for path in (("run",), ("dead-letters", "replay"), ("key", "new")):
        assert f"Examples:\n  sqs2pg {' '.join(path)}" in run(*path, "--help").out
