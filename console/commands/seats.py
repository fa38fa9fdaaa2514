"""`lembur seats` and `lembur orders`: a change of seats is a written order."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console import context
from console.context import ByOption, ReasonOption
from console.group import DefaultGroup
from console.text import echo
from lembur.domain.errors import OrderError

if TYPE_CHECKING:
    from console.ui import Times
    from lembur.domain.seats import SeatOrder
    from lembur.office import OfficeSetup

app = typer.Typer(cls=DefaultGroup, help="Order seats. 'lembur seats jebres 2' is 'lembur seats order jebres 2'.")

FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="MOMENT", help="Begin of the order, such as 'besok 16:00'; now by default."),
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="MOMENT", help="End of the order; 21:00 of its day by default.")
]


@app.command("order")
@context.with_office
def order(
    office: context.Connection,
    station: Annotated[str, typer.Argument(metavar="STATION", help="A station, or 'all'.")],
    number: Annotated[
        int, typer.Argument(metavar="N", help="Number of open seats; with 'all', at most the printers of a station.")
    ],
    *,
    by: ByOption,
    reason: ReasonOption,
    from_: FromOption = None,
    until: UntilOption = None,
) -> None:
    """Order seats at a station, or at all stations, for a time."""
    from console.text import plural
    from console.ui import times_of
    from lembur.actions import open_seats_of
    from lembur.office import read_setup

    setup = read_setup(office.ledger)
    times = times_of(setup.scenario)
    from_ms, until_ms = _read_window(setup, office.ledger.time()[0], from_, until)
    for one in open_seats_of(office, station, number, (from_ms, until_ms), by=by, reason=reason):
        window = f"from {times.brief(from_ms)} until {times.brief(until_ms)}"
        echo(f"{one.station}: {plural(one.seats, 'seat')} {window}, by order of {by}")


def _read_window(setup: OfficeSetup, now_ms: int, from_: str | None, until: str | None) -> tuple[int, int]:
    from console.ui import parse_moment, times_of
    from lembur.actions import order_window

    times = times_of(setup.scenario)

    def read(text: str, option: str) -> int:
        return parse_moment(text, option=option, now_ms=now_ms, zone=times.zone)

    from_ms = read(from_, "--from") if from_ else None
    until_ms = read(until, "--until") if until else None
    for option, moment, text in (("--from", from_ms, from_), ("--until", until_ms, until)):
        if moment is not None and moment < now_ms:
            raise OrderError(f"{option} {text} is past: it is {times.full(now_ms)} in the office")
    begin_ms, end_ms = from_ms or now_ms, until_ms
    if end_ms is not None and end_ms <= begin_ms:
        raise OrderError(f"the order ends at {times.brief(end_ms)}, before it begins at {times.brief(begin_ms)}")
    return order_window(setup, now_ms, from_ms, until_ms)


@app.command("cancel")
@context.with_office
def cancel(
    office: context.Connection,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The order, as 'lembur orders' numbers it.")],
    *,
    by: ByOption,
    reason: ReasonOption,
) -> None:
    """End an order now, or before it begins."""
    from lembur.actions import cancel_seats

    cancel_seats(office, number, by=by, reason=reason)
    echo(f"order {number} is cancelled, by order of {by}")


@context.with_office
def orders(office: context.Connection, *, as_json: context.JsonOption = False) -> None:
    """List the seat orders by number, the scenario's overtime first."""
    from console.ui import Rows, open_terminal, times_of
    from lembur.domain.world import overtime_orders
    from lembur.office import read_setup

    ledger = office.ledger
    scenario = read_setup(ledger).scenario
    times, given = times_of(scenario), ledger.orders()
    rows = [*((0, order) for order in overtime_orders(scenario)), *enumerate(given, 1)]
    if as_json:
        context.print_json([_row_json(number, order, times) for number, order in rows])
        return
    titles = ("no.", "station", "seats", "from", "until", "by", "reason")
    cancelled = {order.cancels for order in given} - {0}
    cells = [_cells(number, order, times, cancelled=number in cancelled) for number, order in rows]
    open_terminal().print(Rows(titles, cells, words={"by", "reason"}))


def _cells(number: int, order: SeatOrder, times: Times, *, cancelled: bool) -> tuple[str, ...]:
    seats = f"cancels {order.cancels}" if order.cancels else f"{order.seats}"
    mark = ", cancelled" if cancelled else ""
    moments = (times.brief(order.from_ms), times.brief(order.until_ms))
    return (f"{number or '-'}", order.station, f"{seats}{mark}", *moments, order.by, order.reason)


def _row_json(number: int, order: SeatOrder, times: Times) -> dict[str, Any]:
    moments = {"from": times.iso(order.from_ms), "until": times.iso(order.until_ms)}
    return {"number": number or None, **asdict(order), **moments}
