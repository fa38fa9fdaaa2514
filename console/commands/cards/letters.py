"""`lembur letter owed` and `give`: interim letters for those who wait because blanks are missing."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from console import context
from console.context import CardArgument, line_option
from console.text import echo, plural

app = typer.Typer(no_args_is_help=True, help="List and write interim letters for those who wait for a blank.")


@app.command(name="owed")
@context.with_office
def list_owed(office: context.Connection, *, as_json: context.JsonOption = False) -> None:
    """List those who wait too long for want of blanks, longest first."""
    from console.ui import times_of
    from lembur.domain.time import DAY_MS
    from lembur.ledger.queries.letters import owed_letters
    from lembur.office import read_setup

    ledger = office.ledger
    setup = read_setup(ledger)
    found, now_ms = owed_letters(ledger, setup.stations, setup.scenario.interim_letter), ledger.time()[0]
    if as_json:
        context.print_json([asdict(one) for one in found])
        return
    times = times_of(setup.scenario)
    for one in found:
        days = plural(int((now_ms - one.recorded_ms) // DAY_MS), "day")
        echo(f"{one.card}  {one.station:14} {one.mask}  recorded {times.full(one.recorded_ms)}, {days}")
    echo(f"{plural(len(found), 'interim letter')} owed" if found else "nobody waits that long for want of a blank")


@app.command()
@context.with_office
def give(
    office: context.Connection,
    card: CardArgument,
    *,
    number: Annotated[str, line_option("--number", "The letter's number.", "NUMBER")],
    letterhead: Annotated[str, line_option("--office", "The office, as the letter names it.", "NAME")],
    by: Annotated[str, line_option("--by", "The person who signs the letter; kept in the log.", "NAME")],
    pdf: Annotated[Path, typer.Option("--pdf", metavar="FILE", help="The letter.")],
    english: Annotated[bool, typer.Option("--english", help="In English instead of Indonesian.")] = False,
) -> None:
    """Write the interim letter of a card, and note it.

    Name and NIK come from the office's own file of records, else they are lines to fill by hand.
    """
    from console.papers import give_interim_letter, write_interim_letter
    from console.ui import Language
    from lembur.actions import find_card

    card_id, language = find_card(office, card), Language(english)
    paper = give_interim_letter(office, card_id, number=number, letterhead=letterhead, by=by, language=language)
    write_interim_letter(paper, pdf)
    echo(f"card {card_id}: interim letter {number} is in {pdf}")
