"""`lembur archive`: cards that ended long ago move into Parquet files, and back."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

import typer

from console import context
from console.context import ByOption, CardArgument, ReasonOption
from console.group import DefaultGroup
from console.text import echo, plural
from lembur.domain.errors import SettingsError

app = typer.Typer(cls=DefaultGroup, help="Move cards that ended long ago into files, and back.")


@app.command("move")
@context.with_office
def move(
    office: context.Connection,
    *,
    before: Annotated[
        str, typer.Option("--before", metavar="DATE", help="Move the cards that ended before this date.")
    ],
    by: ByOption,
) -> None:
    """Move ended cards from the ledger into one file for each month.

    A card leaves the ledger only when its file is on the disk and was read back. Reports still find it.
    """
    from lembur.archive import archive_cards, archive_of
    from lembur.domain.time import at_ms
    from lembur.office import read_setup

    try:
        day = date.fromisoformat(before)
    except ValueError:
        raise SettingsError(f"--before must be a date like 2016-08-31, not '{before}'") from None
    ledger, archive = office.ledger, archive_of(office.settings)
    zone = read_setup(ledger).scenario.zone
    ledger.note_action("archive", by=by, before=before)
    moved = archive_cards(ledger, archive, before_ms=at_ms(day, time(), zone), zone=zone)
    for month, cards in sorted(moved.items()):
        echo(f"{month}  {plural(cards, 'card')}")
    echo(f"{plural(moved.total(), 'card')} moved to {archive.folder}: keep it as you keep the ledger")


@app.command("restore")
@context.with_office
def restore(office: context.Connection, number: CardArgument, *, by: ByOption, reason: ReasonOption) -> None:
    """Bring an archived card back into the ledger."""
    from lembur.actions import find_card
    from lembur.archive import archive_of, restore_card

    card = find_card(office, number)
    restore_card(office.ledger, archive_of(office.settings), card, by=by, reason=reason)
    echo(f"card {card} is in the ledger again")
