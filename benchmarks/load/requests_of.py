"""The requests of the scenarios' steps, as (method, target, body, authorisation header)."""
import datetime
import json
import subprocess
import urllib.parse
import uuid

SESSION = "00000000-0000-7000-8000-00000000beef"  # the markers of support/result_body.hpp
RESULT = "00000000-0000-7000-8000-00000000cafe"
BOT = b"65f000000000000000000001"
PHONE = "+919876543210"


def config_target(bot_id, kind):
    event = {"CUSTOMER": "Ravi", "amount": 4200}
    if kind == "config_named":
        event["_campaign_session_id"] = SESSION
    query = {"caller_id": PHONE, "stream_id": "st-" + SESSION, "transport": "attach",
             "fetch_id": RESULT, "connected_event": json.dumps(event, separators=(",", ":"))}
    return f"/api/v1/config/{bot_id}?" + urllib.parse.urlencode(query)


def result_body(run, kib, bot_id):
    body = subprocess.run([run.bin / "make_body", str(kib)], check=True, capture_output=True).stdout
    return body.replace(BOT, bot_id.encode())


def dialout_body(bot_id):
    return json.dumps({"bot_id": bot_id, "to_number": PHONE, "from_number": "+911140000001",
                       "connected_event": {"CUSTOMER": "Ravi", "amount": "4200"}}).encode()


def list_targets(server):
    """Pages of 50: the newest, those after them, and one by each kind of filter an index serves.
    What they name is taken from the stored calls themselves."""
    def target(**query):
        return "/api/v1/calls?" + urllib.parse.urlencode({"limit": 50, **query})
    page = json.loads(server.call("GET", target(), None, server.admin))
    middle = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=25)
    older = json.loads(server.call("GET", target(to=middle.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                                                 **{"from": "2020-01-01T00:00:00.000Z"}),
                                   None, server.admin))["items"][0]
    return (target(), target(cursor=page["next"]), target(disposition=older["disposition"]),
            target(campaign_id=older["campaign_id"]), target(phone=older["caller_id"]))


def make_requests(run, row, server):
    """The requests of one turn."""
    secret = ("X-CXBCore-Secret", server.secret)
    out = []
    for kind in row.steps:
        if kind == "result":
            out.append(("POST", "/api/v1/call-results",
                        result_body(run, row.body_kib, server.bot_id), secret))
        elif kind == "dialout":
            out.append(("POST", "/api/v1/sip/dialout", dialout_body(server.bot_id), server.key))
        elif kind == "lists":
            out += [("GET", target, b"", server.key) for target in list_targets(server)]
        else:
            out.append(("GET", config_target(server.bot_id, kind), b"", secret))
    return out


def fresh_ids(requests):
    """The same requests for a call of their own."""
    session, result = str(uuid.uuid4()), str(uuid.uuid4())
    def fresh(text):
        return text.replace(SESSION, session).replace(RESULT, result)
    return [(method, fresh(target), fresh(body.decode()).encode(), secret)
            for method, target, body, secret in requests]


def request_bytes(method, target, body, secret):
    head = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", f"{secret[0]}: {secret[1]}",
            "Accept: application/json"]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body
