"""A control plane for tests of Cores: config, results, number lookup; answers can be scripted, the
whole of it can go away and come back on its port."""
import collections
import json
import re
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

PATIENCE = 30
Seen = collections.namedtuple("Seen", "method path query headers body target")


class FakePlane:
    def __init__(self):
        self.condition = threading.Condition()
        # Members of the config in place of the usual ones; Ellipsis: left out.
        self.config_changes = {}
        # Used up one by one: (status, body), or "hang up".
        self.config_answers = collections.deque()
        # (status, body, headers), or None to hang up.
        self.result_answers = collections.deque()
        self.numbers = {}       # dialled number: bot
        self.configs_flow = threading.Event()   # cleared: config requests wait
        self.configs_flow.set()
        self.config_requests, self.results, self.lookups = [], [], []
        self.sessions = {}
        self.port = 0
        self.server = None
        self.open()

    # --- being there ---
    def open(self):
        plane = self

        class Handler(_Handler):
            pass
        Handler.plane = plane
        self.server = _Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @property
    def base(self):
        return f"http://127.0.0.1:{self.port}/api/v1"

    # --- what came ---
    def wait(self, condition, what):
        with self.condition:
            if not self.condition.wait_for(condition, PATIENCE):
                raise AssertionError(f"not seen: {what}")

    def posts_of(self, session):
        return [r for r in self.results if r.body["session_id"] == session]

    def result_of(self, session, count=1):
        """The newest result of a session, once `count` posts of it have come."""
        self.wait(lambda: len(self.posts_of(session)) >= count, f"result of {session}")
        return self.posts_of(session)[-1].body

    def next_result(self, before=0):
        """The result after `before` others, whatever its session."""
        self.wait(lambda: len(self.results) > before, "a result")
        return self.results[before].body

    # --- answers ---
    def config(self, session):
        out = {"session_id": session, "bot_id": "bot-1", "webhook_url": self.base + "/call-results",
               "system_prompt": "You are kind.", "opening_message": "Hello.",
               "stt": {"provider": "simulated"}, "llm": {"provider": "simulated", "model": "m"},
               "tts": {"provider": "simulated"}, **self.config_changes}
        return {k: v for k, v in out.items() if v is not Ellipsis}

    def answer(self, seen):
        """(status, value, headers); None: the connection is dropped."""
        if seen.path.startswith("/api/v1/config/"):
            with self.condition:
                self.config_requests.append(seen)
                self.condition.notify_all()
            self.configs_flow.wait(PATIENCE)
        with self.condition:
            try:
                return self._answer(seen)
            finally:
                self.condition.notify_all()

    def _answer(self, seen):
        if seen.path.startswith("/api/v1/config/"):
            if self.config_answers:
                scripted = self.config_answers.popleft()
                return None if scripted == "hang up" else (*scripted, {})
            return 200, self.config(self._session(seen)), {}
        if seen.path == "/api/v1/call-results":
            self.results.append(seen)
            if self.result_answers:
                return self.result_answers.popleft()
            return 200, {"status": "ok", "session_id": seen.body["session_id"]}, {}
        if seen.path == "/api/v1/sip/lookup":
            self.lookups.append(seen)
            bot = self.numbers.get(seen.query["number"])
            return (200, {"bot_id": bot}, {}) if bot else (404, {"detail": "none"}, {})
        return 404, {"detail": "Not Found"}, {}

    def _session(self, seen):
        given = seen.body or seen.query
        event = given.get("connected_event") or "{}"
        event = json.loads(event) if isinstance(event, str) else event
        fresh = self.sessions.setdefault(given["fetch_id"], str(uuid.uuid4()))
        return event.get("_campaign_session_id") or fresh


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass    # a Core that is killed drops its connections


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _serve(self):
        to = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {k: v[0] for k, v in parse_qs(to.query, keep_blank_values=True).items()}
        seen = Seen(self.command, unquote(to.path), query,
                    {k.lower(): v for k, v in self.headers.items()},
                    json.loads(raw) if raw else None, self.path)
        answer = self.plane.answer(seen)
        if answer is None:
            self.close_connection = True
            return
        status, value, headers = answer
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _serve


FREE_PATTERN = re.compile(rb'"fleet_available":([1-9]|1[0-6])[,}]')
