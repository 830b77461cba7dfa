"""What is driven against every server: one row each. A new measurement is a new row."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    section: str  # of the report; see run.py --list
    title: str
    steps: tuple  # of STEPS below; the requests of one turn, which share their ids
    connections: tuple  # how many keep-alive connections; each number is measured on its own
    peers: tuple = ()  # those that can do the same
    body_kib: int = 0  # size of the call result
    distinct: int = 0  # how many different ids there are; 0 = fresh ones for each turn
    expect: tuple = ()  # text that the answer of each request must hold
    keys: bool = False  # many API keys in turn: each has its rate limit
    calls: int = 1  # calls that a turn stores
    quick: bool = True  # part of --quick


# config: a new session, found again by its fetch_id. config_named: the session_id is the
# turn's own, so that the result that follows belongs to it. result: the call result. dialout: a
# call placed on a fleet of hosts that accept at once. lists: five pages of 50 calls.
STEPS = ("config", "config_named", "result", "dialout", "lists")
LISTS = ("newest", "next page", "disposition", "campaign", "phone")

CONFIG = '"session_id":'
STORED = '"result":"stored"'
DUPLICATE = '"result":"duplicate"'
ACCEPTED = '"status":"accepted"'
ITEMS = '"items":[{'

FILES = ("nginx", "beast")
ALL = ("nginx", "beast", "fastapi", "sqlite")

SCENARIOS = (
    Scenario("config", "config", "config fetch, new session each, skeleton on disk", ("config",),
             (1, 16, 64, 256), ALL, expect=(CONFIG,)),
    Scenario("result_10k", "results", "result of 10 KB, new session each", ("result",),
             (1, 16, 64, 256), ALL, 10, expect=(STORED,)),
    Scenario("result_60k", "results", "result of 60 KB, new session each", ("result",), (16, 64),
             ALL, 60, expect=(STORED,), quick=False),
    Scenario("result_300k", "results", "result of 300 KB, new session each", ("result",), (16, 64),
             ALL, 300, expect=(STORED,)),
    Scenario("repeat_60k", "results", "result of 60 KB that is stored already", ("result",), (16,),
             (*FILES, "fastapi"), 60, distinct=64, expect=(DUPLICATE,), quick=False),
    Scenario("call_60k", "results", "config fetch, then the result of 60 KB of that session",
             ("config_named", "result"), (16,), ALL, 60, expect=(CONFIG, STORED), quick=False),
    Scenario("dialout", "dialout", "call placed on a fleet of 16 hosts that accept at once",
             ("dialout",), (1, 16, 64), FILES, expect=(ACCEPTED,), keys=True, calls=0),
    Scenario("lists", "growth", "five pages of 50 calls: " + ", ".join(LISTS), ("lists",),
             (1, 16, 64), FILES, expect=(ITEMS,) * len(LISTS), keys=True, calls=0),
)


def scenario(name):
    return next(row for row in SCENARIOS if row.name == name)
