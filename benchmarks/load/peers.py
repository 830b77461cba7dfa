"""The servers that are measured: ours, and what it is compared with. Each is a context manager
that starts the server and gives an object with `port`, `process` and `counters()`."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import secrets
import shutil
import sqlite3

from processes import Process, StepError, find_program, free_port

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ECHO_MODULE = "ngx_http_echo_module.so"
ADMIN = "admin@example.com"
KEYS = 24
FASTAPI_PYTHON = SOURCE / ".deps/bench-python/bin/python"
FASTAPI_PEER = pathlib.Path(__file__).resolve().parent / "fastapi_peer.py"
PROGRAMS = ("cxb-api", "load_client", "idle_clients", "beast_floor", "outside_host", "disk_probe",
            "make_body", "seed_calls")


class Running:
    def __init__(self, process, port):
        self.process = process
        self.port = port

    def counters(self):
        """Numbers that only grow, read at both ends of the measured time."""
        return {}

    def call(self, method, target, body=None, headers=None, good=(200, 201)):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            try:
                connection.request(method, target, body, headers or {})
                answer = connection.getresponse()
                data = answer.read()
            except OSError as fault:
                raise StepError(f"{method} {target}", str(fault), self.process.log) from None
        if answer.status not in good:
            raise StepError(f"{method} {target}", f"{answer.status}: {data[:500].decode()}",
                            self.process.log)
        return data


COUNTERS = {"commits": "cxb_store_commit_seconds_count",
            "commit_seconds": "cxb_store_commit_seconds_sum",
            "log_syncs": "cxb_store_log_syncs_total", "data_syncs": "cxb_store_data_syncs_total",
            "sync_seconds": "cxb_store_sync_seconds_sum"}


class RunningApi(Running):
    """The real cxb-api, with one bot and an admin."""

    def __init__(self, process, port, secret, database):
        super().__init__(process, port)
        self.secret = secret
        self.database = database
        self.bot_id = ""
        self.admin = {}
        self.key = None  # header of an API key

    def metric(self, name, labels=""):
        """The sum over those label sets that hold `labels`; 0 while there are none."""
        text = self.call("GET", "/metrics").decode()
        return sum_of(text, name, labels)

    def counters(self):
        text = self.call("GET", "/metrics").decode()
        if "cxb_store_log_syncs_total" not in text:
            raise StepError("reading /metrics", "the store's counters are missing",
                            self.process.log)
        return {name: sum_of(text, metric) for name, metric in COUNTERS.items()}

    def post(self, target, document):
        kind = {"Content-Type": "application/json", **self.admin}
        return json.loads(self.call("POST", target, json.dumps(document), kind))

    def log_in(self, password):
        found = self.post("/api/v1/auth/login", {"email": ADMIN, "password": password})
        self.admin = {"Authorization": "Bearer " + found["access_token"]}

    def make_keys(self, file):
        """API keys enough for their rate limits not to be what is measured, a line each."""
        most = {"name": "bench", "scopes": ["dialout", "calls:read"], "rate_limit_per_second": 200}
        keys = [self.post("/api/v1/api-keys", most)["key"] for _ in range(KEYS)]
        self.key = ("X-API-Key", keys[0])
        file.write_text("".join(key + "\n" for key in keys))

    def stored_calls(self):
        """Rows of `calls` on disk; for a server that has been stopped."""
        with contextlib.closing(sqlite3.connect(self.database)) as store:
            return store.execute("SELECT count(session_id) FROM calls").fetchone()[0]


def sum_of(text, name, labels=""):
    found = re.findall(rf"^{name}(\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
    return sum(float(value) for given, value in found if labels in given)


def bench_bot():
    """The demo's bot with a prompt of usual length, without calls to a CRM."""
    bot = json.loads((SOURCE / "examples/demo_bot.json").read_text())
    del bot["pre_call_fetch"], bot["post_call_push"]
    rules = ("Speak in short sentences. If {{call.CUSTOMER}} asks for the amount, say "
             "{{call.amount}} rupees. Never promise a waiver. ")
    bot["system_prompt"] = bot["system_prompt"] + " " + rules * 40
    return bot


@contextlib.contextmanager
def api(run, data, bot=None, settings=None):
    """cxb-api on the folder `data`: a new one, or one it has had before."""
    access_file = data / "access.json"
    if not access_file.exists():
        access_file.touch(0o600)
        access_file.write_text(json.dumps({"password": secrets.token_urlsafe(24)}))
    access = json.loads(access_file.read_text())
    secret = secrets.token_urlsafe(24)
    environment = {
        "PATH": os.environ.get("PATH", ""), "HOME": str(data), "TZ": "UTC", "LANG": "C.UTF-8",
        "CXB_HTTP_BIND": "127.0.0.1", "CXB_HTTP_PORT": "0", "CXB_HTTP_THREADS": str(run.threads),
        "CXB_DATA_DIR": str(data), "CXB_CORE_SECRET": secret,
        "CXB_BOOTSTRAP_ADMIN_EMAIL": ADMIN,
        "CXB_BOOTSTRAP_ADMIN_PASSWORD": access["password"], **(settings or {})}
    ready = data / "ready"
    ready.unlink(missing_ok=True)
    process = Process("cxb-api", [run.bin / "cxb-api", "serve", "--ready-file", ready],
                      run.log("cxb-api"), run.server_cpus, environment)
    try:
        server = RunningApi(process, process.wait_for_ready_file(ready), secret, data / "cxb.db")
        server.log_in(access["password"])
        if "bot_id" not in access:
            access["bot_id"] = server.post("/api/v1/bots", bot or bench_bot())["id"]
            access_file.write_text(json.dumps(access))
        server.bot_id = access["bot_id"]
        yield server
    finally:
        process.kill()


