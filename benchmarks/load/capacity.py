"""The section on memory and the one on idle clients."""
import contextlib
import json
import resource
import shutil
import subprocess
import time

import measuring
import peers
import processes
from measuring import say
from processes import StepError
from requests_of import make_requests
from scenarios import scenario


def settled_memory(pids):
    """Memory once it has stopped to change: twice the same within 1 %, a quarter second apart."""
    last = processes.memory(pids)
    for _ in range(40):
        time.sleep(0.25)
        now = processes.memory(pids)
        if abs(now["rss_mib"] - last["rss_mib"]) < 0.01 * now["rss_mib"]:
            return now
        last = now
    return last


def memory(run):
    """Idle, then while results are taken in."""
    row = scenario("result_60k")
    volume = run.size(1 << 30, 4 << 20)
    turns = -(-volume // (row.body_kib << 10))
    with peers.api(run, run.folder("api")) as server:
        pids = server.process.pids()
        idle = settled_memory(pids)
        requests = make_requests(run, row, server)
        files = measuring.write_requests(run, requests)
        server.call("POST", requests[0][1], requests[0][2],
                    {requests[0][3][0]: requests[0][3][1], "Content-Type": "application/json"})
        before = settled_memory(pids)
        say(f"  idle {idle['rss_mib']:.1f} MiB; taking in {volume >> 20} MiB")
        ours = measuring.drive(run, row, 16, server, files, turns)
        after = settled_memory(pids)
        server.process.stop()
        measuring.check_stored(server, 1 + ours["sequences"], "taking in results")
    shutil.rmtree(run.scratch / "api")
    say(f"  peak {ours['peak_rss_mib']:.1f} MiB, afterwards {after['rss_mib']:.1f} MiB")
    return {"idle": idle, "before": before, "after": after, "peak_mib": ours["peak_rss_mib"],
            "ingested_bytes": turns * (row.body_kib << 10), "body_kib": row.body_kib,
            "drive": ours}


@contextlib.contextmanager
def idle_clients(run, server, request, count):
    """Gives a function that ends them and tells how many were still connected."""
    command = [run.bin / "idle_clients", "--port", server.port, "--request", request, "--count",
               count]
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    log = run.log("idle_clients")
    with open(log, "wb") as errors:
        clients = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=errors, text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)))
    try:
        if '"connected"' not in clients.stdout.readline():
            raise StepError(f"connecting {count} idle clients", "they were not all served", log)

        def end():
            clients.stdin.close()
            return json.loads(clients.stdout.readline())["open"]
        yield end
    finally:
        clients.kill()
        clients.wait()


def idle(run):
    """The same load without and with idle clients."""
    row = scenario("config")
    count = run.size(10000, 50)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most < count + 500:
        count = most - 500
        say(f"  only {count} clients: a process may hold {most} descriptors here")
    out = {"clients": count, "rows": []}
    with peers.api(run, run.folder("api")) as server:
        files = measuring.write_requests(run, make_requests(run, row, server))
        health = run.scratch / "request.health"
        health.write_bytes(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        pids = server.process.pids()
        for connections in run.size((1, 16, 64), (4,)):
            alone = measuring.drive(run, row, connections, server, files)
            out["rows"].append({"connections": connections, "alone": alone})
        before = settled_memory(pids)
        with idle_clients(run, server, health, count) as end:
            after = settled_memory(pids)
            for each in out["rows"]:
                each["beside"] = measuring.drive(run, row, each["connections"], server, files)
            out["still_open"] = end()
        server.process.stop()
    out["kib_per_client"] = (after["rss_mib"] - before["rss_mib"]) * 1024 / count
    say(f"  {out['kib_per_client']:.1f} KiB a client; {out['still_open']} of {count} still open")
    if out["still_open"] != count:
        raise StepError("keeping idle clients", f"{out['still_open']} of {count} are connected "
                        "still", server.process.log)
    return out
