"""Known values in, one JSON object a line, {"column": "masked_ip", "value": "192.0.2.1"}; the same out with "old", the
hash that the old consumer made of it: HMAC-SHA-256 with MASKING_KEY, or without that variable plain SHA-256."""
import hashlib
import hmac
import json
import os
import sys

key = os.environ.get("MASKING_KEY", "").encode()


def old_mask(value):
    if key:
        return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()
    return hashlib.sha256(value.encode()).hexdigest()


for line in sys.stdin:
    known = json.loads(line)
    print(json.dumps({**known, "old": old_mask(known["value"])}))
