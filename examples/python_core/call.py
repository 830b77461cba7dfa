"""One taken slot, and what a call result says whatever was spoken (§4.1)."""
import time
import uuid

from outbox import stamp

VERSION = "python-core/1.0"


class Call:
    def __init__(self, call_id, fields, transport, line, worker_id):
        self.id, self.fields, self.transport, self.line = call_id, fields, transport, line
        self.worker_id = worker_id
        self.started, self.session_id, self.bot, self.evicted = time.time(), "", None, False
        self.event = fields.get("connected_event", {})
        self.campaign_session = str(self.event.get("_campaign_session_id") or "")

    def stop(self, kind, code=None):
        if self.bot:
            self.bot.post(kind, code)

    def base(self, session):
        out = {"session_id": session, "result_id": str(uuid.uuid4()), "result_seq": 1,
               "bot_id": self.fields["bot_id"], "worker_id": self.worker_id,
               "core_version": VERSION, "call_start_time": stamp(self.started)}
        for name in ("stream_id", "caller_id", "from_number"):
            if self.fields.get(name):
                out[name] = self.fields[name]
        if self.line:
            out["call_direction"] = self.line.direction
        return out

    def minimal(self, session, word, code=""):
        """The result of a call that did not take place or of which nothing is known."""
        now = time.time()
        out = {**self.base(session), "call_end_time": stamp(now), "disconnected_by": word,
               "call_duration_seconds": 0, "has_customer_message": False, "was_transferred": False}
        if code:
            out["events"] = [{"type": "service_error", "timestamp": stamp(now), "at_seconds": 0,
                              "name": "worker", "data": {"code": code, "message": code,
                                                         "retried": False, "fallback_used": False}}]
        return out
