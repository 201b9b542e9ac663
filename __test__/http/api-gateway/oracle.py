"""Computes with botocore, from nothing but the bytes of received requests, what their signatures have to be.

Reads one JSON a line: { bytes (base64), region, accessKeyId, secretAccessKey }. Writes { signature, claimed, problems }.
"""

import base64
import hashlib
import json
import re
import sys
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote_to_bytes

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials


class ServerSide(SigV4Auth):
    """Signs the headers that the request says are signed, and no others."""

    def headers_to_sign(self, request):
        headers = HTTPHeaders()
        for name, value in request.context["signed"]:
            headers.add_header(name, value)
        return headers


def text_of(value):
    """A server reads UTF-8, and what is none as Latin-1."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def dechunked(rest):
    body = b""
    while True:
        size, rest = rest.split(b"\r\n", 1)
        length = int(size, 16)
        if length == 0:
            return body
        body += rest[:length]
        rest = rest[length + 2 :]


def canonical_query(query):
    """botocore signs a query as it is written; servers decode it and encode it again."""
    pairs = [part.partition("=") for part in query.split("&") if part]
    encoded = [
        tuple(quote(unquote_to_bytes(text.replace("+", " ")), safe="-_.~") for text in (name, value))
        for name, _, value in pairs
    ]
    return "&".join(f"{name}={value}" for name, value in encoded)


def expected(case):
    raw = base64.b64decode(case["bytes"])
    head, body = raw.split(b"\r\n\r\n", 1)
    request_line, *lines = head.split(b"\r\n")
    method, target, version = request_line.decode("latin-1").split(" ")
    headers = [(name.decode("latin-1").lower(), value.strip(b" \t")) for name, _, value in (line.partition(b":") for line in lines)]
    values = dict(headers)
    if b"chunked" in values.get("transfer-encoding", b"").lower():
        body = dechunked(body)
    problems = []
    authorization = values["authorization"].decode("latin-1")
    claimed = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})", authorization)
    credential, signed, signature = claimed.groups()
    if values["x-amz-content-sha256"].decode() != hashlib.sha256(body).hexdigest():
        problems.append("x-amz-content-sha256 is not the hash of the body")
    if "date" in values and "x-amz-date" in values:
        problems.append("both date and x-amz-date were sent")
    if "x-amz-date" in values:
        timestamp = values["x-amz-date"].decode()
    else:
        timestamp = parsedate_to_datetime(values["date"].decode()).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{case['accessKeyId']}/{timestamp[:8]}/{case['region']}/execute-api/aws4_request"
    if credential != scope:
        problems.append(f"the scope is {credential}, not {scope}")
    names = signed.split(";")
    if names != sorted(set(names)):
        problems.append("the names of the signed headers are not sorted")
    missing = [name for name in names if name not in values]
    if missing:
        problems.append(f"signed, but not sent: {missing}")
    path, mark, query = target.partition("?")
    url = f"http://{values['host'].decode('latin-1')}{path}{mark}{canonical_query(query)}"
    request = AWSRequest(method=method, url=url, data=body)
    request.headers["X-Amz-Content-SHA256"] = values["x-amz-content-sha256"].decode()
    request.context["timestamp"] = timestamp
    request.context["signed"] = [(name, text_of(value)) for name, value in headers if name in names]
    credentials = Credentials(case["accessKeyId"], case["secretAccessKey"])
    auth = ServerSide(credentials, "execute-api", case["region"])
    canonical = auth.canonical_request(request)
    right = auth.signature(auth.string_to_sign(request, canonical), request)
    return {"signature": right, "claimed": signature, "canonicalRequest": canonical, "problems": problems}


for line in sys.stdin:
    print(json.dumps(expected(json.loads(line))), flush=True)
