"""Results are delivered whatever happens (C26-C31)."""
import hashlib
import json
import os
import signal
import stat
import time

from core_client import SECRET, Core, CoreTest, Socket


class Delivery(CoreTest):
    def finished(self, session="s-1"):
        self.attached(session, "hangup_early")

    def test_once(self):       # C26
        self.finished()
        result = self.plane.result_of("s-1")
        for name in ("result_id", "call_start_time", "call_answer_time", "call_end_time"):
            self.assertTrue(result[name], name)
        self.assertEqual((result["session_id"], result["result_seq"], result["bot_id"]),
                         ("s-1", 1, "bot-1"))
        seen = self.plane.results[0]
        self.assertEqual((seen.headers["x-cxbcore-secret"], seen.headers["x-cxb-core-secret"]),
                         (SECRET, SECRET))
        self.eventually(lambda: not self.core.outbox("new") and not self.core.outbox("calls"))
        self.finished("s-2")
        self.plane.result_of("s-2")
        self.assertEqual(len(self.plane.results), 2)

    def test_failures_are_repeated(self):      # C27, C30
        self.plane.result_answers.extend([(500, {}, {}), None, (503, {}, {"Retry-After": "1"}),
                                          (429, {}, {})])
        self.finished()
        self.plane.result_of("s-1", 5)
        self.eventually(lambda: not self.core.outbox("new"))
        self.assertEqual(len({r.body["result_id"] for r in self.plane.results}), 1)
        self.assertEqual(len(self.plane.results), 5)
        self.assertEqual(len({json.dumps(r.body) for r in self.plane.results}), 1)

    def test_outage_and_kill(self):        # C28, C30
        self.plane.result_answers.extend([(500, {}, {})] * 1000)
        self.finished()
        first = self.plane.result_of("s-1")
        self.plane.close()
        self.core.kill()
        self.assertEqual(len(self.core.outbox("new")), 1)
        self.plane.result_answers.clear()
        tries = len(self.plane.results)
        self.core.start()
        self.plane.open()
        self.assertEqual(self.plane.result_of("s-1", tries + 1), first)
        self.eventually(lambda: not self.core.outbox("new"))
        self.assertEqual(self.core.outbox("calls"), [])

    def test_calls_go_on_while_results_wait(self):
        self.plane.close()
        status, _, body = self.attach("s-1")
        self.assertEqual(status, 200)
        self.idle()     # config unavailable: a minimal result waits in the outbox
        self.assertEqual(len(self.core.outbox("new")), 1)
        self.plane.open()
        result = self.plane.result_of("s-1")
        self.assertEqual((result["disconnected_by"], result["call_duration_seconds"]), ("error", 0))
        self.assertTrue(body["call_id"])

    def test_refused_is_not_repeated(self):        # C29; 10-33
        problem = {"detail": "no", "errors": [{"pointer": "/x", "reason": "y"}]}
        self.plane.result_answers.append((422, problem, {}))
        self.finished()
        self.eventually(lambda: len(self.core.outbox("dead")) == 2, "a dead entry")
        entry, reason = self.core.outbox("dead")
        self.assertEqual(reason, entry + ".reason.json")
        with open(f"{self.core.folder}/outbox/1/dead/{reason}", encoding="utf-8") as file:
            told = json.load(file)
        self.assertEqual((told["reason"], told["status"], told["detail"]), ("refused", 422, "no"))
        self.finished("s-2")
        self.plane.result_of("s-2")
        self.assertEqual(len(self.plane.posts_of("s-1")), 1)

    def test_wrong_secret_is_never_poison(self):       # 10-33
        self.plane.result_answers.append((403, {"detail": "Invalid core secret"}, {}))
        self.finished()
        self.plane.result_of("s-1")
        self.eventually(lambda: self.core.ask("GET", "/ready", secret=None)[0] == 503)
        self.assertEqual(self.core.ask("GET", "/ready", secret=None)[2],
                         {"status": "not_ready", "reasons": ["config_refused"]})
        self.assertEqual((len(self.core.outbox("new")), self.core.outbox("dead")), (1, []))
        self.plane.result_of("s-1", 2)      # after the long wait
        self.eventually(lambda: self.core.ask("GET", "/ready", secret=None)[0] == 200)

    def test_recovery(self):       # 10-30
        """The oldest entry looks for the control plane; when it is back, the others hurry."""
        self.core.close()
        self.core = Core(self.folder.name, self.plane.base + "/config",
                         {"MAX_CONCURRENT_CALLS": "2"}).start()
        self.addCleanup(self.core.close)
        self.plane.result_answers.extend([(500, {}, {})] * 1000)
        for name in ("s-1", "s-2"):
            self.attached(name, "hangup_early", room=name)
            self.plane.result_of(name)
        for name in ("s-1", "s-2"):
            self.plane.result_of(name, 6)       # the next try of the younger is 6 s away
        self.plane.result_answers.clear()
        begun = time.monotonic()
        self.eventually(lambda: not self.core.outbox("new"), "an empty outbox")
        self.assertLess(time.monotonic() - begun, 4)

    def test_entry_on_disk(self):
        self.plane.close()
        self.attached("s-1")
        self.eventually(lambda: self.core.outbox("new"))
        self.core.kill()
        name, = self.core.outbox("new")
        path = f"{self.core.folder}/outbox/1/new/{name}"
        with open(path, "rb") as file:
            line, _, body = file.read().partition(b"\n")
        head = json.loads(line)
        self.assertEqual(set(head), {"v", "class", "id", "session_id", "url", "created_at",
                                     "expires_at", "length", "sha256"})
        self.assertEqual((head["v"], head["class"], head["session_id"]), (1, "result", "s-1"))
        self.assertEqual((head["length"], head["sha256"]),
                         (len(body), hashlib.sha256(body).hexdigest()))
        self.assertRegex(name, r"^\d{13}-" + head["id"] + r"\.entry$")
        self.assertEqual(json.loads(body)["result_id"], head["id"])
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode), 0o700)
        self.assertNotIn(SECRET.encode(), line + body)

    def test_corrupt_entries_are_set_aside(self):      # 10-31, 10-32
        self.plane.close()
        self.attached("s-1")
        self.eventually(lambda: self.core.outbox("new"))
        self.core.kill()
        folder = f"{self.core.folder}/outbox/1/"
        name, = self.core.outbox("new")
        with open(folder + "new/" + name, "rb") as file:
            whole = file.read()
        early = "0000000000001-"
        for bad, data in (("flipped", whole[:-1] + b"?"), ("cut", whole[:-9]), ("empty", b""),
                          ("text", b"{}\n")):
            with open(f"{folder}new/{early}{bad}.entry", "wb") as file:
                file.write(data)
        with open(folder + "tmp/half", "wb") as file:
            file.write(whole[:50])
        with open(folder + "calls/torn.json", "wb") as file:
            file.write(b"[")
        self.core.start()
        self.plane.open()
        self.plane.result_of("s-1")
        self.assertEqual(self.core.outbox("tmp"), [])
        dead = [n for n in self.core.outbox("dead") if n.endswith(".entry")]
        self.assertEqual(dead, [early + n + ".entry" for n in ("cut", "empty", "flipped", "text")])
        self.assertIn("torn.json", self.core.outbox("dead"))
        with open(f"{folder}dead/{dead[0]}.reason.json", encoding="utf-8") as file:
            self.assertEqual(json.load(file)["reason"], "corrupt")

    def test_one_process_for_one_outbox(self):     # 10-35
        second = Core(self.folder.name, self.plane.base + "/config", {})
        self.addCleanup(second.close)
        with self.assertRaises(AssertionError):
            second.start()
        self.assertEqual(second.wait_exit(), 1)


