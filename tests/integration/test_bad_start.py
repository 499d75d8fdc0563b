"""What cannot start says so in one sentence, with the exit code of the contract, and touches no message."""
import base64
import os

import psycopg
import pytest
from logins import bodies_of, make_logins
from postgres_cluster import PASSWORD, free_port
from program import LOGIN_COLUMNS, run
from waiting import wait_until

SENT = 5


@pytest.fixture
def loaded(rig):
    """A rig with a few messages in its queue, all of which must still be there afterwards."""
    rig.send(bodies_of(make_logins(SENT)))
    yield rig
    assert rig.depth() == (SENT, 0, 0)


def expect(finished, code, *fragments, secrets=()):
    """The exit code, and exactly one line with all the fragments; no stack trace, no secret."""
    assert finished.code == code, f"exit {finished.code} instead of {code}:\n{finished.err}"
    lines = [line for line in finished.err.splitlines() if all(part.lower() in line.lower() for part in fragments)]
    assert len(lines) == 1, f"one line with {fragments} expected:\n{finished.err}"
    for alarm in ("terminate called", "Sanitizer", "Aborted", "what():"):
        assert alarm not in finished.err
    for secret in secrets:
        assert secret not in finished.err


def test_an_absent_queue_is_waited_for_or_fails_fast(rig):
    rig.configure(queue="late-queue")
    expect(rig.run("--drain", "--migrate", "--fail-fast"), 1, "late-queue")
    running = rig.start("--migrate")
    wait_until(lambda: "late-queue" in running.log(), "the log to name the absent queue")
    url = rig.client.create_queue(QueueName="late-queue")["QueueUrl"]
    rig.client.send_message(QueueUrl=url, MessageBody=bodies_of(make_logins(1))[0])
    wait_until(lambda: rig.rows() == 1, "the row", 40)
    assert running.stop() == 0


