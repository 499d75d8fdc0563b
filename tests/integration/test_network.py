"""The way to the queue: TLS with a CA of one's own, a forward proxy with CONNECT, endpoints, and every way in which
these are wrong. Each gets a sentence, within its deadline, and without the proxy's password."""
import json
import time

import certificates
import pytest
from forward_proxy import ForwardProxy
from logins import bodies_of, make_logins
from postgres_cluster import free_port
from program import BINARY, run
from sqs_servers import EmbeddedQueue

HOST = "queue.example.test"  # no resolver knows it: only the proxy does


class SecureRig:
    """A queue behind TLS on this machine, reached as HOST, and the files of its CA."""

    def __init__(self, rig, folder, port):
        self.rig, self.folder, self.port = rig, folder, port
        self.ca = folder / "ca.pem"

    def environment(self, proxy=None, **more):
        chosen = {"AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_SQS": f"https://{HOST}:{self.port}",
                  "AWS_CA_BUNDLE": str(self.ca)}
        if proxy:
            chosen["HTTPS_PROXY"] = proxy
        return {**chosen, **more}

    def run(self, *arguments, proxy=None, timeout=60, **more):
        return self.rig.run("--migrate", *arguments, environment=self.environment(proxy, **more), timeout=timeout)

    def check(self, proxy=None, **more):
        environment = {**self.rig.environment, **self.environment(proxy, **more)}
        finished = run("check", "-c", self.rig.configuration, "--format", "json", environment=environment)
        return json.loads(finished.out)


@pytest.fixture
def secure(rig_of, database, tmp_path):
    certificates.make_ca(tmp_path)
    certificate, key = certificates.make_certificate(tmp_path, f"DNS:{HOST},DNS:localhost,IP:127.0.0.1")
    server = EmbeddedQueue.start(BINARY, "--create", "login-queue", "--tls-cert", certificate, "--tls-key", key,
                                 faults=False, ca=tmp_path / "ca.pem")
    yield SecureRig(rig_of(server, database), tmp_path, int(server.url.rpartition(":")[2]))
    server.stop()


def test_messages_come_through_a_proxy_with_a_password_from_a_queue_behind_tls(secure):
    secure.rig.configure(pipeline="    max_polls: 8\n")
    secure.rig.send(bodies_of(make_logins(2000)))
    with ForwardProxy("user", "p@ss") as proxy:
        url = proxy.url().replace("p@ss", "p%40ss")
        finished = secure.run("--drain", "--workers", "1", proxy=url)
        assert finished.code == 0, finished.err
        assert secure.rig.rows() == 2000
        assert set(proxy.asked) == {f"{HOST}:{secure.port}"} and proxy.tunnelled_bytes > 100_000
        assert "p@ss" not in finished.err and "p%40ss" not in finished.err
        # 2,000 messages are 400 requests at least. Connections are as many as run at once: eight receives, as many
        # deletes, the looks at the queue's attributes.
        assert len(proxy.asked) < 20


def test_check_says_which_endpoint_why_and_through_which_proxy(secure):
    with ForwardProxy("user", "hunter2") as proxy:
        report = secure.check(proxy=proxy.url())
        [endpoint] = [finding for finding in report["findings"] if finding["code"] == "endpoint"]
        sentence = endpoint["sentence"]
        assert f"https://{HOST}:{secure.port}" in sentence and "AWS_ENDPOINT_URL_SQS" in sentence
        assert f"through the proxy http://127.0.0.1:{proxy.port} (HTTPS_PROXY)" in sentence
        assert "hunter2" not in json.dumps(report)
        assert report["errors"] <= 1, report  # the schema is not there yet


def sentence_of(finished):
    assert finished.code != 0, finished.err
    return finished.err


def test_a_proxy_that_refuses_is_told_with_what_to_do(secure):
    with ForwardProxy("user", "secret") as proxy:
        assert "asks for a user and password" in sentence_of(secure.run("--drain", proxy=proxy.url(False)))
        wrong = sentence_of(secure.run("--drain", proxy=f"http://user:hunter2@127.0.0.1:{proxy.port}"))
        assert "does not accept the user and password" in wrong and "hunter2" not in wrong
    with ForwardProxy(refuse_with="403 Forbidden") as proxy:
        refused = sentence_of(secure.run("--drain", proxy=proxy.url()))
        assert "have it allowed there, or name the host in NO_PROXY" in refused and f"{HOST}:{secure.port}" in refused
    gone = f"http://127.0.0.1:{free_port()}"
    assert f"the proxy {gone} (HTTPS_PROXY)" in sentence_of(secure.run("--drain", "--fail-fast", proxy=gone))
    assert "SOCKS proxies are not supported" in sentence_of(secure.run("--drain", proxy="socks5://127.0.0.1:1080"))


def test_a_certificate_or_a_bundle_that_is_wrong_is_told_with_what_to_do(secure):
    other = certificates.make_ca(secure.folder, "other")
    direct = f"https://localhost:{secure.port}"

    def refusal(**environment):
        return sentence_of(secure.run("--drain", AWS_ENDPOINT_URL_SQS=direct, **environment))

    assert "is not trusted" in refusal(AWS_CA_BUNDLE=str(other))
    assert "let AWS_CA_BUNDLE" in refusal(AWS_CA_BUNDLE="")
    assert "there is no such file" in refusal(AWS_CA_BUNDLE=str(secure.folder / "absent.pem"))
    empty = secure.folder / "empty.pem"
    empty.write_text("")
    assert "the file is empty" in refusal(AWS_CA_BUNDLE=str(empty))
    assert "no certificate in PEM form" in refusal(AWS_CA_BUNDLE=str(secure.rig.configuration))
    with ForwardProxy() as proxy:
        mismatch = secure.run("--drain", proxy=proxy.url(), AWS_ENDPOINT_URL_SQS=f"https://other.test:{secure.port}")
        assert f"it is for {HOST}" in sentence_of(mismatch)


def test_the_bundle_of_the_configuration_stands_beside_it(secure):
    secure.rig.configure(head="aws:\n  ca_bundle: ca.pem\n")
    direct = f"https://localhost:{secure.port}"
    finished = secure.run("--drain", AWS_ENDPOINT_URL_SQS=direct, AWS_CA_BUNDLE="/nowhere.pem")
    assert finished.code == 0, finished.err


def test_a_misspelt_region_is_told_with_the_nearest_within_the_deadline(rig):
    started = time.monotonic()
    finished = rig.run("--drain", "--migrate", "--fail-fast",
                       environment={"AWS_ENDPOINT_URL": "", "AWS_REGION": "eu-centrl-1"})
    assert time.monotonic() - started < 50
    assert "did you mean eu-central-1?" in sentence_of(finished)


def test_fips_beside_an_endpoint_of_ones_own_is_refused(rig):
    finished = rig.run("--drain", environment={"AWS_USE_FIPS_ENDPOINT": "true"})
    assert finished.code == 2 and "FIPS endpoints are asked for (AWS_USE_FIPS_ENDPOINT)" in finished.err
    finished = rig.run("--drain", environment={"AWS_USE_FIPS_ENDPOINT": "yes"})
    assert finished.code == 2 and "AWS_USE_FIPS_ENDPOINT must be true or false" in finished.err


def test_a_queue_is_found_by_its_arn(rig):
    arn = rig.client.get_queue_attributes(QueueUrl=rig.queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rig.send(bodies_of(make_logins(10)))
    rig.configure(queue=arn)
    rig.drain()
    assert rig.rows() == 10
