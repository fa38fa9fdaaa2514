"""`lembur seats` and `lembur orders`: a change of seats is a written order."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, time
from typing import Annotated

import typer

from console import context
from lembur.domain.errors import OrderError
from lembur.domain.time import JAKARTA, at_ms, brief, day_of, moment_ms, shown


def seats(
    station: Annotated[str, typer.Argument(metavar="STATION")],
    number: Annotated[int, typer.Argument(metavar="N", help="Seats open from now on.")],
    *,
    by: Annotated[str, typer.Option("--by", help="Who orders it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    until: Annotated[str, typer.Option("--until", help="When it ends: 21:00, or 2016-08-26T21:00.")] = "21:00",
    redis: context.RedisOption = None,
    data: context.DataOption = None,
) -> None:
    """Order so many seats at a station from now until a time."""
    from lembur.domain.seats import SeatOrder, StationCode
    from lembur.office import order_seats

    settings = context.find_settings(redis, data)
    ledger = context.open_ledger(settings)
    now_ms, _ = ledger.time()
    until_ms = _moment(until, now_ms)
    if until_ms <= now_ms:
        raise OrderError(f"--until {until} is past: it is {shown(now_ms)} in the office")
    order = SeatOrder(StationCode(station), number, now_ms, until_ms, by, reason)
    context.wake(settings, order_seats(ledger, order))
    typer.echo(f"{station}: {number} seats until {shown(until_ms)}, by order of {by}")


def orders(
    *, as_json: context.JsonOption = False, redis: context.RedisOption = None, data: context.DataOption = None
) -> None:
    """List the seat orders, the scenario's overtime first."""
    from rich.console import Console
    from rich.table import Table

    from lembur.domain.world import overtime_orders
    from lembur.office import read_setup

    ledger = context.open_ledger(context.find_settings(redis, data))
    rows = [*overtime_orders(read_setup(ledger).scenario), *ledger.orders()]
    if as_json:
        context.say_json([asdict(row) for row in rows])
        return
    table = Table("station", "seats", "from", "until", "by", "reason", box=None)
    for row in rows:
        table.add_row(row.station, str(row.seats), brief(row.from_ms), brief(row.until_ms), row.by, row.reason)
    Console().print(table)


def _moment(text: str, now_ms: int) -> int:
    try:
        if "T" not in text:
            return at_ms(day_of(now_ms), time.fromisoformat(text))
        given = datetime.fromisoformat(text)
    except ValueError as fault:
        raise OrderError(f"--until must be like 21:00 or 2016-08-26T21:00, not '{text}'") from fault
    return moment_ms(given if given.tzinfo else given.replace(tzinfo=JAKARTA))
