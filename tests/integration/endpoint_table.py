"""Every endpoint of the services that sqs2pg calls, as botocore's own rules say it: all regions, with and without FIPS
and dualstack. `python endpoint_table.py` writes tests/golden/endpoints.txt, which the unit tests hold ours against."""
from pathlib import Path

import botocore.session
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "endpoints.txt"
SERVICES = ("sqs", "sts", "s3", "secretsmanager", "ssm", "kms", "sso", "sso-oidc")
VARIANTS = ((False, False), (True, False), (False, True), (True, True))  # FIPS, dualstack
GLOBAL_OF = ("sts", "s3")
# Regions that no partition lists: newer than this program, or than botocore.
NEW_REGIONS = ("eu-north-7", "us-gov-north-1", "cn-south-3", "us-iso-south-2", "us-isob-south-9", "eu-isoe-north-2",
               "us-isof-west-4", "eusc-de-west-3", "mx-west-2")

HEADER = """\
# service region plain fips dualstack both; each HOST, or HOST/SIGNING-REGION where that is another region, or "-" where
# there is no such endpoint. Written by tests/integration/endpoint_table.py from botocore's rules.
# Left out on purpose: the pseudo-regions "…-global" but aws-global of sts and s3. botocore makes hosts of them that
# do not exist (sqs.aws-global.amazonaws.com); sqs2pg refuses them with a sentence.
"""


def cell(provider, region, fips, dualstack):
    try:
        endpoint = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dualstack)
    except EndpointProviderError:
        return "-"
    schemes = endpoint.properties.get("authSchemes") or [{}]
    signing = schemes[0].get("signingRegion", region)
    host = endpoint.url.removeprefix("https://")
    return host if signing == region else f"{host}/{signing}"


def table():
    loader = botocore.session.get_session().get_component("data_loader")
    partitions = loader.load_data("partitions")
    regions = [region for partition in partitions["partitions"] for region in partition["regions"]]
    lines = []
    for service in SERVICES:
        provider = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
        for region in sorted(regions) + sorted(NEW_REGIONS):
            if region.endswith("-global") and not (region == "aws-global" and service in GLOBAL_OF):
                continue
            variants = VARIANTS[:1] if region == "aws-global" and service == "sts" else VARIANTS
            cells = [cell(provider, region, *variant) for variant in variants]
            lines.append(" ".join((service, region, *cells)))
    return lines


def write():
    GOLDEN.write_text(HEADER + "\n".join(table()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
