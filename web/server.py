"""Serves the console: waits for the office, prints the address, and the one-time link of the first start."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import uvicorn

from lembur.domain.errors import LedgerError
from lembur.service import listen, start_heartbeat
from web.app import create_app
from web.office import WebOffice, open_web_office

if TYPE_CHECKING:
    from lembur.settings import Settings

WAIT_S: Final = 1.0
NODE: Final = "console"


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Serve the console until a signal. A port that is taken is refused before anything is printed or written."""
    listening = listen(host, port)
    office = _await_office(settings)
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104 - compared, not bound
    sys.stdout.write(f"console  {address}\n")
    if not office.accounts.users() and not office.accounts.has_links():
        secret = office.accounts.make_link()
        sys.stdout.write(f"first start: choose the head's password at {address}/welcome/{secret} (one use, one day)\n")
    sys.stdout.flush()
    start_heartbeat(settings, NODE)
    # No access log: it would hold the secret of a one-time link.
    config = uvicorn.Config(
        create_app(office, hosts=(host,)),
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def _await_office(settings: Settings) -> WebOffice:
    waited = False
    while True:
        try:
            return open_web_office(settings)
        except LedgerError as fault:
            if not waited:
                sys.stderr.write(f"console: waits for the office: {fault}\n")
            waited = True
            time.sleep(WAIT_S)
