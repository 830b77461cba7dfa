"""A foreign Core under a real control plane: a dialled call and one over the media WebSocket."""
import http.client
import json
import os
import subprocess
import uuid
from urllib.parse import urlsplit

from core_client import SECRET, Core, CoreTest

PASSWORD = "pass-" + uuid.uuid4().hex
NUMBER = "+919876543210"
ASKED_EVERY = 0.05      # the API takes 50 requests a second


class RealApi(CoreTest):
    started = False

    def setUp(self):
        super().setUp()
        ready = self.folder.name + "/api.ready"
        env = {"PATH": os.environ["PATH"], "CXB_DATA_DIR": self.folder.name + "/data",
               "CXB_CORE_SECRET": SECRET, "CXB_BOOTSTRAP_ADMIN_EMAIL": "admin@example.com",
               "CXB_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD, "CXB_HTTP_PORT": "0"}
        with open(self.folder.name + "/api.log", "wb") as log:
            self.api = subprocess.Popen([Core.api, "serve", "--ready-file", ready], env=env,
                                        stdout=log, stderr=log)
        self.addCleanup(self.stop_api)
        self.eventually(lambda: self.api.poll() is not None or self.read(ready), "the API")
        self.address = urlsplit(json.loads(self.read(ready))["url"])
        self.core.env["CXB_API_CONFIG_URL"] = self.address.geturl() + "/api/v1/config"
        self.core.start()
        token = self.ask("POST", "/auth/login", {"email": "admin@example.com",
                                                 "password": PASSWORD})["access_token"]
        self.admin = {"Authorization": "Bearer " + token}
        self.bot = self.ask("POST", "/bots", self.bot_document(), self.admin)["id"]

    def bot_document(self):
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
        with open(os.path.join(root, "examples", "demo_bot.json"), encoding="utf-8") as file:
            return {**json.load(file), "pre_call_fetch": None, "post_call_push": None}

    def stop_api(self):
        if self.api.poll() is None:
            self.api.terminate()
        self.api.wait(30)

    def read(self, path):
        try:
            with open(path, encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def ask(self, method, path, body=None, headers=None):
        status, data = self.call_api(method, path, body, headers)
        self.assertLess(status, 300, data)
        return json.loads(data)

    def call_api(self, method, path, body=None, headers=None):
        link = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=30)
        try:
            link.request(method, "/api/v1" + path, None if body is None else json.dumps(body),
                         {"Content-Type": "application/json", **(headers or {})})
            answer = link.getresponse()
            return answer.status, answer.read()
        finally:
            link.close()

    def ended(self, session):
        """The call's document, once it has a result; it begins with the config request."""
        found = {}

        def is_over():
            status, data = self.call_api("GET", "/calls/" + session, None, self.admin)
            found.update(json.loads(data))
            return status == 200 and found["status"] in ("completed", "failed")
        self.eventually(is_over, "the end of the call", ASKED_EVERY)
        return found

    def test_dialled_call(self):
        url = "http://{}:{}".format(*self.core.address)
        self.ask("PUT", "/settings/fleet", {"cxbcore_fleet": [url]}, self.admin)
        key = self.ask("POST", "/api-keys", {"name": "crm", "scopes": ["dialout", "calls:read"]},
                       self.admin)["key"]
        session = self.ask("POST", "/sip/dialout", {
            "bot_id": self.bot, "to_number": NUMBER, "variables": {"sim_script": "polite"}},
            {"X-API-Key": key})["session_id"]
        call = self.ended(session)
        self.assertEqual((call["status"], call["disconnected_by"]), ("completed", "bot"), call)
        said = [i["content"] for i in call["transcript"] if i["role"] == "user"]
        self.assertEqual(said, ["Yes, this is me speaking.", "Goodbye."])
        self.eventually(lambda: not self.core.outbox("new"), "an empty outbox")
        self.assertEqual(self.core.outbox("dead"), [])

    def test_call_over_the_websocket(self):
        ws = self.dialler("/ws/" + self.bot, CUSTOMER="Ravi")
        ws.until("reverse-media")
        ws.send(event="hangup-call")
        ws.rest()
        self.eventually(self.listed, "the call in the list", ASKED_EVERY)
        call = self.ended(self.listed()[0]["session_id"])
        self.assertEqual((call["status"], call["disconnected_by"]), ("completed", "customer"))

    def listed(self):
        return self.ask("GET", "/calls", None, self.admin)["items"]
