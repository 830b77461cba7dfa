"""Drives a Core from outside: starts and kills it, speaks HTTP and WebSocket to it."""
import base64
import http.client
import json
import os
import select
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest
from urllib.parse import urlsplit

from fake_plane import PATIENCE, FakePlane

SECRET, PREVIOUS = "current-0123456789", "previous-0123456789"


def steps(*list_of_steps):
    """What the simulated party does (see party.py of the Cores)."""
    return json.dumps({"steps": list_of_steps})


def ending():
    """Config changes: the bot ends the call at the caller's first words."""
    rules = [{"when": {"turn": 1}, "say": "Goodbye.", "tool": {"name": "end_call"}}]
    return {"tools": [{"type": "function", "function": {"name": "end_call"}}],
            "llm": {"provider": "scripted", "model": "", "extra": {"script": {"rules": rules}}}}


class Core:
    """A process of `command`; its data folder outlives it."""
    command = []

    def __init__(self, folder, config_url, settings):
        self.folder = folder
        self.env = {"PATH": os.environ["PATH"], "CXB_CORE_LISTEN": "127.0.0.1:0",
                    "CXB_CORE_SECRET": SECRET, "CXB_CORE_SECRET_PREVIOUS": PREVIOUS,
                    "CXB_API_CONFIG_URL": config_url, "CXB_OUTBOX_DIR": folder + "/outbox",
                    "CXB_TIME_PERCENT": "10", **settings}
        self.errors = open(folder + "/core.log", "ab")
        self.process = None

    def start(self, **settings):
        self.process = subprocess.Popen(self.command, env={**self.env, **settings},
                                        stdout=subprocess.PIPE, stderr=self.errors)
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            raise AssertionError(f"the Core does not start: {self.log()}")
        to = urlsplit(json.loads(line)["listening"])
        self.address = (to.hostname, to.port)
        return self

    def log(self):
        with open(self.folder + "/core.log", encoding="utf-8") as file:
            return file.read()

    def signal(self, number):
        self.process.send_signal(number)

    def wait_exit(self):
        return self.process.wait(PATIENCE)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.wait_exit()

    def close(self):
        if self.process:
            if self.process.poll() is None:
                self.kill()
            self.process.stdout.close()
        self.errors.close()

    # --- HTTP ---
    def ask(self, method, path, body=None, headers=None, secret=SECRET):
        """(status, headers in lower case, value or bytes)."""
        link = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        sent = {"Content-Type": "application/json"} if body is not None else {}
        if secret is not None:
            sent["X-CXBCore-Secret"] = secret
        raw = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        try:
            link.request(method, path, raw, {**sent, **(headers or {})})
            answer = link.getresponse()
            data = answer.read()
        finally:
            link.close()
        fields = {k.lower(): v for k, v in answer.getheaders()}
        if "json" in fields.get("content-type", "") and data:
            data = json.loads(data) if path not in ("/health/fleet",) else data
        return answer.status, fields, data

    def fleet(self):
        return self.ask("GET", "/health/fleet", secret=None)[2]

    def outbox(self, name, worker="1"):
        folder = f"{self.folder}/outbox/{worker}/{name}"
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


