"""The rules of the contract that need no network: who may call, what bodies and configs may hold,
what an answer means, where a transfer goes. Section numbers are those of the contract chapter."""
import base64
import hashlib
import hmac
import json
import os
import re
from urllib.parse import urlsplit

SECRET_HEADERS = ("x-cxbcore-secret", "x-cxb-core-secret", "x-voxcore-secret")
WEAK_SECRETS = {"dev-secret", "secret", "changeme", "change-me", "password", "test", "cxb"}
DEEPEST = 32
_process_key = os.urandom(32)


class Refused(Exception):
    """A request that is answered with a problem document."""

    def __init__(self, status, code, detail, errors=()):
        super().__init__(detail)
        self.status, self.code, self.detail, self.errors = status, code, detail, list(errors)

    def body(self, request_id):
        out = {"type": "about:blank", "title": self.code, "status": self.status,
               "detail": self.detail, "error": self.detail, "code": self.code,
               "request_id": request_id}
        if self.errors:
            out["errors"] = [{"pointer": p, "reason": r} for p, r in self.errors]
        return out


# --- §2.1, §2.2 ----------------------------------------------------------------------------------
def authorised(values, secrets):
    """Is any sent value any valid secret? Every pair is compared, in constant time."""
    def mark(text):
        return hmac.new(_process_key, text.encode("latin-1", "replace"), hashlib.sha256).digest()
    good = False
    for value in values[:8]:
        for secret in secrets:
            good |= hmac.compare_digest(mark(value), mark(secret)) and 0 < len(value) <= 512
    return good


def weakness(secret):
    """Why a secret will not do in production; "" when it will."""
    if secret in WEAK_SECRETS or len(set(secret)) == 1:
        return "is a well-known or repeated word"
    return "" if len(secret.encode()) >= 32 else "is shorter than 32 bytes"


