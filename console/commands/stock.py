"""`lembur stock`: blanks and ribbon on the shelves, and their movements by minutes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Final, Literal

import typer

from console import context
from console.context import ByOption, MinutesOption
from console.text import count, echo, plural

app = typer.Typer(help="Show or move the blanks and ribbon of the stations.", invoke_without_command=True)

StationArgument = Annotated[str, typer.Argument(metavar="STATION", help="Code of the station.")]
BlanksOption = Annotated[int, typer.Option("--blanks", metavar="N", min=0, help="Number of blanks.")]
RibbonsOption = Annotated[int, typer.Option("--ribbons", metavar="N", min=0, help="Number of ribbons.")]

DONE: Final = {"receive": "received", "transfer": "sent", "destroy": "destroyed"}


@app.callback()
@context.with_office
def show(office: context.Connection, call: typer.Context, *, as_json: context.JsonOption = False) -> None:
    """Show every station's stock."""
    if call.invoked_subcommand is not None:
        return
    from console.ui import Rows, open_terminal
    from lembur.ledger import queries
    from lembur.office import read_setup

    ledger = office.ledger
    found = queries.read_board(ledger, read_setup(ledger).stations)
    if as_json:
        rows = {
            station.code: {**asdict(station.stock), "difference": station.stock.difference}
            for station in found.stations
        }
        context.print_json(rows)
        return
    names = ("blank", "reserved", "received", "moved", "used", "spoiled", "destroyed", "ribbon", "difference")
    table = [(view.code, *(count(getattr(view.stock, name)) for name in names)) for view in found.stations]
    open_terminal().print(Rows(("station", *names), table))


@app.command()
@context.with_office
def receive(
    office: context.Connection,
    station: StationArgument,
    *,
    blanks: BlanksOption = 0,
    ribbons: RibbonsOption = 0,
    minutes: MinutesOption,
    by: ByOption,
) -> None:
    """Put a delivery on a station's shelf."""
    _move(office, "receive", station, blanks, ribbons, minutes=minutes, by=by)


@app.command()
@context.with_office
def transfer(
    office: context.Connection,
    station: StationArgument,
    to: Annotated[str, typer.Argument(metavar="TO", help="Code of the station that gets the stock.")],
    *,
    blanks: BlanksOption = 0,
    ribbons: RibbonsOption = 0,
    minutes: MinutesOption,
    by: ByOption,
) -> None:
    """Carry stock from one station to another."""
    _move(office, "transfer", station, blanks, ribbons, minutes=minutes, by=by, to=to)


@app.command()
@context.with_office
def destroy(
    office: context.Connection,
    station: StationArgument,
    *,
    blanks: BlanksOption,
    minutes: MinutesOption,
    by: ByOption,
) -> None:
    """Book blanks that were destroyed."""
    _move(office, "destroy", station, blanks, 0, minutes=minutes, by=by)


def _move(
    office: context.Connection,
    verb: Literal["receive", "transfer", "destroy"],
    station: str,
    blanks: int,
    ribbons: int,
    *,
    minutes: str,
    by: str,
    to: str = "",
) -> None:
    from lembur.actions import StockMove, move_stock

    move_stock(office, StockMove(verb, station, blanks, ribbons, minutes, by, to))
    amounts = [plural(blanks, "blank")] if blanks else []
    amounts += [plural(ribbons, "ribbon")] if ribbons else []
    echo(f"{station}: {' and '.join(amounts)} {DONE[verb]}{f' to {to}' if to else ''}, by minutes {minutes}")
