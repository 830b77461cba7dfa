"""How calls end: transfer, silence, length, voicemail, and what is made of them (C32-C34)."""
from core_client import SECRET, CoreTest, ending, steps

TRANSFER = {"type": "function", "function": {"name": "transfer_call"}}
LONG = "These last words are so long that somebody can leave before they end. " * 4


class Transfer(CoreTest):
    numbers = {"sales": "+911"}
    targets = [{"id": "A", "label": "Desk", "method": "agent_desk", "type": "agent_queue",
                "value": "default", "is_default": True},
               {"label": "B", "method": "livekit_sip_refer", "type": "sip_uri", "value": "sip:b@x"},
               {"label": "off", "method": "websocket_reverse_transfer", "type": "extension",
                "value": "7", "enabled": False}]

    def configure(self, target, **changes):
        arguments = {"reason": "asked", **({"target": target} if target is not None else {})}
        script = {"rules": [{"when": {"turn": 1}, "say": "Of course.",
                             "tool": {"name": "transfer_call", "arguments": arguments}},
                            {"when": {"tool_result": True}, "say": "Sorry: {{result}}."}]}
        self.plane.config_changes = {
            "tools": [TRANSFER], "transfer_targets": self.targets, "pre_transfer_message": "Wait.",
            "transfer_numbers": self.numbers,
            "llm": {"provider": "scripted", "model": "", "extra": {"script": script}}, **changes}

    asks = steps({"wait": "bot_done"}, {"say": "Somebody else please."}, {"wait": "bot_done"},
                 {"hangup": True})

    def test_over_the_websocket(self):     # C32; 10-14: websocket, none: legacy sales
        self.configure(None)
        ws = self.dialler(sim_script=self.asks)
        order, _ = ws.until("reverse-call-transfer")
        self.assertEqual(order, {
            "event": "reverse-call-transfer", "streamId": "st-1", "callerId": "+919876543210",
            "transferTo": "+911", "source": "ai", "message": "Call transferred by bot"})
        ws.close()
        result = self.plane.next_result()
        self.assertEqual((result["disconnected_by"], result["was_transferred"]), ("bot", True))
        self.assertEqual((result["transfer_destination"], result["transfer_method"],
                          result["transfer_target"], result["transfer_reason"]),
                         ("+911", "websocket_reverse_transfer", "sales", "asked"))
        self.assertIn("Wait.", [i["content"] for i in result["transcript"]])

    def test_peer_does_not_transfer(self):
        self.configure(None)
        ws = self.dialler(sim_script=self.asks)
        ws.until("reverse-call-transfer")
        ws.rest()
        result = self.plane.next_result()
        self.assertEqual((result["was_transferred"], result["transfer_failed_reason"]),
                         (False, "timeout"))
        self.assertIn("Sorry: timeout.", [i["content"] for i in result["transcript"]])

    def told(self, door, target):
        """What came of a request on a door: the destination, or what the model was told."""
        self.idle()
        self.configure(target)
        before = len(self.plane.results)
        if door == "attach":
            self.attached("s-1", self.asks)
        elif door == "exotel":
            self.exotel(sim_script=self.asks).rest()
        else:
            self.dialler(sim_script=self.asks).rest()
        result = self.plane.next_result(before)
        if result["was_transferred"]:
            return result["transfer_destination"]
        return self.events(result, "transfer_failed")[0]["data"]["reason"]

    def test_choice(self):     # C32; 10-14
        self.assertEqual(self.told("attach", " b "), "sip:b@x")
        self.assertEqual(self.told("attach", "A"), "not_supported")     # chosen; no desk here
        self.assertEqual(self.told("exotel", "B"),
                         'No transfer target "B" for exotel: not usable on exotel')
        self.assertEqual(self.told("exotel", None), "No transfer target")
        self.assertEqual(self.told("ws", "off"), 'No transfer target "off" for websocket: disabled')
        self.assertEqual(self.told("ws", "x"), 'No transfer target "x" for websocket')


    def test_default(self):        # C32; 10-14
        def target(name, **more):
            return {"label": name, "method": "livekit_sip_refer", "type": "tel_uri",
                    "value": "tel:" + name, **more}
        self.targets = [target("1"), target("2", is_default=True, enabled=False),
                        target("3", is_default=True), target("4")]
        self.assertEqual(self.told("attach", None), "tel:3")
        self.targets = [target("1"), target("2")]
        self.assertEqual(self.told("attach", None), "tel:1")
        self.assertEqual(self.told("attach", " SALES "), "+911")
        self.targets = []
        self.assertEqual(self.told("attach", None), "+911")


