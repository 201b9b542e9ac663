"""Sessions of boto3-refresh-session that assume a role at a real endpoint: JSON lines of options in, of observations out."""
import json
import sys
import warnings

from boto3_refresh_session import RefreshableSession

warnings.simplefilter("ignore")


def observe(case):
    provider = {"mfa_token_provider": case["mfaTokenProvider"]} if "mfaTokenProvider" in case else {}
    session = RefreshableSession(
        method="sts",
        assume_role_kwargs=case["assumeRole"],
        sts_client_kwargs={
            "endpoint_url": case["endpoint"],
            "region_name": case["region"],
            "aws_access_key_id": case["credentials"]["accessKeyId"],
            "aws_secret_access_key": case["credentials"]["secretAccessKey"],
        },
        region_name=case["region"],
        **provider,
    )
    held = session.refreshable_credentials()
    whoami = session.whoami()
    return {
        "accessKeyId": held["access_key"],
        "secretAccessKey": held["secret_key"],
        "sessionToken": held["token"],
        "expiration": held["expiry_time"],
        "whoami": {name: whoami[name] for name in ("Account", "Arn")},
    }


for line in sys.stdin:
    try:
        observed = observe(json.loads(line))
    except Exception as error:
        observed = {"error": type(error).__name__}
    print(json.dumps(observed), flush=True)
