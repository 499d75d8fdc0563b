"""Passwords and keys that AWS keeps: read at the start, taken anew after a rotation without a restart, and never shown.
moto stands for Secrets Manager, SSM and KMS, and LocalStack beside it where they are read; the queue is our own."""
import base64
import json
import os
import signal
import time

import boto3
import pytest
from logins import bodies_of, make_logins
from postgres_cluster import PASSWORD
from program import run
from sqs_servers import CREDENTIALS
from waiting import wait_until

ROTATED = "rotated-hunter2-password"
FIRST = "active: k1\nkeys:\n  k1: " + base64.b64encode(bytes(range(32))).decode() + "\n"
SECOND = FIRST.replace("active: k1", "active: k2") + "  k2: " + base64.b64encode(bytes(range(1, 33))).decode() + "\n"
OTHER = FIRST.replace(base64.b64encode(bytes(range(32))).decode(), base64.b64encode(bytes(range(2, 34))).decode())


class Aws:
    def __init__(self, server):
        self.server = server
        self.environment = {f"AWS_ENDPOINT_URL_{name}": server.url for name in ("SECRETS_MANAGER", "SSM", "KMS")}

    def client(self, service):
        return boto3.client(service, endpoint_url=self.server.url, region_name="us-east-1",
                            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"])

    def store(self, name, text):
        return self.client("secretsmanager").create_secret(Name=name, SecretString=text)

    def put(self, name, text):
        self.client("secretsmanager").put_secret_value(SecretId=name, SecretString=text)

    def wrap(self, path, text, use="keys"):
        kms = self.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        wrapped = kms.encrypt(KeyId=key, Plaintext=text.encode(), EncryptionContext={"sqs2pg": use})
        path.write_bytes(base64.encodebytes(wrapped["CiphertextBlob"]))


BOTH = pytest.mark.parametrize("aws", ["moto", "localstack_of_secrets"], indirect=True)


@pytest.fixture
def aws(request):
    return Aws(request.getfixturevalue(getattr(request, "param", "moto")))


@pytest.fixture
def own_role(rig, own_name, aws):
    """The rig, connecting over TCP as a role whose password is in a secret."""
    with rig.database.cluster.connect("postgres") as connection:
        connection.execute(f"CREATE ROLE {own_name} LOGIN PASSWORD '{PASSWORD}' IN ROLE {rig.database.role}")
        connection.execute(f"ALTER ROLE {own_name} SET role = {rig.database.role}")
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE"):
        rig.environment.pop(name, None)
    rig.environment.update(aws.environment)
    rig.role = own_name
    yield rig
    rig.close()
    with rig.database.cluster.connect("postgres") as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [own_name])
        connection.execute(f"DROP OWNED BY {own_name}; DROP ROLE {own_name}")


@pytest.fixture
def own_name():
    return f"role_{os.getpid()}_{time.monotonic_ns()}"


def head_of(rig, secret):
    url = f"postgresql://{rig.role}@127.0.0.1:{rig.database.cluster.port}/{rig.database.name}"
    return f"postgres:\n  url: {url}\n  password_secret: {secret}\n"


def set_password(rig, password):
    with rig.database.cluster.connect("postgres") as connection:
        connection.execute(f"ALTER ROLE {rig.role} PASSWORD '{password}'")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [rig.role])


def with_keys(rig, lines):
    """The configuration with these lines under `keys`."""
    path = rig.folder / "sqs2pg.yaml"
    text = path.read_text()
    begin = text.index("keys:\n")
    path.write_text(text[:begin] + "keys:\n" + lines + text[text.index("pipelines:"):])


def tokens(rig):
    return rig.database.rows("SELECT user_id::text, masked_ip, masked_device_id FROM user_logins ORDER BY 1, 2, 3")


@BOTH
def test_the_password_is_a_member_of_a_secret_or_a_parameter(own_role, aws):
    rig = own_role
    aws.store(rig.role + "/db", json.dumps({"username": rig.role, "password": PASSWORD, "engine": "postgres"}))
    aws.client("ssm").put_parameter(Name=f"/{rig.role}/db", Value=PASSWORD, Type="SecureString")
    for number, secret in enumerate([f"secretsmanager:{rig.role}/db", f"secretsmanager:{rig.role}/db#password",
                                     f"ssm:/{rig.role}/db"], 1):
        rig.configure(head=head_of(rig, secret))
        rig.send(bodies_of(make_logins(20, seed=number)))
        rig.drain()
        assert rig.rows() == 20 * number
    check = run("check", "-c", rig.configuration, environment=rig.environment)
    assert f"the password comes from ssm:/{rig.role}/db, version 1" in " ".join(check.out.split()), check.out
    assert PASSWORD not in check.out + check.err


