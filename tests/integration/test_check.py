"""`check` for machines: codes that stay, each with its reason and its remedy, and what it looks at beyond the start."""
import json

from program import LOGIN_COLUMNS, run
from sqs_servers import CHECKOUT


def check(rig):
    finished = run("check", "-c", rig.configuration, "--format", "json", environment=rig.environment)
    return finished.code, json.loads(finished.out)


def codes(report, verdict):
    return {finding["code"] for finding in report["findings"] if finding["verdict"] == verdict}


def test_what_is_right_has_no_error_and_says_what_it_looked_at(rig):
    rig.migrate()
    code, report = check(rig)
    assert (code, report["errors"]) == (0, 0), report
    looked_at = codes(report, "ok")
    assert {"configuration", "keys", "key_value", "schema", "ledger_partitions", "ledger_size", "table_rights",
            "mapping", "credentials", "endpoint", "queue", "queue_rights", "queue_retention",
            "queue_redrive"} <= looked_at
    # The tests' cluster runs without fsync, and its server log would keep values.
    assert codes(report, "warning") == {"database_durability", "server_log"}


def test_each_finding_has_code_reason_and_remedy_and_stands_on_the_page(rig):
    rig.migrate()
    rig.database.execute("""
        CREATE UNLOGGED TABLE risky (LIKE user_logins INCLUDING ALL);
        CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER swallow BEFORE INSERT ON risky FOR EACH ROW EXECUTE FUNCTION swallow();
        ALTER TABLE risky ALTER COLUMN masked_device_id TYPE varchar(40);
    """)
    columns = LOGIN_COLUMNS.replace("mask: hmac, domain: device", "mask: siv, domain: device")
    columns = columns.replace("{from: ip, mask: hmac, domain: ip, as: ip}", "{from: ip, mask: sha256}")
    rig.configure(columns, table="risky", pipeline="    visibility_timeout: 10\n")
    rig.client.set_queue_attributes(QueueUrl=rig.queue_url, Attributes={"MessageRetentionPeriod": "3600"})
    code, report = check(rig)
    assert code == 0
    assert codes(report, "warning") >= {"table_unlogged", "table_trigger", "mask_sha256", "mask_siv_length",
                                        "visibility_short", "queue_retention"}
    page = (CHECKOUT / "docs" / "check.md").read_text(encoding="utf-8")
    for finding in report["findings"]:
        assert f"`{finding['code']}`" in page, finding
        if finding["verdict"] != "ok":
            assert finding["reason"] and finding["remedy"] and finding["sentence"] and finding["place"], finding
    masks = [finding for finding in report["findings"] if finding["code"].startswith("mask_")]
    assert {finding["pipeline"] for finding in masks} == {"logins"}


def test_a_server_that_takes_no_rows_is_an_error(rig):
    rig.migrate()
    rig.database.execute(f"ALTER ROLE app IN DATABASE {rig.database.name} SET default_transaction_read_only = on",
                         user="postgres")
    code, report = check(rig)
    assert code == 1 and "database_read_only" in codes(report, "error")


def test_ledger_partitions_that_are_gone_are_found(rig):
    rig.migrate()
    rig.database.execute("DELETE FROM sqs2pg.ledger_partition WHERE upper_bound > now()", user="postgres")
    code, report = check(rig)
    assert code == 1 and "ledger_partitions" in codes(report, "error")


def test_without_a_configuration_it_says_how_to_name_one():
    finished = run("check")
    assert finished.code == 2 and "-c FILE" in finished.err


def test_a_run_warns_of_a_redrive_policy_that_takes_every_message_away(rig):
    rig.migrate()
    dead = rig.client.create_queue(QueueName="dead")["QueueUrl"]
    arn = rig.client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    warnings = {}
    for count in (1, 2):
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": count})
        rig.client.set_queue_attributes(QueueUrl=rig.queue_url, Attributes={"RedrivePolicy": policy})
        running = rig.start().wait_ready()
        warnings[count] = [line for line in running.log().splitlines() if "redrive policy" in line]
        assert running.stop() == 0
    assert len(warnings[1]) == 1 and "maxReceiveCount 1" in warnings[1][0] and "queue login-queue" in warnings[1][0]
    assert warnings[2] == []
