#!/usr/bin/env python3
"""Whole-process measurements: the real cxb-api beside nginx, a minimal Beast server, SQLite and
the bare disk, under the same load generator on this machine. Standard library only.

Prints the report and writes load.json and load.md to the output folder. A failure names its step
and log and exits 1; what was started is ended by process id, scratch data are removed.
"""
import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import peers  # noqa: E402
import processes  # noqa: E402
import report  # noqa: E402
from processes import StepError  # noqa: E402
from scenarios import DUPLICATE, SCENARIOS  # noqa: E402

SESSION = "00000000-0000-7000-8000-00000000beef"  # the markers of support/result_body.hpp
RESULT = "00000000-0000-7000-8000-00000000cafe"
BOT = b"65f000000000000000000001"
ALL_PEERS = ("api", "nginx", "beast", "sqlite")
BUILD_TARGETS = ("cmake", "--build", "build/release", "--target", "benchmarks")


class Run:
    """What one run has settled: programs, folders, processors, durations."""

    def __init__(self, options):
        self.bin = pathlib.Path(options.bin).resolve()
        self.out = pathlib.Path(options.out).resolve()
        self.quick = options.quick
        self.seconds = options.seconds or (0.4 if options.quick else 3.0)
        self.warmup = 0.1 if options.quick else 0.5
        self.threads = options.threads
        self.connections = options.connections or ((4,) if options.quick else None)
        allowed = sorted(os.sched_getaffinity(0))
        self.pinned = len(allowed) >= 2 and not options.no_pin
        self.server_cpus = set(allowed[:-1][:self.threads]) if self.pinned else None
        self.client_cpus = {allowed[-1]} if self.pinned else None
        self.out.mkdir(parents=True, exist_ok=True)
        self.scratch = pathlib.Path(tempfile.mkdtemp(
            prefix="scratch-", dir=options.data_dir or self.out))
        (self.scratch / "logs").mkdir()
        shutil.rmtree(self.out / "logs", ignore_errors=True)  # those of an earlier failure

    def log(self, name):
        return self.scratch / "logs" / f"{name}.log"

    def folder(self, name):
        """An empty folder in place of whatever was there."""
        path = self.scratch / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
        return path


def say(text):
    print(text, flush=True)


def number_list(text):
    return tuple(int(word) for word in text.split(","))


def read_options():
    root = peers.SOURCE
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run of half a minute")
    parser.add_argument("--build", action="store_true", help="build the release preset first")
    parser.add_argument("--list", action="store_true", help="show the scenarios and stop")
    parser.add_argument("--scenario", action="append", help="only this one (may be repeated)")
    parser.add_argument("--connections", type=number_list, metavar="N[,N...]",
                        help="instead of those of the scenario")
    parser.add_argument("--peers", default=",".join(ALL_PEERS), help="default: %(default)s")
    parser.add_argument("--seconds", type=float, help="measured time of each row (default 3)")
    parser.add_argument("--threads", type=int, default=1, help="event loops of every server")
    parser.add_argument("--no-pin", action="store_true", help="let the system place processes")
    parser.add_argument("--bin", default=root / "build/release/bin", help="the built programs")
    parser.add_argument("--out", default=root / "build/bench", help="reports; default build/bench")
    parser.add_argument("--data-dir", help="folder on the disk to measure (default: --out)")
    options = parser.parse_args()
    options.peers = tuple(options.peers.split(","))
    known = [row.name for row in SCENARIOS]
    for name in options.scenario or ():
        if name not in known:
            parser.error(f"no scenario {name}; there are {', '.join(known)}")
    for name in options.peers:
        if name not in ALL_PEERS:
            parser.error(f"no peer {name}; there are {', '.join(ALL_PEERS)}")
    if "api" not in options.peers:
        parser.error("the other peers serve what api answered, so it cannot be left out")
    return options


def chosen_rows(options, run):
    """(scenario, connections) for everything that is to be measured."""
    for row in SCENARIOS:
        if options.scenario and row.name not in options.scenario:
            continue
        if run.quick and not options.scenario and not row.quick:
            continue
        for connections in run.connections or row.connections:
            yield row, connections


def build():
    log = peers.SOURCE / "build/log/bench-build.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    commands = (("cmake", "--preset", "release", "-DCXB_BUILD_BENCHMARKS=ON"), BUILD_TARGETS)
    with open(log, "wb") as out:
        for command in commands:
            if subprocess.run(command, cwd=peers.SOURCE, stdout=out, stderr=out).returncode != 0:
                raise StepError("building the release preset", " ".join(command), log)


def config_target(bot_id, kind):
    event = {"CUSTOMER": "Ravi", "amount": 4200}
    if kind == "config_named":
        event["_campaign_session_id"] = SESSION
    query = {"caller_id": "+919876543210", "stream_id": "st-" + SESSION, "transport": "attach",
             "fetch_id": RESULT, "connected_event": json.dumps(event, separators=(",", ":"))}
    return f"/api/v1/config/{bot_id}?" + urllib.parse.urlencode(query)