class Sibling(CoreTest):
    def test_what_a_lost_worker_left(self):        # 10-35
        lost = Core(self.folder.name, self.plane.base + "/config",
                    {"CXB_WORKER_ID": "2", "MAX_CONCURRENT_CALLS": "2"}).start()
        self.addCleanup(lost.close)
        mine, self.core = self.core, lost
        self.plane.result_answers.extend([(500, {}, {})] * 1000)
        self.attached("s-1", "hangup_early")
        self.attached("s-2", room="room-2")
        first = self.plane.result_of("s-1")
        self.eventually(lambda: len(self.plane.config_requests) == 2)
        lost.kill()
        self.plane.result_answers.clear()
        self.core = mine
        crashed = self.plane.result_of("s-2")
        self.plane.wait(lambda: self.plane.posts_of("s-1")[-1].headers["x-cxb-worker"]
                        .endswith("/1"), "the result by the other worker")
        self.assertEqual(self.plane.result_of("s-1")["result_id"], first["result_id"])
        self.assertEqual([e["data"]["code"] for e in self.events(crashed, "service_error")],
                         ["worker_crashed"])
        self.eventually(lambda: not mine.outbox("new") and not mine.outbox("calls"))
        self.assertEqual((mine.outbox("new", "2"), mine.outbox("calls", "2")), ([], []))

    def test_a_living_one_keeps_its_own(self):
        other = Core(self.folder.name, self.plane.base + "/config", {"CXB_WORKER_ID": "2"}).start()
        self.addCleanup(other.close)
        mine, self.core = self.core, other
        self.plane.config_changes = {"dead_air_seconds": 600}
        self.attached("s-2")
        self.plane.wait(lambda: self.plane.config_requests, "config of the other's call")
        self.core = mine
        self.plane.config_changes = {"dead_air_seconds": 100}
        self.attached("s-1")        # its silence is longer than the look at siblings waits
        self.plane.result_of("s-1")
        self.assertEqual((len(mine.outbox("calls", "2")), self.plane.posts_of("s-2")), (1, []))


