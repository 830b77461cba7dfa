#!/usr/bin/env python3
"""A small CRM to try CX Bridge with: customers to look up, a receiver for call results.

    ./sample_crm.py --listen 127.0.0.1:9090 --secret whsec_...

GET  /customers/{phone}  the pre-call fetch asks this; answers {"customer": {...}} or 404
POST /calls              the post-call push arrives here; its signature is checked, repeats of one
                         webhook-id are acknowledged and stored once
GET  /calls              what was received, newest last: [{webhook_id, verified, attempts, fields}]

Secrets may also be read from a file (--secret-file), which is re-read for each push, so that a
rotation needs no restart. Standard library only.
"""
import argparse
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import cxb_webhook

CUSTOMERS = {
    "+919876543210": {"FIRSTNAME": "Ravi", "policy": "P-77", "AMOUNT_DUE": "1500", "city": "Pune"},
    "+919876543211": {"FIRSTNAME": "Meena", "policy": "P-78", "AMOUNT_DUE": "900", "city": "Nagpur"},
}
MAX_BODY = 8 * 1024 * 1024


class Store:
    """Everything received, by webhook id; one lock, because each request has its own thread."""

    def __init__(self):
        self.lock = threading.Lock()
        self.calls = {}

    def add(self, webhook_id, verified, fields):
        with self.lock:
            row = self.calls.setdefault(
                webhook_id, {"webhook_id": webhook_id, "verified": verified, "attempts": 0,
                             "fields": fields})
            row["attempts"] += 1
            return row

    def rows(self):
        with self.lock:
            return list(self.calls.values())


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path = unquote(self.path.split("?", 1)[0])
        if path == "/calls":
            self.answer(200, self.server.store.rows())
        elif path.startswith("/customers/"):
            customer = CUSTOMERS.get(path.removeprefix("/customers/"))
            self.answer(200 if customer else 404, {"customer": customer} if customer else {})
        else:
            self.answer(404, {"error": "no such page"})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        if length > MAX_BODY:
            self.answer(413, {"error": "too large"})
            return
        body = self.rfile.read(length)
        if self.path.split("?", 1)[0] != "/calls":
            self.answer(404, {"error": "no such page"})
            return
        try:
            webhook_id, verified = self.checked(body)
            fields = json.loads(body)
        except cxb_webhook.BadSignature as bad:
            self.answer(401, {"error": str(bad)})
            return
        except ValueError:
            self.answer(400, {"error": "not JSON"})
            return
        row = self.server.store.add(webhook_id, verified, fields)
        self.answer(200, {"stored": row["attempts"] == 1})

    def checked(self, body):
        secrets = self.server.secrets()
        if not secrets:
            return self.headers.get("webhook-id", ""), False
        return cxb_webhook.verify(self.headers, body, secrets), True

    def log_message(self, *_):
        """Numbers and results stay out of the terminal."""


class Crm(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, secrets):
        super().__init__(address, Handler)
        self.store = Store()
        self.secrets = secrets


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listen", default="127.0.0.1:9090", metavar="HOST:PORT",
                        help="port 0 = any free one")
    parser.add_argument("--secret", action="append", default=[], help="whsec_... (repeatable)")
    parser.add_argument("--secret-file", help="a file with one secret a line")
    parser.add_argument("--ready-file", help='written once listening: {"pid","url"}')
    options = parser.parse_args()

    def secrets():
        given = list(options.secret)
        if options.secret_file and os.path.exists(options.secret_file):
            with open(options.secret_file, encoding="utf-8") as lines:
                given += [line.strip() for line in lines if line.strip()]
        return given

    host, _, port = options.listen.rpartition(":")
    crm = Crm((host, int(port)), secrets)
    url = f"http://{host}:{crm.server_address[1]}"
    if options.ready_file:
        with open(options.ready_file + ".tmp", "w", encoding="utf-8") as ready:
            json.dump({"pid": os.getpid(), "url": url}, ready)
        os.rename(options.ready_file + ".tmp", options.ready_file)
    print(f"sample CRM on {url}", flush=True)
    try:
        crm.serve_forever()
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
