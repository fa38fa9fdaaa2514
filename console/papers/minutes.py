"""The minutes of a destruction of spoiled blanks (berita acara pemusnahan), as PDF for two signatures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from console.text import visible
from console.ui import FONT, Language, add_title, new_paper, times_of
from lembur.domain.errors import StockError
from lembur.ledger.queries.actions import read_actions
from lembur.office import read_setup
from lembur.typed_text import fold_number

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from lembur.ledger import Ledger

COLUMNS: Final = 4
"""Serials in a row."""


@dataclass(frozen=True, slots=True)
class MinutesWording:
    """The words of the minutes in one language."""

    title: str
    number: str
    body: str
    serials: str
    unknown: str
    first: str
    second: str
    basis: str = "Surat Edaran Mendagri No. 470.13/11176/SJ, 13 Desember 2018"


INDONESIAN: Final = MinutesWording(
    title="BERITA ACARA PEMUSNAHAN BLANGKO KTP-EL RUSAK",
    number="Nomor",
    body="Pada {day} di {station} telah dimusnahkan {blanks} blangko KTP elektronik yang rusak. Dasar: {basis}.",
    serials="Nomor seri yang tercatat ({known}):",
    unknown="Tanpa nomor seri tercatat: {rest}",
    first="Yang memusnahkan",
    second="Saksi",
)
ENGLISH: Final = MinutesWording(
    title="MINUTES OF THE DESTRUCTION OF SPOILED BLANKS",
    number="Number",
    body="On {day} at {station}, spoiled blanks of electronic identity cards were destroyed: {blanks}. Basis: {basis}.",
    serials="Serials that were noted ({known}):",
    unknown="Without a noted serial: {rest}",
    first="Destroyed by",
    second="Witness",
)


@dataclass(frozen=True, slots=True)
class Destruction:
    """A destruction as the log of people has it."""

    number: str
    day: date
    station: str
    blanks: int
    serials: tuple[str, ...]
    by: str
    witness: str


def find_destruction(ledger: Ledger, number: str) -> Destruction:
    """Find the destruction with this number in the log of people."""
    scenario, wanted = read_setup(ledger).scenario, fold_number(number)
    names = {station.code: station.name for station in scenario.stations}
    for action in reversed(read_actions(ledger)):
        found = action.details
        if action.what == "destroy spoiled" and fold_number(str(found["minutes"])) == wanted:
            return Destruction(
                str(found["minutes"]),
                times_of(scenario).local(action.at_ms).date(),
                names.get(str(found["station"]), str(found["station"])),
                int(found["blanks"]),
                tuple(str(found["serials"]).split()),
                action.by,
                str(found["witness"]),
            )
    raise StockError(
        "no spoiled blanks were destroyed by minutes %(number)s: 'lembur log' lists all minutes", number=number
    )


def write_minutes(found: Destruction, path: Path, *, office: str, language: Language) -> None:
    """Write the minutes as PDF."""
    pdf, words = new_paper(), ENGLISH if language.english else INDONESIAN
    add_title(pdf, words.title, f"{words.number}: {visible(found.number)}", office=visible(office))
    pdf.ln(5)
    body = words.body.format(
        day=language.date(found.day),
        station=visible(found.station),
        blanks=language.number(found.blanks),
        basis=words.basis,
    )
    pdf.multi_cell(0, 6, body, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(3)
    known = len(found.serials)
    pdf.cell(0, 6, words.serials.format(known=language.number(known)), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FONT, "", 9)
    with pdf.table(first_row_as_headings=False, borders_layout="HORIZONTAL_LINES", line_height=5) as table:
        for first in range(0, known, COLUMNS):
            row = found.serials[first : first + COLUMNS]
            table.row((*row, *[""] * (COLUMNS - len(row))))
    pdf.set_font(FONT, "", 10)
    pdf.ln(2)
    rest = language.number(found.blanks - known)
    pdf.cell(0, 6, words.unknown.format(rest=rest), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(8)
    rows = ((f"{words.first},", f"{words.second},"), ("", ""), ("", ""), (visible(found.by), visible(found.witness)))
    for left, right in (*rows, ("NIP: ____________________", "NIP: ____________________")):
        pdf.cell(90, 6, left)
        pdf.cell(0, 6, right, new_x="LMARGIN", new_y="NEXT")
    pdf.output(str(path))
