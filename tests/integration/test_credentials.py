"""Every source of AWS credentials from outside: the pipeline runs with each against a queue that verifies signatures
and session tokens, and what is missing, refused or hanging is told in words within its time."""
import hashlib
import json
import time

import pytest
from conftest import logins_database
from fake_aws import FakeAws, in_seconds
from logins import bodies_of, make_logins
from program import BINARY, run, write_configuration
from sqs_servers import EmbeddedQueue, SqsServer
from waiting import wait_until

KEYS = {"id": "ASIAHANDEDOUT", "secret": "handed/out", "token": "token+of/the=role"}
LATER = {"id": "ASIALATER", "secret": "later/secret", "token": "another=token"}
ROLE = "arn:aws:iam::123456789012:role/consumer"


@pytest.fixture(scope="module")
def queue(tmp_path_factory):
    """Verifies signatures; the sender has keys of its own."""
    accepted = tmp_path_factory.mktemp("keys") / "credentials"
    sender = {"id": "AKIDEXAMPLE", "secret": "wJalrXUtnFEMI", "token": None}
    accepted.write_text("\n".join(
        f"[{index}]\naws_access_key_id = {keys['id']}\naws_secret_access_key = {keys['secret']}"
        + (f"\naws_session_token = {keys['token']}" if keys["token"] else "")
        for index, keys in enumerate((KEYS, LATER, sender))) + "\n")
    started = EmbeddedQueue.start(BINARY, "--create", "login-queue", "--verify-signatures", "--accept-keys", accepted)
    yield started
    started.stop()


@pytest.fixture
def aws():
    fake = FakeAws()
    fake.keys = KEYS
    yield fake
    fake.stop()


class Home:
    """A home folder, and the environment of a program that has it and nothing else."""

    def __init__(self, folder, aws, queue):
        self.folder, self.aws = folder, aws
        (folder / ".aws" / "sso" / "cache").mkdir(parents=True)
        self.environment = {
            "HOME": str(folder), "AWS_CONFIG_FILE": "", "AWS_SHARED_CREDENTIALS_FILE": "", "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_SQS": queue.url, "AWS_ENDPOINT_URL_STS": aws.url, "AWS_ENDPOINT_URL_SSO": aws.url,
            "AWS_ENDPOINT_URL_SSO_OIDC": aws.url}

    def set(self, **variables):
        self.environment.update(variables)

    def write(self, name, text, mode=0o600):
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return str(path)


@pytest.fixture
def home(tmp_path, aws, queue):
    folder = tmp_path / "home"
    folder.mkdir()
    return Home(folder, aws, queue)


def environment(home):
    home.set(AWS_ACCESS_KEY_ID=KEYS["id"], AWS_SECRET_ACCESS_KEY=KEYS["secret"], AWS_SESSION_TOKEN=KEYS["token"])


def web_identity(home):
    home.set(AWS_ROLE_ARN=ROLE, AWS_WEB_IDENTITY_TOKEN_FILE=home.write("web", "web-token\n"))


def shared_profile(home):
    home.write(".aws/credentials", f"[app]\naws_access_key_id = {KEYS['id']}\n"
                                   f"aws_secret_access_key = {KEYS['secret']}\naws_session_token = {KEYS['token']}\n")
    home.set(AWS_PROFILE="app")


def role_of_a_profile(home):
    home.write(".aws/credentials", "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = x\n")
    home.write(".aws/config", f"[default]\nrole_arn = {ROLE}\nsource_profile = base\nexternal_id = ours\n")


def process(home):
    printed = json.dumps({"Version": 1, "AccessKeyId": KEYS["id"], "SecretAccessKey": KEYS["secret"],
                          "SessionToken": KEYS["token"], "Expiration": in_seconds(3600)})
    program = home.write("print keys", f"#!/bin/sh\necho '{printed}'\n", 0o700)
    home.write(".aws/config", f"[default]\ncredential_process = \"{program}\" --quietly\n")


def sso(home):
    home.write(".aws/config", "[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\n"
                              "[sso-session corp]\nsso_start_url = https://corp\nsso_region = us-east-1\n")
    home.write(f".aws/sso/cache/{hashlib.sha1(b'corp').hexdigest()}.json",
               json.dumps({"accessToken": "signed-in", "expiresAt": in_seconds(3600)}))


def container(home):
    home.set(AWS_CONTAINER_CREDENTIALS_FULL_URI=home.aws.url + "/container",
             AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=home.write("pod", "pod-token"))


def instance(home):
    home.set(AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=home.aws.url)


SOURCES = {environment: "environment", web_identity: f"role {ROLE} with the token in", shared_profile: 'profile "app"',
           role_of_a_profile: f'profile "default <- base": role {ROLE}', process: "credential_process",
           sso: "IAM Identity Center, R of account 1", container: "container service at",
           instance: "role instance-role of this EC2 instance"}


class Consumer:
    def __init__(self, server, home, database, folder):
        self.server, self.home, self.database, self.folder = server, home, database, folder
        self.configuration = write_configuration(folder)

    def run(self, *arguments):
        return run(*arguments, environment={**self.home.environment, **self.database.environment()})

    def send(self, count, seed=1):
        client = self.server.client()
        url = client.get_queue_url(QueueName="login-queue")["QueueUrl"]
        for body in bodies_of(make_logins(count, seed)):
            client.send_message(QueueUrl=url, MessageBody=body)


