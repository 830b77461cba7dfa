"""What is driven against every server: one row each. A new measurement is a new row."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    steps: tuple  # of STEPS below; the requests of one turn, which share their ids
    connections: tuple  # how many keep-alive connections; each number is measured on its own
    body_kib: int = 0  # size of the call result
    distinct: int = 0  # how many different ids there are; 0 = fresh ones for each turn
    expect: tuple = ()  # text that the answer of each step must hold
    row_bytes: int = 0  # what one turn stores, for the SQLite peer; 0 = not compared
    quick: bool = True  # part of --quick


# config: a new session, found again by its fetch_id. config_named: the session_id is the
# turn's own, so that the result that follows belongs to it. result: the call result.
STEPS = ("config", "config_named", "result")

CONFIG = '"session_id":'
STORED = '"result":"stored"'
DUPLICATE = '"result":"duplicate"'

SCENARIOS = (
    Scenario("config", "config fetch, new session each, skeleton on disk", ("config",), (1, 16),
             expect=(CONFIG,), row_bytes=1536),
    Scenario("result_10k", "result of 10 KB, new session each", ("result",), (1, 16), 10,
             expect=(STORED,), row_bytes=10 * 1024),
    Scenario("result_60k", "result of 60 KB, new session each", ("result",), (1, 16), 60,
             expect=(STORED,), row_bytes=60 * 1024, quick=False),
    Scenario("result_300k", "result of 300 KB, new session each", ("result",), (1, 16), 300,
             expect=(STORED,), row_bytes=300 * 1024),
    Scenario("repeat_60k", "result of 60 KB that is stored already", ("result",), (16,), 60,
             distinct=64, expect=(DUPLICATE,)),
    Scenario("call_60k", "config fetch, then the result of 60 KB of that session",
             ("config_named", "result"), (16,), 60, expect=(CONFIG, STORED)),
)
