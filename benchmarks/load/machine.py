"""What the report says of the machine, of what was built and of the peers."""
import os
import pathlib
import platform
import re
import subprocess
import time

import peers
import processes


def first_line(*command):
    """What a program prints about itself; "" when it is not there."""
    try:
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else ""


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    if "model name" not in text:
        return platform.machine()
    return text.split("model name")[1].split(":")[1].splitlines()[0].strip()


def file_system(folder):
    """Kind and device of the file system a folder is on."""
    best = ("", "unknown", "unknown")
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        device, place, kind = line.split()[:3]
        inside = str(folder) == place or str(folder).startswith(place.rstrip("/") + "/")
        if inside and len(place) >= len(best[0]):
            best = (place, kind, device)
    return f"{best[1]} on {best[2]}"


def compiler(build):
    cache = build / "CMakeCache.txt"
    found = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache.read_text() if cache.exists() else "",
                      re.MULTILINE)
    return first_line(found[1], "--version") if found else "unknown"


def boost_version():
    header = pathlib.Path("/usr/include/boost/version.hpp")
    found = re.search(r'BOOST_LIB_VERSION "(.*)"', header.read_text() if header.exists() else "")
    return found[1].replace("_", ".") if found else "unknown"


def python_versions():
    names = ("fastapi", "uvicorn", "pydantic", "uvloop", "httptools")
    program = ("import platform, importlib.metadata as m; print('Python', platform.python_version()"
               f" + ',', ', '.join(n + ' ' + m.version(n) for n in {names}))")
    return first_line(peers.FASTAPI_PYTHON, "-c", program)


def commit():
    text = first_line("git", "-C", peers.SOURCE, "rev-parse", "--short=12", "HEAD")
    changed = subprocess.run(["git", "-C", str(peers.SOURCE), "status", "--porcelain",
                              "--untracked-files=no"], capture_output=True, text=True, check=False)
    dirty = [line[3:] for line in changed.stdout.splitlines()]
    # The report itself lies in the tree and changes with each publishing.
    dirty = [path for path in dirty if not path.startswith("docs/performance.")]
    return text + (" with changes" if dirty else "")


def describe(run):
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) // 1024
    versions = {"nginx": first_line(processes.find_program("nginx", "/usr/sbin") or "", "-v"),
                "Boost (Beast)": boost_version(), "FastAPI": python_versions()}
    return {"cpu": processor(), "cpus": os.cpu_count(), "memory_mib": memory,
            "kernel": platform.release(), "file_system": file_system(run.scratch),
            "compiler": compiler(run.bin.parent),
            "versions": {name: text for name, text in versions.items() if text}}


def busy_now():
    """Share of the processors that others use, before anything is started."""
    begin, start = processes.machine_busy_seconds(), time.monotonic()
    time.sleep(1)
    spent = processes.machine_busy_seconds() - begin
    return spent / (time.monotonic() - start) / (os.cpu_count() or 1)
