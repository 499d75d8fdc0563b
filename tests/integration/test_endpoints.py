"""The table of endpoints is what the installed botocore says."""
import endpoint_table


def test_the_golden_table_of_endpoints_is_botocores():
    written = [line for line in endpoint_table.GOLDEN.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    assert written == endpoint_table.table(), "run tests/integration/endpoint_table.py, then the unit tests"
