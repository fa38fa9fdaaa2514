"""The interim letter (surat keterangan) of a person who waits for a card because blanks are missing, as PDF."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from console.text import visible
from console.ui import Language, add_signature, add_title, new_paper, times_of
from lembur.archive import archive_of, read_card
from lembur.domain.card import CardId
from lembur.domain.errors import CardError
from lembur.domain.time import DAY_MS
from lembur.files import find_record
from lembur.office import read_setup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from console.ui import Times
    from lembur.actions import OfficeLink
    from lembur.domain.scenario import InterimLetter

LINE: Final = "_" * 45
"""A line to fill by hand."""


@dataclass(frozen=True, slots=True)
class InterimWording:
    """The words of the letter in one language; `fields` are titles by columns of the office's records."""

    title: str
    number: str
    basis: str
    opening: str
    fields: Mapping[str, str]
    request: str
    body: str
    valid: str
    signature: str


INDONESIAN: Final = InterimWording(
    title="SURAT KETERANGAN",
    number="Nomor",
    basis="Dasar",
    opening="Yang bertanda tangan di bawah ini menerangkan bahwa:",
    fields={
        "nik": "NIK",
        "name": "Nama",
        "birth": "Tempat/tanggal lahir",
        "address": "Alamat",
    },
    request="Nomor permohonan",
    body=(
        "benar telah melakukan perekaman KTP elektronik pada tanggal {recorded}. KTP elektronik belum dapat dicetak "
        "karena blangko belum tersedia. Surat keterangan ini dibuat sebagai pengganti sementara KTP elektronik."
    ),
    valid="Berlaku sampai dengan {until}, atau sampai KTP elektronik diterima.",
    signature="Yang menerangkan",
)
ENGLISH: Final = InterimWording(
    title="INTERIM LETTER",
    number="Number",
    basis="Legal basis",
    opening="The undersigned states that:",
    fields={
        "nik": "NIK",
        "name": "Name",
        "birth": "Place and date of birth",
        "address": "Address",
    },
    request="Request number",
    body=(
        "was recorded for an electronic identity card on {recorded}. The card cannot be printed yet because blanks are "
        "missing. Until then this letter takes the place of the card."
    ),
    valid="Valid until {until}, or until the card is received.",
    signature="Signed",
)


@dataclass(frozen=True, slots=True)
class InterimPaper:
    """A letter: its rule, the card that it stands for, and the office's own record of the person, if there is one.

    The person was recorded at `recorded_ms`; for a reprint that was before the first card.
    """

    rule: InterimLetter
    times: Times
    card: CardId
    recorded_ms: int
    given_ms: int
    number: str
    office: str
    signer: str
    person: Mapping[str, str]
    language: Language

    @property
    def wording(self) -> InterimWording:
        """The words of the letter."""
        return ENGLISH if self.language.english else INDONESIAN

    def date(self, at_ms: int) -> str:
        """Write a day in the letter's language."""
        return self.language.date(self.times.local(at_ms).date())


def _find_person(page: Path, card: str) -> dict[str, str]:
    """Find the record of a person in the file that the template of the page names; empty where there is none."""
    try:
        records = tomllib.loads(page.read_text("utf-8-sig")).get("records")
        return find_record(page.parent / records, card) or {} if records else {}
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error) as fault:
        raise CardError("the records of %(page)s cannot be read: %(fault)s", page=page, fault=fault) from fault


def give_interim_letter(
    office: OfficeLink, card: CardId, *, number: str, letterhead: str, by: str, language: Language
) -> InterimPaper:
    """Note the letter of a card, and return its paper. A card that needs none is refused before."""
    ledger, scenario = office.ledger, read_setup(office.ledger).scenario
    person, recorded_ms = _find_person(office.settings.page, card), _recorded_ms(office, card)
    ledger.give_letter(card, number=number, by=by)
    now_ms = ledger.time()[0]
    return InterimPaper(
        scenario.interim_letter, times_of(scenario), card, recorded_ms, now_ms, number, letterhead, by, person, language
    )


def _recorded_ms(office: OfficeLink, card: CardId) -> int:
    """Return when the person of a card was recorded; a reprint has the date of its request in the ledger."""
    found = read_card(office.ledger, archive_of(office.settings), card)
    return _recorded_ms(office, CardId(found.reprint_of)) if found.reprint_of else found.recorded_ms


def write_interim_letter(paper: InterimPaper, path: Path) -> None:
    """Write the letter as PDF; what the office has no record of is a line to fill by hand."""
    pdf, words = new_paper(), paper.wording
    add_title(pdf, words.title, f"{words.number}: {visible(paper.number)}", office=visible(paper.office))
    pdf.ln(6)
    until_ms = paper.given_ms + paper.rule.valid_days * DAY_MS
    body = words.body.format(recorded=paper.date(paper.recorded_ms))
    pdf.multi_cell(0, 6, words.opening, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)
    for title, text in _rows(paper):
        pdf.cell(50, 7, title)
        pdf.multi_cell(0, 7, f": {visible(text)}", align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)
    for text in (body, words.valid.format(until=paper.date(until_ms)), f"{words.basis}: {visible(paper.rule.basis)}"):
        pdf.multi_cell(0, 6, text, align="L", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(2)
    signer = visible(paper.signer)
    add_signature(pdf, paper.date(paper.given_ms), f"{words.signature},", "", "", signer, "NIP: " + LINE[:20])
    pdf.output(str(path))


def _rows(paper: InterimPaper) -> Sequence[tuple[str, str]]:
    rows = [(title, paper.person.get(column) or LINE) for column, title in paper.wording.fields.items()]
    return [*rows, (paper.wording.request, paper.card)]
