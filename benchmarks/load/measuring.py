"""What one run has settled, and how one server is driven and watched."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading

import peers
import processes
from processes import StepError
from requests_of import fresh_ids, request_bytes
from scenarios import DUPLICATE

LONGEST = 20  # seconds to wait for the first turn of a row


class Run:
    """Programs, folders, processors, durations."""

    def __init__(self, options):
        self.bin = pathlib.Path(options.bin).resolve()
        self.out = pathlib.Path(options.out).resolve()
        self.quick = options.quick
        self.seconds = options.seconds or (0.25 if options.quick else 2.0)
        self.warmup = 0.05 if options.quick else 0.5
        self.threads = options.threads
        self.peers = options.peers
        self.scenarios = options.scenario
        self.connections = options.connections or ((4,) if options.quick else None)
        self.only_connections = options.connections or ()
        allowed = sorted(os.sched_getaffinity(0))
        self.pinned = len(allowed) >= 2 and not options.no_pin
        self.server_cpus = set(allowed[:-1][:self.threads]) if self.pinned else None
        self.client_cpus = {allowed[-1]} if self.pinned else None
        self.out.mkdir(parents=True, exist_ok=True)
        place = pathlib.Path(options.data_dir or self.out)
        self.kept = place / ("seed-quick" if options.quick else "seed")
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="scratch-", dir=place))
        self.keys = self.scratch / "keys"  # API keys, one a line
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

    def size(self, full, quick):
        return quick if self.quick else full

    def settings(self):
        """What must be the same for sections to stand in one report."""
        return {"quick": self.quick, "seconds": self.seconds, "warmup": self.warmup,
                "threads": self.threads, "pinned": self.pinned, "peers": sorted(self.peers),
                "only": [*(self.scenarios or ()), *self.only_connections]}


def say(text):
    print(text, flush=True)


def capture_answers(row, server, requests):
    """What our server answers, for the peers to answer the same: the first of each method. Stores
    what one turn stores."""
    answers = {}
    for method, target, body, secret in fresh_ids(requests):
        headers = dict([secret])
        if body:
            headers["Content-Type"] = "application/json"
        for _ in range(2 if DUPLICATE in row.expect else 1):
            found = server.call(method, target, body or None, headers)
        answers.setdefault(method, found)
    return answers


def write_requests(run, requests):
    """Request files for load_client."""
    files = []
    for index, request in enumerate(requests):
        files.append(run.scratch / f"request.{index}")
        files[-1].write_bytes(request_bytes(*request))
    return files


def drive(run, row, connections, server, files, turns=0):
    """Runs the load generator and watches the server while it measures; once more and for longer
    when nothing was over in the time. With `turns` it ends when so many were made, without a
    warm-up."""
    if turns:
        return drive_once(run, row, connections, server, files, 600, 0, turns)
    seconds, sent = run.seconds, 0
    while True:
        found = drive_once(run, row, connections, server, files, seconds, run.warmup, 0)
        sent += found["sequences"]
        if all(step["count"] for step in found["steps"]) or seconds > LONGEST:
            return {**found, "sequences": sent}
        seconds *= 4


def drive_once(run, row, connections, server, files, seconds, warmup, turns):
    command = [run.bin / "load_client", "--port", server.port, "--connections", connections,
               "--seconds", seconds, "--warmup", warmup, "--distinct", row.distinct,
               "--turns", turns]
    for path in files:
        command += ["--request", path]
    for text in row.expect:
        command += ["--expect", text]
    if row.keys:
        command += ["--keys", run.keys]
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
    watchdog = threading.Timer(seconds + warmup + 90, client.kill)
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
    grown = {name: end[name] - begin[name] for name in end if isinstance(end[name], float)}
    cpu = grown["cpu"]
    out = {"turns_per_second": turns / wall, "turns": turns, "seconds": wall,
           "steps": result["steps"], "sequences": result["sequences"],
           "server_cpu_seconds": cpu, "server_cpu_share": cpu / wall,
           "server_cpu_us_per_turn": cpu / turns * 1e6 if turns else 0,
           "client_cpu_share": result["client_cpu_seconds"] / wall,
           "other_cpu_share": max(0.0, grown["machine"] - cpu
                                  - result["client_cpu_seconds"]) / wall,
           "peak_rss_mib": rss["end"] / 1024}
    if begin["written"] is not None and turns:
        out["written_bytes_per_turn"] = (end["written"] - begin["written"]) / turns
    if "commits" in end:
        commits = grown["commits"]
        out["commits"] = commits
        out["turns_per_commit"] = turns / commits if commits else 0
        out["commit_mean_ms"] = grown["commit_seconds"] / commits * 1e3 if commits else 0
        out["syncs_per_second"] = (grown["log_syncs"] + grown["data_syncs"]) / wall
        out["sync_share"] = grown["sync_seconds"] / wall
    return out


def check_stored(server, expected, what):
    """Every acknowledged call must be in the database file, and no other."""
    found = server.stored_calls()
    if found != expected:
        raise StepError(f"counting what {what} stored", f"{found} calls are on disk, "
                        f"{expected} were acknowledged", server.process.log)


def probe(run, *arguments):
    """disk_probe on the server's processors and disk; gives its JSON."""
    pin = (lambda: os.sched_setaffinity(0, run.server_cpus)) if run.pinned else None
    done = subprocess.run([str(run.bin / "disk_probe"), arguments[0], "--dir", str(run.scratch),
                           *map(str, arguments[1:])], capture_output=True, text=True,
                          preexec_fn=pin)
    if done.returncode != 0:
        raise StepError(f"disk_probe {arguments[0]}", done.stderr.strip())
    return json.loads(done.stdout)


def measure_sqlite(run, database, calls_per_commit):
    """SQLite alone, writing again what our server wrote for one call, in groups of its size."""
    group = max(1, round(calls_per_commit))
    found = probe(run, "sqlite", "--like", database, "--group", group,
                  "--seconds", run.size(1, 0.2))
    return {"turns_per_second": found["calls_per_second"], "commit": found["commit"],
            "server_cpu_us_per_turn": found["cpu_us_per_call"], "turns_per_commit": group,
            "rows": found["rows"], "bytes": found["bytes"]}


def measure_peers(run, row, connections, answers, files, secret, bot):
    """{peer: measured} for those of the row that answer requests."""
    found = {}
    for name, start in peers.PEERS.items():
        if name not in run.peers or name not in row.peers:
            continue
        with start(run, run.folder(name), peers.Copied(answers, secret, bot)) as server:
            found[name] = drive(run, row, connections, server, files)
            server.process.stop()
    return found
