"""`lembur board`, `card`, `hold`, `release`, `expedite`, `unconfirmed`, `confirm`: the work of people on cards."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from console import context
from console.context import ByOption, CardArgument, ReasonOption
from console.text import echo
from lembur.domain.errors import CardError

if TYPE_CHECKING:
    from lembur.ledger import Ledger
    from lembur.ledger.queries import CardView
    from lembur.office import OfficeSetup
    from planner.outcomes import CardEta

DONE = {"hold": "held", "release": "released", "expedite": "goes first"}
SETTLED = {
    "printed": "printed, its blank is used",
    "spoiled": "not printed, its blank is spoiled; it is printed again",
    "untouched": "not printed, its blank is back on the shelf; it is printed again",
}


@context.with_office
def board(
    office: context.Connection,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Keep the board on the screen until Ctrl-C.")] = False,
    as_json: context.JsonOption = False,
) -> None:
    """Show the office as it is now."""
    from console.ui import Screen, board_table, open_terminal
    from lembur.ledger import queries
    from lembur.office import SetupReader

    ledger = office.ledger
    setups = SetupReader(ledger)
    if watch:
        with Screen() as screen:
            try:
                while True:
                    play = setups.read()
                    screen(queries.read_board(ledger, play.all_stations), play)
                    time.sleep(0.5)
            except KeyboardInterrupt:
                return
    play = setups.read()
    now = queries.read_board(ledger, play.all_stations)
    if as_json:
        context.print_json(asdict(now))
    else:
        open_terminal().print(board_table(now, play))


@context.with_office
def card(office: context.Connection, number: CardArgument, *, as_json: context.JsonOption = False) -> None:
    """Show a card with its whole history, and when it will be ready."""
    from console.ui import times_of
    from lembur.actions import find_card
    from lembur.archive import archive_of, read_card
    from lembur.office import read_setup

    ledger = office.ledger
    found = read_card(ledger, archive_of(office.settings), find_card(office, number))
    setup = read_setup(ledger)
    times, outlook = times_of(setup.scenario), _outlook(ledger, setup, found)
    if as_json:
        context.print_json({**asdict(found), "outlook": _outlook_json(outlook)})
        return
    place = ", archived" if found.archived else ""
    echo(f"card      {found.card}  {found.status}{place}\nfor       {found.mask}, kelurahan {found.kelurahan}")
    echo(f"stream    {found.stream}, class {found.priority}\nstation   {found.station}")
    echo(f"due       {times.full(found.due_ms)}")
    if outlook:
        from console.forecast import describe_outlook

        echo(f"ready     {describe_outlook(*outlook, times)}")
    for title, text in (("blank", found.blank), ("first", found.reprint_of), ("reprint", found.reprinted_as)):
        if text:
            echo(f"{title:10}{text}")
    for moment in found.history:
        echo(f"{times.full(moment.at_ms)}  {moment.what}{'  ' + moment.why if moment.why else ''}")


def _outlook(ledger: Ledger, setup: OfficeSetup, found: CardView) -> tuple[CardEta, int] | None:
    """Forecast when a card will be ready, while machines still work on it."""
    from lembur.ledger.queries import UNDER_WAY

    if found.status not in UNDER_WAY:
        return None
    from console.forecast import forecast_card

    return forecast_card(ledger, setup, found.card)


def _outlook_json(found: tuple[CardEta, int] | None) -> dict[str, float] | None:
    if found is None:
        return None
    outlook, at_ms = found
    return {
        "at_ms": at_ms,
        "p50_ms": outlook.by_ms(0.5),
        "p90_ms": outlook.by_ms(0.9),
        "late": outlook.late,
        "refused": outlook.refused,
    }


@context.with_office
def hold(
    office: context.Connection,
    number: CardArgument,
    *,
    by: ByOption,
    reason: ReasonOption,
) -> None:
    """Take a waiting card out of the queue until it is released."""
    _handle(office, "hold", number, by=by, reason=reason)


@context.with_office
def release(
    office: context.Connection,
    number: CardArgument,
    *,
    by: ByOption,
    reason: ReasonOption,
) -> None:
    """Return a held or shelved card to the queue."""
    _handle(office, "release", number, by=by, reason=reason)


@context.with_office
def expedite(
    office: context.Connection,
    number: CardArgument,
    *,
    by: ByOption,
    reason: ReasonOption,
) -> None:
    """Put a waiting card before all others."""
    _handle(office, "expedite", number, by=by, reason=reason)


@context.with_office
def list_unconfirmed(office: context.Connection, *, as_json: context.JsonOption = False) -> None:
    """List the cards with an unknown print result."""
    from console.text import plural
    from console.ui import times_of
    from lembur.ledger import queries
    from lembur.office import read_setup

    ledger = office.ledger
    times = times_of(read_setup(ledger).scenario)
    found = [(queries.read_card(ledger, number), since) for number, since in queries.unconfirmed_cards(ledger)]
    if as_json:
        context.print_json(
            [{"card": one.card, "station": one.station, "mask": one.mask, "since_ms": since} for one, since in found]
        )
        return
    for one, since in found:
        echo(f"{one.card}  {one.station:14} {one.mask}  since {times.full(since)}")
    echo(f"{plural(len(found), 'card')} unconfirmed" if found else "no card is unconfirmed")


@context.with_office
def confirm(
    office: context.Connection,
    number: CardArgument,
    *,
    by: ByOption,
    printed: Annotated[bool, typer.Option("--printed", help="The good card lay in the printer.")] = False,
    not_printed: Annotated[
        bool,
        typer.Option("--not-printed", help="There was no card, and its blank is still good."),
    ] = False,
    spoiled: Annotated[bool, typer.Option("--spoiled", help="There was no card, and its blank is spoiled.")] = False,
) -> None:
    """Settle an unconfirmed card as you found it, and its blank."""
    from lembur.actions import find_card, settle_card
    from lembur.ledger.types import Finding

    if printed == (not_printed or spoiled):
        raise CardError("name what you found: --printed, or --not-printed, with --spoiled when its blank is spoiled")
    verdict = Finding.PRINTED if printed else Finding.SPOILED if spoiled else Finding.UNTOUCHED
    card_id = find_card(office, number)
    settle_card(office, card_id, verdict, by=by)
    echo(f"card {card_id}: {SETTLED[verdict]} (found by {by})")


def _handle(
    office: context.Connection, verb: Literal["hold", "release", "expedite"], number: str, *, by: str, reason: str
) -> None:
    from lembur.actions import find_card, handle_card

    card_id = find_card(office, number)
    handle_card(office, verb, card_id, by=by, reason=reason)
    echo(f"card {card_id}: {DONE[verb]}")
