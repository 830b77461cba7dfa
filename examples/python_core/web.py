"""HTTP/1.1 and WebSockets over asyncio streams: the part of RFC 9112 and RFC 6455 a Core needs."""
import asyncio
import base64
import contextlib
import hashlib
import ssl
import struct
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

MOST_HEAD = 32 * 1024
MOST_FRAME = 64 * 1024
WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
REASONS = {101: "Switching Protocols", 200: "OK", 400: "Bad Request", 403: "Forbidden",
           404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 413: "Content Too Large",
           415: "Unsupported Media Type", 422: "Unprocessable Content", 426: "Upgrade Required",
           429: "Too Many Requests", 431: "Request Header Fields Too Large",
           500: "Internal Server Error", 503: "Service Unavailable"}


class TooLarge(Exception):
    """A head or body over its limit."""


class Unreachable(Exception):
    """No answer: refused, reset, timed out, or not HTTP."""


@dataclass
class Message:
    """A request or an answer; header names in lower case, repeated ones kept."""
    first: list
    headers: list
    body: bytes = b""
    query: dict = field(default_factory=dict)

    def get(self, name, default=""):
        return next((v for n, v in self.headers if n == name), default)

    def all(self, *names):
        return [v for n, v in self.headers if n in names]

    @property
    def status(self):
        return int(self.first[1])


