"""The alert rules for Prometheus: promtool takes them, they fire on the series that they are for, and each leads to its
section in docs/operations.md."""
import os
import re
import shutil
import subprocess

import pytest
from program import run
from sqs_servers import CHECKOUT

RULES = CHECKOUT / "deploy" / "prometheus" / "alerts.yaml"
OWN = CHECKOUT / ".cache" / "promtool" / "usr" / "bin" / "promtool"


@pytest.fixture(scope="module")
def promtool():
    tool = str(OWN) if OWN.exists() else shutil.which("promtool")
    if tool is None:
        assert "CI" not in os.environ, "scripts/setup.sh test installs promtool"
        pytest.skip("no promtool")
    return tool


def test_promtool_takes_the_rules(promtool):
    checked = subprocess.run([promtool, "check", "rules", RULES], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "SUCCESS" in checked.stdout


def test_alerts_fire_on_what_they_are_for(promtool, tmp_path):
    shutil.copy(RULES, tmp_path)
    shutil.copy(CHECKOUT / "tests" / "integration" / "alerts_test.yaml", tmp_path)
    tested = subprocess.run([promtool, "test", "rules", "alerts_test.yaml"], cwd=tmp_path, capture_output=True,
                            text=True, timeout=60)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_every_alert_leads_to_its_section_and_its_metrics_exist():
    text = RULES.read_text(encoding="utf-8")
    page = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
    names = re.findall(r"- alert: (\w+)", text)
    assert re.findall(r"runbook: docs/operations\.md#(\w+)", text) == [name.lower() for name in names]
    for name in names:
        assert f"\n### {name}\n" in page
        assert run("explain", name).code == 0
    for metric in set(re.findall(r"\bsqs2pg_[a-z_]+\b", text)):
        base = re.sub(r"_bucket$", "", metric)
        assert run("explain", base).code == 0, metric
