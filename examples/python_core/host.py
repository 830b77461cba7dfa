"""The worker: routes, slots, the life of a call from its start to its result in the outbox (§7, §8,
§11). What is said in the call is the business of bot.py."""
import asyncio
import json
import os
import re
import sys
import time
import uuid
from collections import OrderedDict
from urllib.parse import quote, unquote

import contract
import media
import party
import web
from bot import Conversation
from call import VERSION, Call
from config import fetch_config
from contract import Refused
from outbox import Outbox, moment, stamp

MOST_BODY = 256 * 1024
PUBLIC = {"/health", "/health/fleet", "/ready"}


def log(text):
    print(text, file=sys.stderr, flush=True)


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


class Core:
    def __init__(self, settings):
        self.settings, self.scale = settings, settings.scale
        self.calls, self.rooms, self.remembered = {}, {}, OrderedDict()
        self.draining = False
        self.tasks = set()
        self.outbox = Outbox(settings.outbox_dir, settings.worker_id, self.headers, self.scale, log)

    def headers(self):
        secret = self.settings.secrets[0]
        return [("X-CXBCore-Secret", secret), ("X-CXB-Core-Secret", secret),
                ("X-CXB-Worker", f"{os.uname().nodename}/{self.settings.worker_id}"),
                ("User-Agent", VERSION)]

    def spawn(self, steps):
        task = asyncio.create_task(steps)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def open(self):
        """False: another process has this outbox."""
        if not await self.outbox.open():
            return False
        self.settle_crashed()
        self.spawn(self.outbox.run())
        self.spawn(self.look_after_siblings())
        return True

    def settle_crashed(self):
        """Each call that a crash cut off gets its result."""
        for session, journal in list(self.outbox.leftovers(self.calls)):
            fields = {"bot_id": journal.get("bot_id", "")}
            call = Call(journal["call_id"], fields, "", None, self.settings.worker_id)
            call.started = moment(journal["started_at"])
            result = call.minimal(session, "error", "worker_crashed")
            if word := journal.get("more", {}).get("direction"):
                result["call_direction"] = word
            if self.outbox.put(result, journal.get("webhook_url") or journal["results_url"]):
                self.outbox.end_call(call.id)

    async def look_after_siblings(self):
        while True:
            await asyncio.sleep(60 * self.scale)
            self.outbox.adopt()
            self.settle_crashed()

    # --- health (§8) ---
    def most(self):
        return len(self.calls) if self.draining or self.outbox.full() else self.settings.most_calls

    def health(self):
        calls, most, workers = len(self.calls), self.most(), self.settings.workers
        return {"status": "ok", "worker_calls": calls, "worker_max": most,
                "total_capacity": most * workers, "total_available": most * workers - calls,
                "workers": workers, "worker_id": self.settings.worker_id, "worker_pid": os.getpid()}

    def fleet(self):
        calls, most = len(self.calls), self.most()
        worker = {"id": self.settings.worker_id, "calls": calls, "max": most, "pid": os.getpid()}
        if self.draining:
            worker["draining"] = True
        return {"status": "ok", "fleet_calls": calls, "fleet_max": most,
                "fleet_available": most - calls, "workers": [worker]}

    def ready(self):
        reasons = [word for word, true in (
            ("draining", self.draining), ("config_refused", self.outbox.refused),
            ("outbox_full", self.outbox.full() or not self.outbox.try_disk())) if true]
        state = {"status": "not_ready" if reasons else "ready", "reasons": reasons}
        return (503 if reasons else 200), state

    # --- routes ---
    async def route(self, request, read_body):
        request_id = request.get("x-request-id") or str(uuid.uuid4())
        headers = [("X-Request-Id", request_id)]
        try:
            status, value = await self._route(request, read_body, headers)
        except web.TooLarge:
            refused = Refused(413, "too_large", "Body too large")
            status, value = 413, refused.body(request_id)
        except Refused as refused:
            status, value = refused.status, refused.body(request_id)
        except Exception as fault:  # a bug costs one request
            log(f"request: {fault!r}")
            refused = Refused(500, "internal", "Internal Server Error")
            status, value = 500, refused.body(request_id)
        kind = "application/json" if status < 400 else "application/problem+json"
        headers.append(("Content-Type", kind))
        return status, value if isinstance(value, bytes) else compact(value), headers

    async def _route(self, request, read_body, headers):
        method, path = request.first[:2]
        if path not in PUBLIC:
            sent = request.all(*contract.SECRET_HEADERS)
            if not contract.authorised(sent, self.settings.secrets):
                raise Refused(403, "forbidden", "Invalid core secret")
        allowed = "POST" if path in contract.START_FIELDS else "GET, HEAD" if path in PUBLIC else ""
        if not allowed:
            raise Refused(404, "not_found", "Not Found")
        if method not in allowed.split(", "):
            headers.append(("Allow", allowed))
            raise Refused(405, "method_not_allowed", "Method Not Allowed")
        if path == "/ready":
            return self.ready()
        if path in PUBLIC:
            return 200, self.health() if path == "/health" else self.fleet()
        kind = request.get("content-type", "application/json").split(";")[0].strip().lower()
        if kind != "application/json":
            raise Refused(415, "unsupported_type", "Content-Type must be application/json")
        return await self.start(path, await read_body(MOST_BODY), request, headers)

    # --- §7: call starts ---
    async def start(self, path, raw, request, headers):
        key = request.get("idempotency-key") if path in ("/attach", "/livekit/dialout") else ""
        if not key:
            return await self._start(path, raw, headers)
        known, answer = self.remembered.get(key, (raw, None))
        if known != raw:
            raise Refused(422, "idempotency_key_reused", "Idempotency-Key was used before")
        if answer is None:
            answer = await self._start(path, raw, headers)
            self.remembered[key] = (raw, answer)
            if len(self.remembered) > 1000:
                self.remembered.popitem(last=False)
        return answer

    async def _start(self, path, raw, headers):
        fields, ignored = contract.read_start(path, raw, self.settings.config_hosts)
        transport = contract.TRANSPORTS[path]
        if not self.settings.room_media:
            raise Refused(503, "unavailable", "LiveKit is not configured")
        if path == "/livekit/dialout":
            fields["to_number"] = contract.normalise_number(fields["to_number"])
        default = "widget-user" if transport == "widget" else ""
        fields["caller_id"] = (fields.get("to_number") or fields.get("caller_number")
                               or fields.get("caller_id", default))
        call_id = fields.get("dial_id") or fields.get("call_id") or str(uuid.uuid4())
        if self.draining and path == "/livekit/dispatch":
            raise Refused(503, "unavailable", "Draining")
        if call_id in self.calls:
            raise Refused(409, "already_exists", "This call is running")
        if len(self.calls) >= self.most():
            raise Refused(429, "at_capacity", "At capacity")
        if path == "/livekit/dialout":
            fields["room_name"] = "dialout-" + call_id
        word = fields.get("connected_event", {}).get("sim_script")
        line = media.Room(transport, "inbound" if transport in ("livekit_inbound", "widget")
                          else "outbound", self.scale, party.read_script(word, "polite"))
        call = self.calls[call_id] = Call(call_id, fields, transport, line,
                                                self.settings.worker_id)
        try:
            if path == "/livekit/dispatch":
                fields["bot_id"] = await self.look_up(fields["dialed_number"])
            if not self.journal(call):
                raise Refused(503, "unavailable", "Call journal cannot be written")
        except BaseException:
            del self.calls[call_id]
            raise
        if ignored:
            headers.append(("X-CXB-Ignored-Fields", ",".join(ignored)))
        if earlier := self.rooms.get(fields["room_name"]):
            earlier.evicted = True           # one bot per room: the newer one has it
            earlier.stop("evicted")
        self.rooms[fields["room_name"]] = call
        self.spawn(self.run_call(call))
        answer = {"status": "accepted", "call_id": call_id}
        if path in ("/attach", "/livekit/dialout"):
            answer["room_name"] = fields["room_name"]
        return 200, answer

    async def look_up(self, number):
        """The bot of a dialled number (§3.8). In a real room the caller would be removed here."""
        base = contract.api_base(self.settings.config_url)
        url = f"{base}/sip/lookup?number={quote(number, '')}"
        try:
            answer = await web.send("GET", url, self.headers(), total=3)
            if answer.status == 404:
                raise Refused(404, "not_found", "No bot for this number")
            return json.loads(answer.body)["bot_id"]
        except (web.Unreachable, web.TooLarge, ValueError, KeyError, TypeError):
            raise Refused(503, "unavailable", "Number lookup failed") from None

    # --- §9: sockets ---
    def socket(self, request):
        kind = re.fullmatch(r"/(ws|exotel)/([^/]+)", request.first[1])
        if not kind:
            return 404, b"", ()
        bot_id = unquote(kind[2])
        if self.settings.ws_auth == "token":
            good = [contract.websocket_token(s, bot_id) for s in self.settings.secrets]
            if not contract.authorised([request.query.get("t", "")], good):
                return 403, compact(Refused(403, "forbidden", "Invalid token").body("")), ()

        async def talk(ws):
            if len(self.calls) >= self.most():
                return await ws.close(1008, "At capacity")
            line = (media.Dialler if kind[1] == "ws" else media.Exotel)(ws, self.scale)
            call = Call(str(uuid.uuid4()), {"bot_id": bot_id}, line.transport, line,
                        self.settings.worker_id)
            self.calls[call.id] = call
            alive = asyncio.create_task(ws.keep_alive(20 * self.scale))
            code, reason = 1000, ""
            try:
                await line.greet()
                call.event = contract.without_reserved(line.event)
                call.fields.update(caller_id=line.caller_id, stream_id=line.stream_id)
                code = await self.run_call(call) if self.journal(call) else 1011
            except web.SocketFault as fault:
                code, reason = fault.code, str(fault)
            except (EOFError, OSError):
                pass        # gone already
            finally:
                alive.cancel()
                self.calls.pop(call.id, None)
            await ws.close(code, reason)
        return talk

    # --- one call ---
    def config_url(self, call):
        return call.fields.get("config_url") or self.settings.config_url

    def journal(self, call, config=None):
        return self.outbox.begin_call({
            "v": 1, "call_id": call.id, "session_id": call.session_id,
            "campaign_session_id": call.campaign_session, "bot_id": call.fields["bot_id"],
            "results_url": contract.results_url(self.config_url(call)),
            "webhook_url": config["webhook_url"] if config else "",
            "started_at": stamp(call.started), "more": {"direction": call.line.direction}})

    async def run_call(self, call):
        """Config, conversation, result; gives the close code for a socket. The slot is free when
        the result is durable."""
        url = contract.results_url(self.config_url(call))
        result = session = None
        own = call.campaign_session or call.id
        code = 1000
        try:
            outcome, config, warnings = await fetch_config(
                call, self.config_url(call), self.headers(), self.settings)
            if config is None:
                log(f"config refused: {outcome}")
                word, code = contract.disconnect_word(outcome, call.transport), 1011
                if word and call.transport in ("attach", "livekit_outbound"):
                    result = call.minimal(own, word)
            else:
                call.session_id = session = config["session_id"]
                url = config["webhook_url"]
                self.journal(call, config)
                result = await self.talk(call, config, warnings)
        except web.SocketFault as fault:        # no `answer`
            code, result = fault.code, call.minimal(session or own, "error", "handshake")
        except Exception as fault:  # a bug ends its call, not the worker
            log(f"call ended by a fault: {fault!r}")
            result = call.minimal(session or own, "error", "handler_failed")
        if call.evicted:
            result = None if call.campaign_session or not session else \
                call.minimal(session, "superseded")
        if result is None or self.outbox.put(result, url) or await self.post(result, url):
            self.outbox.end_call(call.id)
        if self.rooms.get(call.fields.get("room_name")) is call:
            del self.rooms[call.fields["room_name"]]
        self.calls.pop(call.id, None)
        return code

    async def post(self, result, url):
        """Directly, where the disk took nothing: 5 tries."""
        for wait in (0, 0.5, 1, 2, 4):
            await asyncio.sleep(wait * self.scale)
            try:
                answer = await web.send("POST", url, self.headers(), compact(result))
                if answer.status // 100 in (2, 4):
                    return True
            except (web.Unreachable, web.TooLarge):
                pass
        log("neither disk nor control plane took the result")
        return False

    async def talk(self, call, config, warnings):
        line, transport = call.line, call.transport
        bot = call.bot = Conversation(config, line, transport, self.scale)
        bot.log("call_started", transport=transport)
        for pointer, reason in warnings:
            bot.log("config_warning", pointer=pointer, reason=reason)
        for kind in ("stt", "llm", "tts"):
            if config[kind + ".provider"] not in ("simulated", "scripted"):
                bot.log("service_error", kind, code="unsupported_provider", retried=False,
                        message="simulated instead", fallback_used=True)
        line.prepare(bot, config)
        if isinstance(line, media.Room):
            script, ears = line.script, None
            if transport == "livekit_outbound":
                answer = script.get("answer") or {}
                await asyncio.sleep(answer.get("after_ms", 1500) / 1000 * self.scale)
                if status := answer.get("sip_status"):
                    words = {408: "no_answer", 480: "no_answer", 486: "rejected", 603: "rejected"}
                    return call.minimal(call.session_id, words.get(status, "error"))
        else:
            script = party.read_script(not self.settings.production
                                       and call.event.get("sim_script"), "silent")
            if not await line.answered():
                return call.minimal(call.session_id, "customer")
            ears = asyncio.create_task(line.listen())
        if call.evicted:
            return None
        other = asyncio.create_task(party.play(script, bot, self.scale))
        try:
            await bot.run()
        finally:
            other.cancel()
            if ears:
                ears.cancel()
        snapshot = {"transport": transport, "worker_id": self.settings.worker_id,
                    "config_version": config["config_version"]}
        for kind in ("stt", "llm", "tts"):
            snapshot[kind] = {"provider": config[kind + ".provider"],
                              "model": config[kind + ".model"]}
        out = {**call.base(call.session_id), **bot.result(), "pipeline_config": snapshot}
        if call.event:
            out["connected_event"] = call.event
        return out

    # --- §11.5 ---
    async def drain(self, seconds):
        self.draining = True
        until = time.monotonic() + seconds
        while self.calls and time.monotonic() < until:
            await asyncio.sleep(0.02)
        self.stop_calls()
        until = time.monotonic() + 20
        while self.calls and time.monotonic() < until:
            await asyncio.sleep(0.02)
        await self.outbox.flush(10 * self.scale)

    def stop_calls(self):
        for call in self.calls.values():
            call.stop("stop", "drain_deadline")
