"""`lembur stock`: blanks and ribbon on the shelves, and how they move."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from console import context as way
from console.text import echo
from lembur.domain.errors import StockError

app = typer.Typer(help="Blanks and ribbon: what there is, and how it moves.", invoke_without_command=True)

StationArgument = Annotated[str, typer.Argument(metavar="STATION")]
BlanksOption = Annotated[int, typer.Option("--blanks", min=0, help="How many blanks.")]
RibbonsOption = Annotated[int, typer.Option("--ribbons", min=0, help="How many ribbons.")]
MinutesOption = Annotated[str, typer.Option("--minutes", help="Number of the minutes (berita acara) behind it.")]
ByOption = Annotated[str, typer.Option("--by", help="Your name; kept in the log.")]


@app.callback()
def show(
    context: typer.Context,
    *,
    as_json: way.JsonOption = False,
    redis: way.RedisOption = None,
    data: way.DataOption = None,
) -> None:
    """Show every station's stock."""
    if context.invoked_subcommand is not None:
        return
    from rich.table import Table

    from console.ui import open_terminal
    from lembur.ledger import queries
    from lembur.office import read_setup

    ledger = way.open_ledger(way.find_settings(redis, data))
    found = queries.read_board(ledger, read_setup(ledger).stations)
    if as_json:
        rows = {
            station.code: {**asdict(station.stock), "difference": station.stock.difference}
            for station in found.stations
        }
        way.say_json(rows)
        return
    names = ("blank", "reserved", "received", "moved", "used", "spoiled", "destroyed", "ribbon", "difference")
    table = Table("station", box=None)
    for name in names:
        table.add_column(name, justify="right")
    for station in found.stations:
        table.add_row(station.code, *(f"{getattr(station.stock, name):,}" for name in names))
    open_terminal().print(table)


@app.command()
def receive(
    station: StationArgument,
    *,
    blanks: BlanksOption = 0,
    ribbons: RibbonsOption = 0,
    minutes: MinutesOption,
    by: ByOption,
    redis: way.RedisOption = None,
    data: way.DataOption = None,
) -> None:
    """Put a delivery on a station's shelf."""
    _move("receive", station, blanks, ribbons, minutes, by=by, redis=redis, data=data)


@app.command()
def transfer(
    station: StationArgument,
    to: Annotated[str, typer.Argument(metavar="TO")],
    *,
    blanks: BlanksOption = 0,
    ribbons: RibbonsOption = 0,
    minutes: MinutesOption,
    by: ByOption,
    redis: way.RedisOption = None,
    data: way.DataOption = None,
) -> None:
    """Carry stock from one station to another."""
    _move("transfer", station, blanks, ribbons, minutes, by=by, redis=redis, data=data, to=to)


@app.command()
def destroy(
    station: StationArgument,
    *,
    blanks: BlanksOption,
    minutes: MinutesOption,
    by: ByOption,
    redis: way.RedisOption = None,
    data: way.DataOption = None,
) -> None:
    """Destroy blanks, by minutes."""
    _move("destroy", station, blanks, 0, minutes, by=by, redis=redis, data=data)


def _move(
    verb: str,
    station: str,
    blanks: int,
    ribbons: int,
    minutes: str,
    *,
    by: str,
    redis: str | None,
    data: way.DataOption,
    to: str | None = None,
) -> None:
    from lembur.domain.seats import StationCode
    from lembur.office import read_setup

    settings = way.find_settings(redis, data)
    ledger = way.open_ledger(settings)
    play = read_setup(ledger)
    for code in (station, to or station):
        if code not in play.stations:
            raise StockError(f"there is no station '{code}': {', '.join(play.stations)}")
    given: dict[str, object] = {"blanks": blanks, "minutes": minutes, "by": by}
    if verb != "destroy":
        given["ribbon_cards"] = ribbons * play.scenario.printing.ribbon_cards
    if to is not None:
        given["to"] = StationCode(to)
    way.wake(settings, getattr(ledger, verb)(StationCode(station), **given))
    echo(f"{station}: {verb} {blanks} blanks, {ribbons} ribbons, minutes {minutes}")
