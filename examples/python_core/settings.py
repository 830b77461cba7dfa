"""Settings from the environment, with the names that cxb-core uses."""
import os

import contract


class Settings:
    """Raises ValueError, naming the variable and not the value, for what must not be."""

    def __init__(self, env=os.environ):
        def first(*names, default=""):
            return next((env[name] for name in names if env.get(name)), default)

        self.production = env.get("CXB_ENV") == "production"
        names = ("CXB_CORE_SECRET", "CXBCORE_SECRET", "VOXCORE_SECRET")
        secret = first(*names, default="" if self.production else "dev-secret")
        previous = first("CXB_CORE_SECRET_PREVIOUS")
        self.secrets = [s for s in (secret, previous) if s]
        if self.production:
            for name, value in ((names[0], secret), (names[0] + "_PREVIOUS", previous)):
                why = contract.weakness(value) if value or "PREVIOUS" not in name else ""
                if why:
                    raise ValueError(f"{name} {why}")
        self.config_url = first("CXB_API_CONFIG_URL", "VOXBRIDGE_CONFIG_URL",
                                default="" if self.production
                                else "http://127.0.0.1:8080/api/v1/config")
        if not contract.is_url(self.config_url):
            raise ValueError("CXB_API_CONFIG_URL is not an absolute http(s) URL")
        host, _, port = first("CXB_CORE_LISTEN", default="127.0.0.1:8001").rpartition(":")
        self.host, self.port = host, int(port)
        self.most_calls = int(first("MAX_CONCURRENT_CALLS", default="1"))
        self.workers = int(first("CXBCORE_WORKERS", "VOXCORE_WORKERS", default="1"))
        self.worker_id = first("CXB_WORKER_ID", default="1")
        self.outbox_dir = first("CXB_OUTBOX_DIR", default="/var/lib/cxb/outbox")
        self.drain_seconds = float(first("CXB_DRAIN_SECONDS", default="660"))
        self.config_hosts = [h for h in first("CXB_CONFIG_HOSTS").split(",") if h]
        self.ws_auth = first("CXB_WS_AUTH", default="off")
        # Rooms are simulated only; a Core with real media joins LiveKit here.
        self.room_media = first("CXB_CORE_MEDIA", default="simulated") == "simulated" \
            and not self.production
        # For tests: all waits of calls and outbox are this much of what the contract says.
        self.scale = float(first("CXB_TIME_PERCENT", default="100")) / 100
