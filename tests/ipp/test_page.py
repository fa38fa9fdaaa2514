"""The page of a card: nothing personal by default, and a template that an office replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import segno
from PIL import Image

from workers.devices.ipp.page import PageError, Pages, _qr_code

if TYPE_CHECKING:
    from pathlib import Path

LOT = "deadbeef" * 5
MARGIN, MARK = 4, 7
"""Modules of a QR code: its margin, and the edge of each mark."""
TEMPLATE = """
records = "records.csv"
background = "front.png"

[[lines]]
text = "$name, no. $card"
at_mm = [6, 7]
size_mm = 4

[code]
text = "$card"
at_mm = [60, 30]
size_mm = 20
"""


def office(folder: Path, template: str = TEMPLATE, records: str = "card,name\n00000017,Siti\n") -> Pages:
    """Give the pages of an office with a template, a background and records of its own."""
    (folder / "page.toml").write_text(template)
    (folder / "records.csv").write_text(records)
    Image.new("RGB", (10, 10), "red").save(folder / "front.png")
    return Pages(folder / "page.toml")


def test_the_plain_page_is_a_card_in_size(tmp_path: Path) -> None:
    """Without a template a PDF of ID-1 size comes out, to the tenth of a millimetre."""
    page = Pages(tmp_path / "page.toml").draw("00000017", LOT)

    assert page.startswith(b"%PDF")
    box = page.split(b"/MediaBox [")[1].split(b"]")[0].split()
    assert [round(float(edge) / 72 * 25.4, 1) for edge in box[2:]] == pytest.approx([85.6, 54.0], abs=0.05)


def test_a_template_prints_the_record_that_the_office_keeps(tmp_path: Path) -> None:
    """The page follows the record: another name is another page, and the background is there in colour."""
    siti = office(tmp_path).draw("00000017", LOT)
    same = office(tmp_path).draw("00000017", LOT)
    budi = office(tmp_path, records="card,name\n00000017,Budi\n").draw("00000017", LOT)

    assert len(siti) == len(same)
    assert siti != budi
    assert b"DeviceRGB" in siti


@pytest.mark.parametrize(
    "records",
    [
        "\ufeffcard,name\r\n00000017,Siti\r\n",
        "card;name\r\n17;Siti\r\n",
        "\ufeffname;card\r\nSiti; 00000017 \r\n",
    ],
)
def test_records_are_read_as_a_spreadsheet_saves_them(tmp_path: Path, records: str) -> None:
    """Its mark before the first title, its semicolons and its numbers without zeros would hold every card."""
    written = office(tmp_path, "\ufeff" + TEMPLATE, records)

    assert len(written.draw("00000017", LOT)) == len(office(tmp_path).draw("00000017", LOT))


@pytest.mark.parametrize("name", ["No\u00ebl", "Zo\u00e9", "\u0645\u062d\u0645\u062f"])
def test_a_name_is_drawn_and_no_box_in_its_place(tmp_path: Path, name: str) -> None:
    """Letters with accents, and Arabic ones: a box on a card is a blank lost."""
    boxes = "\uffff" * len(name)
    page = office(tmp_path, records=f"card,name\n00000017,{name}\n").draw("00000017", LOT)

    assert page.startswith(b"%PDF")
    with pytest.raises(PageError, match="letters that the font does not have"):
        office(tmp_path, records=f"card,name\n00000017,{boxes}\n").draw("00000017", LOT)


@pytest.mark.parametrize("text", ["00000017", f"LEMBUR:00000017:{LOT}"])
def test_a_code_has_the_three_marks_that_readers_look_for(text: str) -> None:
    """A short text too: a Micro QR has one mark, and telephones cannot read it. A margin of four modules is white."""
    code = _qr_code(text, 20).convert("1")
    size, modules = code.width, len(segno.make_qr(text, error="m").matrix) + 2 * MARGIN
    module = size / modules

    def is_dark(column: int, row: int) -> bool:
        return not code.getpixel((int((column + 0.5) * module), int((row + 0.5) * module)))

    last = modules - MARGIN - 1
    for column, row in ((MARGIN, MARGIN), (last - MARK + 1, MARGIN), (MARGIN, last - MARK + 1)):
        assert all(is_dark(column + step, row) and is_dark(column, row + step) for step in range(MARK))
    assert not any(is_dark(step, row) for step in range(MARGIN) for row in range(modules))


@pytest.mark.parametrize(
    ("template", "records", "sentence"),
    [
        (TEMPLATE, "card,name\n00000018,Budi\n", "no row for this card"),
        (TEMPLATE, "card,nama\n00000017,Siti\n", "asks for 'name'"),
        (TEMPLATE.replace("size_mm = 4", "size_mm = 400"), "", "lines.0.size_mm"),
        (TEMPLATE + "colour = 1", "", "code.colour"),
        ("[[", "", "cannot be read"),
        (TEMPLATE.replace("front", "back"), "card,name\n00000017,Siti\n", "cannot be drawn"),
        (TEMPLATE.replace("records.csv", "none.csv"), "", "cannot be read"),
        (TEMPLATE, "card,name\n00000017,\u4e2d\n", "letters that the font does not have"),
    ],
)
def test_a_page_that_cannot_be_drawn_is_one_sentence(
    tmp_path: Path, template: str, records: str, sentence: str
) -> None:
    """A card without its record is never printed with somebody else's, or with none."""
    pages = office(tmp_path, template, records)

    with pytest.raises(PageError, match=sentence):
        pages.draw("00000017", LOT)
    assert sentence in pages.find_fault("00000017")
