"""The fuzzer finds each kind of fault, and none where there is none: it asks a server that answers
what a test tells it."""
import argparse
import http.server
import json
import threading
import unittest

from fuzz import Fuzz, fuzz_all

PROBLEM = "application/problem+json"


def document():
    problem = {"type": "object", "required": ["code"]}
    refusals = {
        str(status): {"description": code, "x-codes": {code: "so"},
                      "content": {PROBLEM: {"schema": problem}}}
        for status, code in ((400, "malformed"), (404, "not_found"), (422, "invalid"))}
    success = {"description": "OK", "content": {"application/json": {
        "schema": {"type": "object", "required": ["id"],
                   "properties": {"id": {"type": "string"}}}}}}
    body = {"required": True, "content": {"application/json": {
        "schema": {"type": "object", "required": ["name"],
                   "properties": {"name": {"type": "string"}}},
        "example": {"name": "Asha"}}}}
    operation = {"operationId": "make", "x-access": "admin", "requestBody": body,
                 "responses": {"200": success, **refusals}}
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"},
            "paths": {"/things": {"post": operation}}}


class Answering(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        status, kind, body = self.server.answer
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class OnePlane:
    """What Fuzz needs of a plane."""
    ids = {}

    def __init__(self, base):
        self.base = base

    def admin(self):
        return {"Authorization": "Bearer x"}

    key = core = admin

    def elsewhere(self):
        return {}


class FindsFaults(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def faults(self, *answer):
        self.server.answer = answer
        plane = OnePlane(f"http://127.0.0.1:{self.server.server_port}")
        run = Fuzz(plane, document(), argparse.Namespace(seed=1, examples=3, only=""))
        fuzz_all(run)
        self.assertGreater(run.calls["POST /things"], 3)
        return {(title, status, code) for _, title, status, code in run.faults}

    def test_good_answers_are_good(self):
        self.assertEqual(self.faults(200, "application/json", {"id": "x"}), set())
        self.assertEqual(self.faults(404, PROBLEM, {"code": "not_found"}), set())

    def test_server_errors(self):
        found = self.faults(500, PROBLEM, {"code": "internal"})
        self.assertIn(("Server error", 500, "internal"), found)

    def test_bodies_that_do_not_fit(self):
        found = self.faults(200, "application/json", {"id": 7})
        self.assertEqual({title for title, *_ in found}, {"Response violates schema"})
        self.assertTrue(self.faults(200, "application/json", {}))
        self.assertTrue(self.faults(404, PROBLEM, {"detail": "no code"}))

    def test_bodies_that_cannot_be_read(self):
        self.assertTrue(self.faults(200, "application/json", b'{"id":'))
        self.assertTrue(self.faults(404, PROBLEM, b'{"code":"not_found","detail":"\xc3"}'))

    def test_statuses_that_are_not_told(self):
        found = self.faults(409, PROBLEM, {"code": "conflict"})
        self.assertIn(("Undocumented status code", 409, "conflict"), found)

    def test_types_that_are_not_told(self):
        found = self.faults(200, "text/plain", b"x")
        self.assertIn(("Undocumented Content-Type", 200, ""), found)

    def test_codes_that_are_not_told(self):
        found = self.faults(404, PROBLEM, {"code": "gone"})
        self.assertEqual(found, {("Code is not in the document", 404, "gone")})

    def test_examples_that_are_refused(self):
        found = self.faults(422, PROBLEM, {"code": "invalid"})
        self.assertEqual(found, {("An example is refused", 422, "invalid")})


if __name__ == "__main__":
    unittest.main()
