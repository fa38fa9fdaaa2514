"""`lembur printers`: the real printers of the office, and the fence before each."""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from console import context
from console.text import count, echo, plural
from lembur.domain.errors import SettingsError

BACKENDS = Path("/usr/lib/cups/backend")
"""The folder in which CUPS on Linux looks for backends."""

MODE = 0o700
"""CUPS runs a backend as root only if nobody else may execute it."""

app = typer.Typer(help="List the real printers; prepare the print server CUPS.", invoke_without_command=True)


@app.callback()
@context.with_office
def printers(call: typer.Context, office: context.Connection, *, as_json: context.JsonOption = False) -> None:
    """List the real printers by station: their waits, their own count of ribbon and blanks, and their prints.

    The ledger's count of the station stands below it. 'lembur reconcile' compares the two.
    """
    if call.invoked_subcommand is not None:
        return
    from console.ui import times_of
    from lembur.ledger import queries
    from lembur.office import read_setup

    found, counters = office.ledger.printers(), queries.counters(office.ledger)
    if as_json:
        context.print_json([asdict(one) for one in found])
        return
    times = times_of(read_setup(office.ledger).scenario)
    for one in found:
        state = f"waits since {times.brief(one.since_ms)}: {', '.join(one.waits)}" if one.waits else "ready"
        ribbon = "unknown" if one.ribbon_percent is None else f"{one.ribbon_percent} %"
        blanks = "" if one.blanks is None else f", {plural(one.blanks, 'blank')} in it"
        kinds = (f"printer_{kind}" for kind in ("good", "spoiled"))
        good, spoiled = (count(counters.get((kind, one.station, one.name), 0)) for kind in kinds)
        echo(f"{one.station}: {one.name}: {state}; ribbon {ribbon}{blanks}; {good} printed, {spoiled} spoiled")
    for view in queries.read_board(office.ledger, sorted({one.station for one in found})).stations:
        stock = view.stock
        shelf = f"{plural(stock.blank, 'blank')} on the shelf, {count(stock.reserved)} in printers"
        echo(f"{view.code}: by the ledger {shelf}, ribbon for {plural(stock.ribbon, 'card')}")
    if not found:
        echo("no real printer has been used yet")


@app.command()
def fence(
    *,
    install: Annotated[
        bool, typer.Option("--install", help="Copy the fence; without this option its text is shown.")
    ] = False,
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Folder of the backends of CUPS.")] = BACKENDS,
) -> None:
    """Install the fence, our part for the print server CUPS.

    It lets each print job begin only once. CUPS must run it as root, so only root may execute the file.
    """
    text = (files("workers.devices.ipp") / "fence.py").read_text("utf-8")
    if not install:
        echo(text)
        return
    path = folder / "fence"
    try:
        found = _put(path, text)
    except OSError as fault:
        raise SettingsError(f"the fence cannot be written to {path}: {fault.strerror}; run this as root") from fault
    echo(f"{path} {found}, mode 0700. Queues use it as fence:JOURNAL?PRINTER, with the error policy abort-job.")


def _put(path: Path, text: str) -> str:
    """Put a backend in place, and return what was done. A job that begins meanwhile runs the old one or the new one."""
    before = path.read_text("utf-8") if path.exists() else None
    if before == text and path.stat().st_mode & 0o777 == MODE:
        return "is installed already"
    draft = path.with_name(".fence.draft")
    draft.write_text(text, "utf-8")
    draft.chmod(MODE)
    draft.replace(path)
    return "is installed" if before is None else "is renewed: another version was there"