class Socket:
    """A WebSocket client that sees every frame. `closed`: the code the server sent, 1006 when the
    connection just ended, the HTTP status when it did not become a WebSocket."""

    def __init__(self, core, path):
        self.raw = socket.create_connection(core.address, PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        self.raw.sendall((f"GET {path} HTTP/1.1\r\nHost: core\r\nUpgrade: websocket\r\n"
                          f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                          "Sec-WebSocket-Version: 13\r\n\r\n").encode())
        self.data = b""
        while b"\r\n\r\n" not in self.data:
            more = self.raw.recv(4096)
            if not more:
                break
            self.data += more
        head, _, self.data = self.data.partition(b"\r\n\r\n")
        self.status = int(head.split(b" ")[1])
        self.closed = None if self.status == 101 else self.status
        self.reason = ""
        self.answers_pings = True
        self.pings = 0

    def frame(self, opcode, data, head=0x80):
        mask = os.urandom(4)
        size = len(data)
        if size < 126:
            length = struct.pack("!B", 0x80 | size)
        elif size < 1 << 16:
            length = struct.pack("!BH", 0x80 | 126, size)
        else:
            length = struct.pack("!BQ", 0x80 | 127, size)
        try:
            self.raw.sendall(bytes([head | opcode]) + length + mask +
                             bytes(b ^ mask[i % 4] for i, b in enumerate(data)))
        except OSError:
            pass    # the end is seen when reading

    def send(self, **message):
        self.frame(1, json.dumps(message).encode())

    def _take(self, size):
        while len(self.data) < size:
            more = self.raw.recv(65536)
            if not more:
                raise ConnectionResetError
            self.data += more
        out, self.data = self.data[:size], self.data[size:]
        return out

    def next(self):
        """The next message; None when the server has closed."""
        try:
            while self.closed is None:
                one, two = self._take(2)
                size = two & 0x7F
                if size > 125:
                    size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
                data = self._take(size)
                if one & 15 == 1:
                    return json.loads(data)
                if one & 15 == 8:
                    self.frame(8, data[:2])
                    self.closed = struct.unpack("!H", data[:2])[0] if data else 1005
                    self.reason = data[2:].decode()
                if one & 15 == 9:
                    self.pings += 1
                    if self.answers_pings:
                        self.frame(10, data)
        except ConnectionResetError:
            self.closed = 1006
        return None

    def until(self, event):
        """(message, those before it); fails when the server closes first."""
        before = []
        while (message := self.next()) is not None:
            if message["event"] == event:
                return message, before
            before.append(message)
        raise AssertionError(f"closed with {self.closed} before {event}: {before}")

    def rest(self):
        """All messages to the end."""
        out = []
        while (message := self.next()) is not None:
            out.append(message)
        return out

    def close(self):
        self.raw.close()


class CoreTest(unittest.TestCase):
    """Fake control plane and Core, fresh for each test."""
    settings = {}
    started = True

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="cxb-foreign-")
        self.addCleanup(self.folder.cleanup)
        self.plane = FakePlane()
        self.addCleanup(self.plane.close)
        self.core = Core(self.folder.name, self.plane.base + "/config", self.settings)
        self.addCleanup(self.core.close)
        if self.started:
            self.core.start()

    def eventually(self, condition, what="condition", pause=0.01):
        """For states that can only be asked for."""
        until = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > until:
                self.fail(f"not reached: {what}; {self.core.log()}")
            select.select([], [], [], pause)

    def attach(self, session="s-1", script="silent", room="room-1", **more):
        return self.core.ask("POST", "/attach", {
            "room_name": room, "bot_id": "bot-1", "to_number": "+919876543210", **more,
            "connected_event": {"_campaign_session_id": session, "sim_script": script,
                                **more.get("connected_event", {})}})

    def attached(self, *args, **more):
        status, _, body = self.attach(*args, **more)
        self.assertEqual(status, 200, body)
        return body

    def idle(self):
        self.eventually(lambda: b'"fleet_calls":0' in self.core.fleet(), "a free slot")

    def dialler(self, path="/ws/bot-1", answer=True, **connected):
        """A socket after its handshake."""
        ws = Socket(self.core, path)
        self.addCleanup(ws.close)
        self.assertEqual(ws.status, 101)
        ws.send(event="connected", callerId="+919876543210", did="+911140000001",
                callDirection="incoming", **connected)
        ws.send(event="start", streamId="st-1",
                mediaFormat={"encoding": "LINEAR", "sampleRate": 8000, "channels": 1})
        if answer:
            ws.send(event="answer")
        return ws

    def exotel(self, first=None, **custom):
        ws = Socket(self.core, "/exotel/bot-1")
        self.addCleanup(ws.close)
        if first:
            ws.send(event=first)
        ws.send(event="start", sequence_number="1", stream_sid="ex-1", start={
            "stream_sid": "ex-1", "call_sid": "c-1", "account_sid": "a", "from": "09876543210",
            "to": "08011112222", "custom_parameters": custom,
            "media_format": {"encoding": "base64", "sample_rate": "8000", "bit_rate": "128"}})
        return ws

    def events(self, result, kind):
        return [e for e in result.get("events", []) if e["type"] == kind]
