#!/usr/bin/env python3
"""Does what the guides say: writes their files, compiles and runs their blocks, one guide after the
other in one shell, against real processes and the installed package.

  run_guides.py --build DIR --work DIR --components A,B,... [--check] GUIDE...

--build       build folder: bin/ has the programs, its package is installed below --work
--components  install components that the programs of the guides need
--check       only hold the files against the examples they are copies of

A code block with a comment before it means something here:

  <!-- file: NAME -->             a file; several blocks of one NAME follow each other
  <!-- file: NAME = examples/X --> likewise, and the whole must be what examples/X holds
  <!-- run -->                    shell commands, all of which must succeed

The ports 8080, 8001 and 9090 of the guides are replaced by free ones. Exit: 0 all well, 1 findings.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"^<!-- (?P<mark>.+?) -->\n```\w*\n(?P<text>.*?)^```$", flags=re.M | re.S)
PORTS = ("8080", "8001", "9090")
SECONDS = 280


def read(guides):
    """(files {name: text}, copies {name: example}, commands [text])"""
    files, copies, commands = {}, {}, []
    for guide in guides:
        text = pathlib.Path(guide).read_text(encoding="utf-8")
        marks = len(re.findall(r"^<!-- (?:file|run)\b", text, flags=re.M))
        blocks = list(BLOCK.finditer(text))
        if marks != len(blocks):
            raise SystemExit(f"{guide}: {marks} marks before {len(blocks)} blocks")
        for block in blocks:
            if block["mark"] == "run":
                commands.append(block["text"])
                continue
            name, _, example = block["mark"].removeprefix("file: ").partition(" = ")
            files[name] = files[name] + "\n" + block["text"] if name in files else block["text"]
            if example:
                copies[name] = example
    return files, copies, commands


def filled(text):
    """Its lines; blank ones do not count, for a guide may cut a file where it likes."""
    return [line for line in text.splitlines() if line.strip()]


def differing(files, copies):
    return [f"{name} is not what {example} holds" for name, example in sorted(copies.items())
            if filled(files[name]) != filled((ROOT / example).read_text(encoding="utf-8"))]


def free_ports():
    sockets = [socket.socket() for _ in PORTS]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    found = dict(zip(PORTS, (str(one.getsockname()[1]) for one in sockets)))
    for one in sockets:
        one.close()
    return found


def install(options, prefix):
    for component in options.components.split(","):
        subprocess.run(["cmake", "--install", options.build, "--prefix", prefix, "--component",
                        component], check=True, stdout=subprocess.DEVNULL)


def run(options, files, copies, commands):
    work = pathlib.Path(options.work)
    shutil.rmtree(work, ignore_errors=True)
    home = work / "home"
    home.mkdir(parents=True)
    ports = free_ports()

    def local(text):
        return re.sub("|".join(PORTS), lambda found: ports[found[0]], text)

    for name, text in files.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(text if name in copies else local(text), encoding="utf-8")
    install(options, work / "prefix")
    script = "set -euo pipefail\n" + "".join(f"echo '== block {number}'\n{local(text)}"
                                             for number, text in enumerate(commands, 1))
    (work / "session.sh").write_text(script, encoding="utf-8")
    environment = {"PATH": f"{pathlib.Path(options.build) / 'bin'}:{os.environ['PATH']}",
                   "HOME": str(home), "TZ": "UTC", "LANG": "C.UTF-8",
                   "CMAKE_PREFIX_PATH": str(work / "prefix"), "PYTHONDONTWRITEBYTECODE": "1"}
    with open(work / "session.log", "w", encoding="utf-8") as log:
        shell = subprocess.Popen(["bash", "session.sh"], cwd=work, env=environment, stdout=log,
                                 stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                 start_new_session=True)
        try:
            code = shell.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            code = f"none after {SECONDS} s"
        finally:
            # What the guides leave running is in the same group.
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(shell.pid, number)
                    shell.wait(timeout=10)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    pass
    if code == 0:
        print(f"{len(commands)} blocks ran, {len(files)} files")
        return 0
    for name in ("session.log", "api.log", "core.log", "receiver.log"):
        if (work / name).exists():
            lines = (work / name).read_text(encoding="utf-8", errors="replace").splitlines()
            print(f"--- {name}", *lines[-25:], sep="\n")
    print(f"the shell ended with {code}")
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build")
    parser.add_argument("--work")
    parser.add_argument("--components", default="")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("guides", nargs="+")
    options = parser.parse_args()
    files, copies, commands = read(options.guides)
    faults = differing(files, copies)
    if faults or options.check:
        print(*faults, sep="\n")
        return 1 if faults else 0
    return run(options, files, copies, commands)


if __name__ == "__main__":
    sys.exit(main())
