"""The messages that are sent, made from a seed, and the table held against them: which rows are missing, doubled or
wrong, by user_id."""
import json
import random
import uuid
from collections import Counter, defaultdict

LOCALES = ("RU", "SE", "DE", "US", None, "BR", "IN")
BAD_EVERY = 1000


class Messages:
    """`bodies` in the order in which they are sent; `good` maps user_id to its login; `bad` is the set of bodies that
    cannot become rows."""

    def __init__(self, count, seed, bad=False):
        chosen = random.Random(seed)
        self.bodies, self.good, self.bad = [], {}, set()
        for number in range(count):
            login = {"user_id": str(uuid.UUID(int=chosen.getrandbits(128), version=4)),
                     "app_version": f"{chosen.randrange(10)}.{chosen.randrange(100)}.{chosen.randrange(10)}",
                     "device_type": chosen.choice(("android", "ios")),
                     "ip": ".".join(str(chosen.randrange(1, 255)) for _ in range(4)),
                     "locale": chosen.choice(LOCALES),
                     "device_id": f"{chosen.randrange(100, 1000)}-{chosen.randrange(10, 100)}-"
                                  f"{chosen.randrange(1000, 10000)}"}
            if bad and number % BAD_EVERY == BAD_EVERY // 2:
                body = bad_body(login, number // BAD_EVERY)
                self.bad.add(body)
            else:
                body = json.dumps(login, separators=(",", ":"))
                self.good[login["user_id"]] = login
            self.bodies.append(body)


def bad_body(login, kind):
    """In turn: cut off, without a field, a value that is no number, and one that only PostgreSQL can refuse."""
    if kind % 4 == 0:
        return json.dumps(login)[:60]
    if kind % 4 == 1:
        del login["ip"]
    elif kind % 4 == 2:
        login["app_version"] = "latest"
    else:
        login["locale"] = "x" * 40  # the column holds 32
    return json.dumps(login, separators=(",", ":"))


def judge(messages, rows):
    """Counts of rows of (user_id, device_type, masked_ip, masked_device_id, locale, app_version, create_date) against
    what was sent. A mask must differ from the value, be there, and be the same for equal values."""
    seen, wrong, foreign = Counter(), 0, 0
    masks = (defaultdict(set), defaultdict(set))
    for user, device, masked_ip, masked_device, locale, version, created in rows:
        login = messages.good.get(user)
        if login is None:
            foreign += 1
            continue
        seen[user] += 1
        masks[0][login["ip"]].add(masked_ip)
        masks[1][login["device_id"]].add(masked_device)
        right = (device == login["device_type"] and locale == login["locale"] and created is not None and
                 version == int(login["app_version"].split(".")[0]) and
                 len(masked_ip or "") >= 16 and masked_ip != login["ip"] and
                 len(masked_device or "") >= 16 and masked_device != login["device_id"])
        wrong += not right
    wrong += sum(len(made) > 1 for kind in masks for made in kind.values())
    return {"missing": sum(user not in seen for user in messages.good),
            "doubled": sum(times - 1 for times in seen.values()), "wrong": wrong + foreign}
