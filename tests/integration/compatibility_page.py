"""docs/compatibility.md: rendered from the results of a run and the table in compatibility.py, and held against the
committed page when a run covered every server and capability. `--write-compatibility` writes it instead."""
from compatibility import CAPABILITIES, DEVIATIONS, FIFO, ORIGINS, SERVERS, STANDARD, pairs
from sqs_servers import CHECKOUT

PAGE = CHECKOUT / "docs" / "compatibility.md"
COMMAND = "./dev test -k test_servers --write-compatibility"
HEAD = """\
# SQS servers

sqs2pg is made for Amazon SQS, and is tested against the servers below, which stand in for it on a developer's machine.
This page is written by the tests (`{command}`): *yes* was seen in that run, and a
number is a deviation, which the same tests assert, so that it goes from this page when the server mends it.

| server | version | from |
|---|---|---|
{versions}

The foreign ones do not limit the messages in flight (Amazon: about 120,000 a queue). Signatures are not part of this
comparison.
"""


def _cell(server, capability, notes):
    if (server, capability) not in notes:
        return "yes"
    return f"{DEVIATIONS[(server, capability)].verdict} ({notes[(server, capability)]})"


def render(versions):
    """The page; `versions` maps each server's id to its version."""
    order = [(server, capability) for capability in CAPABILITIES for server in SERVERS]
    notes = {pair: number for number, pair in enumerate((pair for pair in order if pair in DEVIATIONS), 1)}
    rows = "\n".join(f"| {SERVERS[server]} | {versions[server]} | {ORIGINS[server]} |" for server in SERVERS)
    page = [HEAD.format(command=COMMAND, versions=rows)]
    for section in (STANDARD, FIFO):
        page.append(f"## {section}\n\n| | " + " | ".join(SERVERS.values()) + " |\n|---" + "|---" * len(SERVERS) + "|")
        for name, capability in CAPABILITIES.items():
            if capability.section == section:
                cells = " | ".join(_cell(server, name, notes) for server in SERVERS)
                page.append(f"| {capability.sentence} | {cells} |")
        page.append("")
    page.append("## Deviations\n")
    for (server, capability), number in notes.items():
        page.append(f"{number}. **{SERVERS[server]}**, “{CAPABILITIES[capability].sentence}”: "
                    f"{DEVIATIONS[(server, capability)].sentence}.")
    return "\n".join(page) + "\n"


class PageOfRun:
    """Gathers what the tests report, in the process that sees all of it, and judges the page at the end."""

    def __init__(self, config):
        self.config, self.passed, self.failed, self.versions, self.verdict = config, set(), False, {}, ""

    def pytest_runtest_logreport(self, report):
        shown = [value for key, value in report.user_properties if key == "compatibility"]
        for text in shown[-1:]:
            server, version, capability = text.split("|")
            self.versions[server] = version
            if report.when == "call" and report.passed:
                self.passed.add((server, capability))
            self.failed |= report.failed

    def pytest_sessionfinish(self, session):
        if self.failed or self.passed != pairs():
            return
        made = render(self.versions)
        if self.config.getoption("--write-compatibility"):
            PAGE.write_text(made, encoding="utf-8")
            self.verdict = "docs/compatibility.md is written"
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made:
            self.verdict = f"FAILED docs/compatibility.md is not what this run says: {COMMAND} writes it"
            session.exitstatus = 1

    def pytest_terminal_summary(self, terminalreporter):
        if self.verdict:
            terminalreporter.write_line(self.verdict)
