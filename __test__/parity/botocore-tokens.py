"""Database tokens by botocore's own functions, at a frozen clock: JSON lines of cases in, JSON lines of tokens out."""
import datetime
import json
import os
import sys

os.environ["BOTO_DISABLE_CRT"] = "true"

import botocore.auth
import botocore.signers
from botocore.credentials import Credentials
from botocore.hooks import HierarchicalEmitter
from botocore.model import ServiceId


class Client:
    """As much of a client as the functions use."""

    def __init__(self, case):
        credentials = Credentials(case["accessKeyId"], case["secretAccessKey"], case.get("sessionToken"))
        # RequestSigner holds its emitter by a weak reference.
        self._events = HierarchicalEmitter()
        # The region of the client differs from the one asked for, and must not matter.
        self._request_signer = botocore.signers.RequestSigner(
            ServiceId("any"), "xx-client-1", "any", "v4", credentials, self._events
        )


def freeze(millis):
    now = datetime.datetime.fromtimestamp(millis / 1000, datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: now.replace(tzinfo=None) if remove_tzinfo else now


def token(case):
    client = Client(case)
    if case["kind"] == "rds":
        return botocore.signers.generate_db_auth_token(
            client, case["hostname"], case["port"], case["username"], case["region"]
        )
    function = {
        "DbConnect": botocore.signers.dsql_generate_db_connect_auth_token,
        "DbConnectAdmin": botocore.signers.dsql_generate_db_connect_admin_auth_token,
    }[case["kind"]]
    arguments = {} if case.get("expiresIn") is None else {"ExpiresIn": case["expiresIn"]}
    return function(client, case["hostname"], case["region"], **arguments)


for line in sys.stdin:
    case = json.loads(line)
    freeze(case["now"])
    print(json.dumps(token(case)), flush=True)
