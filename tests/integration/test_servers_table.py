"""The table of compatibility.py itself: each capability has its test, each deviation names what there is."""
import ast
from pathlib import Path

from compatibility import CAPABILITIES, DEVIATIONS, SERVERS
from compatibility_page import render


def shown_capabilities():
    """The arguments of the `shows` markers in test_servers_*.py."""
    for path in sorted(Path(__file__).parent.glob("test_servers_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for call in node.decorator_list:
                    if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "shows":
                        yield ast.literal_eval(call.args[0])


def test_every_capability_has_one_test():
    assert sorted(shown_capabilities()) == sorted(CAPABILITIES)


def test_every_deviation_is_of_a_server_and_a_capability_that_are_there():
    assert all(server in SERVERS and capability in CAPABILITIES for server, capability in DEVIATIONS)
    assert all(deviation.verdict in ("no", "differs") for deviation in DEVIATIONS.values())


def test_the_page_says_each_deviation_once():
    page = render(dict.fromkeys(SERVERS, "1.0"))
    assert page.count("no (") + page.count("differs (") == len(DEVIATIONS)
    assert all(deviation.sentence in page for deviation in DEVIATIONS.values())
