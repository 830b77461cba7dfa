"""Health, secrets, bodies, slots, config and what comes of it (C01-C17)."""
import json
import subprocess

from core_client import PREVIOUS, SECRET, CoreTest, Socket
from fake_plane import FREE_PATTERN

BODIES = {"/attach": {"room_name": "r", "bot_id": "b"},
          "/livekit/dialout": {"bot_id": "b", "to_number": "+919876543210"},
          "/livekit/dispatch": {"room_name": "r", "caller_number": "1", "dialed_number": "2"},
          "/livekit/widget": {"room_name": "r", "bot_id": "b"}}
HEADERS = ("X-CXBCore-Secret", "X-CXB-Core-Secret", "X-VoxCore-Secret")


class Health(CoreTest):
    settings = {"MAX_CONCURRENT_CALLS": "2", "CXBCORE_WORKERS": "4", "CXB_WORKER_ID": "7"}

    def test_worker(self):     # C01, C03
        status, _, body = self.core.ask("GET", "/health", secret=None)
        self.assertEqual(status, 200)
        self.assertEqual(body, {
            "status": "ok", "worker_calls": 0, "worker_max": 2, "total_capacity": 8,
            "total_available": 8, "workers": 4, "worker_id": "7",
            "worker_pid": self.core.process.pid})

    def test_fleet(self):      # C02, C03; 10-27
        pid = self.core.process.pid

        def bytes_of(calls):
            return (f'{{"status":"ok","fleet_calls":{calls},"fleet_max":2,"fleet_available":'
                    f'{2 - calls},"workers":[{{"id":"7","calls":{calls},"max":2,"pid":{pid}}}]}}'
                    ).encode()
        self.assertEqual(self.core.fleet(), bytes_of(0))
        self.assertRegex(self.core.fleet(), FREE_PATTERN)
        for calls in (1, 2):
            self.attached(f"s-{calls}", room=f"room-{calls}")
            self.assertEqual(self.core.fleet(), bytes_of(calls))
        self.assertNotRegex(self.core.fleet(), FREE_PATTERN)

    def test_ready(self):
        self.assertEqual(self.core.ask("GET", "/ready", secret=None)[2],
                         {"status": "ready", "reasons": []})


