"""Runs sequences of calls through the caches of boto3-client-cache, and asks it where we differ: JSON lines in, JSON lines out."""
import json
import sys
import threading

import boto3
import boto3_client_cache as upstream
from boto3.resources.base import ServiceResource
from botocore.client import BaseClient
from botocore.config import Config

CLIENT_CACHES = {"LRU": upstream.LRUClientCache, "LFU": upstream.LFUClientCache}
KEYS = {"client": upstream.ClientCacheKey, "resource": upstream.ResourceCacheKey}
VALUES = {"client": BaseClient, "resource": ServiceResource}


def new_value(kind="client"):
    """A client or a resource, as far as a cache looks at it."""
    return VALUES[kind].__new__(VALUES[kind])


def build_with(build):
    """What is built on a miss, where a session would ask boto3."""
    boto3.Session.client = lambda session, name, *others, **options: build("client", name)
    boto3.Session.resource = lambda session, name, *others, **options: build("resource", name)


def attempt(function):
    try:
        return function()
    except Exception as error:
        return type(error).__name__


session = upstream.Session(region_name="eu-west-1")


class Sequence:
    """Calls of one cache. What it holds is known by its name, and by how many were made before it."""

    def __init__(self, kind, policy, maxSize, steps):
        self.kind, self.policy, self.steps = kind, policy, steps
        # A session takes longer to make than a sequence to run.
        session.cache = upstream.SessionCache()
        self.cache = session.cache[kind][policy]
        self.cache.max_size = maxSize
        self.made = []
        self.keys = {}
        self.held = []
        build_with(lambda kind, name: self.make(name))

    def make(self, name):
        value = new_value(self.kind)
        self.made.append(value)
        value.title = f"{name}#{len(self.made)}"
        return value

    def key(self, name):
        if name not in self.keys:
            self.keys[name] = KEYS[self.kind](name)
        return self.keys[name]

    def titles(self):
        # A key and what it is the key of go together.
        assert all(key == self.key(value.title.split("#")[0]) for key, value in self.cache.items())
        return [value.title for value in self.cache.values()]

    def add(self, name):
        self.cache[self.key(name)] = self.make(name)
        return "added"

    def get(self, name):
        value = self.cache.get(self.key(name))
        return value and value.title

    def has(self, name):
        return self.key(name) in self.cache

    def delete(self, name):
        del self.cache[self.key(name)]
        return True

    def take(self, name):
        return self.cache.pop(self.key(name)).title

    def takeNext(self):
        return self.cache.popitem()[1].title

    def clear(self):
        return self.cache.clear()

    def resize(self, size):
        self.cache.max_size = size

    def build(self, name):
        return getattr(session, self.kind)(name, eviction_policy=self.policy).title

    def step(self, operation, *arguments):
        before = self.held
        outcome = attempt(lambda: getattr(self, operation)(*arguments))
        self.held = self.titles()
        return [outcome, [title for title in before if title not in self.held], self.held]

    def run(self):
        return [self.step(*step) for step in self.steps]


def tell_apart(kind, configs):
    """For each config the first that makes the same key."""
    keys = []
    for options in configs:
        if options.get("config") is not None:
            options["config"] = Config(**options["config"])
        keys.append(KEYS[kind]("s3", **options))
    return [keys.index(key) for key in keys]


