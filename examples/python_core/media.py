"""Lines a conversation speaks on: the dialler's WebSocket (§9.1), Exotel's (§9.2) and a simulated
room. Sound is simulated: the bot's words are a tone of their length, and what a caller says is
known only as "speech of so many seconds", told from silence by its loudness."""
import array
import asyncio
import base64
import json
import math
import re
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import contract
from web import SocketFault

FRAME = 320                                  # bytes of 20 ms at 8 kHz, 16 bit
# 400 Hz: 20 ms hold 8 whole periods, so frames join without a click.
TONE = array.array("h", (int(6000 * math.sin(math.tau * i / 20)) for i in range(160))).tobytes()
LOUD_AS_VOICE = -32.0                        # dBFS


class Ears:
    """Tells speech from silence and posts it as `[speech 1.4 s]`, interim and final."""

    def __init__(self, bot, start_secs, stop_secs, scale):
        self.bot, self.start, self.stop = bot, start_secs, stop_secs * scale
        self.heard, self.timer = 0.0, None

    def hear(self, sound):
        samples = array.array("h", sound[:len(sound) // 2 * 2])
        rms = math.sqrt(sum(s * s for s in samples) / max(1, len(samples)))
        if rms == 0 or 20 * math.log10(rms / 32768) < LOUD_AS_VOICE:
            return
        before, self.heard = self.heard, self.heard + len(samples) / 8000
        if self.heard >= self.start > before:
            self.bot.post("voice", True)
        if self.heard >= self.start and int(self.heard / 0.3) > int(before / 0.3):
            self.bot.post("interim", self._words())
        if self.timer:
            self.timer.cancel()
        self.timer = asyncio.get_running_loop().call_later(self.stop, self._silence)

    def _words(self):
        return f"[speech {self.heard:.1f} s]"

    def _silence(self):
        if self.heard >= self.start:
            self.bot.post("voice", False)
            self.bot.post("final", self._words())
        self.heard = 0.0


class Keys:
    """Digits are one turn: gathered for 2 s or to `#`."""

    def __init__(self, bot, scale):
        self.bot, self.wait, self.digits, self.timer = bot, 2 * scale, "", None

    def press(self, digit):
        self.digits += digit
        if self.timer:
            self.timer.cancel()
        wait = 0 if digit == "#" else self.wait
        self.timer = asyncio.get_running_loop().call_later(wait, self._done)

    def _done(self):
        digits, self.digits = self.digits, ""
        self.bot.post("dtmf", digits)


def text_of(holder, *names):
    """The first of these members that is a text or a number, as text."""
    for name in names:
        if isinstance(holder.get(name), (str, int)) and not isinstance(holder.get(name), bool):
            return str(holder[name])
    return ""


class SocketLine:
    """What both WebSocket protocols share. `greet` reads the handshake, `answered` waits until the
    bot may speak, `listen` posts to the conversation until the socket ends."""
    chunk = FRAME

    def __init__(self, ws, scale):
        self.ws, self.scale = ws, scale
        self.skipped = 0                     # unknown and unreadable messages
        self.transferring = False
        self.left = asyncio.Event()
        self.event, self.stream_id, self.caller_id, self.direction = {}, "", "", "inbound"

    async def message(self, seconds):
        """(event word, message) of the next readable one; None when the socket has ended."""
        while True:
            try:
                text = await self.ws.next(None if seconds is None else seconds * self.scale)
            except asyncio.TimeoutError:
                raise SocketFault(1002, "handshake message missing") from None
            if text is None:
                return None
            try:
                message = contract.parse_json(text)
                return message["event"], message
            except (ValueError, KeyError, TypeError):
                self.skipped += 1

    def prepare(self, bot, config):
        self.bot, self.zone = bot, config["timezone"]
        self.ears = Ears(bot, config["vad.start_secs"], config["vad.stop_secs"], self.scale)
        self.keys = Keys(bot, self.scale)

    async def listen(self):
        raw = None
        while raw is None and (got := await self.message(None)) is not None:
            word, message = got
            try:
                raw = self.take(word, message)
            except (ValueError, KeyError, TypeError, AttributeError):
                self.skipped += 1
        self.left.set()
        if not self.transferring:
            self.bot.post("left", raw)

    def hear(self, payload):
        self.ears.hear(base64.b64decode(payload, validate=True))

    async def play(self, seconds):
        """A tone of that length, paced; a cancellation stops it at a frame."""
        loop = asyncio.get_running_loop()
        begun, step = loop.time(), self.chunk / FRAME * 0.02
        for at in range(max(1, math.ceil(seconds / step - 1e-9))):
            await self.ws.send(self.sound(at))
            await asyncio.sleep(begun + (at + 1) * step - loop.time())

    async def hang_up(self):
        await self.ws.close(1000)

    async def transfer(self, target):
        return "not_supported"


class Dialler(SocketLine):
    transport = "websocket"
    sent = 0

    async def greet(self):
        """connected, start; raises SocketFault 1002 when they are missing or out of order."""
        connected = await self._expect("connected", 10)
        self.event = {k: v for k, v in connected.items() if k != "event"}
        start = await self._expect("start", 10)
        self.stream_id = text_of(start, "streamId") or text_of(connected, "streamId")
        self.caller_id, self.did = text_of(connected, "callerId"), text_of(connected, "did")
        self.word = text_of(connected, "callDirection") or "incoming"
        self.direction = "outbound" if self.word == "outgoing" else "inbound"

    async def answered(self):
        try:
            await self._expect("answer", 60)
        except EOFError:
            return False
        return True

    async def _expect(self, wanted, seconds):
        while got := await self.message(seconds):
            word, message = got
            if word == wanted:
                return message
            if word == "hangup-call":
                break
            if word in ("connected", "start", "answer", "media"):
                raise SocketFault(1002, f"{word} before {wanted}")
            self.skipped += 1
        raise EOFError

    def take(self, word, message):
        if word == "media":
            self.hear(message["payload"])
        elif word == "hangup-call":
            return text_of(message, "disconnectedBy") or "hangup-call"
        else:
            self.skipped += 1
        return None

    def sound(self, _):
        self.sent += 1
        try:
            zone = ZoneInfo(self.zone)
        except (OSError, ValueError):
            zone = timezone.utc
        return json.dumps({
            "event": "reverse-media", "chunk": self.sent, "did": self.did,
            "payload": base64.b64encode(TONE).decode(),
            "timestamp": datetime.now(zone).strftime("%Y-%m-%d %H:%M:%S"),
            "streamId": self.stream_id, "callerId": self.caller_id, "chunk_durn_ms": 20,
            "callDirection": self.word, "encoding": "LINEAR", "RevMediaQ": 0, "source": "ai"})

    async def _say(self, event, **more):
        await self.ws.send(json.dumps({"event": event, "streamId": self.stream_id,
                                       "callerId": self.caller_id, **more}))

    async def clear(self):
        await self._say("reverse-media-stop")

    async def hang_up(self):
        await self.clear()
        await self._say("reverse-hangup-call", source="ai", message="Call ended by bot")
        await super().hang_up()

    async def transfer(self, target):
        """The peer hands the call over and closes; None: it did, else why not."""
        self.transferring = True
        await self._say("reverse-call-transfer", transferTo=target["value"], source="ai",
                        message="Call transferred by bot")
        try:
            await asyncio.wait_for(self.left.wait(), 10 * self.scale)
            return None
        except asyncio.TimeoutError:
            self.transferring = False
            return "timeout"


class Exotel(SocketLine):
    transport = "exotel"
    chunk = 10 * FRAME                       # 3,200 bytes a message

    async def greet(self):
        for _ in range(2):
            got = await self.message(10)
            if got is None:
                raise EOFError
            word, message = got
            start = message.get("start")
            if word == "start" and isinstance(start, dict):
                break
        else:
            raise SocketFault(1002, "no start message")
        self.stream_id = text_of(message, "stream_sid") or text_of(start, "stream_sid")
        self.caller_id, did = text_of(start, "from"), text_of(start, "to")
        custom = start.get("custom_parameters")
        self.event = {"call_sid": text_of(start, "call_sid"), "did": did,
                      **(custom if isinstance(custom, dict) else {})}

    async def answered(self):
        return True

    def take(self, word, message):
        if word == "media":
            self.hear(message["media"]["payload"])
        elif word == "dtmf" and re.fullmatch(r"[0-9*#A-D]", str(message["dtmf"]["digit"])):
            self.keys.press(str(message["dtmf"]["digit"]))
        elif word == "stop":
            return text_of(message.get("stop") or {}, "reason") or "stop"
        elif word != "mark":
            self.skipped += 1
        return None

    def sound(self, _):
        return json.dumps({"event": "media", "stream_sid": self.stream_id,
                           "media": {"payload": base64.b64encode(TONE * 10).decode()}})

    async def clear(self):
        await self.ws.send(json.dumps({"event": "clear", "stream_sid": self.stream_id}))


class Room:
    """A simulated room: nobody hears the bot, a script (party.py) answers it."""

    def __init__(self, transport, direction, scale, script):
        self.transport, self.direction, self.scale = transport, direction, scale
        self.script = script

    def prepare(self, bot, config):
        pass

    async def play(self, seconds):
        await asyncio.sleep(seconds)

    async def clear(self):
        pass

    async def hang_up(self):
        pass

    async def transfer(self, target):
        """As `script.transfer` says: by default it succeeds after a second."""
        if target["method"] == "agent_desk":
            return "not_supported"
        plan = self.script.get("transfer") or {}
        await asyncio.sleep(plan.get("after_ms", 1000) / 1000 * self.scale)
        return plan.get("fails") or None
