"""Runs scenarios through boto3-refresh-session: JSON lines of scenarios in, JSON lines of what was observed out."""
import datetime
import inspect
import json
import re
import sys
import threading
import time
import types
import warnings

import botocore.credentials
from boto3_refresh_session import RefreshableSession

START = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)

# Names that are not the same in snake case.
NAMES = {
    "region": "region_name",
    "assumeRole": "assume_role_kwargs",
    "stsClientConfig": "sts_client_kwargs",
    "mfaTokenProviderArgs": "mfa_token_provider_kwargs",
}

warnings.simplefilter("ignore")


class Outage(Exception):
    """What the provider fails with."""


class Clock:
    def __init__(self):
        self.now = START


class FrozenDatetime(datetime.datetime):
    """Tells the time of the scenario's clock."""

    clock = Clock()

    @classmethod
    def now(cls, tz=None):
        return cls.clock.now.astimezone(tz)


# botocore.credentials alone sees the frozen time; signing and everything else go on as they are.
frozen = types.ModuleType("datetime")
frozen.__dict__.update(datetime.__dict__)
frozen.datetime = FrozenDatetime
botocore.credentials.datetime = frozen


def snake(name):
    return NAMES.get(name) or re.sub("[A-Z]", lambda upper: "_" + upper.group().lower(), name)


class Run:
    """One scenario: a session, the provider that it asks, and what it is told to do."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.answers = list(scenario.get("answers", []))
        self.calls = 0
        self.arguments = None
        self.lock = threading.Lock()
        self.finished = self.expected = 0
        self.others_finish = False
        self.session = None

    def provide(self, **arguments):
        with self.lock:
            self.calls += 1
            number = self.calls
            self.arguments = arguments
            answer = self.answers.pop(0) if self.answers else {}
        self.let_others_go_on()
        return self.answer(number, answer)

    def let_others_go_on(self):
        """A refresh takes until the other callers have come as far as they can without it."""
        patience = time.monotonic() + (10 if self.others_finish else 0.1)
        while time.monotonic() < patience and self.finished < self.expected - 1:
            time.sleep(0.002)

    def answer(self, number, answer):
        if answer == "fail":
            raise Outage("the source is down")
        if answer == "nothing":
            return None
        end = FrozenDatetime.clock.now + datetime.timedelta(seconds=answer.get("lifetime", 3600))
        made = {"access_key": f"AKID{number}", "secret_key": "secret", "token": "token", "expiry_time": end.isoformat()}
        if answer.get("expiry") == "date":
            made["expiry_time"] = end
        elif "expiry" in answer:
            made["expiry_time"] = answer["expiry"]
        for name in answer.get("without", []):
            del made[name]
        return made

    def options(self):
        given = dict(self.scenario.get("options", {}))
        if given.get("method", "custom") == "custom":
            given = {"method": "custom", "customCredentialsMethod": "<provider>", **given}
        for name in self.scenario.get("without", []):
            given.pop(name)
        replace = lambda value: self.provide if value == "<provider>" else value
        return {snake(name): replace(value) for name, value in given.items()}

    def construct(self):
        self.session = RefreshableSession(**self.options())

    def access(self, callers):
        outcomes = []
        self.finished = 0
        self.expected = callers
        gate = threading.Barrier(callers)

        def call():
            gate.wait()
            outcome = self.attempt(lambda: self.session.refreshable_credentials()["access_key"])
            with self.lock:
                self.finished += 1
                outcomes.append(outcome)

        threads = [threading.Thread(target=call) for _ in range(callers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {outcome: outcomes.count(outcome) for outcome in outcomes}

    @staticmethod
    def attempt(function):
        try:
            return function()
        except Exception as error:
            return type(error).__name__

    def step(self, step):
        if "clock" in step:
            FrozenDatetime.clock.now = START + datetime.timedelta(seconds=step["clock"])
        self.answers += step.get("answers", [])
        if "read" in step:
            return {"read": self.attempt(lambda: self.read(step["read"]))}
        self.others_finish = step.get("othersFinish", False)
        return {"gets": self.access(step.get("callers", 1)), "calls": self.calls}

    def read(self, name):
        if name == "arguments":
            return self.arguments
        member = getattr(self.session, snake(name))
        return member() if inspect.ismethod(member) else member

    def observe(self):
        FrozenDatetime.clock.now = START
        constructed = self.attempt(lambda: self.construct() or "ok")
        observed = [{"constructed": constructed, "calls": self.calls}]
        if constructed == "ok":
            observed += [self.step(step) for step in self.scenario.get("steps", [])]
        return observed


for line in sys.stdin:
    print(json.dumps(Run(json.loads(line)).observe()), flush=True)
