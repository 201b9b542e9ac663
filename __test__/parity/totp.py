"""Time-based codes by Python's own hmac and base64: one case a line in, one code a line out."""

import base64
import hashlib
import hmac
import json
import sys

for line in sys.stdin:
    case = json.loads(line)
    secret = case["secret"]
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = case["ms"] // 1000 // case["period"]
    digest = hmac.new(key, counter.to_bytes(8, "big"), getattr(hashlib, case["algorithm"].lower())).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & (2**31 - 1)
    print(json.dumps(f"{number:010d}"[-6:]))
