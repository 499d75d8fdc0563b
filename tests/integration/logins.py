"""Login messages of the tests' own making, seeded, each with a user id of its own."""
import json
import random


def uuid_of(generator):
    text = f"{generator.getrandbits(128):032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def make_login(generator, ips=50, devices=40):
    return {
        "user_id": uuid_of(generator),
        "app_version": f"{generator.randrange(10)}.{generator.randrange(10)}.{generator.randrange(10)}",
        "device_type": generator.choice(["android", "ios"]),
        "ip": "198.51.100.%d" % generator.randrange(ips),
        "locale": generator.choice(["RU", "PH", "DE", None]),
        "device_id": "%03d-%02d-%04d" % (generator.randrange(devices), 11, 2222),
    }


def make_logins(count, seed=1, **pools):
    generator = random.Random(seed)
    return [make_login(generator, **pools) for _ in range(count)]


def bodies_of(logins):
    return [json.dumps(login) for login in logins]


# Bodies that cannot become a row, each with the reason of its dead letter.
def malformed(generator):
    good = make_login(generator)
    return generator.choice([
        ("not_json", '{"user_id": '),
        ("missing_field", json.dumps({"foo": "bar", "bar": 1})),
        ("wrong_type", json.dumps({**good, "app_version": "latest"})),
        ("too_long", json.dumps({**good, "locale": "x" * 33})),
        ("invalid_text", json.dumps({**good, "device_type": "a\u0000b"})),
        ("not_null", json.dumps({**good, "user_id": None})),
    ])
