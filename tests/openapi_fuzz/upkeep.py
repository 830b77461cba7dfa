"""Keeps what the fuzzed requests need, and takes away what they left behind.

Documents that fuzzed requests wrote may hold any URL; nothing of them may live long enough to be
asked.
"""
# Which id a path parameter stands for, by the beginning of the path and its name.
PATH_IDS = [
    ("/api/v1/bots/", "id", "bot"), ("/api/v1/bots/", "n", "version"),
    ("/api/v1/users/", "id", "user"), ("/api/v1/calls/", "id", "session"),
    ("/api/v1/api-keys/", "id", "spare_key"),
    ("/api/v1/webhook-endpoints/", "id", "endpoint"), ("/api/v1/ops/jobs/", "id", "job"),
    ("/api/v1/sip/dialouts/", "session_id", "dialout"),
    ("/api/v1/carriers/", "id", "carrier"), ("/api/v1/carriers/", "did_id", "did"),
    ("/api/v1/integrations/exotel/", "did_id", "exotel_did"),
    ("/api/v1/why/", "kind", "why_kind"), ("/api/v1/why/", "id", "session"),
    ("", "bot_id", "bot"), ("", "session_id", "session"), ("", "token", "token"),
]
MEMBERS = {"bot_id": "bot", "session_id": "session"}


def real_ids(ids, path):
    out = {}
    for beginning, name, which in PATH_IDS:
        if path.startswith(beginning) and f"{{{name}}}" in path and name not in out:
            out[name] = ids[which]
    return out


def with_ids(ids, name, example):
    """An example about what there is."""
    if isinstance(example, dict):
        return {key: with_ids(ids, key, value) for key, value in example.items()}
    if isinstance(example, list):
        return [with_ids(ids, name, value) for value in example]
    return ids[MEMBERS[name]] if name in MEMBERS else example


class Upkeep:
    def __init__(self, plane):
        self.plane = plane
        self.settings = plane.ask("GET", "/api/v1/settings")

    def after(self, operation):
        if operation.method.upper() == "GET":
            return
        for beginning, mend in (("/api/v1/settings", self.mend_settings),
                                ("/api/v1/bots", self.mend_bots),
                                ("/api/v1/webhook-endpoints", self.mend_endpoints),
                                ("/api/v1/users", self.plane.make_user),
                                ("/api/v1/auth", self.plane.make_user),
                                ("/api/v1/api-keys", self.plane.make_key),
                                ("/api/v1/calls", self.plane.make_calls),
                                ("/api/v1/call-results", self.plane.make_calls),
                                ("/api/v1/carriers", self.mend_numbers),
                                ("/api/v1/integrations/exotel", self.mend_numbers)):
            if operation.path.startswith(beginning):
                mend()

    def all_ids(self, path):
        return [item["id"] for item in self.plane.ask("GET", path + "?limit=200")["items"]]

    def mend_numbers(self):
        self.take_numbers()
        self.plane.make_numbers()

    def take_numbers(self):
        for carrier in self.all_ids("/api/v1/carriers"):
            self.plane.call("DELETE", f"/api/v1/carriers/{carrier}", None, self.plane.admin())
        account = self.plane.ask("PUT", "/api/v1/integrations/exotel",
                                 {"api_key": "", "api_token": "", "api_base_url": None})
        for number in account["dids"]:
            self.plane.call("DELETE", f"/api/v1/integrations/exotel/dids/{number['id']}", None,
                            self.plane.admin())

    def mend_bots(self):
        # A number that is mapped to a bot holds it.
        self.take_numbers()
        for bot in self.all_ids("/api/v1/bots"):
            self.plane.call("DELETE", f"/api/v1/bots/{bot}", None, self.plane.admin())
        self.plane.make_bot()
        self.plane.make_calls()
        self.plane.make_dialout()
        self.plane.make_numbers()

    def mend_endpoints(self):
        for endpoint in self.all_ids("/api/v1/webhook-endpoints"):
            self.plane.call("DELETE", f"/api/v1/webhook-endpoints/{endpoint}", None,
                            self.plane.admin())
        self.plane.make_endpoint()

    def mend_settings(self):
        now = self.plane.ask("GET", "/api/v1/settings")
        self.plane.ask("PUT", "/api/v1/settings/api-keys", {name: "" for name in now["api_keys"]})
        self.plane.ask("PUT", "/api/v1/settings/providers",
                       {name: None for name in now["providers"]})
        self.plane.ask("PUT", "/api/v1/settings/voice-defaults",
                       {name: None for name in ("stt", "llm", "tts")})
        for block in ("minio", "agent_assist", "knowledge", "dialler", "retention"):
            self.plane.ask("PUT", "/api/v1/settings/" + block.replace("_", "-"),
                           self.settings[block])
        self.plane.ask("PUT", "/api/v1/settings/timezone", {"display_timezone": "UTC"})
        self.plane.ask("PUT", "/api/v1/settings/fleet", {"cxbcore_fleet": []})
