"""The written order of overtime (SPK Lembur) as PDF, for the signature of the office's head."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from console.plan.overtime_lines import list_overtime
from console.plan.saved import load_applied
from console.text import visible
from console.ui import FONT, Language, add_signature, add_title, new_paper, times_of
from lembur.domain.errors import OrderError, Sentence
from lembur.domain.overtime import scenario_at
from lembur.domain.seats import orders_in_force

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from fpdf import FPDF

    from console.plan.overtime_lines import OvertimeLine
    from console.plan.saved import SavedPlan
    from console.ui import Times
    from lembur.domain.overtime import DatedScenario
    from lembur.domain.scenario import OvertimePay, Scenario
    from lembur.domain.seats import SeatOrder

WIDTHS_MM: Final = (44, 43, 26, 21, 23, 23)
ROW_MM: Final = 6
CLOSING_ROWS: Final = 10
"""Rows that the titles, the sum and the signature take."""
OLDER_OFFICE: Final = Sentence(
    "the office was changed after this plan: its letter has the hours and the pay for which the plan was made; "
    "for present ones cancel its orders and make a new plan"
)
"""The note beside a letter whose plan is older than the last change of the office."""


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
    employee: str


INDONESIAN: Final = Wording(
    title="SURAT PERINTAH KERJA LEMBUR",
    number="Nomor",
    office="Kantor",
    basis="Dasar",
    orderer="Pemberi perintah",
    task="Tugas",
    printing="Pencetakan KTP-el pada tempat dan waktu berikut",
    columns=("Tanggal", "Tempat", "Waktu", "Operator", "Orang-jam", "Biaya (Rp)"),
    operator="Nama: __________________________   NIP: ____________________   Paraf: ________",
    total="Jumlah",
    signature="Yang memberi perintah",
    employee="NIP",
)
ENGLISH: Final = Wording(
    title="OVERTIME WORK ORDER",
    number="Number",
    office="Office",
    basis="Legal basis",
    orderer="Ordered by",
    task="Task",
    printing="Printing of identity cards at the following stations and times",
    columns=("Date", "Station", "Time", "Operators", "Seat hours", "Cost (Rp)"),
    operator="Name: __________________________   Employee no.: ______________   Initials: ________",
    total="Total",
    signature="Ordered by",
    employee="Employee no.",
)


@dataclass(frozen=True, slots=True)
class OvertimeLetter:
    """An order of overtime: its number, the office that gives it, its date, and the seat orders of one plan.

    `others` are the orders given before, because the letter lists only the overtime that the plan adds.
    `scenario` is that of the office for which the plan was made.
    """

    plan: SavedPlan
    scenario: Scenario
    times: Times
    number: str
    office: str
    day: date
    orders: Sequence[SeatOrder]
    others: Sequence[SeatOrder]
    english: bool

    @property
    def language(self) -> Language:
        """The formats of dates and numbers."""
        return Language(self.english)

    @property
    def wording(self) -> Wording:
        """The words of the letter."""
        return ENGLISH if self.english else INDONESIAN

    @property
    def basis(self) -> OvertimePay:
        """The pay of the overtime."""
        return self.plan.pay(self.scenario)

    @property
    def lines(self) -> list[OvertimeLine]:
        """The overtime by date and station."""
        return list_overtime(self.scenario, self.basis, self.orders, self.others)


def find_letter(  # the office, its plan and the head of the letter
    dated: Sequence[DatedScenario],
    given: Sequence[SeatOrder],
    folder: Path,
    number: str,
    office: str,
    *,
    now_ms: int,
    english: bool,
) -> OvertimeLetter:
    """Find the letter of the plan applied last, with the overtime that its orders in force add to earlier orders.

    Its date is today. Its hours and its pay are those of the office for which the plan was made.
    """
    in_force = orders_in_force(given)
    applied = load_applied(folder, in_force)
    if not applied:
        raise OrderError(
            "no plan of %(folder)s is in force: order one with 'lembur plan apply --by NAME'", folder=folder
        )
    plan, scenario = applied[-1], scenario_at(dated, applied[-1].made_ms)
    own = [order for order in in_force if order.reason == plan.reason]
    others = in_force[: in_force.index(own[0])]
    times = times_of(scenario)
    day = times.local(now_ms).date()
    letter = OvertimeLetter(plan, scenario, times, number, office, day, own, others, english)
    if not letter.lines:
        raise OrderError("the plan applied last orders people in working time and no overtime: it needs no letter")
    return letter


def write_letter(letter: OvertimeLetter, path: Path) -> None:
    """Write the letter as PDF."""
    pdf, lines = new_paper(), letter.lines
    words = letter.wording
    add_title(pdf, words.title, f"{words.number}: {visible(letter.number)}")
    pdf.ln(4)
    for title, text in _head(letter, lines):
        pdf.cell(42, 6, title)
        pdf.multi_cell(0, 6, visible(text), align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(3)
    _add_table(pdf, letter, lines)
    pdf.set_font(FONT, "", 10)
    signer = visible(letter.orders[0].by)
    day = letter.language.date(letter.day)
    add_signature(pdf, day, f"{words.signature},", "", "", signer, f"{words.employee}: ____________________")
    pdf.output(str(path))


def _head(letter: OvertimeLetter, lines: Sequence[OvertimeLine]) -> list[tuple[str, str]]:
    words = letter.wording
    rules = [letter.basis.on(line.day) for line in lines]
    sources = dict.fromkeys(rule.basis or rule.source for rule in rules)
    return [
        (words.office, letter.office),
        (words.basis, "; ".join(sources)),
        (words.orderer, letter.orders[0].by),
        (words.task, words.printing),
    ]


def _add_table(pdf: FPDF, letter: OvertimeLetter, lines: Sequence[OvertimeLine]) -> None:
    """Write the dates one after the other, and the sum. A date stays on one page, the last one with the signature."""
    hours, rupiah = sum(line.hours for line in lines), sum(line.rupiah for line in lines)
    pdf.set_font(FONT, "", 9)
    dates = [list(own) for _, own in groupby(lines, key=lambda line: line.day)]
    for number, own in enumerate(dates, 1):
        rows = sum(_count_rows(pdf, line) for line in own)
        is_last = number == len(dates)
        turns = pdf.will_page_break(ROW_MM * (rows + (CLOSING_ROWS if is_last else 0)))
        if turns:
            pdf.add_page()
        titles = [letter.wording.columns] if turns or number == 1 else []
        with pdf.table(
            titles,
            first_row_as_headings=bool(titles),
            col_widths=WIDTHS_MM,
            borders_layout="HORIZONTAL_LINES",
            line_height=ROW_MM,
            v_align="TOP",
            text_align=("LEFT", "LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT"),
        ) as table:
            for line in own:
                figures = _write_figures(letter, line.hours, line.rupiah)
                table.row((*_place_and_time(letter, line), str(line.operators), *figures))
                for operator in range(1, line.operators + 1):
                    table.row().cell(f"      {operator}. {letter.wording.operator}", colspan=len(WIDTHS_MM))
            if is_last:
                table.row((letter.wording.total, "", "", "", *_write_figures(letter, hours, rupiah)))


def _count_rows(pdf: FPDF, line: OvertimeLine) -> int:
    """Count the rows of a line: its name may take two, and each operator has one."""
    longest = WIDTHS_MM[1] - 2 * pdf.c_margin
    return 1 + (pdf.get_string_width(visible(line.station.name)) > longest) + line.operators


def _write_figures(letter: OvertimeLetter, hours: float, rupiah: float) -> tuple[str, str]:
    return letter.language.plain(hours), letter.language.number(rupiah)


def _place_and_time(letter: OvertimeLetter, line: OvertimeLine) -> tuple[str, str, str]:
    local = letter.times.local
    stretches = (letter.language.hours(local(one.start_ms), local(one.end_ms)) for one in line.windows)
    return letter.language.date(line.day), visible(line.station.name), ", ".join(stretches)