class Access(CoreTest):
    settings = {"MAX_CONCURRENT_CALLS": "16", "CXB_CONFIG_HOSTS": "127.0.0.1,api.example.com"}

    def test_no_or_wrong_secret(self):     # C05-C08; 10-5
        for path in BODIES:
            for sent in ({}, {HEADERS[0]: ""}, {HEADERS[1]: "wrong"}, {HEADERS[2]: SECRET + "x"}):
                # Not even a body that is no JSON is looked at.
                status, _, body = self.core.ask("POST", path, b"{", sent, secret=None)
                self.assertEqual((status, body["detail"]), (403, "Invalid core secret"))
        self.assertEqual(self.plane.config_requests, [])

    def test_each_spelling_and_the_previous_secret(self):      # C05-C08; 10-5
        for path in BODIES:
            for name in HEADERS:
                for secret in (SECRET, PREVIOUS):
                    status, _, body = self.core.ask("POST", path, {}, {name: secret}, secret=None)
                    self.assertEqual(status, 422, (path, name))
        both = {HEADERS[0]: "wrong", HEADERS[2]: PREVIOUS}
        self.assertEqual(self.core.ask("POST", "/attach", {}, both, secret=None)[0], 422)

    def test_missing_members_are_named_together(self):     # C05-C08
        for path, body in BODIES.items():
            status, headers, got = self.core.ask("POST", path, {})
            self.assertEqual(status, 422)
            self.assertEqual(headers["content-type"], "application/problem+json")
            self.assertEqual(got["error"], got["detail"])
            self.assertEqual({e["pointer"] for e in got["errors"]}, {"/" + n for n in body})

    def test_wrong_members(self):
        status, _, got = self.core.ask("POST", "/attach", {
            "room_name": 7, "bot_id": "b", "to_number": None, "connected_event": [],
            "config_url": "ftp://x/config"})
        self.assertEqual(status, 422)
        self.assertEqual({e["pointer"] for e in got["errors"]},
                         {"/room_name", "/connected_event", "/config_url"})
        elsewhere = {**BODIES["/attach"], "config_url": "http://evil.example.com/config"}
        status, _, got = self.core.ask("POST", "/attach", elsewhere)
        self.assertEqual((status, got["errors"][0]["pointer"]), (422, "/config_url"))

    def test_protocol(self):
        self.assertEqual(self.core.ask("POST", "/attach", b"{")[0], 400)
        for bad in (b"", b"\xff", b"\xef\xbb\xbf{}", b'{"x":NaN}', b'{"bot_id":"\\ud800"}', b"{} x",
                    b'{"x":' + b"[" * 32 + b"]" * 32 + b"}"):
            self.assertEqual(self.core.ask("POST", "/attach", bad)[0], 400, bad)
        deepest = b'{"x":' + b"[" * 31 + b"]" * 31 + b"}"
        for bad in (b"[]", b"7", deepest):
            self.assertEqual(self.core.ask("POST", "/attach", bad)[0], 422, bad)
        self.assertEqual(self.core.ask("POST", "/attach", b" " * 300_000)[0], 413)
        status, headers, _ = self.core.ask("GET", "/attach")
        self.assertEqual((status, headers["allow"]), (405, "POST"))
        self.assertEqual(self.core.ask("POST", "/health", {})[0], 405)
        status, headers, _ = self.core.ask("GET", "/nowhere", headers={"X-Request-Id": "r-7"})
        self.assertEqual((status, headers["x-request-id"]), (404, "r-7"))
        self.assertEqual(self.core.ask("GET", "/nowhere", secret=None)[0], 403)

    def test_ignored_members_are_named(self):
        status, headers, _ = self.core.ask("POST", "/attach", {**BODIES["/attach"], "extra": 1})
        self.assertEqual((status, headers["x-cxb-ignored-fields"]), (200, "extra"))

    def test_odd_variables(self):
        for script in ({}, 7, None, "{", '{"steps":7}', '{"steps":[{"wait":[]}]}'):
            status, _, _ = self.attach("s-1", script)
            self.assertEqual(status, 200, script)

    def test_repeated_order(self):
        key = {"Idempotency-Key": "k-1"}
        for path in ("/attach", "/livekit/dialout"):
            first = self.core.ask("POST", path, BODIES[path], key)
            self.assertEqual(self.core.ask("POST", path, BODIES[path], key)[2], first[2])
            other = self.core.ask("POST", path, {**BODIES[path], "bot_id": "other"}, key)
            self.assertEqual((other[0], other[2]["code"]), (422, "idempotency_key_reused"))
            key = {"Idempotency-Key": "k-2"}


class Production(CoreTest):
    started = False

    def test_weak_secrets_are_refused(self):       # 10-6
        for name, value in (("CXB_CORE_SECRET", "changeme"), ("CXB_CORE_SECRET", "x" * 40),
                            ("CXB_CORE_SECRET_PREVIOUS", "short-but-otherwise-fine")):
            env = {**self.core.env, "CXB_ENV": "production",
                   "CXB_CORE_SECRET": "0123456789abcdef0123456789abcdef", name: value}
            env.setdefault("CXB_CORE_SECRET_PREVIOUS", "")
            if name == "CXB_CORE_SECRET":
                env["CXB_CORE_SECRET_PREVIOUS"] = ""
            ran = subprocess.run(self.core.command, env=env, capture_output=True, timeout=30,
                                 check=False)
            self.assertEqual(ran.returncode, 78)
            self.assertIn(name.encode(), ran.stderr)
            self.assertNotIn(value.encode(), ran.stderr)

    def test_without_room_media(self):
        self.core.start(CXB_CORE_MEDIA="none")
        for path, body in BODIES.items():
            self.assertEqual(self.core.ask("POST", path, {})[0], 422)
            self.assertEqual(self.core.ask("POST", path, body)[0], 503)


