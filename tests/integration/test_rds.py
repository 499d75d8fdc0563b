"""`postgres.auth: rds-iam`: a token signed for each connection, over TLS whose server is known, and nothing else."""
import pytest
from logins import bodies_of, make_logins
from program import run
from rds_front import RdsFront

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "a secret of the test"}
HEAD = "postgres:\n  url: ${DATABASE_URL}\n  auth: rds-iam\n  region: eu-central-1\n"


@pytest.fixture
def front(rig, tmp_path):
    folder = tmp_path / "tls"
    folder.mkdir()
    made = RdsFront(folder, rig.database, {KEYS["AWS_ACCESS_KEY_ID"]: KEYS["AWS_SECRET_ACCESS_KEY"]}, "eu-central-1")
    rig.environment = {**rig.environment, **KEYS, "DATABASE_URL": made.url(rig.database.role)}
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE"):
        rig.environment.pop(name, None)
    rig.configure(head=HEAD)
    yield made
    made.stop()


def test_rows_are_written_with_a_fresh_token_a_connection(rig, front):
    rig.send(bodies_of(make_logins(500, seed=31)))
    rig.drain("--workers", "2")
    assert rig.rows() == 500
    assert len(front.seen) >= 3 and front.refused == 0 and front.plain == 0
    check = run("check", "-c", rig.configuration, environment=rig.environment)
    assert check.code == 0, check.out + check.err


def test_wrong_keys_are_told_without_the_token(rig, front):
    front.secrets.clear()
    refused = rig.run("--drain", "--migrate", "--fail-fast")
    assert refused.code != 0
    assert "28P01" in refused.err or "password" in refused.err, refused.err
    assert "X-Amz" not in refused.err and KEYS["AWS_SECRET_ACCESS_KEY"] not in refused.err
    assert 2 <= front.refused <= 8, "once more with fetched keys, not again and again"


def test_no_token_goes_over_a_connection_without_tls_or_to_a_stranger(rig, front):
    rig.environment["DATABASE_URL"] = front.url(rig.database.role, "&sslmode=disable")
    plain = rig.run("--drain", "--migrate", "--fail-fast")
    assert plain.code != 0 and "sslmode=disable" in plain.err, plain.err
    rig.environment["DATABASE_URL"] = front.url(rig.database.role).replace(str(front.ca), "/etc/ssl/certs/none.pem")
    stranger = rig.run("--drain", "--migrate", "--fail-fast")
    assert stranger.code != 0 and "certificate" in stranger.err, stranger.err
    assert front.seen == [] and front.plain == 0
