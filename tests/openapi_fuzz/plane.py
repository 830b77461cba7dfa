"""A real cxb-api on loopback with something of everything: the ids that a fuzzed request needs.

A worker host of our own beside it takes every dialout, so that the ways behind a chosen host are
gone too.
"""
import hashlib
import http.client
import http.server
import itertools
import json
import os
import pathlib
import secrets
import subprocess
import threading
import time
import uuid
from urllib.parse import parse_qsl, urlsplit

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
START_SECONDS = 30
ADMINS = 6  # a person has 50 requests a second; so many of them together have enough
NUMBER = "+919876543210"


class WorkerHost(http.server.BaseHTTPRequestHandler):
    """Has always room, takes every call; what is posted below /refusing is refused."""
    protocol_version = "HTTP/1.1"

    def answer(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path != "/health/fleet":
            self.send_error(404)
            return
        self.answer({"status": "ok", "fleet_max": 100000, "fleet_calls": 0,
                     "fleet_available": 100000,
                     "workers": [{"id": "0", "status": "ok", "active_calls": 0,
                                  "max_calls": 100000, "available": 100000}]})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path.startswith("/refusing"):
            self.send_error(422)
            return
        room = "call-" + secrets.token_hex(6)
        self.answer({"status": "accepted", "call_id": "SCL_" + room, "room_name": room})

    def log_message(self, *_):
        pass


class Plane:
    def __init__(self, program, folder, settings=None):
        self.folder = pathlib.Path(folder)
        self.password = "pass-" + uuid.uuid4().hex
        self.core_secret = "core-" + uuid.uuid4().hex
        self.ids = {}
        self.tokens = []
        self.turn = itertools.count()
        self.host = http.server.ThreadingHTTPServer(("127.0.0.1", 0), WorkerHost)
        threading.Thread(target=self.host.serve_forever, daemon=True).start()
        host_url = f"http://127.0.0.1:{self.host.server_port}"
        self.refusing = host_url + "/refusing"
        ready = self.folder / "api.ready"
        environment = {"PATH": os.environ["PATH"], "CXB_DATA_DIR": str(self.folder / "data"),
                       "CXB_CORE_SECRET": self.core_secret, "CXB_HTTP_PORT": "0",
                       "CXB_BOOTSTRAP_ADMIN_EMAIL": "admin@example.com",
                       "CXB_BOOTSTRAP_ADMIN_PASSWORD": self.password,
                       "CXB_HTTP_TRUSTED_PROXIES": "127.0.0.1",
                       "CXB_FLEET_URLS": host_url, "CXB_LIVEKIT_API_KEY": "devkey",
                       "CXB_LIVEKIT_API_SECRET": "secret-of-livekit-" + uuid.uuid4().hex,
                       **(settings or {})}
        self.log = self.folder / "api.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([program, "serve", "--ready-file", ready],
                                            env=environment, stdout=log, stderr=log)
        self.base = self.wait_ready(ready)
        self.address = urlsplit(self.base)
        self.link = None

    def wait_ready(self, file):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                return json.loads(file.read_text(encoding="utf-8"))["url"]
            except (FileNotFoundError, json.JSONDecodeError):
                time.sleep(0.02)
        raise RuntimeError("the API does not start:\n" + self.log.read_text(encoding="utf-8"))

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(30)
        self.host.shutdown()
        self.host.server_close()
        return code

    def call(self, method, path, body=None, headers=None):
        """Status, headers and bytes of one request; `body`: JSON, or bytes."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if data is not None else {}
        for last in (False, True):
            if self.link is None:
                self.link = http.client.HTTPConnection(self.address.hostname, self.address.port,
                                                       timeout=60)
            try:
                self.link.request(method, path, data, {**kind, **(headers or {})})
                answer = self.link.getresponse()
                return answer.status, dict(answer.getheaders()), answer.read()
            except (http.client.HTTPException, ConnectionError):
                self.link.close()
                self.link = None
                if last:
                    raise
        raise AssertionError("not reached")

    def ask(self, method, path, body=None, headers=None):
        """The document of an answer that must be a success."""
        if headers is None:
            headers = self.admin()
        status, _, data = self.call(method, path, body, headers)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {data[:500]!r}")
        return json.loads(data) if data else None

    def admin(self):
        """One of the super admins, each in turn."""
        return {"Authorization": "Bearer " + self.tokens[next(self.turn) % len(self.tokens)]}

    def elsewhere(self):
        """Another client address for each request: the limits of open routes are by address."""
        number = next(self.turn)
        return {"X-Forwarded-For": f"198.18.{number // 250 % 250}.{number % 250 + 1}"}

    def core(self):
        return {"X-CXB-Core-Secret": self.core_secret}

    def key(self):
        return {"X-API-Key": self.ids["key_text"]}

    def upload_query(self):
        """Of a link that is good."""
        return dict(parse_qsl(self.ids["upload"].query))

    def login(self, email, password):
        return self.ask("POST", "/api/v1/auth/login", {"email": email, "password": password},
                        self.elsewhere())["access_token"]

    def furnish(self):
        """Makes one of everything; `ids` then names it."""
        self.tokens.append(self.login("admin@example.com", self.password))
        for n in range(1, ADMINS):
            email = f"admin{n}@example.com"
            self.ask("POST", "/api/v1/auth/register", {"email": email, "password": self.password,
                                                       "name": "Admin", "role": "super_admin"})
            self.tokens.append(self.login(email, self.password))
        for make in (self.make_user, self.make_bot, self.make_key, self.make_endpoint,
                     self.make_calls, self.make_dialout, self.make_numbers):
            make()

    def make_user(self):
        user = self.ask("POST", "/api/v1/auth/register",
                        {"email": f"asha.{secrets.token_hex(3)}@example.com",
                         "password": self.password, "name": "Asha Rao", "role": "agent"})
        self.ids["user"] = user["id"]

    def make_bot(self):
        document = json.loads((ROOT / "examples" / "demo_bot.json").read_text(encoding="utf-8"))
        document |= {"pre_call_fetch": None,
                     "post_call_push": {"url": self.refusing + "/crm", "max_attempts": 1}}
        bot = self.ask("POST", "/api/v1/bots", document)["id"]
        self.ask("PUT", f"/api/v1/bots/{bot}", {"description": "second version"})
        self.ask("POST", f"/api/v1/bots/{bot}/widget-key")
        self.ids |= {"bot": bot, "version": 1, "why_kind": "call"}

    def make_key(self):
        made = self.ask("POST", "/api/v1/api-keys",
                        {"name": "Integration", "scopes": ["dialout", "calls:read"],
                         "rate_limit_per_second": 200})
        self.ids |= {"key": made["id"], "key_text": made["key"]}
        self.ids["spare_key"] = self.ask("POST", "/api/v1/api-keys", {"name": "Spare"})["id"]

    def make_endpoint(self):
        self.ids["endpoint"] = self.ask("POST", "/api/v1/webhook-endpoints",
                                        {"url": self.refusing + "/hooks"})["id"]

    def make_calls(self):
        """One that goes on, one with its result and a recording."""
        query = f"/api/v1/config/{self.ids['bot']}?caller_id=%2B919876543210&stream_id=st-"
        self.ids["active"] = self.ask("GET", query + secrets.token_hex(4), None,
                                      self.core())["session_id"]
        config = self.ask("GET", query + secrets.token_hex(4), None, self.core())
        session = config["session_id"]
        upload = urlsplit(config["recording"]["storage"]["upload_url"])
        sound = b"RIFF" + bytes(40) + os.urandom(256)
        status, _, data = self.call("PUT", f"{upload.path}?{upload.query}", sound,
                                    {"Content-Type": "audio/wav"})
        assert status == 201, data
        assert json.loads(data)["sha256"] == hashlib.sha256(sound).hexdigest()
        self.ask("POST", "/api/v1/call-results", {
            "session_id": session, "bot_id": self.ids["bot"], "status": "completed",
            "caller_id": NUMBER, "call_duration_seconds": 42.5, "disconnected_by": "customer",
            "transcript": [{"role": "assistant", "content": "Hello"},
                           {"role": "user", "content": "Good morning"}],
            "post_call_analysis": {"DISPOSITION": "PTP", "SUMMARY": "Will pay on Friday"},
            "events": [{"type": "call_connected", "at_seconds": 0.2}],
            "latency_turns": []}, self.core())
        call = self.ask("GET", f"/api/v1/calls/{session}")
        self.ids |= {"session": session, "upload": upload,
                     "token": call["public_recording_url"].rsplit("/", 1)[1]}
        jobs = self.ask("GET", f"/api/v1/calls/{session}/pushes")
        self.ids["job"] = jobs[0]["id"]

    def make_dialout(self):
        made = self.ask("POST", "/api/v1/sip/dialout",
                        {"bot_id": self.ids["bot"], "to_number": NUMBER}, self.key())
        self.ids["dialout"] = made["session_id"]

    def make_numbers(self):
        """A carrier with a number, and a number of Exotel."""
        suffix = secrets.randbelow(10 ** 8)
        carrier = self.ask("POST", "/api/v1/carriers", {
            "name": f"Carrier {suffix}", "sip_address": "sip.example.com",
            "dids": [{"number": f"+9111{suffix:08}", "bot_id": self.ids["bot"]}]})
        number = self.ask("POST", "/api/v1/integrations/exotel/dids",
                          {"number": f"+9180{suffix:08}", "label": "Main"})
        self.ids |= {"carrier": carrier["id"], "did": carrier["dids"][0]["id"],
                     "exotel_did": number["id"], "number": carrier["dids"][0]["number"]}
