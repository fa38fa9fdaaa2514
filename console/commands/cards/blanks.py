"""`lembur blank find`, `note`, `destroy`, `minutes`: which blank became which card, and the end of spoiled ones."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from console import context
from console.context import ByOption, CardArgument, MinutesOption, line_option
from console.text import echo, plural

app = typer.Typer(no_args_is_help=True, help="Find and note the serials of blanks, and destroy spoiled blanks.")

SerialArgument = Annotated[str, typer.Argument(metavar="SERIAL", help="The serial on the blank, typed or scanned.")]
OfficeOption = Annotated[str, line_option("--office", "The office, as the minutes name it.", "NAME")]
PdfOption = Annotated[Path, typer.Option("--pdf", metavar="FILE", help="The minutes, for two signatures.")]
EnglishOption = Annotated[bool, typer.Option("--english", help="In English instead of Indonesian.")]


@app.command()
@context.with_office
def find(office: context.Connection, serial: SerialArgument, *, as_json: context.JsonOption = False) -> None:
    """Find the card that a blank became, or that spoiled it."""
    from lembur.actions import find_blank

    found = find_blank(office, serial)
    if as_json:
        context.print_json(asdict(found))
        return
    minutes = f" by minutes {found.minutes}" if found.minutes else ""
    echo(f"blank {found.serial}: {found.use}{minutes}, card {found.card}")


@app.command()
@context.with_office
def note(
    office: context.Connection,
    number: CardArgument,
    serial: SerialArgument,
    *,
    spoiled: Annotated[bool, typer.Option("--spoiled", help="The card spoiled this blank.")] = False,
    by: ByOption,
) -> None:
    """Note the serial of a card's blank, good or spoiled."""
    from lembur.actions import find_card, note_blank

    card_id = find_card(office, number)
    blank = note_blank(office, card_id, serial, spoiled=spoiled, by=by)
    echo(f"card {card_id}: {'spoiled ' if spoiled else ''}blank {blank}")


@app.command()
@context.with_office
def destroy(
    office: context.Connection,
    station: Annotated[str, typer.Argument(metavar="STATION", help="Code of the station.")],
    *,
    minutes: MinutesOption,
    by: ByOption,
    witness: Annotated[str, line_option("--witness", "The second person; kept in the log.", "NAME")],
    letterhead: OfficeOption,
    pdf: PdfOption,
    english: EnglishOption = False,
) -> None:
    """Destroy the spoiled blanks of a station, and write the minutes."""
    from lembur.actions import destroy_spoiled

    blanks = destroy_spoiled(office, station, minutes=minutes, witness=witness, by=by)
    _write(office, minutes, letterhead, pdf, english=english)
    echo(f"{station}: {plural(blanks, 'spoiled blank')} destroyed by minutes {minutes}, which are in {pdf}")


@app.command(name="minutes")
@context.with_office
def print_minutes(
    office: context.Connection,
    minutes: Annotated[str, typer.Argument(metavar="NUMBER", help="The number of the minutes.")],
    *,
    letterhead: OfficeOption,
    pdf: PdfOption,
    english: EnglishOption = False,
) -> None:
    """Write the minutes of a destruction again."""
    _write(office, minutes, letterhead, pdf, english=english)
    echo(f"minutes {minutes} are in {pdf}")


def _write(office: context.Connection, number: str, letterhead: str, pdf: Path, *, english: bool) -> None:
    from console.papers import find_destruction, write_minutes
    from console.ui import Language

    write_minutes(find_destruction(office.ledger, number), pdf, office=letterhead, language=Language(english))
