"""The page that is printed on a blank: ID-1 size, the card's number and its lot as text and as a QR code."""

from __future__ import annotations

import io
from typing import Final

import segno
from PIL import Image, ImageDraw, ImageFont

DPI: Final = 300
SIZE_MM: Final = (85.60, 53.98)
"""ID-1, the size of a bank card (ISO/IEC 7810)."""
SIZE_PX: Final = (round(SIZE_MM[0] / 25.4 * DPI), round(SIZE_MM[1] / 25.4 * DPI))
PDF: Final = "application/pdf"


def draw_page(card: str, lot: str) -> bytes:
    """Draw a card as a PDF of one page. Nothing personal is on it."""
    page = Image.new("L", SIZE_PX, 255)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size=38)
    draw.text((70, 80), f"Card {card}", font=font)
    draw.text((70, 140), f"Lot {lot[:16]}", font=font)
    page.paste(_qr_code(f"LEMBUR:{card}:{lot}"), (620, 200))
    pdf = io.BytesIO()
    page.convert("1").save(pdf, "PDF", resolution=DPI)
    return pdf.getvalue()


def _qr_code(text: str) -> Image.Image:
    picture = io.BytesIO()
    segno.make(text, error="m").save(picture, kind="png", scale=7, border=2)
    picture.seek(0)
    return Image.open(picture).convert("L")