class Slots(CoreTest):
    def test_taken(self):       # C09; 10-25
        self.attached()
        self.plane.wait(lambda: len(self.plane.config_requests) == 1, "config of the call")
        for path in ("/attach", "/livekit/dialout", "/livekit/dispatch", "/livekit/widget"):
            status, _, body = self.core.ask("POST", path, BODIES[path])
            self.assertEqual((status, body["error"], body["detail"]),
                             (429, "At capacity", "At capacity"))
        for path in ("/ws/bot-1", "/exotel/bot-1"):
            ws = Socket(self.core, path)
            self.assertIsNone(ws.next())
            self.assertEqual((ws.status, ws.closed, ws.reason), (101, 1008, "At capacity"))
            ws.close()
        self.assertEqual(len(self.plane.config_requests), 1)
        self.assertEqual(self.plane.results, [])
        self.assertIn(b'"fleet_calls":1', self.core.fleet())    # unharmed by all this

    def test_free_after_the_result(self):      # C10
        for turn in range(3):
            self.idle()
            self.attached(f"s-{turn}", "hangup_early")
            result = self.plane.result_of(f"s-{turn}")
            self.assertEqual(result["disconnected_by"], "customer")

    def test_a_room_has_one_bot(self):
        self.core.close()
        self.core = type(self.core)(self.folder.name, self.plane.base + "/config",
                                    {"MAX_CONCURRENT_CALLS": "3"}).start()
        self.addCleanup(self.core.close)
        self.attached("s-1")
        self.plane.wait(lambda: len(self.plane.config_requests) == 1, "config of the first")
        self.eventually(lambda: any("s-1" in text for text in self.journals()), "its journal")
        self.attached("s-2", "hangup_early")
        self.plane.result_of("s-2")
        self.idle()
        self.assertEqual(self.plane.posts_of("s-1"), [])   # its session is the campaign's

    def journals(self):
        for name in self.core.outbox("calls"):
            with open(f"{self.core.folder}/outbox/1/calls/{name}", encoding="utf-8") as file:
                yield json.load(file)["session_id"]


class Config(CoreTest):
    def test_request(self):        # C11
        event = {"CUSTOMER": "Ravi & Co", "n": 1}
        self.attached("s-1", "hangup_early", connected_event=event, bot_id="bot 1/x",
                      config_url=self.plane.base + "/config/")
        self.plane.result_of("s-1")
        seen = self.plane.config_requests[0]
        self.assertEqual(seen.method, "GET")
        self.assertTrue(seen.target.startswith("/api/v1/config/bot%201%2Fx?"), seen.target)
        self.assertEqual(seen.query["caller_id"], "+919876543210")
        self.assertEqual(seen.query["transport"], "attach")
        self.assertEqual(json.loads(seen.query["connected_event"]), {
            "_campaign_session_id": "s-1", "sim_script": "hangup_early", **event})
        self.assertEqual((seen.headers["x-cxbcore-secret"], seen.headers["x-cxb-core-secret"]),
                         (SECRET, SECRET))
        self.assertEqual(len(seen.query["fetch_id"]), 36)

    def test_long_request_is_posted(self):
        self.attached("s-1", "hangup_early", connected_event={"long": "x" * 20000})
        self.plane.result_of("s-1")
        seen = self.plane.config_requests[0]
        self.assertEqual((seen.method, seen.path), ("POST", "/api/v1/config/bot-1"))
        self.assertEqual(len(seen.body["connected_event"]["long"]), 20000)

    def test_repeats_carry_one_fetch_id(self):     # 10-12
        self.plane.config_answers.extend(["hang up", (500, {})])
        self.attached("s-1", "hangup_early")
        self.plane.result_of("s-1")
        ids = {seen.query["fetch_id"] for seen in self.plane.config_requests}
        self.assertEqual((len(self.plane.config_requests), len(ids)), (3, 1))

    def test_refusals(self):       # C12-C14; 10-26
        hours = {"detail": "outside_active_hours: opens at nine"}
        for at, (answers, word) in enumerate((
                ([(404, {"detail": "Bot not found"})], "error"), ([(503, hours)], "outside_hours"),
                ([(503, {"detail": "bot_inactive: x"})], "error"), ([(403, {})], "error"),
                ([(200, {**self.plane.config("s"), "transfer_numbers": {"a": 7}})], "error"),
                ([(200, b"{")], "error"), ([(200, {"session_id": "x"})], "error"),
                ([(500, {})] * 3, "error"), (["hang up"] * 3, "error"),
                ([(429, {})] * 3, "error"))):
            self.plane.config_answers.extend(answers)
            before = len(self.plane.config_requests)
            self.attached(f"s-{at}")
            result = self.plane.result_of(f"s-{at}")
            self.assertEqual(result["disconnected_by"], word, answers)
            self.assertEqual(result["call_duration_seconds"], 0)
            self.assertEqual(len(self.plane.config_requests) - before, len(answers))
            self.idle()
        for path in ("/ws/bot-1", "/exotel/bot-1"):
            self.plane.config_answers.append((404, {}))
            ws = self.dialler() if "ws" in path else self.exotel()
            self.assertEqual(ws.rest(), [])
            self.assertEqual(ws.closed, 1011)
            self.idle()
        self.assertEqual(len(self.plane.results), 10)

    def test_without_a_session_of_the_campaign_the_call_id_is_used(self):      # C14
        self.plane.config_answers.append((404, {}))
        _, _, body = self.core.ask("POST", "/attach", BODIES["/attach"])
        self.assertEqual(self.plane.result_of(body["call_id"])["disconnected_by"], "error")

    def test_completed_session_posts_nothing(self):        # 10-12
        self.plane.config_answers.append((409, {"detail": "x", "code": "session_completed"}))
        self.attached("s-1")
        self.plane.wait(lambda: self.plane.config_requests, "config request")
        self.idle()
        self.attached("s-2", "hangup_early")
        self.plane.result_of("s-2")
        self.assertEqual(self.plane.posts_of("s-1"), [])

    def test_tolerant_reading(self):       # C15-C17; 10-10, 10-11
        tool = {"type": "function", "function": {"name": "end_call"}}
        self.plane.config_changes = {
            "unknown": {"x": [1]}, "bot_name": None, "timezone": None, "opening": None,
            "re_engagement": None, "dead_air_seconds": None, "interruption": {"enabled": None},
            "vad": None, "transfer_targets": None, "knowledge": {"later": True},
            "stt": {"provider": "of_next_year", "model": None, "extra": {"x": 1}},
            "tools": [tool, {"type": "function", "function": {"name": None}}, 7, tool,
                      {"type": "function", "function": {"name": "transfer_call"}}]}
        script = {"steps": [{"wait": "bot_done"}, {"say": "Goodbye."}]}
        self.attached("s-1", json.dumps(script))
        result = self.plane.result_of("s-1")
        self.assertEqual(result["disconnected_by"], "bot")      # end_call works
        self.assertEqual([e["data"]["pointer"] for e in self.events(result, "config_warning")],
                         ["/tools/1/function/name", "/tools/2", "/tools/3/function/name"])
        self.assertEqual(result["pipeline_config"]["stt"]["provider"], "of_next_year")

    def test_missing_blocks_are_simulated(self):
        self.plane.config_changes = {"stt": Ellipsis, "llm": None, "tts": Ellipsis}
        self.attached("s-1", "hangup_early")
        self.assertEqual(self.plane.result_of("s-1")["disconnected_by"], "customer")


