"""Parts by themselves, in CPU time: the transform beside a bare prototype, the embedded queue beside a server with a
constant reply. Rows `transform` and `queue`."""
import contextlib
import json
import subprocess

from .lab import QUEUE, Broken
from .outcome import Check, Figure, Outcome
from .proc import pin, two_cores
from .spread import ratios, spread

TRANSFORM = "transform_with_two_hmacs"


def transform_once(lab):
    """ns of CPU a message"""
    program = lab.programs / "micro_transform"
    if not program.exists():
        raise Broken("micro_transform is not built: ninja -C build/bench micro_transform")
    finished = subprocess.run([program, f"--benchmark_filter=^{TRANSFORM}$", "--benchmark_format=json"],
                              capture_output=True, text=True, timeout=120)
    if finished.returncode:
        raise Broken(f"micro_transform failed: {finished.stderr.strip()[-300:]}")
    measured = json.loads(finished.stdout)["benchmarks"]
    if len(measured) != 1 or measured[0]["time_unit"] != "ns":
        raise Broken(f"micro_transform measured {[one['name'] for one in measured]}")
    return measured[0]["cpu_time"]


def transform(lab):
    ours, bare = [], []
    for _ in range(lab.options.runs):
        ours.append(transform_once(lab) / 1000)
        bare.append(lab.program("prototype", "--messages", 1_000_000)["ns_a_message"] / 1000)
        lab.say(f"transform {ours[-1]:.3f} us, prototype {bare[-1]:.3f} us")
    cpu, limit = spread(ours), spread(bare)
    return Outcome([Figure("", "us", cpu)], [Figure("", "us", limit)],
                   [Figure("", "", ratios(cpu, limit))], [Check("us a message", cpu.median, at_most=0.9)],
                   "CPU time of one core")


@contextlib.contextmanager
def constant_server(lab):
    """(process, its URL)"""
    path = lab.programs / "constant_server"
    if not path.exists():
        raise Broken("constant_server is not built: ninja -C build/bench constant_server")
    process = subprocess.Popen([path], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    try:
        yield process, f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def load(lab, process, url, mode, requests):
    """Server and client each on a core of its own, where there are two."""
    client, server = two_cores()
    pin(process.pid, server)
    path = lab.programs / "queue_load"
    if not path.exists():
        raise Broken("queue_load is not built: ninja -C build/bench queue_load")
    command = ["taskset", "-c", str(min(client)), path, "--url", f"{url}/000000000000/{QUEUE}", "--mode", mode,
               "--requests", requests, "--connections", CONNECTIONS, "--server-pid", process.pid]
    finished = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120)
    if finished.returncode:
        raise Broken(f"queue_load failed: {finished.stderr.strip()[-300:]}")
    return json.loads(finished.stdout)


CONNECTIONS = 8


def queue(lab):
    requests = lab.options.messages
    rates = {"mix": [], "worker": [], "constant": []}
    walls = {name: [] for name in rates}
    for _ in range(lab.options.runs):
        for mode in ("mix", "worker"):
            with lab.queue() as server:
                note_load(rates, walls, mode, load(lab, server.process, server.url, mode, requests))
        with constant_server(lab) as (process, url):
            note_load(rates, walls, "constant", load(lab, process, url, "constant", requests))
        lab.say("requests a core and second: " + ", ".join(f"{name} {seen[-1]:,.0f}" for name, seen in rates.items()))
    mix, worker, constant = (spread(rates[name]) for name in ("mix", "worker", "constant"))
    return Outcome([Figure("send, receive, delete", "req/s", mix), Figure("receive, delete", "req/s", worker)],
                   [Figure("", "req/s", constant)],
                   [Figure("", "", ratios(mix, constant)), Figure("", "", ratios(worker, constant))],
                   [Check("req/s a core", mix.median, at_least=60_000),
                    Check("req/s a core as a worker asks", worker.median, at_least=60_000)],
                   f"requests a second of the server's CPU time, ten messages each, {CONNECTIONS} connections",
                   {"by_the_clock": {name: spread(seen).as_json() for name, seen in walls.items()}})


def note_load(rates, walls, mode, told):
    rates[mode].append(1e6 / told["server_cpu_us_a_request"])
    walls[mode].append(told["requests_per_second"])