def test_a_rotated_password_is_taken_without_a_restart(own_role, aws):
    rig = own_role
    name = rig.role + "/rotated"
    aws.store(name, json.dumps({"username": rig.role, "password": PASSWORD}))
    rig.configure(head=head_of(rig, f"secretsmanager:{name}"))
    rig.migrate()
    running = rig.start().wait_ready()
    rig.send(bodies_of(make_logins(10, seed=1)))
    wait_until(lambda: rig.rows() == 10, "the first rows", 20)
    # As a rotation does it: the database first, so that for a moment nobody has the right password.
    set_password(rig, ROTATED)
    rig.send(bodies_of(make_logins(10, seed=2)))
    wait_until(lambda: "28P01" in running.log(), "the old password to be refused", 30)
    aws.put(name, json.dumps({"username": rig.role, "password": ROTATED}))
    wait_until(lambda: rig.rows() == 20, "the rows after the rotation", 60)
    running.check_alive()
    assert running.stop() == 0
    log = running.log()
    assert PASSWORD not in log and ROTATED not in log


@BOTH
def test_a_secret_that_is_not_there_is_told_and_a_service_that_is_away_is_waited_for(own_role, aws):
    rig = own_role
    rig.configure(head=head_of(rig, f"secretsmanager:{rig.role}/absent"))
    absent = rig.run("--drain", "--migrate")
    assert absent.code == 2, absent.err
    assert "there is no such secret" in absent.err and f"{rig.role}/absent" in absent.err
    assert "region us-east-1" in absent.err
    check = run("check", "-c", rig.configuration, "--format", "json", environment=rig.environment)
    assert "password_secret" in [one["code"] for one in json.loads(check.out)["findings"] if one["verdict"] == "error"]
    away = {"AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://127.0.0.1:9"}
    running = rig.start("--migrate", environment=away)
    wait_until(lambda: "waiting_for" in running.log(), "the program to wait", 30)
    running.check_alive()
    assert "the database" in running.log()
    failed = rig.run("--drain", "--migrate", "--fail-fast", environment=away)
    assert failed.code == 1, failed.err


@BOTH
def test_keys_of_a_secret_a_parameter_and_a_wrapped_file_give_the_tokens_of_the_key_file(rig, aws, own_name):
    rig.environment.update(aws.environment)
    logins = bodies_of(make_logins(30, seed=7))
    aws.store(own_name + "/keys", FIRST)
    aws.store(own_name + "/json", json.dumps({"sqs2pg": FIRST}))
    aws.client("ssm").put_parameter(Name=f"/{own_name}/keys", Value=FIRST, Type="SecureString")
    aws.wrap(rig.folder / "keys.kms", FIRST)
    rig.send(logins)
    rig.drain()
    expected = tokens(rig)
    assert len(expected) == 30
    for lines in (f"  secret: secretsmanager:{own_name}/keys\n", f"  secret: secretsmanager:{own_name}/json#sqs2pg\n",
                  f"  secret: ssm:/{own_name}/keys\n", "  kms_file: keys.kms\n"):
        rig.configure()
        with_keys(rig, lines)
        rig.database.execute("TRUNCATE user_logins")
        rig.send(logins)
        rig.drain()
        assert tokens(rig) == expected, lines
    shown = run("key", "check", "-c", rig.configuration, environment=rig.environment)
    assert shown.code == 0 and "k1 is active" in shown.out, shown.out + shown.err
    check = run("check", "-c", rig.configuration, environment=rig.environment)
    assert "arn:aws:kms" in check.out, check.out


def test_a_new_active_key_is_taken_while_it_runs_and_a_changed_one_is_refused(rig, aws, own_name):
    rig.environment.update(aws.environment)
    name = own_name + "/keys"
    aws.store(name, FIRST)
    with_keys(rig, f"  secret: secretsmanager:{name}\n  refresh: 5s\n")
    rig.migrate()
    running = rig.start().wait_ready()

    def active():
        rig.send(bodies_of(make_logins(1, seed=time.monotonic_ns())))
        return {token.split("_")[0] for (token,) in rig.database.rows("SELECT masked_ip FROM user_logins")}

    wait_until(lambda: active() == {"k1"}, "the first key", 20, pause=0.3)
    aws.put(name, OTHER)
    running.signal(signal.SIGHUP)
    wait_until(lambda: "the old one goes on" in running.log(), "the refusal", 20)
    assert "k1" in running.log()
    aws.put(name, SECOND)  # by itself, within five seconds
    wait_until(lambda: active() == {"k1", "k2"}, "the second key", 30, pause=0.3)
    assert running.stop() == 0
    for key in (FIRST, SECOND, OTHER):
        for word in key.split():
            assert len(word) < 44 or word not in running.log()


def test_a_key_file_in_the_clear_and_one_wrapped_for_something_else_are_told(rig, aws):
    rig.environment.update(aws.environment)
    (rig.folder / "clear.yaml").write_text(FIRST)
    with_keys(rig, "  kms_file: clear.yaml\n")
    refused = rig.run("--drain")
    assert refused.code == 2 and "aws kms encrypt" in refused.err, refused.err
    aws.wrap(rig.folder / "keys.kms", FIRST, use="backups")
    with_keys(rig, "  kms_file: keys.kms\n")
    refused = rig.run("--drain")
    assert refused.code == 2 and "keys.kms" in refused.err, refused.err
    assert "--encryption-context sqs2pg=keys" in refused.err, refused.err
