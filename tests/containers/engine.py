"""The container engine as a user has it at the prompt: docker, compose with a project of its own, and a clean copy of
this checkout to run them in. Everything that is made here is removed by its name, and nothing else."""
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
IMAGE = os.environ.get("SQS2PG_IMAGE", "sqs2pg-containers-test")
BASE = "debian:bookworm-slim"
BUILD_SECONDS = 3600
sys.path.insert(0, str(CHECKOUT / "tests" / "integration"))

from waiting import wait_until  # noqa: E402,F401: for the tests


def run(*command, check=True, timeout=120, cwd=None, environment=None):
    """The finished process, with stdout and stderr as one text in `output`."""
    finished = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, text=True, errors="replace", timeout=timeout, cwd=cwd,
                              env={**os.environ, **(environment or {})})
    finished.output = finished.stdout
    if check and finished.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {finished.returncode}:\n"
                             f"{finished.output[-6000:]}")
    return finished


def docker(*words, **options):
    return run("docker", *words, **options).output.strip()


def compose_command():
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    return ["docker", "compose"]


def revision():
    found = run("git", "-C", CHECKOUT, "rev-parse", "HEAD", check=False)
    return found.output.strip() if found.returncode == 0 else ""


def clean_copy(folder):
    """What a fresh clone holds, with the changes that are not committed yet."""
    listed = run("git", "-C", CHECKOUT, "ls-files", "-co", "--exclude-standard").output
    for name in listed.splitlines():
        source, target = CHECKOUT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return folder


def inspect(name, template):
    return docker("inspect", "--format", template, name)


def size_bytes(image):
    return int(docker("image", "inspect", "--format", "{{.Size}}", image))


class Project:
    """docker-compose in a copy of the checkout, under a project name of its own."""

    def __init__(self, folder, name, *files, image=IMAGE):
        self.folder, self.name = folder, name
        self.words = compose_command() + ["-p", name]
        for file in files:
            self.words += ["-f", file]
        self.environment = {"SQS2PG_IMAGE": image, "REVISION": revision(), "COMPOSE_INTERACTIVE_NO_CLI": "1",
                            "LOGINS": "300"}

    def __call__(self, *words, check=True, timeout=180):
        return run(*self.words, *words, cwd=self.folder, environment=self.environment, check=check,
                   timeout=timeout).output

    def up(self, *words):
        return self("up", "-d", *words)

    def containers(self, service):
        """Ids of the running ones."""
        return docker("ps", "-q", "--no-trunc", "--filter", f"label=com.docker.compose.project={self.name}",
                      "--filter", f"label=com.docker.compose.service={service}").split()

    def psql(self, sql, check=True):
        return self("exec", "-T", "postgres", "psql", "-U", "app", "-Atc", sql, check=check).strip()

    def count(self, table="user_logins"):
        """0 also while there is no database yet."""
        answer = self.psql(f"SELECT count(*) FROM {table}", check=False)
        return int(answer) if answer.isdigit() else 0

    def settled(self):
        """Rows and dead letters."""
        return self.count() + self.count("sqs2pg.dead_letter")

    def wait_for_rows(self, more_than=0, seconds=60):
        try:
            return wait_until(lambda: self.count() > more_than, f"more than {more_than} rows", seconds, 0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self('logs', '--no-color', check=False)[-6000:]}") from None

    def exit_codes(self, service):
        return [int(inspect(name, "{{.State.ExitCode}}")) for name in
                docker("ps", "-aq", "--filter", f"label=com.docker.compose.project={self.name}",
                       "--filter", f"label=com.docker.compose.service={service}").split()]

    def remove(self):
        self("down", "-v", "--remove-orphans", "-t", "5", check=False)


def fenced(page, languages=("sh",)):
    """The code blocks of a page, in its order."""
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    return [body for language, body in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)
            if language in languages]


class Watch:
    """Seconds since it was made."""

    def __init__(self):
        self.begun = time.monotonic()

    def seconds(self):
        return time.monotonic() - self.begun
