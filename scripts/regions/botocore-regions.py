"""What botocore knows of regions, by its public functions: JSON lines of questions in, JSON lines of answers out."""
import json
import sys

import botocore
from botocore.exceptions import UnknownRegionError
from botocore.session import Session

session = Session()


def services(_question):
    """Every service with its id and, by partition, its regions and then all its endpoints."""
    partitions = session.get_available_partitions()

    def endpoints(name):
        pairs = {
            partition: [session.get_available_regions(name, partition, non_regional) for non_regional in (False, True)]
            for partition in partitions
        }
        return {partition: pair for partition, pair in pairs.items() if pair[1]}

    return {
        "version": botocore.__version__,
        "partitions": partitions,
        "services": {
            name: {"id": session.get_service_data(name)["metadata"]["serviceId"], "endpoints": endpoints(name)}
            for name in session.get_available_services()
        },
    }


def partition(question):
    """The partition of one region, or null."""
    try:
        return session.get_partition_for_region(question["region"])
    except UnknownRegionError:
        return None


def partition_facts(_question):
    """The rows of partitions.json."""
    return session.get_data("partitions")["partitions"]


ANSWERS = {"services": services, "partition": partition, "partition facts": partition_facts}

for line in sys.stdin:
    question = json.loads(line)
    print(json.dumps(ANSWERS[question["ask"]](question)), flush=True)
