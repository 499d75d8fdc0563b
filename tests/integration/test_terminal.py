"""What the commands look like on a terminal: colours, and tables of its width; in a pipe plain text that nothing cuts.
Played on a pseudo-terminal."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading

import pytest
from logins import bodies_of, make_logins
from program import BINARY, run, write_configuration
from sqs_servers import plain_environment

RED, BOLD, RESET = "\x1b[31m", "\x1b[1m", "\x1b[0m"
WRONG_COLUMNS = "      user_id: an_attribute_with_a_long_name_that_no_login_has\n"
COLOURS = {"TERM": "xterm-256color", "NO_COLOR": "", "CLICOLOR": "", "CLICOLOR_FORCE": "", "COLUMNS": ""}


def on_terminal(*arguments, environment=None, columns=60):
    """(exit code, what the terminal got) of a command whose output is a terminal of so many columns."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=follower,
                               stderr=subprocess.DEVNULL,
                               env=plain_environment(**{**COLOURS, **(environment or {})}))
    os.close(follower)
    got = []

    def read():
        while True:
            try:
                some = os.read(leader, 65536)
            except OSError:  # EIO: the other end is closed
                return
            if not some:
                return
            got.append(some)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        code = process.wait(60)
    finally:
        process.kill()
        reader.join(10)
        os.close(leader)
    return code, b"".join(got).decode().replace("\r\n", "\n")


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def widest(text):
    return max(len(line) for line in plain(text).splitlines())


@pytest.fixture
def broken(tmp_path):
    """A configuration with a mistake, which check finds without a network."""
    return write_configuration(tmp_path, "      user_id: {from: user_id, mask: hmca, domain: user}\n")


def test_a_terminal_gets_coloured_words_and_lines_of_its_width(broken):
    code, text = on_terminal("check", "-c", broken)
    assert code == 2 or code == 1
    assert RED + "error" in text and RESET in text
    prose = [line for line in plain(text).splitlines() if str(broken.parent) not in line]  # a path is not broken up
    assert max(map(len, prose)) <= 60 and len(prose) > 3, text
    wide = on_terminal("check", "-c", broken, columns=400)[1]
    assert plain(wide).replace("\n", " ").split() == plain(text).replace("\n", " ").split()


def test_a_pipe_gets_plain_lines_that_nothing_cuts_unless_colour_is_forced(broken):
    piped = run("check", "-c", broken, environment={**COLOURS, "COLUMNS": "60"}).out
    assert "\x1b" not in piped
    errors = [line for line in piped.splitlines() if line.startswith("error")]
    assert len(errors) == 1 and errors[0].endswith("[configuration]")
    forced = run("check", "-c", broken, environment={**COLOURS, "CLICOLOR_FORCE": "1"}).out
    assert RED + "error" in forced and plain(forced) == piped


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"CLICOLOR": "0"},
                                       {"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}])
def test_a_terminal_without_colour_still_has_a_width(broken, variables):
    _, text = on_terminal("check", "-c", broken, environment=variables)
    assert "\x1b" not in text
    assert widest("\n".join(line for line in text.splitlines() if str(broken.parent) not in line)) <= 60


def test_check_names_the_command_that_explains_a_code(broken):
    hints = [line for line in run("check", "-c", broken).out.splitlines() if "sqs2pg explain" in line]
    assert hints == ["`sqs2pg explain configuration` tells what a code in brackets means and what to do"]
    assert run("explain", "configuration").code == 0


def test_dead_letters_and_status_fit_a_terminal_and_are_whole_in_a_pipe(rig):
    rig.configure(WRONG_COLUMNS)
    rig.send(bodies_of(make_logins(3)))
    rig.drain()
    columns = {60: ["ID", "REASON", "PLACE"],
               200: ["ID", "SINCE", "PIPELINE", "REASON", "PLACE", "SQLSTATE", "REPLAYS"]}
    for width, headings in columns.items():
        code, text = on_terminal("dead-letters", "list", "-c", rig.configuration, environment=rig.environment,
                                 columns=width)
        assert code == 0 and widest(text) <= width, text
        assert text.startswith(BOLD) and set(headings) <= set(plain(text).splitlines()[0].split()), text
    piped = run("dead-letters", "list", "-c", rig.configuration, environment=rig.environment).out
    assert "\x1b" not in piped and "…" not in piped
    assert piped.count("an_attribute_with_a_long_name_that_no_login_has") == 3
    hint = "`sqs2pg explain missing_field` tells what a reason means and what to do"
    assert piped.splitlines()[-1] == hint
    counts = on_terminal("dead-letters", "list", "--counts", "-c", rig.configuration, environment=rig.environment)[1]
    assert widest(counts) <= 60
    letter = piped.splitlines()[1].split()[0]
    assert hint in run("dead-letters", "show", letter, "-c", rig.configuration, environment=rig.environment).out

    assert run("pause", "logins", "--reason", "the table moves to another server, as is told in the plan of this week",
               "-c", rig.configuration, environment=rig.environment).code == 0
    status = run("status", "-c", rig.configuration, environment=rig.environment).out
    assert status.count("sqs2pg explain") == 1 and "`sqs2pg explain operator`" in status and "\x1b" not in status
    code, text = on_terminal("status", "-c", rig.configuration, environment=rig.environment)
    assert code == 0 and "logins: \x1b[33mpaused\x1b[0m" in text
    assert widest("\n".join(line for line in text.splitlines() if str(rig.folder) not in line)) <= 60, text