def websocket_token(secret, bot_id):
    mac = hmac.new(secret.encode(), b"cxb-ws:" + bot_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


# --- §6, §7: bodies of the call-start routes -----------------------------------------------------
UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_numbers = {"to_number": "", "from_number": "", "config_url": "url", "connected_event": "object"}
START_FIELDS = {  # "!" required; else "" any text, "url", "object" or a pattern
    "/attach": {"room_name": "!", "bot_id": "!", **_numbers, "campaign_call_id": ""},
    "/livekit/dialout": {"bot_id": "!", **_numbers, "to_number": "!.{3,64}", "dial_id": UUID},
    "/livekit/dispatch": {"room_name": "!", "caller_number": "!.*", "dialed_number": "!",
                          "call_id": r"[A-Za-z0-9._:-]{1,128}"},
    "/livekit/widget": {"bot_id": "!", "room_name": "!", "caller_id": ""}}
TRANSPORTS = {"/attach": "attach", "/livekit/dialout": "livekit_outbound",
              "/livekit/dispatch": "livekit_inbound", "/livekit/widget": "widget"}


def is_url(text):
    to = urlsplit(text) if isinstance(text, str) and len(text) <= 2048 else None
    return bool(to and to.scheme in ("http", "https") and to.hostname and "@" not in to.netloc)


def parse_json(text):
    """ValueError for what the wire does not take (§1.2, §1.3): NaN, lone surrogates, 33 levels."""
    def refuse(word):
        raise ValueError(word)

    def check(value, levels):
        if isinstance(value, str):
            value.encode()
        elif isinstance(value, (list, dict)):
            if not levels:
                refuse("too deep")
            for item in value.values() if isinstance(value, dict) else value:
                check(item, levels - 1)
    try:
        value = json.loads(text, parse_constant=refuse)
    except RecursionError:
        refuse("too deep")
    check(value, DEEPEST)
    return value


def parse_object(raw):
    try:
        value = parse_json(raw.decode("utf-8"))
    except ValueError:
        raise Refused(400, "malformed", "Body is not JSON") from None
    if not isinstance(value, dict):
        raise Refused(422, "invalid", "Invalid body", [("", "expected object")])
    return value


def _start_fault(rule, value):
    if value is None:
        return "required" if rule.startswith("!") else ""
    if rule == "object":
        if not isinstance(value, dict):
            return "expected object"
        return "" if len(value) <= 200 and len(json.dumps(value)) <= 65536 else "too large"
    if not isinstance(value, str):
        return "expected string"
    if rule == "url":
        return "" if is_url(value) else "expected an absolute http(s) URL"
    if len(value.encode()) > 1024:
        return "too long"
    pattern = rule.lstrip("!") or (".+" if rule else ".*")
    return "" if re.fullmatch(pattern, value, re.S) else "not of the expected form"


def read_start(path, raw, hosts):
    """(fields, ignored names) of a call-start body; all faults at once."""
    value, rules = parse_object(raw), START_FIELDS[path]
    errors = [("/" + name, fault) for name, rule in rules.items()
              if (fault := _start_fault(rule, value.get(name)))]
    url = value.get("config_url")
    if not errors and url and hosts and urlsplit(url).hostname not in hosts:
        errors.append(("/config_url", "host not allowed"))
    if errors:
        raise Refused(422, "invalid", "Invalid body", errors)
    return ({name: value[name] for name in rules if value.get(name) is not None},
            [name for name in value if name not in rules])


def normalise_number(text):
    digits = re.sub(r"[ \-.()]", "", text)
    return "+" + digits if re.fullmatch(r"91\d{10}", digits) else digits


# --- §3.1: config request and its answers --------------------------------------------------------
def without_reserved(event):
    """Variables from a stranger: members that steer a call are taken out."""
    reserved = {"_campaign_session_id", "_campaign_id", "_campaign_call_id", "_campaign_attempt",
                "_campaign_run_number", "_skip_prefetch", "_skip_post_push", "_mock_crm",
                "sip_candidate_headers"}
    return {k: v for k, v in event.items() if k not in reserved and not k.startswith("_cxb_")}


def config_outcome(status, problem):
    """`problem`: the answer's body if it is an object, for its detail and code."""
    detail = str(problem.get("detail") or problem.get("error") or "")
    if status in (200, 403, 404):
        return {200: "ok", 403: "refused", 404: "bot_not_found"}[status]
    if status == 409 and str(problem.get("code") or detail).startswith("session_completed"):
        return "session_completed"
    words = {"outside_active_hours:": "outside_hours", "bot_inactive:": "bot_inactive",
             "bot_incomplete:": "bot_incomplete", "crm_prefetch_failed:": "prefetch_refused"}
    return next((word for start, word in words.items()
                 if status == 503 and detail.startswith(start)), "unavailable")


def disconnect_word(outcome, transport):
    """`disconnected_by` of a call that ends for want of a config; None: nothing is posted."""
    if outcome == "session_completed":
        return None
    return "outside_hours" if outcome == "outside_hours" and transport != "widget" else "error"


def api_base(config_url):
    return config_url.rstrip("/").removesuffix("/config")


def results_url(config_url):
    return api_base(config_url) + "/call-results"


# --- §3.5 ----------------------------------------------------------------------------------------
_rooms = ("livekit_inbound", "livekit_outbound", "attach")


def native_method(transport):
    if transport == "websocket":
        return "websocket_reverse_transfer"
    return "livekit_sip_refer" if transport in _rooms else None


def is_usable(transport, target):
    kinds = {"websocket_reverse_transfer": {"extension", "phone_number", "sip_uri", "tel_uri"},
             "livekit_sip_refer": {"sip_uri", "tel_uri", "phone_number"},
             "agent_desk": {"agent_queue"}}
    if target["type"] not in kinds.get(target["method"], ()):
        return False
    if target["method"] == "agent_desk":
        return transport in _rooms
    return target["method"] == native_method(transport)


def choose_target(transport, requested, targets, numbers):
    """The target, or a text for the model that says why there is none."""
    requested, native = (requested or "").strip(), native_method(transport)

    def legacy(label):
        number = numbers[label]
        kind = {"sip:": "sip_uri", "tel:": "tel_uri"}.get(number[:4], "phone_number")
        return {"label": label, "method": native, "type": kind, "value": number}

    def same(label):
        return label.strip().lower() == requested.lower()

    on = [t for t in targets if t.get("enabled") is not False]
    usable = [t for t in on if is_usable(transport, t)]
    if not requested:
        found = [t for t in usable if t.get("is_default")] or usable
        found = found or [legacy(label) for label in numbers if native]
        return found[0] if found else "No transfer target"
    found = [t for t in usable if t.get("id") == requested]
    found = found or [t for t in usable if same(t["label"])]
    found = found or [legacy(label) for label in numbers if native and same(label)]
    if found:
        return found[0]
    listed = [t for t in targets if t.get("id") == requested or same(t["label"])]
    why = ": disabled" if listed and listed[0] not in on else f": not usable on {transport}"
    return f'No transfer target "{requested}" for {transport}' + (why if listed else "")


# --- §3.2 interruption, §3.6 dispositions --------------------------------------------------------
def spoken_words(text):
    return re.findall(r"[^\s!-&(-/:-@\[-^`{-~।…–—‘“”¿¡]+", text.lower())


def cuts(config, heard, rule):
    """Does this interim text cut the bot? `rule`: open, guarded (opening) or final."""
    words = spoken_words(heard)
    if not config["interruption.enabled"] or not words or rule == "final":
        return False
    spaced = " " + " ".join(words) + " "
    if any(f" {' '.join(spoken_words(p))} " in spaced
           for p in config["interruption.high_intent_phrases"] if spoken_words(p)):
        return True
    ignored = {word for phrase in config["interruption.backchannels"]
               for word in spoken_words(phrase)}
    if rule == "guarded" or set(words) <= ignored:
        return False
    return len(words) >= config["min_words_interruption"]


DISPOSITIONS = {
    "rnr": ("RNR", "RNR", "Customer picked up but did not respond."),
    "voicemail": ("IVR", "MAIN_MESSAGE", "Voicemail or automated system detected."),
    "timeout": ("Not Connected", "DSCN_PARTIAL", "Call exceeded maximum duration."),
    "error": ("Failed", "fallback", "Call ended due to a system error.")}


def skip_analysis(word, spoke, seconds):
    return word in ("error", "voicemail") or not spoke or seconds < 5


def auto_disposition(word, spoke, configured):
    """`post_call_analysis` of a call that is not analysed; None: none."""
    silent = {"RNR": "rnr", "timeout": "timeout"}.get(word, "no_customer_message")
    key = word if word in ("error", "voicemail") else None if spoke else silent
    if key is None:
        return None
    known = configured.get(key) or configured.get("rnr" if key == "no_customer_message" else "")
    names = ("DISPOSITION", "SUB_DISPOSITION", "CALLING_REMARKS")
    return known or dict(zip(names, DISPOSITIONS.get(key, DISPOSITIONS["rnr"])))
