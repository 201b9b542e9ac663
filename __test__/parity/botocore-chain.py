"""Where botocore finds credentials in a home directory and an environment: JSON lines of cases in, JSON lines out.

STS is not called: a stand-in notes who asked for what, and answers ASIAHOP1, ASIAHOP2 and so on.
"""
import json
import os
import sys

import botocore.credentials
import botocore.exceptions
import botocore.session

FOLDER = os.environ["CASES"]
KEPT = {name: os.environ[name] for name in ("PATH", "PYTHONDONTWRITEBYTECODE") if name in os.environ}
calls = []


class Sts:
    def __init__(self, signer):
        self._signer = signer

    def _answer(self, operation, params):
        # Made up from the time of day where a profile has none.
        params = {name: value for name, value in params.items() if not str(value).startswith("botocore-session-")}
        calls.append([operation, self._signer, params])
        hop = f"HOP{len(calls)}"
        return {
            "Credentials": {
                "AccessKeyId": f"ASIA{hop}",
                "SecretAccessKey": f"secret{hop}",
                "SessionToken": f"token{hop}",
                "Expiration": "2100-01-01T00:00:00Z",
            },
            "AssumedRoleUser": {"Arn": params["RoleArn"]},
        }

    def assume_role(self, **params):
        return self._answer("AssumeRole", params)

    def assume_role_with_web_identity(self, **params):
        return self._answer("AssumeRoleWithWebIdentity", params)


# It does find these, and then has no token of them.
LATER = (
    botocore.exceptions.MissingDependencyException,
    botocore.exceptions.LoginError,
    botocore.exceptions.SSOError,
)


def client_creator(session, region_name):
    return lambda service_name, **kwargs: Sts(kwargs.get("aws_access_key_id"))


botocore.credentials._get_client_creator = client_creator


def found(case, home):
    calls.clear()
    os.environ.clear()
    os.environ.update(KEPT, HOME=home, AWS_EC2_METADATA_DISABLED="true", BOTO_CONFIG="/nowhere", **case["env"])
    os.chdir(home)
    session = botocore.session.Session(profile=case.get("profileName"))
    try:
        credentials = session.get_credentials()
        if credentials is None:
            return {"outcome": "none"}
        if credentials.method in ("sso", "login"):
            return {"outcome": "later"}
        frozen = credentials.get_frozen_credentials()
    except LATER:
        return {"outcome": "later"}
    except botocore.exceptions.ProfileNotFound:
        return {"outcome": "no profile"}
    except botocore.exceptions.InfiniteLoopConfigError:
        return {"outcome": "loop"}
    except botocore.exceptions.BotoCoreError as error:
        return {"outcome": "error", "error": f"{type(error).__name__}: {error}"}
    return {
        "outcome": "found",
        "method": credentials.method,
        "keys": [frozen.access_key, frozen.secret_key, frozen.token, credentials.account_id],
        "calls": list(calls),
    }


for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps(found(case, os.path.join(FOLDER, str(case["id"])))), flush=True)
