"""The media WebSockets: handshake, speech, interruption (C18-C25)."""
import base64
import json
import struct
import time

from core_client import CoreTest, Socket, ending, steps

LONG = "This sentence is so long that somebody can speak into it before it ends. " * 4
SPEECH = base64.b64encode(struct.pack("<160h", *([12000, -12000] * 80))).decode()
SILENCE = base64.b64encode(bytes(320)).decode()


class Handshake(CoreTest):
    def opened(self, *events, path="/ws/bot-1"):
        ws = Socket(self.core, path)
        self.addCleanup(ws.close)
        for event in events:
            ws.send(event=event, **({"payload": SILENCE} if event == "media" else {}))
        return ws

    def test_order(self):      # C18, C19; 10-29
        for events in (["start"], ["answer"], ["connected", "answer"], ["connected", "connected"],
                       ["connected", "start", "media"], ["connected", "start", "start"], ["media"]):
            ws = self.opened(*events)
            self.assertEqual(ws.rest(), [], events)
            self.assertEqual(ws.closed, 1002, events)
            self.idle()

    def test_slot_is_free_at_once(self):       # 10-29
        begun = time.monotonic()
        self.opened("connected", "answer")      # and this peer does not even answer the goodbye
        self.eventually(lambda: b'"fleet_calls":0' in self.core.fleet())
        self.assertLess(time.monotonic() - begun, 1)

    def test_missing_messages(self):       # C19
        for events in ([], ["connected"], ["unknown", "connected"]):
            ws = self.opened(*events)
            self.assertEqual(ws.rest(), [])
            self.assertEqual((ws.closed, ws.reason), (1002, "handshake message missing"))
            self.idle()

    def test_bad_frames(self):
        for opcode, data, head, code in ((2, b"x", 0x80, 1003), (1, b"\xff", 0x80, 1007),
                                         (1, b"x" * 70_000, 0x80, 1009), (0, b"x", 0x80, 1002),
                                         (3, b"x", 0x80, 1002), (9, b"x" * 126, 0x80, 1002),
                                         (1, b"x", 0xC0, 1002)):
            ws = self.opened()
            ws.frame(opcode, data, head)
            self.assertEqual(ws.rest(), [])
            self.assertEqual(ws.closed, code, (opcode, code))
            self.idle()

    def test_message_in_pieces(self):
        ws = self.opened()
        ws.frame(1, b'{"event":"conn', head=0)
        ws.frame(9, b"between")
        ws.frame(0, b'ected"}')
        ws.send(event="start")
        ws.send(event="answer")
        ws.until("reverse-media")

    def test_no_websocket(self):
        self.assertEqual(self.core.ask("GET", "/ws/bot-1", secret=None)[0], 403)
        for path in ("/nowhere", "/ws", "/ws/", "/ws/a/b", "//", "/exotel/"):
            ws = Socket(self.core, path)
            self.addCleanup(ws.close)
            self.assertEqual(ws.status, 404, path)
        odd = Socket(self.core, "/ws/%ff%zz")
        self.addCleanup(odd.close)
        self.assertIn(b'"status":"ok"', self.core.fleet())

    def test_silent_peer_is_gone(self):
        ws = self.dialler()
        ws.answers_pings = False
        ws.rest()
        self.assertEqual((ws.closed, ws.pings > 0), (1006, True))
        self.assertEqual(self.plane.next_result()["disconnected_by"], "customer")

    def test_gone_before_the_answer(self):
        ws = self.dialler(answer=False)
        self.plane.wait(lambda: self.plane.config_requests, "config request")
        ws.send(event="hangup-call", disconnectedBy="dialler")
        result = self.plane.next_result()
        self.assertEqual((result["disconnected_by"], result["call_duration_seconds"]),
                         ("customer", 0))