class Crash(CoreTest):
    def test_call_cut_off(self):       # 10-34
        ws = self.dialler()
        ws.until("reverse-media")
        session = next(iter(self.plane.sessions.values()))
        self.core.kill()
        self.assertEqual(len(self.core.outbox("calls")), 1)
        self.core.start(CXB_TIME_PERCENT="100")     # nothing but the start itself is that fast
        result = self.plane.result_of(session)
        self.assertEqual((result["disconnected_by"], result["call_duration_seconds"]), ("error", 0))
        self.assertEqual([e["data"]["code"] for e in self.events(result, "service_error")],
                         ["worker_crashed"])
        self.assertEqual(result["call_direction"], "inbound")
        self.eventually(lambda: not self.core.outbox("new") and not self.core.outbox("calls"))
        self.assertEqual(len(self.plane.results), 1)

    def test_cut_off_before_the_config(self):      # 10-34
        self.plane.configs_flow.clear()
        self.attached("s-1")        # journaled before it is answered
        self.plane.wait(lambda: self.plane.config_requests, "config request")
        self.core.kill()
        self.core.start()
        result = self.plane.result_of("s-1")
        self.assertEqual((result["disconnected_by"], result["bot_id"]), ("error", "bot-1"))
        self.assertEqual([e["data"]["code"] for e in self.events(result, "service_error")],
                         ["worker_crashed"])
        self.plane.configs_flow.set()


class Drain(CoreTest):
    def test_calls_end_normally(self):     # C31; 10-36
        ws = self.dialler()
        ws.until("reverse-media")
        self.core.signal(signal.SIGTERM)
        self.eventually(lambda: b'"draining":true' in self.core.fleet(), "draining")
        pid = self.core.process.pid
        self.assertEqual(self.core.fleet(), (
            '{"status":"ok","fleet_calls":1,"fleet_max":1,"fleet_available":0,"workers":'
            f'[{{"id":"1","calls":1,"max":1,"pid":{pid},"draining":true}}]}}').encode())
        self.assertEqual(self.attach("s-2")[0], 429)
        body = {"room_name": "r", "caller_number": "1", "dialed_number": "2"}
        status, _, told = self.core.ask("POST", "/livekit/dispatch", body)
        self.assertEqual((status, told["detail"]), (503, "Draining"))
        late = Socket(self.core, "/exotel/bot-1")
        self.assertEqual((late.rest(), late.closed), ([], 1008))
        late.close()
        self.assertEqual(self.core.ask("GET", "/ready", secret=None)[2]["reasons"], ["draining"])
        ws.send(event="hangup-call")
        self.assertEqual(self.core.wait_exit(), 0)
        self.assertEqual(self.plane.next_result()["disconnected_by"], "customer")
        self.assertEqual(self.core.outbox("new"), [])

    def test_deadline(self):
        self.core.close()
        self.core = Core(self.folder.name, self.plane.base + "/config",
                         {"CXB_DRAIN_SECONDS": "0.2"})
        self.addCleanup(self.core.close)
        self.core.start()
        self.dialler().until("reverse-media")
        self.core.signal(signal.SIGTERM)
        self.assertEqual(self.core.wait_exit(), 0)
        self.stopped()

    def test_second_signal(self):
        self.dialler().until("reverse-media")
        self.core.signal(signal.SIGTERM)
        self.eventually(lambda: b'"draining":true' in self.core.fleet(), "draining")
        self.core.signal(signal.SIGTERM)
        self.assertEqual(self.core.wait_exit(), 0)
        self.stopped()

    def stopped(self):
        result = self.plane.next_result()
        self.assertEqual(result["disconnected_by"], "error")
        self.assertEqual([e["data"]["code"] for e in self.events(result, "service_error")],
                         ["drain_deadline"])

    def test_undelivered_stays(self):
        self.plane.close()
        self.attached("s-1")
        self.idle()
        self.core.signal(signal.SIGTERM)
        self.assertEqual(self.core.wait_exit(), 0)
        self.assertEqual(len(self.core.outbox("new")), 1)
