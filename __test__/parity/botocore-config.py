"""What botocore reads in config and credentials files, and how it splits commands: JSON lines in, JSON lines out."""
import json
import os
import sys
import tempfile

import botocore.configloader
import botocore.exceptions
import botocore.session
from botocore.compat import compat_shell_split


# One for all: making a session takes longer than reading its files.
SESSION = botocore.session.Session()


def write(folder, name, content):
    path = os.path.join(folder, name)
    if content is not None:
        with open(path, "wb") as file:
            file.write(content.encode("latin-1"))
    return path


def shared(case, folder):
    os.environ["AWS_CONFIG_FILE"] = write(folder, "config", case.get("config"))
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = write(folder, "credentials", case.get("credentials"))
    SESSION._config = None
    try:
        full = SESSION.full_config
    except botocore.exceptions.ConfigParseError:
        return {"error": True}
    return {name: pairs(full.get(name, {})) for name in ("profiles", "sso_sessions", "services")}


def pairs(value):
    """Maps as lists of pairs: JSON has no order, and no double of a name that JavaScript treats in its own way."""
    if isinstance(value, dict):
        return [[name, pairs(each)] for name, each in value.items()]
    return value


def split(case):
    try:
        return compat_shell_split(case["command"], case["platform"])
    except ValueError:
        return None


for line in sys.stdin:
    case = json.loads(line)
    if "command" in case:
        answer = split(case)
    else:
        with tempfile.TemporaryDirectory() as folder:
            answer = shared(case, folder)
    print(json.dumps(answer), flush=True)
