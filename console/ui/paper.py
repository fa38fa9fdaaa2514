"""Pages of paper: PDF with a font inside the installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lembur.files import find_font

if TYPE_CHECKING:
    from fpdf import FPDF

FONT: Final = "DejaVu"
MARGIN_MM: Final = 15


def new_paper(*, landscape: bool = False) -> FPDF:
    """Begin an A4 document with its first page."""
    # Imported here, because paper is rare.
    from fpdf import FPDF
    from fpdf.fonts import TTFFont

    class Paper(FPDF):
        """Writes a character that the font does not have as its escape, so that no missing character stays unseen."""

        def normalize_text(self, text: str) -> str:
            drawn = self.current_font.cmap if isinstance(self.current_font, TTFFont) else {}
            return "".join(one if ord(one) in drawn else one.encode("unicode_escape").decode() for one in text)

    pdf = Paper(orientation="landscape" if landscape else "portrait", format="A4")
    pdf.set_margin(MARGIN_MM)
    pdf.add_font(FONT, "", find_font("DejaVuSans.ttf"))
    pdf.add_font(FONT, "B", find_font("DejaVuSans-Bold.ttf"))
    pdf.add_page()
    return pdf


def add_title(pdf: FPDF, title: str, number: str, *, office: str = "") -> None:
    """Write the name of the office, the title of a letter, and its number below."""
    if office:
        pdf.set_font(FONT, "B", 12)
        pdf.cell(0, 7, office, align="C", new_x="LMARGIN", new_y="NEXT")
        pdf.ln(4)
    pdf.set_font(FONT, "B", 14)
    pdf.cell(0, 9, title, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FONT, "", 10)
    pdf.cell(0, 7, number, align="C", new_x="LMARGIN", new_y="NEXT")


def add_signature(pdf: FPDF, *lines: str) -> None:
    """Write the lines of a signature at the right, below some space."""
    pdf.ln(8)
    for line in lines:
        pdf.cell(110, 6, "")
        pdf.cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")
