"""Our signer beside botocore's: thousands of generated requests, headers and presigned, SQS's way and S3's."""
import datetime
import random
import subprocess
import urllib.parse
from unittest import mock

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from program import BINARY
from sqs_servers import CHECKOUT

# Beside the unit tests, which ./dev test builds with sanitizers while the program itself is a release.
PROGRAM = next((path for path in (BINARY.parent / "tests" / "sign_requests",
                                  CHECKOUT / "build" / "dev" / "tests" / "sign_requests") if path.exists()), None)
COUNT = 2000
# Characters that a path or a query holds encoded, and some that it may hold plainly.
PIECES = ["a", "Z", "0", "-", ".", "_", "~", " ", "%", "+", "&", "=", "?", "#", "/", "é", "日", "\U0001f600", "'", "(",
          ")", "*", "!", ":", "@", ",", ";", "$", '"', "<", "|", "\\", "^", "`", "{"]


def text(generator, most):
    return "".join(generator.choice(PIECES) for _ in range(generator.randrange(most)))


def make_path(generator, s3):
    segments = [urllib.parse.quote(text(generator, 8), safe="-_.~") for _ in range(generator.randrange(5))]
    if not s3:
        # botocore drops the last slash of a path that ends in a dot segment (RFC 3986 keeps it); no service has such.
        while segments and segments[-1] in (".", ".."):
            segments.pop()
    path = "/" + "/".join(segments)
    return path + "/" if generator.random() < 0.2 and not path.endswith("/") else path


def make_query(generator):
    pairs = [(text(generator, 6), text(generator, 8)) for _ in range(generator.randrange(5))]
    return "&".join(urllib.parse.quote(name, safe="-_.~") + "=" + urllib.parse.quote(value, safe="-_.~")
                    for name, value in pairs if name)


def make_headers(generator):
    headers = {"Host": generator.choice(["sqs.eu-west-1.amazonaws.com", "127.0.0.1:9324", "b.s3.amazonaws.com"])}
    if generator.random() < 0.7:
        headers["Content-Type"] = generator.choice(["application/x-amz-json-1.0", "text/plain;  charset=utf-8"])
    for index in range(generator.randrange(5)):
        value = "".join(generator.choice("abc  \t,;=\"'12") for _ in range(generator.randrange(12))).strip()
        headers[generator.choice(["X-Amz-Target", "x-custom", "ACCEPT-Thing", "Zeta"]) + str(index)] = value
    return headers


def make_request(generator, mode):
    s3 = mode == "s3"
    query = make_query(generator)
    return {
        "service": "s3" if s3 else generator.choice(["sqs", "sts", "kms", "rds-db"]),
        "region": generator.choice(["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"]),
        "id": "AKID" + str(generator.randrange(1000)), "secret": text(generator, 40) or "s",
        "token": generator.choice(["", "IQoJb3JpZ2lu//+=" + str(generator.random())]),
        "ms": generator.randrange(1_600_000_000, 1_900_000_000) * 1000 + generator.randrange(1000),
        "method": generator.choice(["GET", "POST", "PUT", "DELETE", "HEAD"]),
        "target": make_path(generator, s3) + ("?" + query if query else ""),
        "body": text(generator, 60) if generator.random() < 0.6 else "",
        "headers": make_headers(generator),
    }


def ours(mode, requests):
    lines = []
    for request in requests:
        fields = [mode, request["service"], request["region"], request["id"], request["secret"], request["token"],
                  str(request["ms"]), request["method"], request["target"], request["body"]]
        for name, value in request["headers"].items():
            fields += [name, value]
        lines.append(" ".join("x" + field.encode().hex() for field in fields))
    assert PROGRAM, "sign_requests is not built: ninja -C build/dev sign_requests"
    done = subprocess.run([PROGRAM], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=120,
                          check=True)
    return done.stdout.splitlines()


def theirs(mode, request):
    moment = datetime.datetime.fromtimestamp(request["ms"] // 1000, datetime.timezone.utc).replace(tzinfo=None)
    credentials = Credentials(request["id"], request["secret"], request["token"] or None)
    host = request["headers"]["Host"]
    signed = AWSRequest(request["method"], f"https://{host}{request['target']}", request["headers"].copy(),
                        request["body"].encode())
    with mock.patch.object(auth, "get_current_datetime", lambda *_, **__: moment):
        if mode == "presign":
            signed.headers = {"Host": host}
            signed.data = b""
            auth.SigV4QueryAuth(credentials, request["service"], request["region"], 900).add_auth(signed)
            return signed.url
        kind = {"standard": auth.SigV4Auth, "s3": auth.S3SigV4Auth}[mode]
        signer = kind(credentials, request["service"], request["region"])
        if mode == "s3":
            signed.context["payload_signing_enabled"] = True
        signer.add_auth(signed)
        return signed.headers["Authorization"]


def signature_of(url):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["X-Amz-Signature"]


@pytest.mark.parametrize("mode", ["standard", "s3", "presign"])
def test_signatures_are_those_of_botocore(mode):
    generator = random.Random(f"signatures {mode}")
    requests = [make_request(generator, mode) for _ in range(COUNT)]
    if mode == "presign":
        # botocore's SigV4QueryAuth takes the query apart and drops parameters without a value.
        for request in requests:
            request["method"], request["body"] = "GET", ""
            path, _, query = request["target"].partition("?")
            pairs = [pair for pair in query.split("&") if pair and not pair.endswith("=")]
            unique = {pair.split("=")[0]: pair for pair in pairs}
            request["target"] = path + ("?" + "&".join(unique.values()) if unique else "")
    answers = ours(mode, requests)
    assert len(answers) == COUNT
    for request, answer in zip(requests, answers, strict=True):
        expected = theirs(mode, request)
        if mode == "presign":
            answer, expected = signature_of("https://x" + answer), signature_of(expected)
        assert answer == expected, request
