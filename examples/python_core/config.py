"""The runtime config (§3): asked for once a call, read with all defaults filled in."""
import asyncio
import json
import random
import re
import time
import uuid
from urllib.parse import quote, urlencode

import web
from contract import Refused, config_outcome, is_url, parse_object

LONGEST_URL = 16 * 1024
REQUIRED = object()
CONFIG = [  # path, type, default, smallest, largest (of a number, or bytes of a text)
    ("session_id", str, REQUIRED, 1, 128), ("webhook_url", "url", REQUIRED, 0, 2048),
    ("system_prompt", str, REQUIRED, 0, 262144), ("opening_message", str, REQUIRED, 0, 8192),
    ("bot_id", str, "", 0, 1024), ("config_version", str, "", 0, 1024),
    ("timezone", str, "UTC", 0, 64), ("opening.delay_ms", int, 0, 0, 5000),
    ("opening.interruptible", bool, False, 0, 0), ("re_engagement.enabled", bool, True, 0, 0),
    ("re_engagement.timeout_seconds", float, 8, 2, 120),
    ("re_engagement.max_attempts", int, 2, 0, 10), ("re_engagement.messages", list, [], 0, 10),
    ("re_engagement.end_message", str, "", 0, 1024), ("dead_air_seconds", int, 60, 10, 600),
    ("max_call_duration_seconds", int, 600, 10, 14400),
    ("max_duration_message", str, "", 0, 8192), ("min_words_interruption", int, 3, 0, 20),
    ("interruption.enabled", bool, True, 0, 0),
    ("interruption.backchannels", list, ["haan", "hmm", "okay", "ji"], 0, 200),
    ("interruption.high_intent_phrases", list,
     ["wrong number", "already paid", "agent", "settlement", "galat number", "paise de diye",
      "agent se baat"], 0, 200),
    ("vad.start_secs", float, 0.2, 0, 5), ("vad.stop_secs", float, 0.8, 0, 5),
    ("voicemail_message", str, "", 0, 8192), ("pre_transfer_message", str, "", 0, 8192),
    ("post_call_analysis_prompt", str, "", 0, 65536), ("auto_dispositions", dict, {}, 0, 0),
    ("transfer_numbers", "map", {}, 0, 64),
    *[(f"{block}.{name}", kind, default, 0, 1024) for block in ("stt", "llm", "tts")
      for name, kind, default in (("provider", str, ""), ("model", str, ""), ("extra", dict, {}))]]
TARGET_VALUES = {"sip_uri": r"sip:.*", "tel_uri": r"tel:.*", "phone_number": r"\+?[0-9]{3,20}",
                 "extension": r"[0-9A-Za-z*#_.-]{1,32}", "agent_queue": r"[A-Za-z0-9_-]{1,64}"}


def _value_fault(kind, value, low, high):
    if kind in (int, float):
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not good or (kind is int and value != int(value)):
            return "expected number"
        return "" if low <= value <= high else f"must be {low} to {high}"
    if kind == "map":
        good = isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
        return "" if good and len(value) <= high else f"expected at most {high} texts"
    if kind == "url":
        return "" if is_url(value) else "expected an absolute http(s) URL"
    if not isinstance(value, kind):
        return {str: "expected string", bool: "expected boolean", list: "expected list",
                dict: "expected object"}[kind]
    if kind is list and not all(isinstance(item, str) for item in value):
        return "expected strings"
    size = 0 if kind is bool else len(value.encode() if kind is str else value)
    return "" if not high or low <= size <= high else f"must be {low} to {high}"


def read_config(raw, production):
    """(config, warnings): the config flat, by dotted path, every default filled in. Raises
    Refused when the call cannot run on it. Bad tools and targets only cost themselves (§1.2)."""
    document, errors, out = parse_object(raw), [], {}
    for path, kind, default, low, high in CONFIG:
        group, _, name = path.rpartition(".")
        holder = document.get(group) if group else document
        if holder is not None and not isinstance(holder, dict):
            errors.append(("/" + group, "expected object"))
            continue
        value = (holder or {}).get(name)
        if value is None and default is REQUIRED:
            errors.append(("/" + path, "required"))
        elif value is not None and (fault := _value_fault(kind, value, low, high)):
            errors.append(("/" + path.replace(".", "/"), fault))
        out[path] = default if value is None else value
    for block in ("stt", "llm", "tts"):
        if production and not out.get(block + ".provider"):
            errors.append((f"/{block}/provider", "required"))
        out[block + ".provider"] = out.get(block + ".provider") or "simulated"
    if errors:
        raise Refused(422, "invalid", "Invalid config", errors)
    out["re_engagement.enabled"] &= document.get("re_engagement") is not None
    warnings = []
    for name, check in (("tools", _tool_fault), ("transfer_targets", _target_fault)):
        out[name], seen = [], set()
        items = document.get(name) or []
        for at, item in enumerate(items if isinstance(items, list) else []):
            where, reason = check(item, seen)
            if where is None:
                out[name].append(item)
            else:
                warnings.append((f"/{name}/{at}{where}", reason))
    return out, warnings


def _tool_fault(tool, seen):
    if not isinstance(tool, dict):
        return "", "expected object"
    function = tool.get("function")
    if tool.get("type") != "function" or not isinstance(function, dict):
        return "/function", "expected a function"
    name = function.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        return "/function/name", "required"
    repeated = name in seen
    seen.add(name)
    return ("/function/name", "must be unique") if repeated else (None, "")


def _target_fault(target, seen):
    if not isinstance(target, dict):
        return "", "expected object"
    for name in ("label", "method", "type", "value"):
        if not isinstance(target.get(name), str) or not target[name]:
            return "/" + name, "required"
    if len(target["label"]) > 80:
        return "/label", "too long"
    if not re.fullmatch(TARGET_VALUES.get(target["type"], ".*"), target["value"]):
        return "/value", "not of its type"
    key = target.get("id")
    repeated = key is not None and key in seen
    seen.add(key)
    return ("/id", "must be unique") if repeated else (None, "")


async def fetch_config(call, config_url, headers, settings):
    """(outcome, config or None, warnings) by §3.1 and §11.3: up to three tries, one fetch_id."""
    fields = call.fields
    request = {"caller_id": fields.get("caller_id", ""), "stream_id": fields.get("stream_id", ""),
               "connected_event": call.event, "transport": call.transport,
               "fetch_id": str(uuid.uuid4())}
    base = config_url.rstrip("/") + "/" + quote(fields["bot_id"], "")
    event = json.dumps(call.event, separators=(",", ":"))
    method, body = "GET", None
    url = base + "?" + urlencode({**request, "connected_event": event}, quote_via=quote)
    if len(url) > LONGEST_URL:
        method, url, body = "POST", base, json.dumps(request).encode()
    until = time.monotonic() + 8
    for pause in (0.2, 0.6, None):
        left = until - time.monotonic()
        try:
            answer = await web.send(method, url, headers, body, total=min(5, left))
            outcome = config_outcome(answer.status, problem_of(answer.body))
            if outcome == "ok":
                return outcome, *read_config(answer.body, settings.production)
        except (web.TooLarge, Refused):
            return "malformed", None, []
        except web.Unreachable:
            outcome = "unavailable"
        if outcome != "unavailable" or pause is None or until - time.monotonic() <= pause:
            break
        await asyncio.sleep(random.uniform(0, pause) * settings.scale)
    return outcome, None, []


def problem_of(body):
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