class Starts(CoreTest):
    def test_dispatch_looks_the_bot_up(self):
        status, _, body = self.core.ask("POST", "/livekit/dispatch", BODIES["/livekit/dispatch"])
        self.assertEqual((status, body["code"]), (404, "not_found"))
        self.assertIn(b'"fleet_calls":0', self.core.fleet())
        self.plane.numbers["+91 11"] = "bot-9"
        status, _, body = self.core.ask("POST", "/livekit/dispatch", {
            **BODIES["/livekit/dispatch"], "dialed_number": "+91 11", "call_id": "c-9"})
        self.assertEqual((status, body), (200, {"status": "accepted", "call_id": "c-9"}))
        result = self.plane.next_result()
        self.assertEqual((result["bot_id"], result["call_direction"]), ("bot-9", "inbound"))
        self.assertEqual(self.plane.config_requests[0].query["transport"], "livekit_inbound")
        self.plane.close()
        status, _, _ = self.core.ask("POST", "/livekit/dispatch", BODIES["/livekit/dispatch"])
        self.assertEqual(status, 503)

    def test_dialout(self):
        dial = "019436f2-7c00-7000-8000-0000000000aa"
        status, _, body = self.core.ask("POST", "/livekit/dialout", {
            "bot_id": "b", "to_number": "91 98765-43210", "dial_id": dial,
            "connected_event": {"_campaign_session_id": "s-1", "sim_script": "busy"}})
        self.assertEqual((status, body), (200, {"status": "accepted", "call_id": dial,
                                                "room_name": "dialout-" + dial}))
        result = self.plane.result_of("s-1")
        self.assertEqual((result["disconnected_by"], result["caller_id"]),
                         ("rejected", "+919876543210"))
        self.assertEqual((result["call_duration_seconds"], result["call_direction"]),
                         (0, "outbound"))

    def test_widget(self):
        status, _, body = self.core.ask("POST", "/livekit/widget", BODIES["/livekit/widget"])
        self.assertEqual((status, set(body)), (200, {"status", "call_id"}))
        self.plane.next_result()
        self.assertEqual(self.plane.config_requests[0].query["caller_id"], "widget-user")