async def read_head(reader):
    """The next message head; None when the peer is gone."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError:
        raise TooLarge("head") from None
    lines = raw.decode("latin-1").split("\r\n")
    headers = [(name.strip().lower(), value.strip())
               for name, _, value in (line.partition(":") for line in lines[1:] if line)]
    first = lines[0].split(" ", 2)
    if len(first) < 2:
        raise ValueError("no HTTP")
    return Message(first, headers)


async def read_body(reader, message, most, until_end=False):
    """The body after a head; TooLarge when it is over `most` bytes."""
    if "chunked" in message.get("transfer-encoding").lower():
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            if len(body) + size > most:
                raise TooLarge("body")
            body += (await reader.readexactly(size + 2))[:-2]
        while (await reader.readline()).strip():
            pass
        return body
    if (length := message.get("content-length")) or not until_end:
        if int(length or 0) > most:
            raise TooLarge("body")
        return await reader.readexactly(int(length or 0))
    body = await reader.read(most + 1)
    while more := await reader.read(most + 1):
        body += more
    if len(body) > most:
        raise TooLarge("body")
    return body


def head_text(first, headers):
    return (first + "\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers) + "\r\n").encode()


async def send(method, url, headers, body=None, *, connect=2.0, total=15.0, most=1 << 20):
    """One request on a connection of its own; redirects are not followed. Gives the answer or
    raises Unreachable or TooLarge."""
    to = urlsplit(url)
    secure = to.scheme == "https"
    writer = None

    async def exchange():
        nonlocal writer
        reader, writer = await asyncio.wait_for(
            asyncio.open_connection(to.hostname, to.port or (443 if secure else 80),
                                    ssl=ssl.create_default_context() if secure else None,
                                    limit=MOST_HEAD), connect)
        target = (to.path or "/") + ("?" + to.query if to.query else "")
        lines = [("Host", to.netloc), ("Connection", "close"), *headers]
        if body is not None:
            lines += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        writer.write(head_text(f"{method} {target} HTTP/1.1", lines) + (body or b""))
        await writer.drain()
        answer = await read_head(reader)
        if answer is None:
            raise Unreachable("closed without an answer")
        answer.status  # noqa: B018  a bad status line is found here
        answer.body = await read_body(reader, answer, most, until_end=True)
        return answer

    try:
        return await asyncio.wait_for(exchange(), total)
    except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, ValueError) as fault:
        raise Unreachable(str(fault) or type(fault).__name__) from fault
    finally:
        if writer is not None:
            writer.close()


def answer_bytes(status, body=b"", headers=(), close=False):
    lines = [*headers, ("Content-Length", str(len(body)))]
    if close:
        lines.append(("Connection", "close"))
    return head_text(f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}", lines) + body


async def serve_connection(app, reader, writer):
    """Answers requests of one connection. `app.route(request, read_body)` gives (status, body,
    headers); `app.socket(request)` a function to run on the upgraded socket, or such a triple."""
    try:
        while True:
            try:
                request = await read_head(reader)
            except (TooLarge, ValueError) as fault:
                writer.write(answer_bytes(431 if isinstance(fault, TooLarge) else 400, close=True))
                return await take_leave(reader, writer)
            if request is None:
                return
            path, _, query = request.first[1].partition("?")
            request.first[1] = unquote(path)
            request.query = dict(parse_qsl(query, keep_blank_values=True))
            if request.get("upgrade").lower() == "websocket":
                await upgrade(app, request, reader, writer)
                return
            unread = request.get("content-length", "0") != "0" or request.get("transfer-encoding")

            async def body_of(most, message=request):
                nonlocal unread
                if message.get("expect").lower() == "100-continue":
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = await read_body(reader, message, most)
                unread = False
                return body

            status, body, headers = await app.route(request, body_of)
            close = bool(unread) or "close" in request.get("connection").lower()
            if request.first[0] == "HEAD":
                body = b""
            writer.write(answer_bytes(status, body, headers, close))
            await writer.drain()
            if close:
                return await take_leave(reader, writer)
    except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, ValueError):
        pass
    finally:
        writer.close()


async def take_leave(reader, writer):
    """Ends a connection. Unread data would make a reset of it, which overtakes what we wrote."""
    async def discard():
        while await reader.read(MOST_FRAME):
            pass
    with contextlib.suppress(OSError, asyncio.TimeoutError):
        writer.write_eof()
        await asyncio.wait_for(discard(), 2)


async def upgrade(app, request, reader, writer):
    run = app.socket(request)
    key = request.get("sec-websocket-key")
    if not callable(run) or not key or request.get("sec-websocket-version") != "13":
        status, body, headers = run if not callable(run) else (426, b"", ())
        writer.write(answer_bytes(status, body, headers, close=True))
        return
    accept = base64.b64encode(hashlib.sha1((key + WEBSOCKET_GUID).encode()).digest()).decode()
    writer.write(head_text("HTTP/1.1 101 Switching Protocols", [
        ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)]))
    await WebSocket(reader, writer).run(run)


class SocketFault(Exception):
    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code


class WebSocket:
    """The server side of one connection. `next` gives text messages, None after the end."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.messages = asyncio.Queue(maxsize=1000)
        self.gone = asyncio.Event()
        self.closing = False
        self.heard_at = time.monotonic()

    async def run(self, talk):
        pump = asyncio.create_task(self._pump())
        try:
            await talk(self)
        finally:
            await self.close(1011)
            pump.cancel()

    async def next(self, timeout=None):
        return await asyncio.wait_for(self.messages.get(), timeout)

    async def send(self, text):
        self._frame(1, text.encode())
        await self.writer.drain()

    async def close(self, code, reason=""):
        """Says goodbye once and waits up to 2 s for the peer's answer."""
        if not self.closing:
            self.closing = True
            try:
                self._frame(8, struct.pack("!H", code) + reason.encode())
                await asyncio.wait_for(self.gone.wait(), 2)
            except (OSError, asyncio.TimeoutError):
                pass
        self.writer.close()

    async def keep_alive(self, every):
        """Pings; a peer that is not heard for one round is gone."""
        while not self.writer.is_closing():
            asked_at = time.monotonic()
            self._frame(9, b"")
            await asyncio.sleep(every)
            if self.heard_at < asked_at:
                self.writer.transport.abort()

    def _frame(self, opcode, data):
        if self.writer.is_closing():
            raise ConnectionResetError("socket closed")
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | opcode, 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 127, size)
        self.writer.write(head + data)

    async def _pump(self):
        try:
            while (text := await self._message()) is not None:
                await self.messages.put(text)
        except SocketFault as fault:
            if not self.closing:
                self.closing = True
                self._frame(8, struct.pack("!H", fault.code) + str(fault).encode())
                await self.messages.put(None)
                await take_leave(self.reader, self.writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            pass
        finally:
            self.gone.set()
        await self.messages.put(None)

    async def _message(self):
        parts, first = b"", 0
        while True:
            final, opcode, data = await self._read_frame()
            if opcode == 8:
                if not self.closing:
                    self.closing = True
                    self._frame(8, data[:2])
                return None
            if opcode == 9:
                self._frame(10, data)
            if opcode >= 8:
                continue
            if (opcode == 0) != bool(first):
                raise SocketFault(1002, "fragments out of order")
            first = first or opcode
            if first != 1:
                raise SocketFault(1003, "text only")
            parts += data
            if len(parts) > MOST_FRAME:
                raise SocketFault(1009, "message too big")
            if final:
                try:
                    return parts.decode()
                except UnicodeDecodeError:
                    raise SocketFault(1007, "not UTF-8") from None

    async def _read_frame(self):
        one, two = await self.reader.readexactly(2)
        final, opcode, size = one & 0x80, one & 0x0F, two & 0x7F
        if one & 0x70 or not two & 0x80 or opcode in (3, 4, 5, 6, 7) or opcode > 10:
            raise SocketFault(1002, "bad frame")
        if opcode >= 8 and (size > 125 or not final):
            raise SocketFault(1002, "bad control frame")
        if size == 126:
            size, = struct.unpack("!H", await self.reader.readexactly(2))
        elif size == 127:
            size, = struct.unpack("!Q", await self.reader.readexactly(8))
        if size > MOST_FRAME:
            raise SocketFault(1009, "message too big")
        mask = await self.reader.readexactly(4)
        data = await self.reader.readexactly(size)
        self.heard_at = time.monotonic()
        whole = (mask * (size // 4 + 1))[:size]
        unmasked = int.from_bytes(data, "big") ^ int.from_bytes(whole, "big")
        return final, opcode, unmasked.to_bytes(size, "big")
