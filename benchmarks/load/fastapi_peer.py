"""The same work as cxb-api's two hot routes in FastAPI and uvicorn, without durability: checks the
request with pydantic, renders the config of the call, keeps calls in a dict. A peer of run.py, as
quick as one would write it in good faith (uvloop, httptools, pydantic's own JSON, no access log).

Runs in the environment that scripts/setup.sh --with-bench makes. Settings come as CXB_PEER_BOT (the
bot), CXB_PEER_ANSWER (a config as cxb-api answered it: everything that is not rendered),
CXB_PEER_SECRET and CXB_PEER_READY (file for one JSON line with url and versions).
"""
import asyncio
import contextlib
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import platform
import re
import signal
import socket
import uuid
from typing import Annotated, Any, Literal, Optional

import fastapi
import pydantic
import uvicorn
import uvloop
from pydantic import BaseModel, ConfigDict, Field

SECRET = os.environ["CXB_PEER_SECRET"]
BOT = json.loads(pathlib.Path(os.environ["CXB_PEER_BOT"]).read_text())
ANSWER = json.loads(pathlib.Path(os.environ["CXB_PEER_ANSWER"]).read_text() or "{}")
PLACE = re.compile(r"\{\{\s*(call|crm|system)\.([A-Za-z0-9_]+)\s*\}\}")
TEMPLATES = {name: text for name, text in BOT.items() if isinstance(text, str) and "{{" in text}

calls: dict[str, dict] = {}
by_fetch: dict[str, str] = {}


class Strict(BaseModel):
    model_config = ConfigDict(extra="ignore")


class TranscriptItem(Strict):
    role: str
    content: Annotated[str, Field(max_length=65536)] = ""
    start_seconds: Optional[float] = None
    end_seconds: Optional[float] = None
    turn: Optional[int] = None
    language: Optional[str] = None
    confidence: Annotated[Optional[float], Field(ge=0, le=1)] = None
    interrupted: Optional[bool] = None


class EventItem(Strict):
    type: str
    at_seconds: Optional[float] = None
    turn: Optional[int] = None
    name: Optional[str] = None
    status: Optional[str] = None
    duration_ms: Optional[float] = None
    data: Optional[dict[str, Any]] = None


class LatencySample(Strict):
    turn: int
    at_seconds: Optional[float] = None
    stt_ms: Optional[float] = None
    llm_ms: Optional[float] = None
    tts_ms: Optional[float] = None
    total_ms: Optional[float] = None
    prompt_tokens: Optional[int] = None
    completion_tokens: Optional[int] = None


class UsageEntry(Strict):
    kind: str
    provider: Optional[str] = None
    model: Optional[str] = None
    turn: Optional[int] = None
    prompt_tokens: Annotated[Optional[int], Field(ge=0)] = None
    completion_tokens: Annotated[Optional[int], Field(ge=0)] = None
    cache_read_input_tokens: Annotated[Optional[int], Field(ge=0)] = None
    audio_seconds: Optional[float] = None
    cache_status: Optional[str] = None


class Intent(Strict):
    name: str
    confidence: Annotated[Optional[float], Field(ge=0, le=1)] = None
    turn: Optional[int] = None


class CallResults(BaseModel):
    model_config = ConfigDict(extra="allow")
    session_id: Annotated[str, Field(min_length=1, max_length=128)]
    result_id: Optional[uuid.UUID] = None
    result_seq: Annotated[int, Field(ge=1)] = 1
    bot_id: Optional[str] = None
    caller_id: Optional[str] = None
    call_direction: Optional[Literal["inbound", "outbound"]] = None
    call_start_time: Optional[pydantic.AwareDatetime] = None
    call_answer_time: Optional[pydantic.AwareDatetime] = None
    call_end_time: Optional[pydantic.AwareDatetime] = None
    call_duration_seconds: Annotated[Optional[float], Field(ge=0)] = None
    disconnected_by: Optional[str] = None
    transcript: Annotated[list[TranscriptItem], Field(max_length=5000)] = []
    events: Annotated[list[EventItem], Field(max_length=10000)] = []
    intents: list[Intent] = []
    post_call_analysis: Optional[dict[str, Any]] = None
    qc_analysis: Optional[dict[str, Any]] = None
    latency_samples: Annotated[list[LatencySample], Field(max_length=2000)] = []
    usage_metrics: Annotated[list[UsageEntry], Field(max_length=5000)] = []
    pipeline_config: Optional[dict[str, Any]] = None


