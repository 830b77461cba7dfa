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


class Running:
    def __init__(self, process, port):
        self.process = process
        self.port = port

    def counters(self):
        """Numbers that only grow, read at both ends of the measured time."""
        return {}


class RunningApi(Running):
    """The real cxb-api on an empty store, with one bot."""

    def __init__(self, process, port, secret, database):
        super().__init__(process, port)
        self.secret = secret
        self.database = database
        self.bot_id = ""

    def counters(self):
        text = self.call("GET", "/metrics").decode()
        find = lambda name: re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        count = find("cxb_store_commit_seconds_count")
        spent = find("cxb_store_commit_seconds_sum")
        if not count or not spent:
            raise StepError("reading /metrics", "cxb_store_commit_seconds is missing",
                            self.process.log)
        return {"commits": float(count[1]), "commit_seconds": float(spent[1])}

    def call(self, method, target, body=None, headers=None, good=(200, 201)):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
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

    def create_bot(self, password):
        kind = {"Content-Type": "application/json"}
        login = self.call("POST", "/api/v1/auth/login",
                          json.dumps({"email": ADMIN, "password": password}), kind)
        kind["Authorization"] = "Bearer " + json.loads(login)["access_token"]
        made = self.call("POST", "/api/v1/bots", json.dumps(bench_bot()), kind)
        self.bot_id = json.loads(made)["id"]

    def stored_calls(self):
        """Rows of `calls` on disk; for a server that has been stopped."""
        with contextlib.closing(sqlite3.connect(self.database)) as store:
            return store.execute("SELECT count(*) FROM calls").fetchone()[0]


def bench_bot():
    """The demo's bot with a prompt of usual length, without calls to a CRM."""
    bot = json.loads((SOURCE / "examples/demo_bot.json").read_text())
    del bot["pre_call_fetch"], bot["post_call_push"]
    rules = ("Speak in short sentences. If {{call.CUSTOMER}} asks for the amount, say "
             "{{call.amount}} rupees. Never promise a waiver. ")
    bot["system_prompt"] = bot["system_prompt"] + " " + rules * 40
    return bot


@contextlib.contextmanager
def api(run, folder):
    data = folder / "api"
    data.mkdir(mode=0o700)
    secret, password = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    environment = {
        "PATH": os.environ.get("PATH", ""), "HOME": str(data), "TZ": "UTC", "LANG": "C.UTF-8",
        "CXB_HTTP_BIND": "127.0.0.1", "CXB_HTTP_PORT": "0", "CXB_HTTP_THREADS": str(run.threads),
        "CXB_DATA_DIR": str(data), "CXB_CORE_SECRET": secret,
        "CXB_BOOTSTRAP_ADMIN_EMAIL": ADMIN, "CXB_BOOTSTRAP_ADMIN_PASSWORD": password}
    ready = data / "ready"
    process = Process("cxb-api", [run.bin / "cxb-api", "serve", "--ready-file", ready],
                      run.log("cxb-api"), run.server_cpus, environment)
    try:
        server = RunningApi(process, process.wait_for_ready_file(ready), secret, data / "cxb.db")
        server.create_bot(password)
        yield server
    finally:
        process.kill()


@contextlib.contextmanager
def beast(run, folder, answers):
    files = write_answers(folder, answers)
    ready = folder / "beast.ready"
    process = Process("beast_floor",
                      [run.bin / "beast_floor", "--ready-file", ready, "--get", files["GET"],
                       "--post", files["POST"], "--threads", run.threads],
                      run.log("beast_floor"), run.server_cpus)
    try:
        yield Running(process, process.wait_for_ready_file(ready))
    finally:
        process.kill()


def write_answers(folder, answers):
    files = {}
    for method in ("GET", "POST"):
        files[method] = folder / f"answer.{method}.json"
        files[method].write_bytes(answers.get(method, b"{}"))
    return files


def nginx_program():
    program = find_program("nginx", "/usr/sbin", "/usr/local/sbin")
    modules = [pathlib.Path(place) / ECHO_MODULE
               for place in ("/usr/lib/nginx/modules", "/usr/share/nginx/modules")]
    module = next((path for path in modules if path.exists()), None)
    if not program or not module:
        raise StepError("looking for nginx", "nginx or its echo module is not installed: run "
                        "scripts/setup.sh --with-bench, or leave nginx out of --peers")
    return program, module


def nginx_settings(run, folder, module, port, answers):
    """A worker per thread; the GET is a file, the POST is read whole before it is answered."""
    files = write_answers(folder, answers)
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
        location /api/v1/config/ {{ root {folder}; rewrite ^ /{files['GET'].name} break; }}
        location = /api/v1/call-results {{ echo_read_request_body; echo_exec /ack; }}
        location = /ack {{ internal; return 200 '{answers.get("POST", b"{}").decode()}'; }}
    }}
}}
"""


@contextlib.contextmanager
def nginx(run, folder, answers):
    program, module = nginx_program()
    port = free_port()
    settings = folder / "nginx.conf"
    settings.write_text(nginx_settings(run, folder, module, port, answers))
    process = Process("nginx", [program, "-p", folder, "-e", run.log("nginx-error"),
                                "-c", settings], run.log("nginx"), run.server_cpus)
    try:
        process.wait_for_port(port)
        # The master listens before its workers are there, and they are what is watched.
        process.wait_until(lambda: len(process.pids()) > run.threads)
        yield Running(process, port)
    finally:
        process.kill()


PEERS = {"nginx": nginx, "beast": beast}


def check_programs(run, names):
    """Everything that will be needed, before anything is started."""
    for name in ("cxb-api", "load_client", "beast_floor", "disk_probe", "make_body"):
        if not (run.bin / name).exists():
            raise StepError("looking for the programs", f"{run.bin / name} is not there; build "
                            "with -DCXB_BUILD_BENCHMARKS=ON, or give --build or --bin")
    if "nginx" in names:
        nginx_program()
    if shutil.disk_usage(run.scratch).free < 2 << 30:
        raise StepError("looking at the disk", f"less than 2 GiB are free at {run.scratch}")
