"""The conversation of one call: what the bot says and when, what it makes of what it hears, how the
call ends (§3.2, §3.5, §4). The model follows rules and speech is simulated; put a real model behind
`Model.answer`, and real recognition and synthesis behind the line (media.py)."""
import asyncio
import re
import time

import contract
from outbox import stamp

MS_PER_CHARACTER = 60
DEFAULT_RULES = [
    {"when": {"match": r"leave .{0,12}message|after the (tone|beep)|voice ?mail|mailbox"},
     "tool": {"name": "detected_voicemail"}},
    {"when": {"match": r"wrong number|galat number"}, "say": "I am sorry for the trouble. Goodbye.",
     "tool": {"name": "end_call"}},
    {"when": {"match": r"\b(agent|human)\b"}, "say": "Of course.",
     "tool": {"name": "transfer_call", "arguments": {"reason": "The caller asked for an agent."}}},
    {"when": {"match": r"\b(goodbye|good bye|bye|alvida)\b"}, "say": "Thank you. Goodbye.",
     "tool": {"name": "end_call"}},
    {"when": {"tool_result": True}, "say": "I am sorry, that is not possible. Anything else?"},
    {"when": {"silence": True}, "say": "Hello, are you still there?"}]


class Model:
    """Rules of `llm.extra.script`: {"rules": [{"when": {"match"|"turn"|"tool_result"|"silence"|
    "always"}, "say", "tool": {"name", "arguments"}}], "default"}."""

    def __init__(self, script, tools):
        own = isinstance(script, dict)
        self.rules = (script.get("rules") or []) if own else DEFAULT_RULES
        self.default = script.get("default", "") if own else "You said: {{user}}"
        self.analysis = script.get("analysis") if own else None
        self.tools = tools

    def answer(self, cause, text="", turn=0):
        """(what to say, [(tool, arguments)]); cause: user, tool_result or silence."""
        rule = next((r for r in self.rules if self._holds(r.get("when", {}), cause, text, turn)),
                    self.default)
        rule = {"say": rule} if isinstance(rule, str) else rule
        calls = rule.get("tool") or []
        calls = calls if isinstance(calls, list) else [calls]
        return (rule.get("say", "").replace("{{user}}", text).replace("{{result}}", text),
                [(c["name"], c.get("arguments") or {}) for c in calls if c["name"] in self.tools])

    @staticmethod
    def _holds(when, cause, text, turn):
        if when.get("always"):
            return True
        if cause != "user":
            return bool(when.get(cause))
        known = "turn" in when or "match" in when
        return known and when.get("turn", turn) == turn and bool(
            re.search(when.get("match", ""), text, re.I))