class Differences:
    """What boto3-client-cache does where our caches do something else on purpose."""

    def __init__(self):
        self.session = upstream.Session(region_name="eu-west-1")
        build_with(lambda kind, name: new_value(kind))

    def names(self, policy="LRU"):
        """The services of what is held, next victim first."""
        return [key.key[0][0] for key in self.session.cache.client[policy].keys()]

    def build(self, *names, **options):
        for name in names:
            self.session.client(name, **options)

    def none_held(self):
        return attempt(lambda: self.build("s3", max_size=0))

    def shrinking_hit(self):
        self.build("a", "b", "c")
        return [attempt(lambda: self.build("a", max_size=1)), self.names()]

    def shrinking_miss(self):
        self.build("a", "b", "c", "a", "b", "c", eviction_policy="LFU")
        return [attempt(lambda: self.build("d", eviction_policy="LFU", max_size=2)), self.names("LFU")]

    def growing_call(self):
        self.build("a", "b", max_size=2)
        self.build("c", max_size=5)
        return self.names()

    def first_use(self):
        """One that a session built, then one that was added, then a third."""
        cache = self.session.cache.client.LFU
        cache.max_size = 2
        self.build("built", eviction_policy="LFU")
        cache[upstream.ClientCacheKey("added")] = new_value()
        self.build("third", eviction_policy="LFU")
        return self.names("LFU")

    def held_of(self, size, policy="LRU"):
        """How many of 20 are held."""
        cache = CLIENT_CACHES[policy](max_size=size)
        for index in range(20):
            cache[upstream.ClientCacheKey(f"s{index}")] = new_value()
        return len(cache)

    def negative_size(self):
        return self.held_of(-3)

    def fractional_size(self):
        return [self.held_of(2.5, policy) for policy in ("LRU", "LFU")]

    def no_number(self):
        return self.held_of(float("nan"))

    def infinite_size(self):
        return self.held_of(float("inf"))

    def empty_policy(self):
        return [type(upstream.ClientCache(policy)).__name__ for policy in ("", None)]

    def unknown_cache(self):
        return attempt(lambda: self.session.cache.client.FIFO)

    def same(self, first, second):
        """Whether two calls get the same client."""
        return attempt(lambda: self.session.client("s3", **first) is self.session.client("s3", **second))

    def plain_object(self):
        return self.same({"config": {"retries": 1}}, {"config": {"retries": 2}})

    def list_option(self):
        return self.same({"verify": ["a"]}, {"verify": ["a"]})

    def cyclic_config(self):
        proxies = {}
        proxies["proxies"] = proxies
        return attempt(lambda: self.session.client("s3", config=Config(proxies=proxies)))

    def empty_config(self):
        return self.same({}, {"config": Config()})

    def own_region(self):
        return self.same({}, {"region_name": "eu-west-1"})

    def true_and_one(self):
        return self.same({"use_ssl": True}, {"use_ssl": 1})

    def none_option(self):
        return self.same({}, {"endpoint_url": None})

    def secret_in_key(self):
        return "the-secret" in str(vars(upstream.ClientCacheKey("s3", aws_secret_access_key="the-secret")))

    def secret_in_label(self):
        config = Config(proxies={"https": "http://user:the-secret@proxy"})
        return "the-secret" in upstream.ClientCacheKey("s3", config=config).label

    def other_kind(self):
        cache = upstream.LRUClientCache()
        cache[upstream.ResourceCacheKey("s3")] = new_value("resource")
        return len(cache)

    def missing_delete(self):
        return attempt(lambda: upstream.LRUClientCache().__delitem__(upstream.ClientCacheKey("s3")))

    def evicted_client(self):
        closed = []

        class Closing(BaseClient):
            def __init__(self):
                pass

            def close(self):
                closed.append(self)

        cache = upstream.LRUClientCache(max_size=1)
        cache[upstream.ClientCacheKey("a")] = Closing()
        cache[upstream.ClientCacheKey("b")] = new_value()
        return len(closed)

    def copied(self):
        self.build("a")
        return len(self.session.cache.client.LRU.copy())

    def slow_build(self):
        """Whether one that is held comes at once while another is being built."""
        self.build("held")
        building, done = threading.Event(), threading.Event()

        def build(kind, name):
            building.set()
            done.wait()
            return new_value(kind)

        build_with(build)
        builder = threading.Thread(target=lambda: self.build("slow"))
        builder.start()
        building.wait()
        hit = threading.Thread(target=lambda: self.build("held"))
        hit.start()
        hit.join(0.1)
        came = not hit.is_alive()
        done.set()
        builder.join()
        hit.join()
        return came

    def default_session(self):
        return isinstance(upstream.session._get_default_session(), upstream.Session)


for line in sys.stdin:
    case = json.loads(line)
    if "difference" in case:
        answer = getattr(Differences(), case["difference"])()
    elif "configs" in case:
        answer = tell_apart(**case)
    else:
        answer = Sequence(**case).run()
    print(json.dumps({"answer": answer}), flush=True)
