"""Flower beside an office: `python -m monitoring.flower`, with options as FLOWER_ variables.

Its buttons Grow and Shrink give seat orders in the name of the login. All other commands are refused, here and by
the workers.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from base64 import b64decode
from typing import Any, Never

from celery.events import EventReceiver
from flower.api import BaseApiHandler
from flower.api.control import ControlHandler
from flower.app import Flower
from flower.command import apply_env_options, extract_settings, setup_logging
from flower.events import Events
from flower.urls import settings as web_settings
from tornado import web
from tornado.ioloop import IOLoop
from tornado.options import options, parse_command_line

from lembur import bus
from lembur.settings import read_settings

ORDERS = r"/api/worker/pool/(grow|shrink)/(.+)"
OTHERS = (
    r"/api/(?:worker/(?:shutdown|pool|queue)|task/(?:apply|async-apply|send-task|abort|timeout|rate-limit|revoke))/.+"
)
REFUSAL = "Refused: seats are opened and closed by Grow and Shrink, everything else is done by the command 'lembur'."
REPLY_S = 10.0
AGAIN_S = 3.0
PATIENCE = {"max_retries": 2, "interval_start": 0.2, "interval_step": 0.2, "interval_max": 1.0}
"""Flower tries again by itself, because a call that waits for the broker would hold one of its few threads."""

log = logging.getLogger(__name__)


class SeatOrderHandler(ControlHandler):
    """Grow and Shrink of a worker's page and of the API."""

    @web.authenticated
    async def post(self, action: str, node: str) -> None:
        """Order seats at the worker's station, and answer in a sentence."""
        if not self.is_worker(node):
            raise web.HTTPError(404, f"Unknown worker '{node}'")
        given = {"n": self.get_argument("n", default=1, type=int), "by": self._login()}
        command, wait = f"pool_{action}", {"reply": True, "timeout": REPLY_S, "limit": 1}
        broadcast = self.capp.control.broadcast
        replies = await self.run_blocking(
            command, node, broadcast, command, arguments=given, destination=[node], **wait
        )
        reply = replies[0][node] if replies else {"error": "the worker did not answer"}
        if "ok" in reply:
            self.write({"message": reply["ok"]})
        else:
            self.set_status(403)
            self.write(reply["error"])

    def _login(self) -> str:
        scheme, _, credentials = self.request.headers.get("Authorization", "").partition(" ")
        return b64decode(credentials).decode().partition(":")[0] if scheme == "Basic" else str(self.current_user)


class RefusedHandler(BaseApiHandler):
    """All other commands. They would stop a station, or change a worker until its next restart."""

    @web.authenticated
    def post(self) -> None:
        """Answer with the refusal; the office stays as it was."""
        self.set_status(403)
        self.write(REFUSAL)


class PatientEvents(Events):
    """Flower's thread that hears events; it tries again every few seconds, however long the broker was away."""

    def run(self) -> None:
        """Hear events until the process ends."""
        while True:
            try:
                with self.capp.connection() as connection:
                    receiver = EventReceiver(connection, handlers={"*": self.on_event}, app=self.capp)
                    receiver.capture(limit=None, timeout=None, wakeup=True)
            except Exception as fault:  # noqa: BLE001 - whatever it is, the thread must live
                log.warning("Flower waits for the broker: %s", fault)
                time.sleep(AGAIN_S)


def make_flower() -> Flower:
    """Build Flower's application with our handlers before its own."""
    app = bus.make_app(read_settings())
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, **PATIENCE}
    events = PatientEvents(
        app,
        IOLoop.current(),
        db=options.db,
        persistent=options.persistent,
        state_save_interval=options.state_save_interval,
        max_workers_in_memory=options.max_workers,
        max_tasks_in_memory=options.max_tasks,
    )
    flower = Flower(capp=app, options=options, events=events, io_loop=IOLoop.current(), **web_settings)
    flower.add_handlers(".*", [(ORDERS, SeatOrderHandler), (OTHERS, RefusedHandler)])
    return flower


def main() -> Never:
    """Serve Flower until SIGTERM or Ctrl-C; keep its state for the next start."""
    apply_env_options()
    parse_command_line(sys.argv[:1])
    extract_settings()
    setup_logging()
    flower = make_flower()
    try:
        flower.start_http_server()
    except OSError as fault:
        sys.exit(f"lembur: Flower cannot listen on {options.address}:{options.port}: {fault.strerror}")
    signal.signal(signal.SIGTERM, _stop)
    try:
        flower.start()
    except (KeyboardInterrupt, SystemExit):
        flower.events.stop()
    os._exit(0)  # its threads may wait for a broker that is away


def _stop(*_: Any) -> None:
    raise SystemExit


if __name__ == "__main__":
    main()