class Token(CoreTest):
    settings = {"CXB_WS_AUTH": "token", "CXB_CORE_SECRET": "0123456789abcdef0123456789abcdef"}

    def test_token(self):      # 10-7
        good = "Bs7ducgd324Plqjt-Q45nQ5NazBvHPrDikIPso0jzXE"
        path = "/ws/65f000000000000000000001"
        for query, status in (("", 403), ("?t=", 403), ("?t=x" + good[1:], 403),
                              ("?t=" + good, 101)):
            ws = Socket(self.core, path + query)
            self.addCleanup(ws.close)
            self.assertEqual(ws.status, status)


class Dialler(CoreTest):
    def test_speech(self):     # C18, C20; C11 for this door
        self.plane.config_changes = {"opening_message": LONG, "timezone": "Asia/Kolkata"}
        ws = self.dialler(CUSTOMER="Ravi", _campaign_session_id="stolen", _cxb_test_call=True)
        first, before = ws.until("reverse-media")
        self.assertEqual(before, [])
        begun = time.monotonic()
        chunks = [first] + [ws.until("reverse-media")[0] for _ in range(40)]
        spent = time.monotonic() - begun
        self.assertGreater(spent, 40 * 0.02 - 0.2)      # paced: at most 200 ms ahead
        for at, chunk in enumerate(chunks):
            self.assertEqual(len(base64.b64decode(chunk["payload"], validate=True)), 320)
            self.assertRegex(chunk["timestamp"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
            del chunk["payload"], chunk["timestamp"]
            self.assertEqual(chunk, {
                "event": "reverse-media", "chunk": at + 1, "did": "+911140000001",
                "streamId": "st-1", "callerId": "+919876543210", "chunk_durn_ms": 20,
                "callDirection": "incoming", "encoding": "LINEAR", "RevMediaQ": 0, "source": "ai"})
        seen = self.plane.config_requests[0].query
        event = json.loads(seen["connected_event"])
        self.assertEqual((event["CUSTOMER"], event["callerId"]), ("Ravi", "+919876543210"))
        self.assertFalse({"event", "_campaign_session_id", "_cxb_test_call"} & set(event))
        self.assertEqual((seen["caller_id"], seen["stream_id"], seen["transport"]),
                         ("+919876543210", "st-1", "websocket"))

    def test_bot_ends(self):       # C21
        self.plane.config_changes = ending()
        ws = self.dialler(sim_script=steps({"wait": "bot_done"}, {"say": "Bye then."}))
        words = [m["event"] for m in ws.rest()]
        self.assertEqual(words[-2:], ["reverse-media-stop", "reverse-hangup-call"])
        self.assertEqual(set(words[:-2]), {"reverse-media"})
        self.assertEqual(ws.closed, 1000)
        result = self.plane.next_result()
        self.assertEqual((result["disconnected_by"], result["call_direction"]), ("bot", "inbound"))
        self.assertEqual([(i["role"], i["content"]) for i in result["transcript"]],
                         [("assistant", "Hello."), ("user", "Bye then."),
                          ("assistant", "Goodbye.")])
        self.assertEqual((result["stream_id"], result["caller_id"]), ("st-1", "+919876543210"))
        self.assertTrue(result["has_customer_message"])

    def test_customer_ends(self):      # C22
        for at, leave in enumerate((lambda ws: ws.send(event="hangup-call", disconnectedBy="far"),
                                    lambda ws: ws.frame(8, b"\x03\xe8"), lambda ws: ws.close())):
            self.idle()
            ws = self.dialler()
            ws.until("reverse-media")
            ws.send(event="of-next-year", x=1)
            ws.frame(1, b"no JSON")
            ws.send(event="media", payload="not base64!")
            leave(ws)
            result = self.plane.next_result(at)
            self.assertEqual(result["disconnected_by"], "customer")
        first = self.plane.results[0].body
        self.assertEqual(self.events(first, "call_ended")[0]["data"],
                         {"disconnected_by": "customer", "raw_reason": "far"})

    def test_the_caller_is_heard(self):
        self.plane.config_changes = ending()
        ws = self.dialler()
        ws.until("reverse-media")
        for sound in [SPEECH] * 30 + [SILENCE] * 5:
            ws.send(event="media", payload=sound)
        ws.until("reverse-hangup-call")
        said = [i["content"] for i in self.plane.next_result()["transcript"] if i["role"] == "user"]
        self.assertEqual(said, ["[speech 0.6 s]"])

    def test_interruption(self):
        """Words during the bot's speech; what is cut and what is not (3.2)."""
        for at, (config, words, cut) in enumerate((
                ({"opening": {"interruptible": True}}, "no but please listen", True),
                ({"opening": {"interruptible": True}}, "haan ji", False),
                ({"opening": {"interruptible": True}}, "no wait", False),
                ({}, "hello hello hello hello", False), ({}, "sorry wrong number", True),
                ({"opening": {"interruptible": True}, "interruption": {"enabled": False}},
                 "no but please listen", False))):      # 10-15
            self.idle()
            speech = LONG * 3 if cut else LONG[:150]
            self.plane.config_changes = {"opening_message": speech, **config}
            ws = self.dialler(sim_script=steps(
                {"say": words, "interrupt_after_ms": 100}, {"wait": "bot_done"}, {"hangup": True}))
            stops = [m["event"] for m in ws.rest()].count("reverse-media-stop")
            result = self.plane.next_result(at)
            self.assertEqual((stops, len(self.events(result, "interruption"))),
                             (int(cut), int(cut)), words)
            self.assertEqual(any(i["role"] == "user" for i in result["transcript"]), cut, words)


class Exotel(CoreTest):
    def test_start_first_or_second(self):      # C23
        for at, first in enumerate((None, "connected", "dtmf")):
            self.idle()
            ws = self.exotel(first, CUSTOMER="Ravi")
            message, _ = ws.until("media")
            self.assertEqual(message["stream_sid"], "ex-1")
            size = len(base64.b64decode(message["media"]["payload"]))
            self.assertTrue(3200 <= size <= 100_000 and size % 320 == 0)
            ws.send(event="stop", stream_sid="ex-1", stop={"reason": "callended"})
            self.assertEqual(self.plane.next_result(at)["disconnected_by"], "customer")
            ws.rest()
            self.assertEqual(ws.closed, 1000)
        seen = self.plane.config_requests[0].query
        self.assertEqual((seen["caller_id"], seen["stream_id"], seen["transport"]),
                         ("09876543210", "ex-1", "exotel"))
        self.assertEqual(json.loads(seen["connected_event"]),
                         {"call_sid": "c-1", "did": "08011112222", "CUSTOMER": "Ravi"})

    def test_no_start(self):       # C23
        for count in (0, 1, 2):
            ws = Socket(self.core, "/exotel/bot-1")
            self.addCleanup(ws.close)
            for _ in range(count):
                ws.send(event="connected")
            self.assertEqual(ws.rest(), [])
            self.assertEqual(ws.closed, 1002)
            self.idle()

    def test_clear_on_interruption(self):      # C24
        self.plane.config_changes = {"opening_message": LONG * 3,
                                     "opening": {"interruptible": True}}
        words = {"say": "no but please listen", "interrupt_after_ms": 100}
        ws = self.exotel(sim_script=steps(words, {"wait": "bot_done"}, {"hangup": True}))
        message, _ = ws.until("clear")
        self.assertEqual(message, {"event": "clear", "stream_sid": "ex-1"})
        result = self.plane.next_result()
        self.assertTrue(result["transcript"][0]["interrupted"])
        self.assertLess(len(result["transcript"][0]["content"]), len(LONG * 3))

    def test_close_is_customer(self):      # C25
        ws = self.exotel()
        ws.until("media")
        ws.close()
        self.assertEqual(self.plane.next_result()["disconnected_by"], "customer")

    def test_keys_are_a_turn(self):
        self.plane.config_changes = ending()
        ws = self.exotel()
        ws.until("media")
        for digit in "12#":
            ws.send(event="dtmf", stream_sid="ex-1", dtmf={"digit": digit, "duration": "100"})
        ws.rest()
        self.assertEqual(ws.closed, 1000)
        said = [i["content"] for i in self.plane.next_result()["transcript"] if i["role"] == "user"]
        self.assertEqual(said, ["[keypad] 12#"])
