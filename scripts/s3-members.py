"""Which members of S3's operations travel in path, query and headers, by botocore's public model: one JSON object."""
import json

import botocore
from botocore.session import Session

PATHS = ("/", "/{Bucket}", "/{Bucket}/{Key+}")
# What the AWS SDK for JavaScript turns into something else on the way: keys, and what is derived from them.
MADE_BY_CLIENTS = ("SSECustomerKey", "SSECustomerKeyMD5", "CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5")
PLAIN = {"string": "s", "integer": "n", "long": "n", "boolean": "b", "map": "m"}
PLACES = {"querystring": "query", "header": "header", "headers": "headers"}

model = Session().get_service_model("s3")
operations, members = [], {}
for name in model.operation_names:
    operation = model.operation_model(name)
    if operation.http["requestUri"].split("?")[0] not in PATHS:
        continue
    operations.append(name)
    for member, shape in operation.input_shape.members.items() if operation.input_shape else ():
        place = PLACES.get(shape.serialization.get("location"))
        kind = PLAIN.get(shape.type_name)
        if place is None or kind is None or member in MADE_BY_CLIENTS:
            continue
        members.setdefault(member, set()).add((place, shape.serialization["name"], kind))

print(
    json.dumps(
        {
            "version": botocore.__version__,
            "operations": sorted(operations),
            "members": {name: list(places.pop()) for name, places in sorted(members.items()) if len(places) == 1},
        }
    )
)
