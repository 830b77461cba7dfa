#!/usr/bin/env python3
"""Whole-process measurements: the real cxb-api beside nginx, a minimal Beast server, SQLite,
FastAPI and the bare disk, under the same load generator on this machine. Standard library only.

Measures section by section into load.json of the output folder, then writes load.md and load.svg
from it; sections measured earlier stay, so a run can be taken up again. A failure names its step
and log and exits 1; what was started is ended by process id, scratch data are removed.
"""
import argparse
import contextlib
import datetime
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import capacity  # noqa: E402
import growth  # noqa: E402
import machine  # noqa: E402
import measuring  # noqa: E402
import peers  # noqa: E402
import pushes  # noqa: E402
import report  # noqa: E402
import sections  # noqa: E402
from measuring import say  # noqa: E402
from processes import StepError  # noqa: E402
from scenarios import SCENARIOS  # noqa: E402

ALL_PEERS = ("api", "nginx", "beast", "sqlite", "fastapi")
BUILD_TARGETS = ("cmake", "--build", "build/release", "--target", "benchmarks")
SECTIONS = {
    "memory": (capacity.memory, "idle memory, and what 1 GiB of results adds"),
    "config": (sections.config, "config fetch"),
    "results": (sections.results, "results of 10, 60 and 300 KB"),
    "dialout": (sections.dialout, "calls placed on a fleet"),
    "push": (pushes.push, "results in, signed webhooks out"),
    "idle": (capacity.idle, "10 000 connected idle clients"),
    "growth": (growth.growth, "config, result and lists on 10^4, 10^5 and 10^6 stored calls"),
}


def number_list(text):
    return tuple(int(word) for word in text.split(","))


def word_list(text):
    return tuple(word for word in text.split(",") if word)


def read_options():
    root = peers.SOURCE
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run of half a minute")
    parser.add_argument("--build", action="store_true", help="build the release preset first")
    parser.add_argument("--list", action="store_true", help="show sections, scenarios and stop")
    parser.add_argument("--section", type=word_list, metavar="A,B", default=tuple(SECTIONS),
                        help="only these; 'none' only writes the report of what is measured")
    parser.add_argument("--resume", action="store_true",
                        help="leave out sections that this commit has measured with these settings")
    parser.add_argument("--publish", action="store_true",
                        help="then copy the report to docs/performance.{md,svg,json}")
    parser.add_argument("--scenario", action="append", help="only this one (may be repeated)")
    parser.add_argument("--connections", type=number_list, metavar="N[,N...]",
                        help="instead of those of the scenario")
    parser.add_argument("--peers", type=word_list, default=ALL_PEERS,
                        help="default: " + ",".join(ALL_PEERS))
    parser.add_argument("--seconds", type=float, help="measured time of each row (default 2)")
    parser.add_argument("--threads", type=int, default=1, help="event loops of every server")
    parser.add_argument("--no-pin", action="store_true", help="let the system place processes")
    parser.add_argument("--bin", default=root / "build/release/bin", help="the built programs")
    parser.add_argument("--out", default=root / "build/bench", help="reports; default build/bench")
    parser.add_argument("--data-dir", help="folder on the disk to measure (default: --out)")
    options = parser.parse_args()
    if options.section == ("none",):
        options.section = ()
    for given, known in ((options.section, SECTIONS), (options.peers, ALL_PEERS),
                         (options.scenario or (), [row.name for row in SCENARIOS])):
        for name in given:
            if name not in known:
                parser.error(f"there is no {name}; there are {', '.join(known)}")
    if "api" not in options.peers:
        parser.error("the other peers serve what api answered, so it cannot be left out")
    return options


def show_list():
    for name, (_, title) in SECTIONS.items():
        say(f"{name:8} {title}")
        for row in SCENARIOS:
            if row.section == name:
                say(f"    {row.name:12} {row.title}; connections "
                    f"{', '.join(map(str, row.connections))}")


def build():
    log = peers.SOURCE / "build/log/bench-build.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    commands = (("cmake", "--preset", "release", "-DCXB_BUILD_BENCHMARKS=ON"), BUILD_TARGETS)
    with open(log, "wb") as out:
        for command in commands:
            if subprocess.run(command, cwd=peers.SOURCE, stdout=out, stderr=out).returncode != 0:
                raise StepError("building the release preset", " ".join(command), log)


def now_text():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def earlier(run):
    """What was measured before with the same settings."""
    path = run.out / "load.json"
    document = json.loads(path.read_text()) if path.exists() else {"settings": run.settings()}
    if document["settings"] != run.settings():
        path.replace(run.out / "load.earlier.json")
        say("Other settings than before: begins anew, the old figures are in load.earlier.json")
        document = {"settings": run.settings()}
    return {"sections": {}, **document}


def measure_all(run, options):
    document = earlier(run)
    commit = machine.commit()
    document["machine"] = machine.describe(run)
    for name in options.section:
        known = document["sections"].get(name)
        if options.resume and known and known["commit"] == commit:
            say(f"{name}: measured already")
            continue
        start = time.monotonic()
        busy = machine.busy_now()
        say(f"{name} (others use {busy:.0%} of the processors)")
        disk = measuring.probe(run, "sync", "--count", run.size(500, 50))
        found = SECTIONS[name][0](run)
        document["sections"][name] = {"made_at": now_text(), "commit": commit, "busy_before": busy,
                                      "disk": disk, "took_seconds": time.monotonic() - start,
                                      **found}
        report.write_json(document, run.out)
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
        show_list()
        return 0
    signal.signal(signal.SIGTERM, end_by_signal)
    signal.signal(signal.SIGINT, end_by_signal)
    run = None
    with contextlib.ExitStack() as cleanup:
        try:
            if options.build:
                say("Building the release preset")
                build()
            run = measuring.Run(options)
            cleanup.callback(shutil.rmtree, run.scratch, ignore_errors=True)
            peers.check_programs(run, options.peers)
            if run.pinned:
                os.sched_setaffinity(0, run.client_cpus)
            document = measure_all(run, options)
            report.check_complete(document)
            report.write(document, run.out)
            if options.publish:
                report.publish(document, run.out, peers.SOURCE / "docs", tuple(SECTIONS), ALL_PEERS)
        except StepError as fault:
            explain(run, fault)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
