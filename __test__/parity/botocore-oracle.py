"""Signs what it reads, one JSON a line, with botocore at the time each line says, and tells what came of it.

With BOTO_DISABLE_CRT=true botocore signs in Python; without it, and with awscrt installed, in the AWS CRT.
"""

import base64
import datetime
import io
import json
import sys

import botocore
import botocore.auth
import botocore.handlers
import botocore.signers
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.hooks import HierarchicalEmitter
from botocore.model import ServiceId
from botocore.tokens import FrozenAuthToken

clock = {}


def frozen(remove_tzinfo=True):
    now = datetime.datetime.fromtimestamp(clock["now"], datetime.timezone.utc)
    return now.replace(tzinfo=None) if remove_tzinfo else now


botocore.auth.get_current_datetime = frozen
if botocore.auth.HAS_CRT:
    import botocore.crt.auth

    botocore.crt.auth.get_current_datetime = frozen
    # A map for clients has no such name, though the class is there.
    botocore.auth.AUTH_TYPE_MAPS["v4a-query"] = botocore.crt.auth.CrtSigV4AsymQueryAuth

seen = {}


def recording(name):
    original = getattr(botocore.auth.SigV4Auth, name)

    def record(self, *args):
        seen[name] = original(self, *args)
        return seen[name]

    setattr(botocore.auth.SigV4Auth, name, record)


recording("canonical_request")
recording("string_to_sign")


def credentials(given):
    return given and Credentials(given["accessKeyId"], given["secretAccessKey"], given.get("sessionToken"))


class Identities:
    def __init__(self, given):
        self.given = given

    def get_credentials(self, key):
        return credentials(self.given)


class ClientConfig:
    def __init__(self, s3=None, version=None, preference=None, region_set=None):
        self.s3 = s3
        self.signature_version = version
        self.auth_scheme_preference = preference
        self.sigv4a_signing_region_set = region_set


def data(given):
    kind = given["kind"]
    if kind == "none":
        return None
    if kind == "text":
        return given["text"]
    if kind == "form":
        return {name: value for name, value in given["pairs"]}
    content = base64.b64decode(given["bytes"])
    if kind == "bytes":
        return content
    stream = io.BytesIO(content)
    stream.seek(given["position"])
    return stream


def params(given):
    if given is None:
        return None
    pairs = [(name, value) for name, value in given["pairs"]]
    return dict(pairs) if given["mapping"] else pairs


def context(given, hooks, version):
    made = {}
    for name, theirs in (
        ("authType", "auth_type"),
        ("payloadSigningEnabled", "payload_signing_enabled"),
        ("hasStreamingInput", "has_streaming_input"),
        ("s3PresignPostFields", "s3-presign-post-fields"),
        ("s3PresignPostPolicy", "s3-presign-post-policy"),
    ):
        if name in given:
            made[theirs] = given[name]
    if "checksum" in given:
        made["checksum"] = {"request_algorithm": given["checksum"]["requestAlgorithm"]}
    for name, theirs in (("authOptions", "auth_options"), ("unsignedPayload", "unsigned_payload")):
        if name in given:
            made[theirs] = given[name]
    if hooks is not None:
        preference = ",".join(hooks["preference"]) or None
        made["client_config"] = ClientConfig(None, version, preference, hooks["regionSet"])
    if "s3PayloadSigning" in given:
        made["client_config"] = ClientConfig({"payload_signing_enabled": given["s3PayloadSigning"]})
    signing = {}
    for name, theirs in (("region", "region"), ("signingName", "signing_name")):
        if name in given.get("signing", {}):
            signing[theirs] = given["signing"][name]
    if "requestCredentials" in given.get("signing", {}):
        signing["request_credentials"] = credentials(given["signing"]["requestCredentials"])
    if "identity" in given:
        signing["identity_cache"] = Identities(given["identity"])
        signing["cache_key"] = "bucket"
    if signing:
        made["signing"] = signing
    return made


def content(body):
    if body is None:
        return None
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes):
        position = body.tell()
        body, stream = body.read(), body
        stream.seek(position)
    return base64.b64encode(body).decode()


def sign(case):
    clock["now"] = case["now"]
    seen.clear()
    emitter = HierarchicalEmitter()
    if case.get("hooks"):
        for name, handler, *_ in botocore.handlers.BUILTIN_HANDLERS:
            if name.startswith(("choose-signer", "before-sign")):
                emitter.register(name, handler)
    signer = botocore.signers.RequestSigner(
        ServiceId(case["serviceId"]),
        case["region"],
        case["service"],
        case["version"],
        credentials(case["credentials"]),
        emitter,
        case["token"] and FrozenAuthToken(case["token"]),
    )
    request = AWSRequest(case["method"], case["url"], None, data(case["data"]), params(case["params"]))
    for name, value in case["headers"]:
        request.headers[name] = value
    request.context = context(case["context"], case.get("hooks"), case["version"])
    request.context["is_presign_request"] = case["signingType"] == "presign-url"
    for _ in range(case["times"]):
        signer.sign(case["operation"], request, case["explicitRegion"], case["signingType"], case["expires"], case["explicitService"])
    prepared = request.prepare()
    return {
        "url": request.url,
        "headers": request.headers.items(),
        "timestamp": request.context.get("timestamp"),
        "signing": {key: request.context.get("signing", {}).get(key) for key in ("region", "signing_name")},
        "fields": request.context.get("s3-presign-post-fields"),
        "policy": request.context.get("s3-presign-post-policy"),
        "prepared": {"url": prepared.url, "headers": list(prepared.headers.items()), "body": content(prepared.body)},
        "canonicalRequest": seen.get("canonical_request"),
        "stringToSign": seen.get("string_to_sign"),
    }


for line in sys.stdin:
    try:
        answer = sign(json.loads(line))
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