def test_an_absent_queue_server_fails_fast_with_its_address(rig):
    port = free_port()
    expect(rig.run("--drain", "--migrate", "--fail-fast", environment={"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}),
           1, f"127.0.0.1:{port}")


def test_an_absent_database_is_waited_for_or_fails_fast(queue, own_cluster, rig_of):
    from conftest import logins_database
    rig = rig_of(queue, logins_database(own_cluster))
    rig.send(bodies_of(make_logins(3)))
    own_cluster.kill()
    expect(rig.run("--drain", "--migrate", "--fail-fast"), 1, "postgres")
    running = rig.start("--migrate")
    wait_until(lambda: "postgres" in running.log().lower(), "the log to name the absent database")
    own_cluster.start()
    wait_until(lambda: rig.rows() == 3, "three rows", 40)
    assert running.stop() == 0


def test_a_wrong_password(loaded):
    url = loaded.database.tcp_url(password="wrong-and-secret")
    loaded.configure(head=f"postgres:\n  url: {url}")
    loaded.configuration.chmod(0o600)
    expect(loaded.run("--drain", "--migrate"), 2, "password was refused", secrets=["wrong-and-secret"])


def test_an_absent_database_name_and_an_absent_role(loaded):
    loaded.configure(head=f"postgres:\n  url: {loaded.database.tcp_url(database='nowhere')}")
    expect(loaded.run("--drain", "--migrate"), 2, "nowhere", secrets=[PASSWORD])
    loaded.configure(head=f"postgres:\n  url: {loaded.database.socket_url().replace('app@', 'nobody_known@')}")
    expect(loaded.run("--drain", "--migrate"), 2, "nobody_known")


def test_a_missing_table_names_the_nearest(loaded):
    loaded.configure(table="user_login")
    expect(loaded.run("--drain", "--migrate"), 2, "user_login", "user_logins")


def test_a_missing_column_names_the_nearest_and_its_place(loaded):
    loaded.configure(LOGIN_COLUMNS.replace("locale:           locale", "locales:          locale"))
    expect(loaded.run("--drain", "--migrate"), 2, "locales", '"locale"', "sqs2pg.yaml:")


def test_no_rights_on_the_table(loaded):
    loaded.migrate()
    loaded.database.execute("ALTER TABLE user_logins OWNER TO postgres", user="postgres")
    expect(loaded.run("--drain"), 2, "user_logins", "INSERT")


def test_a_ledger_that_was_never_made_names_the_command(loaded):
    expect(loaded.run("--drain"), 2, "sqs2pg migrate")


def test_no_credentials_says_where_they_were_looked_for(loaded):
    environment = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    expect(loaded.run("--drain", "--migrate", environment=environment), 2, "credentials", "AWS_ACCESS_KEY_ID")


def test_an_unreadable_key_file(loaded, tmp_path):
    loaded.configure(keys=tmp_path / "absent.keys")
    expect(loaded.run("--drain", "--migrate"), 2, "absent.keys")


def test_a_key_file_that_others_may_write(loaded):
    (loaded.folder / "keys.yaml").chmod(0o622)
    expect(loaded.run("--drain", "--migrate"), 2, "keys.yaml", "writ")


@pytest.mark.parametrize("text", ["active: k1\nkeys:\n  k1: c2hvcnQ=\n", "active: k9\nkeys:\n  k1: {good}\n", "][", ""])
def test_a_key_file_with_a_mistake_is_named_without_its_keys(loaded, text):
    good = base64.b64encode(bytes(range(32))).decode()
    (loaded.folder / "keys.yaml").write_text(text.replace("{good}", good))
    expect(loaded.run("--drain", "--migrate"), 2, "keys.yaml", secrets=[good, "c2hvcnQ="])


def test_another_key_under_the_same_id_is_refused(loaded):
    loaded.migrate()
    other = base64.b64encode(os.urandom(32)).decode()
    (loaded.folder / "keys.yaml").write_text(f"active: k1\nkeys:\n  k1: {other}\n")
    expect(loaded.run("--drain"), 2, "k1", "join", secrets=[other])


def test_every_mistake_of_the_configuration_at_once_with_its_place(loaded):
    loaded.configure(LOGIN_COLUMNS.replace("mask: hmac, domain: ip", "mask: hmak, domain: ip"),
                     pipeline="    visibility_timeuot: 30\n", head="postgress:\n  url: x")
    finished = loaded.run("--drain", "--migrate")
    expect(finished, 2, "postgress", "postgres", "sqs2pg.yaml:1:1")
    expect(finished, 2, "visibility_timeuot", "visibility_timeout")
    expect(finished, 2, "hmak", "hmac")


def test_a_duplicate_key_and_an_undefined_variable(loaded):
    loaded.configure(LOGIN_COLUMNS + "      locale: device_type\n", head="aws:\n  region: ${NOT_SET_ANYWHERE}")
    finished = loaded.run("--drain", "--migrate")
    expect(finished, 2, "locale", "twice")
    expect(finished, 2, "NOT_SET_ANYWHERE")


def test_a_configuration_that_is_not_there_and_one_that_is_no_yaml(loaded, tmp_path):
    expect(run("run", "-c", tmp_path / "absent.yaml", environment=loaded.environment), 2, "absent.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("pipelines: [\n")
    expect(run("run", "-c", broken, environment=loaded.environment), 2, "broken.yaml")


@pytest.mark.parametrize("arguments", [["run"], ["run", "--no-such-option"], ["dance"], ["queue", "--listen", "x"],
                                       ["send"], ["check"]])
def test_wrong_usage_is_2(arguments):
    finished = run(*arguments)
    assert finished.code == 2 and finished.err.strip()


def test_a_busy_ops_port_names_the_way_out(loaded):
    loaded.migrate()
    port = loaded.server.url.rsplit(":", 1)[1]
    finished = run("run", "-c", loaded.configuration, "--ops", f"127.0.0.1:{port}", environment=loaded.environment)
    expect(finished, 1, port, "--ops")


def test_check_finds_everything_at_once(loaded):
    loaded.configure(LOGIN_COLUMNS.replace("locale:           locale", "locales:          locale"),
                     queue="no-such-queue")
    finished = run("check", "-c", loaded.configuration, environment=loaded.environment)
    assert finished.code == 1
    said = finished.out + finished.err
    assert "locales" in said and "no-such-queue" in said and "migrate" in said


def test_check_of_what_is_right_is_0_and_changes_nothing(loaded):
    loaded.migrate()
    before = loaded.database.rows("SELECT * FROM user_logins")
    finished = run("check", "-c", loaded.configuration, environment=loaded.environment)
    assert finished.code == 0, finished.out + finished.err
    assert loaded.database.rows("SELECT * FROM user_logins") == before


def test_migrate_twice_and_printed(rig):
    rig.migrate()
    partitions = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'sqs2pg.ledger'::regclass"
    before = rig.database.value(partitions)
    assert before >= 6
    rig.migrate()
    assert rig.database.value(partitions) == before
    printed = run("migrate", "-c", rig.configuration, "--print", environment=rig.environment)
    assert printed.code == 0 and "CREATE" in printed.out and "sqs2pg" in printed.out


def test_owner_and_worker_apart(rig):
    """The worker's role can do the work and nothing else: no rows to read, no ledger to change."""
    database = rig.database
    if not database.rows("SELECT 1 FROM pg_roles WHERE rolname = 'narrow_loader'"):
        database.execute("CREATE ROLE narrow_loader LOGIN", user="postgres")
    rig.configure(head="postgres:\n  worker_role: narrow_loader")
    rig.migrate()
    database.execute("GRANT INSERT ON user_logins TO narrow_loader")
    rig.send(bodies_of(make_logins(20)) + ["not json"])
    finished = rig.run("--drain", environment={"PGUSER": "narrow_loader"})
    assert finished.code == 0, finished.err
    assert rig.rows() == 20 and sum(rig.dead_letters().values()) == 1
    for forbidden in ("SELECT * FROM user_logins", "DELETE FROM sqs2pg.ledger", "SELECT sealed FROM sqs2pg.dead_letter",
                      "DROP TABLE sqs2pg.ledger", "UPDATE sqs2pg.key_check SET check_value = ''"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.execute(forbidden, user="narrow_loader")


def test_keys_are_made_checked_and_never_printed(tmp_path):
    path = tmp_path / "made.keys"
    assert run("key", "new", "-o", path).code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    secret = path.read_text().split()[-1]
    assert run("key", "new", "-o", path).code != 0 and secret in path.read_text()
    checked = run("key", "check", path)
    assert checked.code == 0 and "k1" in checked.out + checked.err
    assert secret not in checked.out + checked.err
    assert run("key", "new").out != run("key", "new").out