class Copied:
    """What a peer needs to do the same as our server."""

    def __init__(self, answers, secret, bot):
        self.answers = answers
        self.secret = secret
        self.bot = bot

    def write(self, folder):
        files = {}
        for method in ("GET", "POST"):
            files[method] = folder / f"answer.{method}.json"
            files[method].write_bytes(self.answers.get(method, b"{}"))
        return files


@contextlib.contextmanager
def beast(run, folder, copied):
    files = copied.write(folder)
    ready = folder / "beast.ready"
    process = Process("beast_floor",
                      [run.bin / "beast_floor", "--ready-file", ready, "--get", files["GET"],
                       "--post", files["POST"], "--threads", run.threads],
                      run.log("beast_floor"), run.server_cpus)
    try:
        yield Running(process, process.wait_for_ready_file(ready))
    finally:
        process.kill()


@contextlib.contextmanager
def fastapi(run, folder, copied):
    files = copied.write(folder)
    bot = folder / "bot.json"
    bot.write_text(json.dumps(copied.bot))
    ready = folder / "fastapi.ready"
    environment = {"PATH": os.environ.get("PATH", ""), "CXB_PEER_BOT": str(bot),
                   "CXB_PEER_ANSWER": str(files["GET"]), "CXB_PEER_SECRET": copied.secret,
                   "CXB_PEER_READY": str(ready), "PYTHONDONTWRITEBYTECODE": "1"}
    process = Process("fastapi", [FASTAPI_PYTHON, FASTAPI_PEER], run.log("fastapi"),
                      run.server_cpus, environment)
    try:
        yield Running(process, process.wait_for_ready_file(ready))
    finally:
        process.kill()


class RunningOutside(Running):
    """The fleet and the receiver of webhooks; `hosts` are URLs."""

    def __init__(self, process, port, hosts, secret_file):
        super().__init__(process, port)
        self.hosts = hosts
        self.secret_file = secret_file

    def counts(self):
        return json.loads(self.call("GET", "/counts"))


@contextlib.contextmanager
def outside(run, folder, hosts=1):
    """On the load generator's processors: it is not what is measured."""
    ready, secret_file = folder / "outside.ready", folder / "signing-secret"
    process = Process("outside_host",
                      [run.bin / "outside_host", "--ready-file", ready, "--hosts", hosts,
                       "--secret-file", secret_file], run.log("outside_host"), run.client_cpus)
    try:
        port = process.wait_for_ready_file(ready)
        yield RunningOutside(process, port, json.loads(ready.read_text())["hosts"], secret_file)
    finally:
        process.kill()


def nginx_program():
    program = find_program("nginx", "/usr/sbin", "/usr/local/sbin")
    modules = [pathlib.Path(place) / ECHO_MODULE
               for place in ("/usr/lib/nginx/modules", "/usr/share/nginx/modules")]
    module = next((path for path in modules if path.exists()), None)
    if not program or not module:
        raise StepError("looking for nginx", "nginx or its echo module is not installed: run "
                        "scripts/setup.sh --with-bench, or leave nginx out of --peers")
    return program, module


def nginx_settings(run, folder, module, port, copied):
    """A worker per thread; the GET is a file, the POST is read whole before it is answered."""
    files = copied.write(folder)
    user = "user root;" if os.geteuid() == 0 else ""
    temp = "".join(f"    {kind}_temp_path {folder}/{kind};\n"
                   for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return f"""{user}
load_module {module};
daemon off;
worker_processes {run.threads};
pid {folder}/nginx.pid;
error_log {run.log('nginx-error')} warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    tcp_nodelay on;
    open_file_cache max=16;
    keepalive_requests 1000000000;
    client_max_body_size 8m;
    client_body_buffer_size 1m;
{temp}    server {{
        listen 127.0.0.1:{port} reuseport;
        default_type application/json;
        location / {{ root {folder}; rewrite ^ /{files['GET'].name} break; }}
        location = /api/v1/call-results {{ echo_read_request_body; echo_exec /ack; }}
        location = /api/v1/sip/dialout {{ echo_read_request_body; echo_exec /ack; }}
        location = /ack {{ internal; return 200 '{copied.answers.get("POST", b"{}").decode()}'; }}
    }}
}}
"""


@contextlib.contextmanager
def nginx(run, folder, copied):
    program, module = nginx_program()
    port = free_port()
    settings = folder / "nginx.conf"
    settings.write_text(nginx_settings(run, folder, module, port, copied))
    process = Process("nginx", [program, "-p", folder, "-e", run.log("nginx-error"),
                                "-c", settings], run.log("nginx"), run.server_cpus)
    try:
        process.wait_for_port(port)
        # The master listens before its workers are there, and they are what is watched.
        process.wait_until(lambda: len(process.pids()) > run.threads)
        yield Running(process, port)
    finally:
        process.kill()


PEERS = {"nginx": nginx, "beast": beast, "fastapi": fastapi}


def check_programs(run, names):
    """Everything that will be needed, before anything is started."""
    for name in PROGRAMS:
        if not (run.bin / name).exists():
            raise StepError("looking for the programs", f"{run.bin / name} is not there; build "
                            "with -DCXB_BUILD_BENCHMARKS=ON, or give --build or --bin")
    if "nginx" in names:
        nginx_program()
    if "fastapi" in names and not FASTAPI_PYTHON.exists():
        raise StepError("looking for FastAPI", f"{FASTAPI_PYTHON} is not there: run "
                        "scripts/setup.sh --with-bench, or leave fastapi out of --peers")
    if shutil.disk_usage(run.scratch).free < 2 << 30:
        raise StepError("looking at the disk", f"less than 2 GiB are free at {run.scratch}")