class ConfigAsk(Strict):
    caller_id: Annotated[str, Field(max_length=64)] = ""
    stream_id: Annotated[str, Field(max_length=256)] = ""
    transport: Optional[str] = None
    fetch_id: Optional[uuid.UUID] = None
    connected_event: pydantic.Json[dict[str, Any]] = {}


class RuntimeConfig(BaseModel):
    model_config = ConfigDict(extra="allow")
    session_id: str
    bot_id: str
    bot_name: str
    config_version: str
    webhook_url: str
    system_prompt: str
    opening_message: str


app = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


def check_secret(given: str):
    if not hmac.compare_digest(given.encode(), SECRET.encode()):
        raise fastapi.HTTPException(401, "Invalid secret")


def render(text: str, names: dict[str, dict]) -> str:
    def value(found: re.Match) -> str:
        known = names[found[1]].get(found[2])
        return found[0] if known is None else str(known)
    return PLACE.sub(value, text)


@app.get("/api/v1/config/{bot_id}")
async def config(bot_id: str, ask: Annotated[ConfigAsk, fastapi.Query()],
                 x_cxbcore_secret: Annotated[str, fastapi.Header()] = ""):
    check_secret(x_cxbcore_secret)
    if bot_id != ANSWER["bot_id"]:
        raise fastapi.HTTPException(404, "Bot not found")
    event = ask.connected_event
    session = event.get("_campaign_session_id") or by_fetch.get(str(ask.fetch_id)) \
        or str(uuid.uuid4())
    now = datetime.datetime.now(datetime.timezone.utc)
    names = {"call": {**event, "caller_id": ask.caller_id}, "crm": {},
             "system": {"current_date": now.strftime("%d %B %Y")}}
    rendered = {name: render(text, names) for name, text in TEMPLATES.items() if name in ANSWER}
    made = RuntimeConfig(**{**ANSWER, **rendered, "session_id": session})
    calls[session] = {"status": "active", "bot_id": bot_id, "caller_id": ask.caller_id,
                      "stream_id": ask.stream_id, "connected_event": event, "created_at": now}
    if ask.fetch_id:
        by_fetch[str(ask.fetch_id)] = session
    return fastapi.Response(made.model_dump_json(), media_type="application/json")


@app.post("/api/v1/call-results")
async def call_results(request: fastapi.Request,
                       x_cxbcore_secret: Annotated[str, fastapi.Header()] = ""):
    check_secret(x_cxbcore_secret)
    body = await request.body()
    try:
        posted = CallResults.model_validate_json(body)
    except pydantic.ValidationError as fault:
        raise fastapi.HTTPException(422, fault.errors(include_url=False)) from None
    digest = hashlib.sha256(body).hexdigest()
    call = calls.setdefault(posted.session_id, {})
    word = "duplicate" if call.get("result_hash") == digest else "stored"
    call.update(status="completed", result_hash=digest, result=posted)
    return fastapi.Response(json.dumps({"status": "ok", "session_id": posted.session_id,
                                        "result": word}, separators=(",", ":")),
                            media_type="application/json")


class Server(uvicorn.Server):
    """Ends with status 0 on SIGTERM; the original would end by that signal."""

    @contextlib.contextmanager
    def capture_signals(self):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.handle_exit,
                                                      signal.SIGTERM, None)
        yield


async def serve():
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    settings = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False,
                              log_level="warning", timeout_keep_alive=3600)
    server = Server(settings)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    ready = pathlib.Path(os.environ["CXB_PEER_READY"])
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    versions = {"python": platform.python_version(), "fastapi": fastapi.__version__,
                "uvicorn": uvicorn.__version__, "pydantic": pydantic.VERSION}
    ready.with_suffix(".new").write_text(json.dumps({"url": url, "versions": versions}) + "\n")
    ready.with_suffix(".new").rename(ready)
    await running


if __name__ == "__main__":
    uvloop.run(serve())