@pytest.fixture
def consumer(queue, home, cluster, tmp_path):
    return Consumer(queue, home, logins_database(cluster), tmp_path)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_the_pipeline_runs_with_each_source_and_check_names_it(consumer, home, source):
    source(home)
    consumer.send(3)
    drained = consumer.run("run", "-c", consumer.configuration, "--ops", "off", "--drain", "--migrate")
    assert drained.code == 0, drained.err
    assert consumer.database.value("SELECT count(*) FROM user_logins") == 3
    for secret in (KEYS["secret"], KEYS["token"], "web-token", "pod-token", "signed-in"):
        assert secret not in drained.err + drained.out
    checked = consumer.run("check", "-c", consumer.configuration, "--format", "json")
    found = [finding for finding in json.loads(checked.out)["findings"] if finding["code"] == "credentials"]
    assert len(found) == 1 and found[0]["verdict"] == "ok", found
    assert SOURCES[source] in found[0]["sentence"]
    assert "as arn:aws:sts::1:assumed-role/consumer/me" in found[0]["sentence"]


def test_the_role_of_the_configuration_is_assumed_on_top(consumer, home):
    home.set(AWS_ACCESS_KEY_ID="AKIABASE", AWS_SECRET_ACCESS_KEY="x")
    consumer.configuration = write_configuration(
        consumer.folder, head=f"aws: {{role_arn: '{ROLE}', external_id: ours, role_session_name: nightly}}")
    consumer.send(2)
    drained = consumer.run("run", "-c", consumer.configuration, "--ops", "off", "--drain", "--migrate")
    assert drained.code == 0, drained.err
    assert consumer.database.value("SELECT count(*) FROM user_logins") == 2
    assert "ExternalId=ours" in home.aws.asked("AssumeRole")[0][3]
    assert "RoleSessionName=nightly" in home.aws.asked("AssumeRole")[0][3]


def test_many_workers_and_pipelines_ask_once(consumer, home):
    container(home)
    consumer.send(20)
    drained = consumer.run("run", "-c", consumer.configuration, "--ops", "off", "--drain", "--migrate", "--workers",
                           "6")
    assert drained.code == 0, drained.err
    assert len(home.aws.asked("/container")) == 1


def test_short_lived_credentials_are_renewed_while_messages_flow(consumer, home, rig_of, queue):
    """Nothing is lost when keys change under a running pipeline: the old ones are good for 20 seconds only."""
    container(home)
    home.aws.lasts = 20
    rig = rig_of(queue, consumer.database)
    rig.environment.update(home.environment)
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        rig.environment.pop(name, None)
    running = rig.start("--migrate").wait_ready()
    consumer.send(5, seed=2)
    wait_until(lambda: rig.rows() == 5, "the first messages", 30)
    home.aws.keys = LATER
    wait_until(lambda: len(home.aws.asked("/container")) >= 2, "a renewal", 30)
    consumer.send(5, seed=3)
    wait_until(lambda: rig.rows() == 10, "messages under the new keys", 30)
    left = running.metrics().value("sqs2pg_credentials_expiry_seconds")
    assert 0 < left <= 20


def sentence_of_check(consumer):
    began = time.monotonic()
    checked = consumer.run("check", "-c", consumer.configuration, "--format", "json")
    found = [finding for finding in json.loads(checked.out)["findings"] if finding["code"] == "credentials"]
    assert checked.code == 1 and found[0]["verdict"] == "error", found
    return found[0]["sentence"], time.monotonic() - began


def test_a_metadata_service_that_hangs_is_told_with_the_hop_limit_within_seconds(consumer, home):
    instance(home)
    home.aws.fault = "hang"
    sentence, seconds = sentence_of_check(consumer)
    assert "5. EC2 metadata: the metadata service at" in sentence and "hop limit" in sentence
    assert "1. environment: AWS_ACCESS_KEY_ID is not set; 2. web identity:" in sentence
    assert seconds < 15


def test_a_role_that_is_refused_stops_the_start_in_words(consumer, home):
    role_of_a_profile(home)
    home.aws.fault = (403, "<E><Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::1:user/me is not authorized "
                           "to perform: sts:AssumeRole</Message></Error></E>")
    started = consumer.run("run", "-c", consumer.configuration, "--ops", "off", "--drain", "--migrate")
    assert started.code == 2
    assert "User: arn:aws:iam::1:user/me is not authorized to perform: sts:AssumeRole" in started.err
    assert "trust policy" in started.err


@pytest.mark.parametrize("configuration, told", [
    ("[default]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = b\n"
     "[profile b]\nrole_arn = arn:aws:iam::1:role/b\nsource_profile = default\n", "lead in a circle"),
    ("[default]\ncredential_process = /bin/echo rubbish\n", "what it prints is no JSON object"),
    ("[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\n[sso-session corp]\n"
     "sso_start_url = https://corp\nsso_region = us-east-1\n", "aws sso login --sso-session corp"),
])
def test_profiles_that_cannot_work_are_told_for_what_they_are(consumer, home, configuration, told):
    home.write(".aws/config", configuration)
    sentence, _ = sentence_of_check(consumer)
    assert told in sentence
