"""The section on pushes: results in, signed webhooks out."""
import json
import time

import measuring
import peers
import processes
from measuring import say
from processes import StepError
from requests_of import make_requests
from scenarios import scenario

PATIENCE = 120  # seconds without any progress


def push_bot(url):
    bot = peers.bench_bot()
    block = json.loads((peers.SOURCE / "examples/demo_bot.json").read_text())["post_call_push"]
    bot["post_call_push"] = {**block, "url": url, "sign": True}
    return bot


def drained(server, wanted):
    """Waits until so many pushes were delivered; gives the seconds it took."""
    start = progress = time.monotonic()
    last = -1
    while True:
        done = server.metric("cxb_push_total", 'outcome="delivered"')
        now = time.monotonic()
        if done >= wanted:
            return now - start
        if done != last:
            last, progress = done, now
        if now - progress > PATIENCE:
            raise StepError("draining the pushes", f"{done:.0f} of {wanted} were delivered, and no "
                            f"more for {PATIENCE} s", server.process.log)
        time.sleep(0.02)


def push_once(run, connections):
    row = scenario("result_10k")
    turns = run.size(2000, 60)
    with peers.outside(run, run.folder("outside")) as world:
        settings = {"CXB_GUARD_ALLOW": "127.0.0.1"}
        hook = world.hosts[0] + "/hook"
        with peers.api(run, run.folder("api"), push_bot(hook), settings) as server:
            made = server.post(f"/api/v1/bots/{server.bot_id}/push-secret/rotate", {})
            world.secret_file.write_text(made["secret"] + "\n")
            files = measuring.write_requests(run, make_requests(run, row, server))
            cpu = processes.cpu_seconds(server.process.pids())
            ours = measuring.drive(run, row, connections, server, files, turns)
            sent = ours["sequences"]
            done = server.metric("cxb_push_total", 'outcome="delivered"')
            seconds = drained(server, sent)
            cpu = processes.cpu_seconds(server.process.pids()) - cpu
            counts = world.counts()
            server.process.stop()
        world.process.stop()
    if counts["distinct"] != sent or counts["refused"] or counts["webhooks"] != sent:
        raise StepError("counting the webhooks", f"{sent} results were acknowledged; {counts}",
                        run.log("outside_host"))
    whole = ours["seconds"] + seconds
    return {"connections": connections, "pushes": sent,
            "results_per_second": sent / ours["seconds"],
            "delivered_meanwhile": done, "backlog": sent - done, "drain_seconds": seconds,
            "drain_per_second": (sent - done) / seconds if sent > done else None,
            "pushes_per_second": sent / whole, "cpu_us_per_call": cpu / sent * 1e6,
            "drive": ours}


def push(run):
    out = []
    for connections in run.size((1, 16, 64), (4,)):
        say(f"  {connections} connections")
        out.append(push_once(run, connections))
        say(f"      {out[-1]['pushes_per_second']:10.0f} pushes/s")
    return {"rows": out}
