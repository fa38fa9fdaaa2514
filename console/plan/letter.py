"""The written order of overtime (SPK Lembur) as PDF, for the signature of the office's head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from console.text import visible
from console.ui import FONT, Language, new_paper
from lembur.domain.calendar import Calendar
from lembur.domain.overtime import overtime_of
from lembur.domain.seats import Step, Window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fpdf import FPDF

    from console.ui import Times
    from lembur.domain.scenario import Scenario, Station
    from lembur.domain.seats import SeatOrder

WIDTHS_MM: Final = (46, 48, 30, 20, 12, 24)


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of the letter in one language."""

    title: str
    number: str
    office: str
    basis: str
    orderer: str
    task: str
    printing: str
    columns: tuple[str, ...]
    operator: str
    total: str
    signature: str


INDONESIAN: Final = Wording(
    title="SURAT PERINTAH KERJA LEMBUR",
    number="Nomor",
    office="Kantor",
    basis="Dasar pembayaran",
    orderer="Pemberi perintah",
    task="Tugas",
    printing="Pencetakan KTP-el pada tempat dan waktu berikut",
    columns=("Tanggal", "Tempat", "Waktu", "Operator", "Jam", "Biaya (Rp)"),
    operator="Nama: __________________________   NIP: ____________________   Paraf: ________",
    total="Jumlah",
    signature="Yang memberi perintah",
)
ENGLISH: Final = Wording(
    title="OVERTIME WORK ORDER",
    number="Number",
    office="Office",
    basis="Basis of pay",
    orderer="Ordered by",
    task="Task",
    printing="Printing of identity cards at the following places and times",
    columns=("Date", "Station", "Time", "Operators", "Hours", "Cost (Rp)"),
    operator="Name: __________________________   Employee no.: ______________   Initials: ________",
    total="Total",
    signature="Ordered by",
)


@dataclass(frozen=True, slots=True)
class OvertimeLetter:
    """An order of overtime: its number, the office that gives it, and the seat orders of one plan."""

    scenario: Scenario
    times: Times
    number: str
    office: str
    orders: Sequence[SeatOrder]
    english: bool = False

    @property
    def language(self) -> Language:
        """The formats of dates and numbers."""
        return Language(self.english)

    @property
    def wording(self) -> Wording:
        """The words of the letter."""
        return ENGLISH if self.english else INDONESIAN


def write_letter(letter: OvertimeLetter, path: Path) -> None:
    """Write the letter as PDF."""
    pdf = new_paper()
    words = letter.wording
    pdf.set_font(FONT, "B", 14)
    pdf.cell(0, 9, words.title, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FONT, "", 10)
    pdf.cell(0, 7, f"{words.number}: {visible(letter.number)}", align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(4)
    for title, text in _head(letter):
        pdf.cell(42, 6, title)
        pdf.multi_cell(0, 6, visible(text), align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(3)
    _add_table(pdf, letter)
    _add_signature(pdf, letter)
    pdf.output(str(path))


def _head(letter: OvertimeLetter) -> list[tuple[str, str]]:
    words, scenario = letter.wording, letter.scenario
    days = (letter.times.local(order.from_ms).date() for order in letter.orders)
    sources = dict.fromkeys(scenario.overtime_pay.on(day).source for day in days)
    return [
        (words.office, letter.office),
        (words.basis, "; ".join(sources)),
        (words.orderer, letter.orders[0].by),
        (words.task, words.printing),
    ]


def _add_table(pdf: FPDF, letter: OvertimeLetter) -> None:
    """Write a line for each order with blank lines for its operators, and the sum; the titles stand on every page."""
    rows = [(order, *_overtime(letter, order)) for order in letter.orders]
    hours, rupiah = sum(row[1] for row in rows), sum(row[2] for row in rows)
    pdf.set_font(FONT, "", 9)
    with pdf.table(
        [letter.wording.columns],
        col_widths=WIDTHS_MM,
        borders_layout="HORIZONTAL_LINES",
        line_height=6,
        text_align=("LEFT", "LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT"),
    ) as table:
        for order, *figures in rows:
            table.row((*_place_and_time(letter, order), str(order.seats), *_write_figures(letter, *figures)))
            for operator in range(1, order.seats + 1):
                table.row().cell(f"      {operator}. {letter.wording.operator}", colspan=len(WIDTHS_MM))
        table.row((letter.wording.total, "", "", "", *_write_figures(letter, hours, rupiah)))


def _write_figures(letter: OvertimeLetter, hours: float, rupiah: float) -> tuple[str, str]:
    return letter.language.plain(hours), letter.language.number(rupiah)


def _place_and_time(letter: OvertimeLetter, order: SeatOrder) -> tuple[str, str, str]:
    begin, end = letter.times.local(order.from_ms), letter.times.local(order.until_ms)
    name = visible(_station_of(letter, order).name)
    return letter.language.date(begin.date()), name, letter.language.hours(begin, end)


def _station_of(letter: OvertimeLetter, order: SeatOrder) -> Station:
    return next(station for station in letter.scenario.stations if station.code == order.station)


def _overtime(letter: OvertimeLetter, order: SeatOrder) -> tuple[float, float]:
    """Return the overtime hours of an order, all seats together, and their price."""
    seats = [Step(order.from_ms, order.seats), Step(order.until_ms, 0)]
    found = overtime_of(
        seats, Calendar.of_station(letter.scenario, _station_of(letter, order)), Window(order.from_ms, order.until_ms)
    )
    return found.seat_hours, found.rupiah(letter.scenario.overtime_pay)


def _add_signature(pdf: FPDF, letter: OvertimeLetter) -> None:
    pdf.set_font(FONT, "", 10)
    pdf.ln(8)
    for line in (f"{letter.wording.signature},", "", "", visible(letter.orders[0].by), "NIP: ____________________"):
        pdf.cell(110, 6, "")
        pdf.cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")
