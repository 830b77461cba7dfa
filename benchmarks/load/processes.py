"""Processes of a measurement: started, watched through /proc, ended by their id."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

READY_SECONDS = 30
STOP_SECONDS = 30
TICK = os.sysconf("SC_CLK_TCK")


class StepError(Exception):
    """A step that failed, with the log that tells more (or None)."""

    def __init__(self, step, message, log=None):
        super().__init__(message)
        self.step = step
        self.log = log


class Process:
    """One program on the processors `cpus` (None = any), its output in `log`."""

    def __init__(self, name, command, log, cpus=None, env=None):
        self.name = name
        self.log = pathlib.Path(log)
        pin = (lambda: os.sched_setaffinity(0, cpus)) if cpus else None
        with open(self.log, "wb") as out:
            try:
                self.popen = subprocess.Popen([str(word) for word in command], env=env, stdout=out,
                                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                              preexec_fn=pin)
            except OSError as fault:
                raise StepError(f"starting {name}", str(fault)) from None

    def wait_until(self, ready):
        """Waits until ready() gives something true, and gives it back."""
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            found = ready()
            if found:
                return found
            if self.popen.poll() is not None:
                raise StepError(f"starting {self.name}",
                                f"ended with {self.popen.returncode} before it was ready", self.log)
            time.sleep(0.01)
        raise StepError(f"starting {self.name}", f"not ready within {READY_SECONDS} s", self.log)

    def wait_for_ready_file(self, path):
        """The port in a ready file: one JSON line with a url."""
        line = self.wait_until(lambda: path.exists() and path.read_text())
        return int(json.loads(line)["url"].rsplit(":", 1)[1])

    def wait_for_port(self, port):
        def answers():
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                return False
            return True
        self.wait_until(answers)

    def stop(self):
        """Ends it politely, then by force. A server that had ended by itself is a failure."""
        gone = self.popen.poll()
        if gone is not None:
            raise StepError(f"stopping {self.name}", f"had ended with {gone}", self.log)
        self.popen.send_signal(signal.SIGTERM)
        try:
            code = self.popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise StepError(f"stopping {self.name}", f"did not end in {STOP_SECONDS} s",
                            self.log) from None
        if code != 0:
            raise StepError(f"stopping {self.name}", f"ended with {code}", self.log)

    def kill(self):
        """For clean-up: whatever state it is in."""
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(5)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()

    def pids(self):
        """It and its children (nginx has workers)."""
        pid = self.popen.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]


def status_kib(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def memory(pids):
    """Resident memory of processes, and how much of it is not of files."""
    return {"rss_mib": sum(status_kib(pid, "VmRSS") for pid in pids) / 1024,
            "anonymous_mib": sum(status_kib(pid, "RssAnon") for pid in pids) / 1024}


def cpu_seconds(pids):
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICK


def written_bytes(pids):
    """Bytes sent towards the disk; None where the kernel does not tell."""
    total = 0
    for pid in pids:
        try:
            text = pathlib.Path(f"/proc/{pid}/io").read_text()
        except OSError:
            return None
        total += int(text.split("\nwrite_bytes: ")[1].split()[0])
    return total


def peak_rss_kib(pids):
    return sum(status_kib(pid, "VmHWM") for pid in pids)


def reset_peak_rss(pids):
    for pid in pids:
        try:
            pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
        except OSError:
            pass  # then the peak is that since the start


def machine_busy_seconds():
    """CPU seconds all processors have worked since boot, without waiting and idling."""
    user, nice, system, _idle, _wait, irq, softirq, steal = (
        int(word) for word in pathlib.Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICK


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find_program(name, *folders):
    return shutil.which(name, path=os.pathsep.join([*folders, os.environ.get("PATH", "")]))
