"""`lembur exporter`: the page that Prometheus reads. It is also a part of `lembur up`."""

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


@context.with_office
def exporter(
    office: context.Connection,
    *,
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, metavar="N", help="Port to serve on.")] = PORT,
    host: context.HostOption = "127.0.0.1",
    budget: Annotated[
        int | None,
        typer.Option(
            "--budget", metavar="RUPIAH", min=0, help="Budget of overtime; LEMBUR_BUDGET, or none, by default."
        ),
    ] = None,
) -> None:
    """Serve all metrics for Prometheus until Ctrl-C.

    The page is /metrics. The page /healthz shows whether the ledger answers.
    """
    from monitoring import serve

    rupiah = office.settings.budget if budget is None else budget
    try:
        server = serve(office.settings, host=host, port=port, budget_rupiah=rupiah)
    except OSError as fault:
        raise SettingsError(
            f"{host}:{port} cannot be listened on ({fault.strerror}): give another --port or --host"
        ) from fault
    with server, suppress(KeyboardInterrupt):
        echo(f"metrics on http://{host}:{server.server_port}/metrics")
        server.serve_forever()


def start(processes: Processes, settings: Settings) -> str:
    """Start the exporter under supervision, on the port that Prometheus expects, or on a free one if that is taken."""
    port = processes.reserve_port(PORT)
    command = [sys.executable, "-m", "console", "exporter", f"--port={port}"]
    processes.start("exporter", command, environment=settings.environment())
    return f"http://127.0.0.1:{port}/metrics"
