"""The program under test, seen from outside: run to its end, or started and watched through its log and ops port."""
import base64
import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from postgres_cluster import free_port
from prometheus_client.parser import text_string_to_metric_families
from sqs_servers import CHECKOUT, plain_environment
from waiting import wait_until

BINARY = Path(os.environ.get("SQS2PG_BINARY", CHECKOUT / "build" / "release" / "sqs2pg"))
OUTCOMES = ("inserted", "duplicate", "dead_lettered", "ignored", "released", "abandoned")

LOGIN_COLUMNS = """\
      user_id:          user_id
      device_type:      device_type
      masked_ip:        {from: ip, mask: hmac, domain: ip, as: ip}
      masked_device_id: {from: device_id, mask: hmac, domain: device}
      locale:           locale
      app_version:      {from: app_version, convert: major_version}
      create_date:      $sent_at
"""


def write_configuration(folder, columns=LOGIN_COLUMNS, *, queue="login-queue", table="user_logins", pipeline="",
                        head="", name="sqs2pg.yaml", keys=None, long_poll=1):
    """A configuration and its key file in `folder`; `pipeline` and `head` are further lines of YAML. Short long polls:
    an orderly end waits for them."""
    key_file = folder / "keys.yaml"
    if keys is None and not key_file.exists():
        key_file.write_text("active: k1\nkeys:\n  k1: " + base64.b64encode(bytes(range(32))).decode() + "\n")
        key_file.chmod(0o600)
    path = folder / name
    path.write_text(f"{head}\nkeys:\n  file: {keys or key_file}\npipelines:\n  logins:\n    queue: {queue}\n"
                    f"    table: {table}\n    long_poll: {long_poll}\n{pipeline}    columns:\n{columns}",
                    encoding="utf-8")
    return path


class Finished:
    """A run that has ended: `code`, `out`, `err`."""

    def __init__(self, process):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr

    def sentence(self):
        """The one line that tells a human what was wrong."""
        lines = [line for line in self.err.splitlines() if line.startswith("sqs2pg: ")]
        assert len(lines) == 1, f"one sentence expected, exit {self.code}:\n{self.err}"
        return lines[0]


def run(*arguments, environment=None, timeout=60, input=None, cwd=None):
    process = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                             input=input, stdin=subprocess.DEVNULL if input is None else None, cwd=cwd,
                             env=plain_environment(**(environment or {})))
    return Finished(process)


class Running:
    """`sqs2pg run` in the background, with its ops port and its log."""

    def __init__(self, configuration, environment, folder, *arguments, log="json"):
        self.ops = f"127.0.0.1:{free_port()}"
        self.log_path = folder / f"run-{self.ops.split(':')[1]}.log"
        command = [BINARY, "run", "-c", str(configuration), "--ops", self.ops, "--log", log, *map(str, arguments)]
        with open(self.log_path, "wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                                            env=plain_environment(**environment))

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def get(self, path):
        """(status code, text), or (0, "") while nothing listens."""
        try:
            with urllib.request.urlopen(f"http://{self.ops}{path}", timeout=5) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def wait_ready(self, seconds=20):
        def ready():
            self.check_alive()
            return self.get("/readyz")[0] == 200
        wait_until(ready, "/readyz to be 200", seconds)
        return self

    def check_alive(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the program ended with {self.process.returncode}:\n{self.log()[-3000:]}")

    def metrics(self):
        """One scrape; waits for the port, which opens during the start."""
        def scrape():
            self.check_alive()
            code, text = self.get("/metrics")
            return Metrics(text) if code == 200 else None
        return wait_until(scrape, "/metrics to answer")

    def status(self):
        return json.loads(self.get("/status")[1])

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=40):
        return self.process.wait(seconds)

    def stop(self, seconds=40):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Metrics:
    """One scrape of /metrics."""

    def __init__(self, text):
        self.text = text
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.samples = [sample for family in self.families.values() for sample in family.samples]

    def value(self, name, **labels):
        return sum(sample.value for sample in self.samples
                   if sample.name == name and labels.items() <= sample.labels.items())

    def settled(self, outcome):
        return self.value("sqs2pg_messages_settled_total", outcome=outcome)

    def received(self):
        return self.value("sqs2pg_messages_received_total")

    def in_flight(self):
        return self.value("sqs2pg_messages_in_flight")

    def conserved(self):
        return self.received() == sum(map(self.settled, OUTCOMES)) + self.in_flight()

    def __str__(self):
        return ", ".join([f"received {self.received():g}", f"in flight {self.in_flight():g}"] +
                         [f"{outcome} {self.settled(outcome):g}" for outcome in OUTCOMES])


def data_file(name):
    """A file of the data that stands beside the checkout, or None."""
    folder = Path(os.environ.get("SQS2PG_DATA", CHECKOUT.parent / "shared" / "data"))
    path = folder / name
    return path if path.exists() else None


def encodings(value):
    """How a value could stand in a log although nobody wrote it plainly."""
    raw = value.encode("utf-8")
    plain64 = base64.b64encode(raw).decode()
    return {value, json.dumps(value)[1:-1], urllib.parse.quote(value, safe=""), raw.hex(), raw.hex().upper(),
            plain64.rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("="),
            re.sub(r"(..)", r"\\x\1", raw.hex())}
