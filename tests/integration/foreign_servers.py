"""Starts the SQS servers that nobody here wrote: moto, LocalStack, ElasticMQ and fauxqs. Each is one process on a free
port of 127.0.0.1, ready when the function returns; `version` is that of the installed package."""
import importlib.metadata
import json
import subprocess
import sys
import urllib.error
import urllib.request

from postgres_cluster import free_port
from sqs_servers import CHECKOUT, SqsServer, plain_environment
from waiting import wait_until

CACHE = CHECKOUT / ".cache"
ELASTICMQ_CONFIGURATION = """
include classpath("application.conf")
node-address {{ protocol = http, host = "127.0.0.1", port = {port}, context-path = "" }}
rest-sqs {{ enabled = true, bind-port = {port}, bind-hostname = "127.0.0.1", sqs-limits = strict }}
rest-stats {{ enabled = false }}
"""


def _start(name, version, folder, port, command, path="/", **environment):
    log = folder / f"{name}.log"
    with open(log, "wb") as output:
        process = subprocess.Popen(list(map(str, command)), stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                                   cwd=folder, env=plain_environment(**environment))
    server = SqsServer(process, f"http://127.0.0.1:{port}")
    server.name, server.version, server.foreign = name, version, True

    def answers():
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended: {log.read_text()[-2000:]}")
        try:
            urllib.request.urlopen(server.url + path, timeout=2).close()
            return True
        except urllib.error.HTTPError as error:
            return error.code < 500  # an error, but an answer
        except OSError:
            return False

    try:
        wait_until(answers, f"{name} to answer", 90, pause=0.1)
    except BaseException:
        server.stop()
        raise
    return server


def start_moto(folder):
    port = free_port()
    return _start("moto", importlib.metadata.version("moto"), folder, port,
                  [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port])


def start_elasticmq(folder):
    port, settings = free_port(), folder / "elasticmq.conf"
    settings.write_text(ELASTICMQ_CONFIGURATION.format(port=port))
    jars = CACHE / "elasticmq"
    version = next(jars.glob("elasticmq-server_*.jar")).stem.rsplit("-", 1)[1]
    return _start("ElasticMQ", version, folder, port,
                  ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Dconfig.file={settings}",
                   "-cp", f"{jars}/*", "org.elasticmq.server.Main"])


def start_localstack(folder, services="sqs"):
    """Through hypercorn: LocalStack's usual HTTP server listens on every interface, whatever it is told."""
    port, home = free_port(), folder / "home"
    home.mkdir()
    package = next((CACHE / "localstack").glob("lib/python3*/site-packages/localstack_core-*.dist-info"))
    return _start("LocalStack", package.name.split("-")[1].removesuffix(".dist"), folder, port,
                  [CACHE / "localstack" / "bin" / "python", "-m", "localstack.runtime.main"], "/_localstack/health",
                  GATEWAY_SERVER="hypercorn", GATEWAY_LISTEN=f"127.0.0.1:{port}", SERVICES=services, DNS_ADDRESS="0",
                  EAGER_SERVICE_LOADING="1", DISABLE_EVENTS="1", SKIP_SSL_CERT_DOWNLOAD="1", HOME=str(home),
                  PYTHONPATH=str(CHECKOUT / "tests" / "integration" / "localstack" / "python311"),
                  LOCALSTACK_VOLUME_DIR=str(folder / "volume"), FILESYSTEM_ROOT=str(folder / "files"))


def start_fauxqs(folder):
    port, package = free_port(), CACHE / "fauxqs" / "node_modules" / "fauxqs"
    return _start("fauxqs", json.loads((package / "package.json").read_text())["version"], folder, port,
                  [CACHE / "node" / "bin" / "node", CHECKOUT / "tests" / "integration" / "fauxqs" / "server.mjs",
                   package, port], "/health")