class Conversation:
    """One answered call on a line. `run` returns when it is over; then `record` tells of it."""

    def __init__(self, config, line, transport, scale):
        self.config, self.line, self.transport, self.scale = config, line, transport, scale
        names = [tool["function"]["name"] for tool in config["tools"]]
        self.model = Model(config["llm.extra"].get("script"), names)
        self.mailbox = asyncio.Queue()
        self.transcript, self.events, self.transfer = [], [], {}
        self.word = self.closing = None      # how it ended; how it is about to end
        self.act = None                      # the task that speaks and uses tools
        self.said = None                     # the sentence being spoken: [text, rule, since]
        self.spoken = []                     # sentences spoken, for a simulated party
        self.user_speaking = False
        self.turn = self.attempts = 0
        self.silent = False                  # an evicted worker ends without a result
        self.answered = None
        self._changes = set()

    # --- facts ---
    def post(self, kind, value=None):
        """From the line: interim, final, dtmf (text), voice (on or off), left, stop (a code)."""
        self.mailbox.put_nowait((kind, value))

    def seconds(self):
        return round(time.monotonic() - self.answered, 3) if self.answered else 0.0

    def log(self, kind, name=None, **data):
        event = {"type": kind, "timestamp": stamp(), "at_seconds": self.seconds(),
                 "turn": self.turn}
        if name:
            event["name"] = name
        if data:
            event["data"] = data
        self.events.append(event)

    @property
    def resting(self):
        return self.act is None or self.act.done()

    async def changed(self, timeout=None):
        """For a simulated party: waits until the bot begins or ends something. False: timeout."""
        gate = asyncio.get_running_loop().create_future()
        self._changes.add(gate)
        done, _ = await asyncio.wait([gate], timeout=timeout)
        self._changes.discard(gate)
        return bool(done)

    def _tell(self):
        self.touched = time.monotonic()
        for gate in self._changes:
            if not gate.done():
                gate.set_result(None)

    # --- the call ---
    async def run(self):
        self.answered = time.monotonic()
        self.answered_at = time.time()
        self._tell()
        self.log("call_answered")
        self._start(self._open())
        while self.word is None:
            try:
                kind, value = await asyncio.wait_for(self.mailbox.get(), self._next_timer())
            except asyncio.TimeoutError:
                self._timer()
                continue
            getattr(self, "_on_" + kind)(value)
        self.act.cancel()
        await asyncio.wait([self.act])
        if not self.silent:
            raw = {"raw_reason": self.raw} if getattr(self, "raw", None) else {}
            self.log("call_ended", disconnected_by=self.word, **raw)
        self.ended = time.time()
        try:
            if self.word != "customer":
                await self.line.hang_up()
        except OSError:
            pass    # it was faster

    def _start(self, steps):
        def over(task):
            self._tell()
            fault = None if task.cancelled() else task.exception()
            if fault is None:
                self.post("rested")
            elif isinstance(fault, OSError):
                self.post("left")       # the socket broke while we spoke
            else:
                self.post("stop", "handler_failed")
        self.act = asyncio.create_task(steps)
        self.act.add_done_callback(over)

    async def _open(self):
        await asyncio.sleep(self.config["opening.delay_ms"] / 1000 * self.scale)
        if self.config["opening_message"]:
            self.log("opening_message")
            rule = "open" if self.config["opening.interruptible"] else "guarded"
            await self._say(self.config["opening_message"], rule)

    async def _say(self, text, rule="open"):
        if not text:
            return
        begun, at, turn = time.monotonic(), self.seconds(), self.turn
        length = len(text) * MS_PER_CHARACTER / 1000 * self.scale
        self.said, played = [text, rule, begun], text
        self._tell()
        try:
            await self.line.play(length)
        except asyncio.CancelledError:
            words, part = text.split(), (time.monotonic() - begun) / max(length, 0.001)
            played = " ".join(words[:int(len(words) * min(1, part))])
            raise
        finally:
            self.said = None
            if played:
                self.spoken.append(played)
                self.transcript.append({
                    "role": "assistant", "content": played, "start_seconds": at,
                    "end_seconds": self.seconds(), "turn": turn, "interrupted": played != text})
            self._tell()

    async def _finish(self, word, *lines):
        """Says what is due, which nothing cuts; then the call is over. Leaving meanwhile does not
        change the word."""
        self.closing = self.closing or word
        for text in lines:
            await self._say(text, "final")
        self.word = self.word or self.closing

    async def _answer(self, cause, text=""):
        """One answer of the model; a tool's failure is put to it again, a few rounds at most."""
        for _ in range(4):
            say, calls = self.model.answer(cause, text, self.turn)
            await self._say(say)
            text = None
            for name, arguments in calls:
                self.log("tool_call", name, arguments=arguments)
                text = await self._use(name, arguments)
                self.log("custom_tool_result", name, **({"error": text} if text else {}))
            if text is None:
                return
            cause = "tool_result"

    async def _use(self, name, arguments):
        """A builtin tool. Text: why it did not work."""
        if name == "end_call":
            await self._finish("bot")
        elif name == "detected_voicemail":
            self.log("voicemail_detected")
            await self._finish("voicemail", self.config["voicemail_message"])
        elif name == "transfer_call":
            return await self._transfer(arguments)
        return "unknown_tool"

    async def _transfer(self, arguments):
        target = contract.choose_target(self.transport, arguments.get("target"),
                                        self.config["transfer_targets"],
                                        self.config["transfer_numbers"])
        reason = str(arguments.get("reason", ""))
        if isinstance(target, str):
            self.log("transfer_failed", reason=target)
            return target
        facts = {"target": target.get("id") or target["label"], "method": target["method"],
                 "destination": target["value"], "reason": reason}
        self.log("transfer_requested", **facts)
        await self._say(self.config["pre_transfer_message"], "final")
        self.log("transfer_started", **facts)
        at, failure = self.seconds(), await self.line.transfer(target)
        self.transfer = {f"transfer_{name}": value for name, value in facts.items() if value}
        self.transfer["was_transferred"] = not failure
        if failure:
            self.transfer["transfer_failed_reason"] = failure
            self.log("transfer_failed", **{**facts, "reason": failure})
            return failure
        self.transfer["transfer_at"] = at
        self.log("transfer_succeeded", **facts)
        await self._finish("bot")
        return None

    # --- what the line tells ---
    def _on_interim(self, text):
        self.touched = time.monotonic()
        if not self.said or self.closing or self.act.cancelling():
            return
        if contract.cuts(self.config, text, self.said[1]):
            self.act.cancel()
            self.log("interruption", text=text)
            self.clearing = asyncio.create_task(self._clear())

    async def _clear(self):
        try:
            await self.line.clear()
        except OSError:
            self.post("left")

    def _on_final(self, text):
        self._on_interim(text)
        if self.closing or (self.said and not self.act.cancelling()):
            return      # a back-channel, or words into a final line
        self._take_turn(text)

    def _take_turn(self, text):
        self.turn += 1
        self.attempts = 0
        self.transcript.append({"role": "user", "content": text, "turn": self.turn,
                                "start_seconds": self.seconds(), "end_seconds": self.seconds()})
        self._start(self._after(self.act, self._answer("user", text)))

    @staticmethod
    async def _after(earlier, steps):
        await asyncio.wait([earlier])
        await steps

    def _on_dtmf(self, digits):
        for digit in digits:
            self.log("dtmf", digit=digit)
        if not self.closing:
            self._take_turn(f"[keypad] {digits}")

    def _on_voice(self, on):
        self.user_speaking = on
        self._tell()

    def _on_rested(self, _):
        pass    # timers are counted anew

    def _on_left(self, raw):
        self.raw = raw
        self.word = self.word or self.closing or "customer"

    def _on_stop(self, code):
        self.log("service_error", "worker", code=code, message=code, retried=False,
                 fallback_used=False)
        self.word = self.word or "error"

    def _on_evicted(self, _):
        self.silent, self.word = True, self.word or "superseded"

    # --- silence and length (§3.2) ---
    def _timers(self):
        """(moment, what to do) of all rules that run now."""
        config, out = self.config, []
        if not self.closing:
            out.append((self.answered + config["max_call_duration_seconds"] * self.scale,
                        self._too_long))
        if self.resting and not self.user_speaking and not self.closing:
            out.append((self.touched + config["dead_air_seconds"] * self.scale, self._dead_air))
            if config["re_engagement.enabled"]:
                quiet = config["re_engagement.timeout_seconds"] * self.scale
                out.append((self.touched + quiet, self._re_engage))
        return out

    def _next_timer(self):
        due = min((at for at, _ in self._timers()), default=None)
        return None if due is None else max(0.0, due - time.monotonic())

    def _timer(self):
        now = time.monotonic()
        for at, rule in sorted(self._timers(), key=lambda timer: timer[0])[:1]:
            if at <= now:
                rule()

    def _too_long(self):
        self.log("max_duration_reached")
        self.closing = "timeout"

        async def end(speaking):
            await asyncio.wait([speaking], timeout=3 * self.scale)
            speaking.cancel()
            await asyncio.wait([speaking])
            await self._finish("timeout", self.config["max_duration_message"])
        self._start(end(self.act))

    def _dead_air(self):
        self.log("dead_air")
        self._start(self._finish("RNR"))

    def _re_engage(self):
        if self.attempts >= self.config["re_engagement.max_attempts"]:
            self._start(self._finish("RNR", self.config["re_engagement.end_message"]))
            return
        self.attempts += 1
        self.log("re_engagement", attempt=self.attempts)
        lines = self.config["re_engagement.messages"]
        if lines:
            self._start(self._say(lines[min(self.attempts, len(lines)) - 1]))
        else:
            self._start(self._answer("silence"))

    # --- the result (§4) ---
    def result(self):
        """The members of a call result that the conversation knows."""
        spoke = any(item["role"] == "user" for item in self.transcript)
        lasted = round(self.ended - self.answered_at, 3)
        out = {"call_answer_time": stamp(self.answered_at), "call_end_time": stamp(self.ended),
               "call_duration_seconds": lasted, "disconnected_by": self.word,
               "has_customer_message": spoke, "transcript": self.transcript,
               "events": self.events, "was_transferred": False, **self.transfer,
               "analysis_status": "skipped"}
        analysis = contract.auto_disposition(self.word, spoke, self.config["auto_dispositions"])
        if not contract.skip_analysis(self.word, spoke, lasted) and \
                self.config["post_call_analysis_prompt"]:
            last = next(i for i in reversed(self.transcript) if i["role"] == "user")
            analysis = self.model.analysis or {"DISPOSITION": "SIMULATED",
                                               "SUMMARY": last["content"]}
            out["analysis_status"] = "done"
        if analysis:
            out["post_call_analysis"] = analysis
        return out
