"""`lembur ship`, `issue`, `uncollected`, `reprint`: the way of a printed card to its person."""

from __future__ import annotations

from typing import Annotated

import typer

from console import context
from console.context import ByOption, CardArgument, ReasonOption, line_option
from console.text import echo
from lembur.domain.card import Collector


@context.with_office
def ship(
    office: context.Connection,
    number: CardArgument,
    *,
    to: Annotated[str, line_option("--to", "The counter that it is carried to.", "COUNTER")],
    by: ByOption,
) -> None:
    """Note that a printed card is carried to another counter."""
    from lembur.actions import find_card

    card_id = find_card(office, number)
    office.ledger.ship(card_id, to=to, by=by)
    echo(f"card {card_id}: shipped to {to}")


@context.with_office
def issue(
    office: context.Connection,
    number: CardArgument,
    *,
    to: Annotated[Collector, typer.Option("--to", help="The person who collects it.")],
    by: Annotated[str, line_option("--by", "Your name: you looked at the collector's identity.", "NAME")],
    blank: Annotated[
        str | None,
        typer.Option("--blank", metavar="SERIAL", help="The serial on the card, to check that it is the right card."),
    ] = None,
) -> None:
    """Note that a card was handed over.

    The collector is the holder, the family or a proxy; no name of theirs is kept.
    """
    from lembur.actions import find_card, issue_card

    card_id = find_card(office, number)
    issue_card(office, card_id, to=to, by=by, serial=blank or "")
    echo(f"card {card_id}: handed over to {to}")


@context.with_office
def list_uncollected(office: context.Connection, *, as_json: context.JsonOption = False) -> None:
    """List the printed cards that nobody has collected, oldest first."""
    from console.text import plural
    from console.ui import times_of
    from lembur.domain.time import DAY_MS
    from lembur.ledger import queries
    from lembur.office import read_setup

    ledger = office.ledger
    times, found, now_ms = times_of(read_setup(ledger).scenario), queries.uncollected_cards(ledger), ledger.time()[0]
    if as_json:
        context.print_json(
            [{"card": card, "status": status, "station": at, "since_ms": since} for card, status, at, since in found]
        )
        return
    for card, status, station, since_ms in found:
        days = plural(int((now_ms - since_ms) // DAY_MS), "day")
        echo(f"{card}  {station:14} {status:12}  since {times.full(since_ms)}, {days}")
    echo(f"{plural(len(found), 'card')} uncollected" if found else "no card is uncollected")


@context.with_office
def reprint(office: context.Connection, number: CardArgument, *, by: ByOption, reason: ReasonOption) -> None:
    """Request a printed card again; the first one is void from then on."""
    from lembur.actions import find_card, reprint_card

    card_id = find_card(office, number)
    new = reprint_card(office, card_id, by=by, reason=reason)
    echo(f"card {card_id}: reprinted as card {new}, which waits for a printer")
