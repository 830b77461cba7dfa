"""The section on stored calls: does their number change what a request costs?"""
import contextlib
import os
import shutil
import sqlite3
import subprocess

import measuring
import peers
import sections
from measuring import say
from processes import StepError
from requests_of import fresh_ids, make_requests
from scenarios import Scenario, scenario

SIZES = (10_000, 100_000, 1_000_000)
QUICK_SIZES = (100, 1000)
CONNECTIONS = 16  # of the curves
MODEL_KIB = (4, 4, 5, 6, 10)  # results of the calls that seeded ones are copies of
FILE_BYTES = 11_000  # that a seeded call takes, with its trace and indexes
CURVES = ("config", "result_10k", "lists")


def store_models(run, server):
    """The calls that seeded ones are copies of, made by the server itself."""
    for kib in MODEL_KIB:
        row = Scenario("model", "growth", "", ("config_named", "result"), (1,), body_kib=kib)
        for method, target, body, secret in fresh_ids(make_requests(run, row, server)):
            kind = {"Content-Type": "application/json"} if body else {}
            server.call(method, target, body or None, {secret[0]: secret[1], **kind})


def calls_in(database):
    with contextlib.closing(sqlite3.connect(database)) as store:
        return store.execute("SELECT count(session_id) FROM calls").fetchone()[0]


def seeded_store(run, size):
    """A data folder with `size` calls or up to a tenth more, kept for the next run."""
    data = run.kept / str(size)
    database = data / "cxb.db"
    if not database.exists() or calls_in(database) > size * 1.1:
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(mode=0o700, parents=True)
        with peers.api(run, data) as server:
            store_models(run, server)
            server.process.stop()
    missing = size - calls_in(database)
    if missing > 0:
        wanted = missing * FILE_BYTES + (1 << 30)
        if shutil.disk_usage(data).free < wanted:
            raise StepError("looking at the disk", f"{wanted >> 30} GiB must be free at {data}")
        say(f"  seeding {size} calls")
        done = subprocess.run([str(run.bin / "seed_calls"), "--db", str(database), "--until",
                               str(size)], capture_output=True, text=True)
        if done.returncode != 0:
            raise StepError("seeding calls", done.stderr.strip())
        os.sync()  # else the kernel writes back what was seeded while we measure
    return data, calls_in(database)


def drive_here(run, server, row, connections):
    """One measurement on a server that runs already; gives it with the calls it stored."""
    requests = make_requests(run, row, server)
    answers = measuring.capture_answers(row, server, requests)
    files = measuring.write_requests(run, requests)
    found = measuring.drive(run, row, connections, server, files)
    return found, answers, files, (found["sequences"] + 1) * row.calls


def measure_size(run, size, last):
    """The curves at one size; at the last also the lists with other numbers of connections."""
    data, stored = seeded_store(run, size)
    row = scenario("lists")
    others = [n for n in (run.connections or row.connections) if n != CONNECTIONS] if last else []
    out = {"calls": stored, "connections": CONNECTIONS,
           "file_bytes": (data / "cxb.db").stat().st_size, "curves": {}}
    lists = []
    with peers.api(run, data) as server:
        server.make_keys(run.keys)
        for name in CURVES:
            found, answers, files, added = drive_here(run, server, scenario(name), CONNECTIONS)
            out["curves"][name] = found
            stored += added
            say(f"      {name:12} {found['turns_per_second']:8.0f}/s "
                f"{found['server_cpu_us_per_turn']:8.0f} µs")
        lists.append((CONNECTIONS, found, answers, files))
        for connections in others:
            lists.append((connections, *drive_here(run, server, row, connections)[:3]))
        server.process.stop()
    measuring.check_stored(server, stored, f"growing from {size} calls")
    rows = []
    if last:
        for connections, ours, answers, files in sorted(lists, key=lambda each: each[0]):
            found = {"api": ours, **measuring.measure_peers(run, row, connections, answers, files,
                                                            server.secret, {})}
            rows.append(sections.row_facts(row, connections, found))
    return out, rows


def growth(run):
    sizes = run.size(SIZES, QUICK_SIZES)
    out = {"sizes": [], "rows": []}
    for size in sizes:
        say(f"  {size} calls")
        found, rows = measure_size(run, size, size == sizes[-1])
        out["sizes"].append(found)
        out["rows"] += rows
    return out
