"""The page of a card: nothing personal by default, and a template that an office replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from workers.devices.ipp.page import PageError, Pages

if TYPE_CHECKING:
    from pathlib import Path

LOT = "deadbeef" * 5
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
    ("template", "records", "sentence"),
    [
        (TEMPLATE, "card,name\n00000018,Budi\n", "no row for this card"),
        (TEMPLATE, "card,nama\n00000017,Siti\n", "asks for 'name'"),
        (TEMPLATE.replace("size_mm = 4", "size_mm = 400"), "", "lines.0.size_mm"),
        (TEMPLATE + "colour = 1", "", "code.colour"),
        ("[[", "", "cannot be read"),
        (TEMPLATE.replace("front", "back"), "card,name\n00000017,Siti\n", "cannot be drawn"),
        (TEMPLATE.replace("records.csv", "none.csv"), "", "cannot be read"),
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
