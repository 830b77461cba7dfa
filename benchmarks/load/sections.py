"""The sections that are rows of scenarios: our server on an empty store beside its peers."""
import shutil

import measuring
import peers
from measuring import say
from processes import StepError
from requests_of import make_requests
from scenarios import LISTS, SCENARIOS

FLEET_HOSTS = 16


def chosen_rows(run, section):
    """(scenario, connections) of one section."""
    for row in SCENARIOS:
        if row.section != section or (run.scenarios and row.name not in run.scenarios):
            continue
        if run.quick and not run.scenarios and not row.quick:
            continue
        for connections in run.connections or row.connections:
            yield row, connections


def row_facts(row, connections, found):
    steps = LISTS if row.steps == ("lists",) else row.steps
    for name, result in found.items():
        say(f"      {name:8} {result['turns_per_second']:10.0f}/s")
    return {"scenario": row.name, "title": row.title, "steps": steps, "body_kib": row.body_kib,
            "connections": connections, "peers": found}


def measure_row(run, row, connections, settings=None):
    """Our server on an empty store and every peer that can do the same."""
    data = run.folder("api")
    with peers.api(run, data, settings=settings) as server:
        server.make_keys(run.keys)
        requests = make_requests(run, row, server)
        answers = measuring.capture_answers(row, server, requests)
        files = measuring.write_requests(run, requests)
        ours = measuring.drive(run, row, connections, server, files)
        server.process.stop()
        sent = ours["sequences"]
        if row.calls:
            measuring.check_stored(server, 1 + (min(sent, row.distinct) if row.distinct else sent),
                                   row.name)
    found = {"api": ours, **measuring.measure_peers(run, row, connections, answers, files,
                                                    server.secret, peers.bench_bot())}
    if "sqlite" in run.peers and "sqlite" in row.peers:
        found["sqlite"] = measuring.measure_sqlite(run, server.database, ours["turns_per_commit"])
    shutil.rmtree(data)
    return row_facts(row, connections, found)


def measure_rows(run, section, settings=None):
    rows = list(chosen_rows(run, section))
    out = []
    for index, (row, connections) in enumerate(rows, 1):
        say(f"  [{index}/{len(rows)}] {row.name}, {connections} connections")
        out.append(measure_row(run, row, connections, settings))
    return {"rows": out}


def config(run):
    return measure_rows(run, "config")


def results(run):
    return measure_rows(run, "results")


def dialout(run):
    with peers.outside(run, run.folder("outside"), FLEET_HOSTS) as world:
        found = measure_rows(run, "dialout", {"CXB_FLEET_URLS": ",".join(world.hosts)})
        found["fleet"] = world.counts()
        world.process.stop()
    sent = sum(row["peers"]["api"]["sequences"] + 1 for row in found["rows"])
    if found["fleet"]["dialouts"] != sent:
        raise StepError("counting the dialouts", f"the fleet took {found['fleet']['dialouts']}, "
                        f"{sent} were acknowledged", run.log("outside_host"))
    return found
