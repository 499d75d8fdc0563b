"""What every measurement of a peer needs: a queue of its own filled with messages, a database of its own, and the
peer's process group, started, sampled, killed."""
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT / "tests" / "integration"), str(CHECKOUT / "bench")]

from harness.proc import children_of, cpu_seconds, peak_rss  # noqa: E402
from sqs_servers import EmbeddedQueue, depth, plain_environment  # noqa: E402

QUEUE, DEAD_QUEUE = "login-queue", "login-dead"
MASKING_KEY = "a-key-for-measurements-only"
MAX_RECEIVES = 5
MAKING_DATABASES = threading.Lock()  # the first database of a cluster makes the roles


class Rig:
    """A queue process with a redrive policy, and an empty database; use as a context."""

    def __init__(self, cluster, binary, folder, visibility, faults=False):
        from conftest import logins_database
        self.binary, self.folder, self.visibility = binary, folder, visibility
        folder.mkdir(parents=True)
        with MAKING_DATABASES:
            self.database = logins_database(cluster)
        self.database.run_file(Path(__file__).with_name("ledger.sql"))
        self.server = EmbeddedQueue.start(binary, faults=faults)
        self.client = self.server.client(retries=3)
        dead = self.client.create_queue(QueueName=DEAD_QUEUE)["QueueUrl"]
        arn = self.client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = f'{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"{MAX_RECEIVES}"}}'
        self.queue_url = self.client.create_queue(QueueName=QUEUE, Attributes={
            "VisibilityTimeout": str(visibility), "RedrivePolicy": policy})["QueueUrl"]
        self.dead_url = dead

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()

    def environment(self):
        return plain_environment(**self.server.environment(), **self.database.environment(), QUEUE=QUEUE,
                                 QUEUE_URL=self.queue_url, DEAD_QUEUE_URL=self.dead_url, MASKING_KEY=MASKING_KEY)

    def send(self, bodies):
        lines = self.folder / "messages.jsonl"
        lines.write_text("".join(body + "\n" for body in bodies), encoding="utf-8")
        sent = subprocess.run([self.binary, "send", "--queue", QUEUE, lines], env=self.environment(), timeout=300,
                              capture_output=True, text=True)
        lines.unlink()
        if sent.returncode:
            raise RuntimeError(f"`sqs2pg send` failed: {sent.stderr}")

    def left(self):
        """Messages that are still in the queue, visible or not."""
        return sum(depth(self.client, self.queue_url))

    def rows(self):
        return self.database.value("SELECT count(*) FROM user_logins")

    def dead_bodies(self):
        """Takes everything out of the dead-letter queue."""
        bodies = []
        while True:
            reply = self.client.receive_message(QueueUrl=self.dead_url, MaxNumberOfMessages=10)
            if not reply.get("Messages"):
                return bodies
            bodies += [message["Body"] for message in reply["Messages"]]


class Peer:
    """A running consumer, in a process group of its own."""

    def __init__(self, definition, rig):
        definition.prepare(rig)
        self.log = rig.folder / "peer.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(definition.command(rig), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            env={**rig.environment(), **definition.environment}, cwd=rig.folder,
                                            start_new_session=True)

    def alive(self):
        return self.process.poll() is None

    def kill(self):
        """kill -9 of all its processes, as the end of a container or a machine."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(10)

    def stop(self):
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def tail(self):
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]


class Sampler(threading.Thread):
    """CPU and memory of a process and those that it started, every 20 ms until `stop`."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.stopping = pid, threading.Event()
        self.cpu, self.peaks, self.samples = {}, {}, []
        self.start()

    def family(self, pid):
        yield pid
        for child in children_of(pid):
            yield from self.family(child)

    def run(self):
        while not self.stopping.wait(0.02):
            try:
                for pid in self.family(self.pid):
                    self.cpu[pid] = cpu_seconds(pid) or self.cpu.get(pid, 0)
                    self.peaks[pid] = max(self.peaks.get(pid, 0), peak_rss(pid))
            except OSError:
                pass  # one of them has just ended
            self.samples.append((time.time(), sum(self.cpu.values())))

    def stop(self):
        self.stopping.set()
        self.join()

    def cpu_between(self, start, end):
        """Seconds of user and system time from the sample nearest to `start` to that nearest to `end`."""
        def at(moment):
            return min(self.samples, key=lambda sample: abs(sample[0] - moment))[1]
        return at(end) - at(start)

    def memory(self):
        """The sum of the processes' peaks, in bytes."""
        return sum(self.peaks.values())
