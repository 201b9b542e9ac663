"""Hits in boto3-client-cache for clients.mjs: a line names the case and how often, a line answers with the nanoseconds of processor time."""

import sys
import time

from boto3_client_cache import Session
from botocore.config import Config

REGIONS = sys.argv[1].split(",")
KEYS = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret"}

# Made once, although a caller who writes it into the call makes it each time.
LARGE = Config(
    signature_version="s3v4",
    user_agent="orders/3",
    user_agent_extra="worker",
    user_agent_appid="orders",
    connect_timeout=3,
    read_timeout=10,
    parameter_validation=True,
    max_pool_connections=50,
    proxies={},
    proxies_config={},
    s3={"addressing_style": "path", "use_arn_region": True},
    s3_disable_express_session_auth=True,
    retries={"mode": "standard", "max_attempts": 4},
    inject_host_prefix=True,
    endpoint_discovery_enabled=False,
    use_dualstack_endpoint=False,
    use_fips_endpoint=False,
    ignore_configured_endpoint_urls=True,
    defaults_mode="standard",
    tcp_keepalive=True,
    request_min_compression_size_bytes=10240,
    disable_request_compression=False,
    client_context_params={},
    sigv4a_signing_region_set="*",
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    account_id_endpoint_mode="preferred",
    auth_scheme_preference="sigv4",
)


def small(session, region):
    return session.client("s3", region_name=region, use_ssl=True)


def large(session, region):
    return session.client("s3", region_name=region, config=LARGE)


CASES = {"small": (Session(**KEYS), small), "large": (Session(**KEYS), large)}

for line in sys.stdin:
    name, times = line.split()
    session, hit = CASES[name]
    start = time.process_time_ns()
    for index in range(int(times)):
        hit(session, REGIONS[index % len(REGIONS)])
    print(time.process_time_ns() - start, flush=True)
