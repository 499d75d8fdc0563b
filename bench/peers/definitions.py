"""Who is measured: how each peer is started, how many messages make a run of seconds, and where it keeps what it could
not write."""
import json
import shutil
import subprocess
from pathlib import Path

import installing
from rig import QUEUE

HERE = Path(__file__).resolve().parent


class Definition:
    """A consumer. `share` is its part of --messages; `many` and `few` are the messages of the correctness runs."""

    name, title, share, many, few = "?", "?", 1.0, 20_000, 4_000
    environment = {}

    def install(self):
        """Raises CannotInstall. Returns the versions of what it is made of."""
        return {}

    def migrate(self, rig):
        """Once, before messages are sent."""

    def prepare(self, rig):
        """Before each start."""

    def command(self, rig):
        raise NotImplementedError

    def kept(self, rig):
        """Bad messages kept elsewhere than in the dead-letter queue."""
        return 0


class Python(Definition):
    def __init__(self, name, title, script, share, many=20_000, environment=None):
        self.name, self.title, self.script = name, title, HERE / "python" / script
        self.share, self.many, self.environment = share, many, environment or {}
        self.interpreter = None

    def install(self):
        self.interpreter = installing.python()
        version = subprocess.run([self.interpreter, "--version"], capture_output=True, text=True, check=True).stdout
        pinned = [line.split("==") for line in (HERE / "python" / "requirements.txt").read_text().splitlines()
                  if "==" in line]
        return {"python": version.split()[1], **dict(pinned)}

    def command(self, rig):
        return [self.interpreter, self.script]


class Node(Definition):
    name, title, share = "node", "Node, sqs-consumer and inserts of hundreds of rows", 0.3
    program = packages = None

    def install(self):
        self.program, self.packages = installing.node()
        # Beside its packages, where import looks for them.
        shutil.copy(HERE / "node" / "consume.mjs", self.packages)
        version = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True).stdout
        pinned = json.loads((HERE / "node" / "package.json").read_text(encoding="utf-8"))["dependencies"]
        return {"node": version.strip().removeprefix("v"), **pinned}

    def command(self, rig):
        return [self.program, self.packages / "consume.mjs"]


class Bento(Definition):
    name, title, share = "bento", "Bento, aws_sqs to sql_insert, 1,000 rows a batch", 0.3
    program = None

    def install(self):
        self.program = installing.bento()
        told = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True).stdout
        return {"bento": told.splitlines()[0].removeprefix("Version: ")}

    def command(self, rig):
        return [self.program, "run", HERE / "bento" / "logins.yaml"]


class Sqs2pg(Definition):
    name, title, share, many = "sqs2pg", "sqs2pg, default settings", 1.0, 100_000

    def __init__(self, binary):
        self.binary = binary

    def install(self):
        if not self.binary.exists():
            raise installing.CannotInstall(f"there is no {self.binary.name} where --binary says: build it first")
        told = subprocess.run([self.binary, "--version"], capture_output=True, text=True, check=True).stdout
        return {"sqs2pg": told.strip().removeprefix("sqs2pg ")}

    def migrate(self, rig):
        from program import write_configuration
        # Its long polls are of a second, as everybody's here: an orderly end waits for them. Where the others' queue
        # has a short visibility timeout, it gets the shortest that it takes: a restart need not wait a minute.
        hurry = "" if rig.visibility >= 60 else "    visibility_timeout: 10s\n"
        write_configuration(rig.folder, queue=QUEUE, pipeline=hurry)
        subprocess.run([self.binary, "migrate", "-c", rig.folder / "sqs2pg.yaml"], env=rig.environment(), check=True,
                       capture_output=True)

    def command(self, rig):
        return [self.binary, "run", "-c", rig.folder / "sqs2pg.yaml", "--ops", "off", "--log", "json"]

    def kept(self, rig):
        return rig.database.value("SELECT count(DISTINCT message_id) FROM sqs2pg.dead_letter")


def all_of_them(binary):
    return [Python("python-plain", "Python, a commit and a delete a message", "plain.py", 0.02, many=2_000),
            Python("python-batched", "Python, batches, two processes", "batched.py", 0.2),
            Python("python-ledger", "Python, batches and a table of message ids", "batched.py", 0.2,
                   environment={"LEDGER": "1"}),
            Node(),
            Bento(),
            Sqs2pg(binary)]
