"""A session of boto3-refresh-session that assumes a role at a real endpoint: JSON lines of options in, of observations out."""
import json
import sys
import warnings

import botocore.config
from boto3_refresh_session import RefreshableSession

warnings.simplefilter("ignore")

for line in sys.stdin:
    case = json.loads(line)
    config = botocore.config.Config(inject_host_prefix=False)
    session = RefreshableSession(
        method="sts",
        assume_role_kwargs=case["assumeRole"],
        sts_client_kwargs={
            "endpoint_url": case["endpoint"],
            "region_name": case["region"],
            "aws_access_key_id": case["credentials"]["accessKeyId"],
            "aws_secret_access_key": case["credentials"]["secretAccessKey"],
            "config": config,
        },
        region_name=case["region"],
    )
    held = session.refreshable_credentials()
    whoami = session.whoami()
    print(
        json.dumps(
            {
                "accessKeyId": held["access_key"],
                "secretAccessKey": held["secret_key"],
                "sessionToken": held["token"],
                "expiration": held["expiry_time"],
                "whoami": {name: whoami[name] for name in ("Account", "Arn")},
            }
        ),
        flush=True,
    )
