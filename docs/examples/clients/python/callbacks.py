"""Whether a callback comes from the installation that has the secret. As a program it reads a JSON of `secret`,
`headers` and `body`, and prints true or false.
"""
import base64
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Mapping


def is_ours(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """headers: a mapping that ignores case, as every web framework has; body: the bytes as they came."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = headers["webhook-timestamp"]
    if abs(time.time() - int(stamp)) > 300:
        return False
    signed = f"{headers['webhook-id']}.{stamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # Two signatures while the secret is rotated.
    return any(hmac.compare_digest(expected, given) for given in headers["webhook-signature"].split())


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps(is_ours(given["secret"], given["headers"], given["body"].encode())))
