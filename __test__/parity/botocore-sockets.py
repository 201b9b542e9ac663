"""URLs as botocore's v4-query signer presigns them, at a frozen clock: JSON lines of cases in, JSON lines of URLs out."""
import datetime
import json
import os
import sys

os.environ["BOTO_DISABLE_CRT"] = "true"

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

for line in sys.stdin:
    case = json.loads(line)
    now = datetime.datetime.fromtimestamp(case["now"] / 1000, datetime.timezone.utc).replace(tzinfo=None)
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: now
    credentials = Credentials(case["accessKeyId"], case["secretAccessKey"], case.get("sessionToken"))
    request = AWSRequest(method="GET", url=case["url"], params=case["parameters"])
    auth = botocore.auth.SigV4QueryAuth(credentials, case["service"], case["region"], expires=case["expiresIn"])
    auth.add_auth(request)
    print(json.dumps(request.prepare().url), flush=True)
