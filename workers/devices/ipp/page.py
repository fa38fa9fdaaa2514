"""The page that is printed on a blank: ID-1 size, drawn from a template that an office may replace.

A record with personal data comes from a file that the office keeps beside its template. It is never in the ledger.
"""

from __future__ import annotations

import csv
import io
import tomllib
from string import Template
from typing import TYPE_CHECKING, Annotated, Final

import segno
from PIL import Image, ImageDraw, ImageFont
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lembur.files import find_font, find_record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DPI: Final = 300
SIZE_MM: Final = (85.60, 53.98)
"""ID-1, the size of a bank card (ISO/IEC 7810)."""
PDF: Final = "application/pdf"
MILLIMETRES_AN_INCH: Final = 25.4

NO_LETTER: Final = "\uffff"
"""No font has it: it is drawn as the box that stands for all missing letters."""

Place = tuple[Annotated[float, Field(ge=0, le=SIZE_MM[0])], Annotated[float, Field(ge=0, le=SIZE_MM[1])]]
Size = Annotated[float, Field(ge=1, le=SIZE_MM[1])]


class PageError(Exception):
    """The page of a card cannot be drawn."""


class PagePart(BaseModel):
    """A part of the page: a text with fields such as `$card`, its height, and its position from the upper left."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    at_mm: Place
    size_mm: Size


class PageTemplate(BaseModel):
    """A page: its lines of text, its QR code, a picture under them, and the file of records."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lines: tuple[PagePart, ...] = ()
    code: PagePart | None = None
    background: str = ""
    records: str = ""


PLAIN: Final = PageTemplate(
    lines=(
        PagePart(text="Card $card", at_mm=(6, 7), size_mm=3.2),
        PagePart(text="Lot $short_lot", at_mm=(6, 12), size_mm=3.2),
    ),
    code=PagePart(text="LEMBUR:$card:$lot", at_mm=(52, 17), size_mm=24),
)
"""The page of an office without a template: nothing personal is on it."""


class Pages:
    """Draws the pages of one machine. It reads the template and the records again for each card."""

    def __init__(self, template: Path) -> None:
        self._path = template

    def find_fault(self, card: str = "") -> str:
        """Return the reason why no page can be drawn now, or not the page of this card, or ''."""
        try:
            self.draw(card, "0" * 40) if card else self._read_template()
        except PageError as fault:
            return str(fault)
        return ""

    def draw(self, card: str, lot: str) -> bytes:
        """Draw a card as a PDF of one page."""
        template = self._read_template()
        record = self._find_record(template, card) if template.records else {}
        try:
            page = _draw(template, self._path.parent, {**record, "card": card, "lot": lot, "short_lot": lot[:16]})
        except KeyError as fault:
            raise PageError(f"{self._path} asks for {fault}, which the record of a card lacks") from fault
        except (OSError, ValueError) as fault:
            raise PageError(f"a page cannot be drawn by {self._path}: {fault}") from fault
        pdf = io.BytesIO()
        page.save(pdf, "PDF", resolution=DPI)
        return pdf.getvalue()

    def _read_template(self) -> PageTemplate:
        try:
            return PageTemplate.model_validate(tomllib.loads(self._path.read_text("utf-8-sig")))
        except FileNotFoundError:
            return PLAIN
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
            raise PageError(f"the template {self._path} cannot be read: {fault}") from fault
        except ValidationError as fault:
            first = fault.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise PageError(f"the template {self._path} is wrong: {where}: {first['msg']}") from fault

    def _find_record(self, template: PageTemplate, card: str) -> Mapping[str, str]:
        path = self._path.parent / template.records
        try:
            found = find_record(path, card)
        except (OSError, UnicodeDecodeError, csv.Error) as fault:
            raise PageError(f"the records {path} cannot be read: {fault}") from fault
        if found is None:
            raise PageError(f"the records {path} have no row for this card")
        return found


def _draw(template: PageTemplate, folder: Path, record: Mapping[str, str]) -> Image.Image:
    size = (_pixels(SIZE_MM[0]), _pixels(SIZE_MM[1]))
    page = Image.new("RGB", size, "white")
    if template.background:
        with Image.open(folder / template.background) as picture:
            page.paste(picture.convert("RGB").resize(size))
    draw, font_file = ImageDraw.Draw(page), find_font("DejaVuSans.ttf")
    for line in template.lines:
        font, text = ImageFont.truetype(font_file, _pixels(line.size_mm)), Template(line.text).substitute(record)
        if _lacks_letters(font, text):
            raise ValueError("a line has letters that the font does not have")
        draw.text(_place(line), text, font=font, fill="black")
    if template.code:
        page.paste(
            _qr_code(Template(template.code.text).substitute(record), template.code.size_mm), _place(template.code)
        )
    return page if template.background else page.convert("1")


def _lacks_letters(font: ImageFont.FreeTypeFont, text: str) -> bool:
    """Return True if the font would draw a box in place of a letter."""
    box = bytes(font.getmask(NO_LETTER))
    return any(bytes(font.getmask(letter)) == box for letter in set(text))


def _place(part: PagePart) -> tuple[int, int]:
    return _pixels(part.at_mm[0]), _pixels(part.at_mm[1])


def _pixels(millimetres: float) -> int:
    return round(millimetres / MILLIMETRES_AN_INCH * DPI)


def _qr_code(text: str, size_mm: float) -> Image.Image:
    """Draw a QR code with the margin that readers need. A short text must not become a Micro QR, which few can read."""
    picture = io.BytesIO()
    segno.make_qr(text, error="m").save(picture, kind="png", scale=4)
    picture.seek(0)
    size = _pixels(size_mm)
    return Image.open(picture).convert("RGB").resize((size, size), Image.Resampling.NEAREST)
