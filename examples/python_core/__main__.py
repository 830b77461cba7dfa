#!/usr/bin/env python3
"""A CX Bridge Core in Python, standard library only: `python3 examples/python_core`."""
import asyncio
import json
import os
import signal
import sys

import web
from host import Core, log
from settings import Settings


async def main(settings):
    core = Core(settings)
    if not await core.open():
        log("CXB_OUTBOX_DIR: another process uses this outbox")
        return 1
    server = await asyncio.start_server(
        lambda reader, writer: web.serve_connection(core, reader, writer),
        settings.host, settings.port, limit=web.MOST_HEAD)
    over, terms = asyncio.Event(), []

    async def leave():
        await core.drain(settings.drain_seconds)
        over.set()

    def term():
        terms.append(1)
        core.spawn(leave()) if len(terms) == 1 else core.stop_calls()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, term)
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, term)
    host, port = server.sockets[0].getsockname()[:2]
    print(json.dumps({"listening": f"http://{host}:{port}"}), flush=True)
    await over.wait()
    return 0


try:
    chosen = Settings()
except ValueError as fault:
    log(f"settings: {fault}")
    sys.exit(78)
# Nothing that still runs is waited for: whatever counts is on disk.
code = asyncio.run(main(chosen))
sys.stdout.flush()
os._exit(code)