def make_requests(run, row, server):
    """The requests of one turn: (method, target, body)."""
    out = []
    for kind in row.steps:
        if kind == "result":
            body = subprocess.run([run.bin / "make_body", str(row.body_kib)], check=True,
                                  capture_output=True).stdout
            out.append(("POST", "/api/v1/call-results", body.replace(BOT, server.bot_id.encode())))
        else:
            out.append(("GET", config_target(server.bot_id, kind), b""))
    return out


def request_bytes(secret, method, target, body):
    head = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", f"X-CXBCore-Secret: {secret}",
            "Accept: application/json"]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


def capture_answers(row, server, requests):
    """What our server answers, for the peers to answer the same. Stores one call."""
    answers = {}
    headers = {"X-CXBCore-Secret": server.secret}
    for method, target, body in requests:
        kind = {"Content-Type": "application/json"} if body else {}
        for _ in range(2 if DUPLICATE in row.expect else 1):
            answers[method] = server.call(method, target, body or None, {**headers, **kind})
    return answers


def drive(run, row, connections, server, files):
    """Runs the load generator and watches the server while it measures."""
    command = [run.bin / "load_client", "--port", server.port, "--connections", connections,
               "--seconds", run.seconds, "--warmup", run.warmup, "--distinct", row.distinct]
    for path in files:
        command += ["--request", path]
    for text in row.expect:
        command += ["--expect", text]
    step = f"driving {server.process.name} with {row.name}"
    client_log = run.log("load_client")
    pids = server.process.pids()
    seen = {}

    def look():
        return {"cpu": processes.cpu_seconds(pids), "written": processes.written_bytes(pids),
                "machine": processes.machine_busy_seconds(), **server.counters()}

    with open(client_log, "wb") as errors:
        client = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                                  stderr=errors, stdin=subprocess.DEVNULL, text=True)
    watchdog = threading.Timer(run.seconds + run.warmup + 90, client.kill)
    watchdog.start()
    try:
        for line in client.stdout:
            message = json.loads(line)
            if message["phase"] == "begin":
                processes.reset_peak_rss(pids)
            seen[message["phase"]] = look() if message["phase"] != "result" else message
            seen.setdefault("rss", {})[message["phase"]] = processes.peak_rss_kib(pids)
        client.wait()
    finally:
        watchdog.cancel()
        if client.poll() is None:
            client.kill()
            client.wait()
    result = seen.get("result")
    if not result:
        raise StepError(step, f"load_client ended with {client.returncode}", client_log)
    if result["failures"] or client.returncode != 0 or "end" not in seen:
        raise StepError(step, f"{result['failures']} failures, statuses {result['statuses']}; the "
                        f"first: {result['first_failure'] or 'no answers in time'}",
                        server.process.log)
    return measured(result, seen["begin"], seen["end"], seen["rss"])


def measured(result, begin, end, rss):
    """One row of the report out of what was seen at both ends of the measured time."""
    turns = result["steps"][-1]["count"]
    wall = result["seconds"]
    cpu = end["cpu"] - begin["cpu"]
    out = {"turns_per_second": turns / wall, "turns": turns, "seconds": wall,
           "steps": result["steps"], "sequences": result["sequences"],
           "server_cpu_seconds": cpu, "server_cpu_share": cpu / wall,
           "server_cpu_us_per_turn": cpu / turns * 1e6 if turns else 0,
           "client_cpu_share": result["client_cpu_seconds"] / wall,
           "other_cpu_share": max(0.0, end["machine"] - begin["machine"] - cpu
                                  - result["client_cpu_seconds"]) / wall,
           "peak_rss_mib": rss["end"] / 1024}
    if begin["written"] is not None and turns:
        out["written_bytes_per_turn"] = (end["written"] - begin["written"]) / turns
    if "commits" in end:
        commits = end["commits"] - begin["commits"]
        out["commits"] = commits
        out["turns_per_commit"] = turns / commits if commits else 0
        out["commit_mean_ms"] = ((end["commit_seconds"] - begin["commit_seconds"]) / commits * 1e3
                                 if commits else 0)
    return out


def check_stored(row, server, result):
    """Every acknowledged call must be in the database file, and no other."""
    sent = result["sequences"]
    expected = 1 + (min(sent, row.distinct) if row.distinct else sent)
    found = server.stored_calls()
    if found != expected:
        raise StepError(f"counting what {row.name} stored", f"{found} calls are on disk, "
                        f"{expected} were acknowledged", server.process.log)


def measure_api(run, row, connections):
    with peers.api(run, run.folder("api-run")) as server:
        requests = make_requests(run, row, server)
        answers = capture_answers(row, server, requests)
        files = []
        for index, (method, target, body) in enumerate(requests):
            files.append(run.scratch / f"request.{index}")
            files[-1].write_bytes(request_bytes(server.secret, method, target, body))
        result = drive(run, row, connections, server, files)
        server.process.stop()
        check_stored(row, server, result)
    shutil.rmtree(run.scratch / "api-run", ignore_errors=True)
    return result, answers, files


