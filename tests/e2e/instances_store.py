"""Reads the documents of a store from outside, without a line of the program that wrote them.

A SQLite file is opened read-only. A MongoDB server is asked in its wire protocol (OP_MSG and BSON,
no driver), so that nothing but the standard library is needed; only servers without a login.
"""
import json
import socket
import sqlite3
import struct
import time
from datetime import datetime, timedelta, timezone

TRIES = 20


class SqliteStore:
    def __init__(self, path):
        self.path = path

    def all(self, collection, states=None):
        """All documents, or those in one of the states; on a connection of its own."""
        sql = f"select doc from {collection}"
        if states:
            sql += " where state in (" + ",".join("?" * len(states)) + ")"
        for attempt in range(TRIES):
            base = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)
            try:
                return [json.loads(text) for (text,) in base.execute(sql, states or [])]
            except sqlite3.OperationalError:  # a killed writer's log is being taken over
                if attempt + 1 == TRIES:
                    raise
                time.sleep(0.2)
            finally:
                base.close()
        return []

    def faults(self):
        """What the engine itself finds wrong with its file."""
        base = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)
        try:
            said = [text for (text,) in base.execute("pragma integrity_check")]
        finally:
            base.close()
        return [] if said == ["ok"] else [f"the store is damaged: {said[:3]}"]


# --- BSON ----------------------------------------------------------------------------------------
def encode(document):
    out = b""
    for name, value in document.items():
        key = name.encode() + b"\0"
        if isinstance(value, str):
            text = value.encode() + b"\0"
            out += b"\x02" + key + struct.pack("<i", len(text)) + text
        elif isinstance(value, int):
            out += b"\x12" + key + struct.pack("<q", value)
        elif isinstance(value, list):
            out += b"\x04" + key + encode({str(i): each for i, each in enumerate(value)})
        else:
            out += b"\x03" + key + encode(value)
    return struct.pack("<i", len(out) + 5) + out + b"\0"


def date_text(ms):
    at = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=ms)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


FIXED = {0x01: ("<d", None), 0x08: ("<?", None), 0x09: ("<q", date_text), 0x10: ("<i", None),
         0x11: ("<Q", None), 0x12: ("<q", None)}


def decode_value(kind, data, at):
    if kind in FIXED:
        form, shown = FIXED[kind]
        (value,) = struct.unpack_from(form, data, at)
        return shown(value) if shown else value, at + struct.calcsize(form)
    if kind == 0x0A:
        return None, at
    if kind == 0x07:
        return data[at:at + 12].hex(), at + 12
    (size,) = struct.unpack_from("<i", data, at)
    if kind == 0x02:
        return data[at + 4:at + 3 + size].decode(), at + 4 + size
    if kind == 0x05:
        return data[at + 5:at + 5 + size], at + 5 + size
    if kind in (0x03, 0x04):
        inner = decode(data[at:at + size])
        return (list(inner.values()) if kind == 0x04 else inner), at + size
    raise ValueError(f"BSON type {kind:#x}")


def decode(data):
    out = {}
    at = 4
    while data[at] != 0:
        end = data.index(b"\0", at + 1)
        out[data[at + 1:end].decode()], at = decode_value(data[at], data, end + 1)
    return out


class MongoStore:
    def __init__(self, url):
        where, self.database = url.removeprefix("mongodb://").rsplit("/", 1)
        host, port = where.rsplit(":", 1)
        self.connection = socket.create_connection((host, int(port)), timeout=30)
        self.requests = 0

    def receive(self, size):
        out = b""
        while len(out) < size:
            part = self.connection.recv(size - len(out))
            if not part:
                raise ConnectionError("the server closed the connection")
            out += part
        return out

    def run(self, command):
        self.requests += 1
        body = struct.pack("<I", 0) + b"\0" + encode({**command, "$db": self.database})
        self.connection.sendall(
            struct.pack("<iiii", 16 + len(body), self.requests, 0, 2013) + body)
        (size,) = struct.unpack("<i", self.receive(4))
        answer = decode(self.receive(size - 4)[17:])
        if answer.get("ok") != 1:
            raise RuntimeError(f"{next(iter(command))}: {answer.get('errmsg')}")
        return answer

    def all(self, collection, states=None):
        where = {"state": {"$in": list(states)}} if states else {}
        cursor = self.run({"find": collection, "filter": where, "batchSize": 500})["cursor"]
        out = cursor["firstBatch"]
        while cursor["id"]:
            cursor = self.run({"getMore": cursor["id"], "collection": collection,
                               "batchSize": 500})["cursor"]
            out += cursor["nextBatch"]
        return out

    def faults(self):
        """The server looks after its files."""
        return []


def open_store(where):
    """None for a store that cannot be read from here."""
    if not where:
        return None
    return MongoStore(where) if where.startswith("mongodb://") else SqliteStore(where)
