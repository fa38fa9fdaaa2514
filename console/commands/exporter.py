"""`lembur exporter`: what Prometheus reads; also a part of `lembur up`."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from console import context
from console.text import echo
from lembur.domain.errors import SettingsError

if TYPE_CHECKING:
    from console.runtime import Processes
    from lembur.settings import Settings

PORT = 9273


def exporter(
    *,
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="Where it listens.")] = PORT,
    host: Annotated[str, typer.Option("--host", help="On which address; others can read it only if not 127.0.0.1.")] = (
        "127.0.0.1"
    ),
    budget: Annotated[
        int | None, typer.Option("--budget", min=0, help="Rupiah for overtime; LEMBUR_BUDGET, or none, when not given.")
    ] = None,
    redis: context.RedisOption = None,
    data: context.DataOption = None,
) -> None:
    """Show Prometheus all metrics on /metrics, and on /healthz whether the ledger answers, until Ctrl-C."""
    from monitoring import serve

    settings = context.find_settings(redis, data)
    rupiah = settings.budget if budget is None else budget
    try:
        server = serve(settings, host=host, port=port, budget_rupiah=rupiah)
    except OSError as fault:
        raise SettingsError(f"nobody can listen on {host}:{port} ({fault.strerror}): give another --port") from fault
    with server, suppress(KeyboardInterrupt):
        echo(f"metrics on http://{host}:{server.server_port}/metrics")
        server.serve_forever()


def start(processes: Processes, settings: Settings) -> str:
    """Start the exporter under supervision, on the port Prometheus expects or, when that is taken, on a free one."""
    from console.runtime import free_port

    port = free_port(PORT)
    command = [sys.executable, "-m", "console", "exporter", f"--port={port}"]
    processes.start("exporter", command, environment=settings.environment())
    return f"http://127.0.0.1:{port}/metrics"
