#!/usr/bin/env python3
"""Receives CX Bridge pushes and checks their signature. Standard library only.

    CXB_WEBHOOK_SECRET=whsec_... ./webhook_receiver.py [PORT]      (0 = any free port)

Prints one JSON line {"webhook_id","repeat","fields"} for each push and answers 200; a bad
signature is answered 401. Several secrets (rotation) are separated by blanks.
"""
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from cxb_webhook import BadSignature, verify

MAX_BODY = 8 * 1024 * 1024
SECRETS = os.environ.get("CXB_WEBHOOK_SECRET", "").split()
seen = set()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        if length > MAX_BODY:
            return self.answer(413, {"error": "too large"})
        body = self.rfile.read(length)
        try:
            webhook_id = verify(self.headers, body, SECRETS)
            fields = json.loads(body)
        except BadSignature as problem:
            return self.answer(401, {"error": str(problem)})
        except ValueError as problem:
            return self.answer(400, {"error": str(problem)})
        line = {"webhook_id": webhook_id, "repeat": webhook_id in seen, "fields": fields}
        seen.add(webhook_id)
        print(json.dumps(line), flush=True)
        return self.answer(200, {"stored": True})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    if not SECRETS:
        sys.exit("set CXB_WEBHOOK_SECRET to the signing secret of the bot (whsec_...)")
    server = HTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9090), Receiver)
    print(json.dumps({"listening": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    server.serve_forever()