class Endings(CoreTest):
    def test_longest_call(self):       # C33
        self.plane.config_changes = {"max_call_duration_seconds": 10,
                                     "max_duration_message": "Time."}
        ws = self.dialler()
        words = [m["event"] for m in ws.rest()]
        self.assertEqual(words[-2:], ["reverse-media-stop", "reverse-hangup-call"])
        result = self.plane.next_result()
        self.assertEqual(result["disconnected_by"], "timeout")
        self.assertEqual(result["transcript"][-1]["content"], "Time.")
        self.assertGreaterEqual(result["call_duration_seconds"], 1)
        self.assertEqual(result["post_call_analysis"]["DISPOSITION"], "Not Connected")
        self.assertTrue(self.events(result, "max_duration_reached"))

    def test_leaving_during_the_last_words_changes_nothing(self):
        self.plane.config_changes = {"max_call_duration_seconds": 10, "max_duration_message": LONG}
        ws = self.dialler()
        for _ in range(7):                              # of the opening, then of the last words
            ws.until("reverse-media")
        ws.close()
        self.assertEqual(self.plane.next_result()["disconnected_by"], "timeout")

    def test_silence(self):        # C34
        self.plane.config_changes = {"re_engagement": {
            "timeout_seconds": 2, "max_attempts": 2, "messages": ["Hello?", "Are you there?"],
            "end_message": "Goodbye then."}}
        self.dialler().rest()
        result = self.plane.next_result()
        self.assertEqual(result["disconnected_by"], "RNR")
        self.assertEqual([i["content"] for i in result["transcript"]],
                         ["Hello.", "Hello?", "Are you there?", "Goodbye then."])
        self.assertEqual(self.attempts(result), [1, 2])
        self.assertEqual(result["post_call_analysis"]["DISPOSITION"], "RNR")
        self.assertEqual(result["analysis_status"], "skipped")

    def test_words_reset_the_count(self):      # C34
        self.plane.config_changes = {"re_engagement": {
            "timeout_seconds": 2, "max_attempts": 1, "messages": ["Hello?"]}}
        self.attached("s-1", steps({"wait": {"bot_says": "Hello\\?", "within": 100}},
                                   {"say": "Yes."}))
        result = self.plane.result_of("s-1")
        self.assertEqual(self.attempts(result), [1, 1])

    def attempts(self, result):
        return [e["data"]["attempt"] for e in self.events(result, "re_engagement")]

    def test_dead_air(self):
        self.plane.config_changes = {"dead_air_seconds": 10}
        self.dialler().rest()
        result = self.plane.next_result()
        self.assertEqual(result["disconnected_by"], "RNR")
        self.assertTrue(self.events(result, "dead_air"))

    def test_voicemail(self):
        tool = {"type": "function", "function": {"name": "detected_voicemail"}}
        self.plane.config_changes = {"tools": [tool], "voicemail_message": "Call us back.",
                                     "auto_dispositions": {"voicemail": {"DISPOSITION": "VM"}}}
        self.attached("s-1", steps({"say": "Please leave a message after the tone."}))
        result = self.plane.result_of("s-1")
        self.assertEqual((result["disconnected_by"], result["post_call_analysis"]),
                         ("voicemail", {"DISPOSITION": "VM"}))

    def test_analysis_of_a_talk(self):     # 10-16
        self.plane.config_changes = {**ending(), "post_call_analysis_prompt": "What was it?",
                                     "dead_air_seconds": 600}
        self.attached("s-1", steps({"wait": "bot_done"}, {"wait": 50}, {"say": "I will pay."}))
        result = self.plane.result_of("s-1")
        self.assertGreaterEqual(result["call_duration_seconds"], 5)
        self.assertEqual((result["analysis_status"], result["post_call_analysis"]),
                         ("done", {"DISPOSITION": "SIMULATED", "SUMMARY": "I will pay."}))

    def test_no_secret_in_the_log(self):
        self.attached("s-1", steps({"say": "I will pay the blue elephant."}, {"hangup": True}))
        self.plane.result_of("s-1")
        for text in (SECRET, "9876543210", "elephant"):
            self.assertNotIn(text, self.core.log())