def probe(run, *arguments):
    """disk_probe on the server's processors and disk; gives its JSON."""
    pin = (lambda: os.sched_setaffinity(0, run.server_cpus)) if run.pinned else None
    done = subprocess.run([str(run.bin / "disk_probe"), arguments[0], "--dir", str(run.scratch),
                           *map(str, arguments[1:])], capture_output=True, text=True,
                          preexec_fn=pin)
    if done.returncode != 0:
        raise StepError(f"disk_probe {arguments[0]}", done.stderr.strip())
    return json.loads(done.stdout)


def measure_sqlite(run, row, connections):
    found = probe(run, "sqlite", "--bytes", row.row_bytes, "--group", connections,
                  "--seconds", 0.2 if run.quick else 1)
    return {"turns_per_second": found["rows_per_second"], "commit": found["commit"],
            "server_cpu_us_per_turn": found["cpu_us_per_row"], "turns_per_commit": connections}


def measure_row(run, names, row, connections):
    """All peers for one scenario; gives {peer: measured}."""
    found = {}
    found["api"], answers, files = measure_api(run, row, connections)
    for name, start in peers.PEERS.items():
        if name not in names:
            continue
        with start(run, run.folder(name), answers) as server:
            found[name] = drive(run, row, connections, server, files)
            server.process.stop()
    if "sqlite" in names and row.row_bytes:
        found["sqlite"] = measure_sqlite(run, row, connections)
    return found


def machine():
    cpus = pathlib.Path("/proc/cpuinfo").read_text()
    model = cpus.split("model name")[1].split(":")[1].splitlines()[0].strip() \
        if "model name" in cpus else platform.machine()
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) // 1024
    return {"cpu": model, "cpus": os.cpu_count(), "memory_mib": memory,
            "kernel": platform.release(), "load_average": os.getloadavg()[0]}


def busy_before():
    """Share of the processors that others use, before anything is started."""
    begin, start = processes.machine_busy_seconds(), time.monotonic()
    time.sleep(1)
    spent = processes.machine_busy_seconds() - begin
    return spent / (time.monotonic() - start) / (os.cpu_count() or 1)


def measure_all(run, options):
    rows = list(chosen_rows(options, run))
    facts = machine()
    document = {
        "made_at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": facts, "quick": run.quick, "pinned": run.pinned, "threads": run.threads,
        "seconds": run.seconds, "warmup": run.warmup, "busy_before": busy_before(),
        "peers": options.peers, "rows": []}
    say(f"Others use {document['busy_before']:.0%} of the processors before the start")
    say("Measuring the disk")
    document["disk"] = probe(run, "sync", "--count", 50 if run.quick else 1000)
    for index, (row, connections) in enumerate(rows, 1):
        say(f"[{index}/{len(rows)}] {row.name}, {connections} connections")
        found = measure_row(run, options.peers, row, connections)
        for name, result in found.items():
            say(f"      {report.TITLES[name]:14} {result['turns_per_second']:10.0f}/s")
        document["rows"].append({"scenario": row.name, "title": row.title, "steps": row.steps,
                                 "body_kib": row.body_kib, "connections": connections,
                                 "peers": found})
    return document


def keep_logs(run):
    kept = run.out / "logs"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(run.scratch / "logs", kept)
    return kept


def explain(run, fault):
    print(f"\nFAILED: {fault.step}\n  {fault}", file=sys.stderr)
    log = fault.log
    if run and log and pathlib.Path(log).parent == run.scratch / "logs":
        log = keep_logs(run) / pathlib.Path(log).name
    if log and pathlib.Path(log).exists():
        lines = pathlib.Path(log).read_text(errors="replace").splitlines()[-15:]
        print("\n".join("  | " + line[:200] for line in lines), file=sys.stderr)
    print(f"  log: {log or 'none'}", file=sys.stderr)


def end_by_signal(number, _frame):
    raise SystemExit(128 + number)


def main():
    options = read_options()
    if options.list:
        for row in SCENARIOS:
            say(f"{row.name:12} {row.title}; connections {', '.join(map(str, row.connections))}")
        return 0
    signal.signal(signal.SIGTERM, end_by_signal)
    signal.signal(signal.SIGINT, end_by_signal)
    run = None
    with contextlib.ExitStack() as cleanup:
        try:
            if options.build:
                say("Building the release preset")
                build()
            run = Run(options)
            cleanup.callback(shutil.rmtree, run.scratch, ignore_errors=True)
            peers.check_programs(run, options.peers)
            if run.pinned:
                os.sched_setaffinity(0, run.client_cpus)
            document = measure_all(run, options)
            report.check_complete(document)
            report.write(document, run.out)
        except StepError as fault:
            explain(run, fault)
            return 1
    say(f"\nReports: {run.out}/load.md, {run.out}/load.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
