"""Parts of answers that pages and programs share: papers, and the pages of a list."""

from web.answers.cursor import CURSOR, page_after
from web.answers.papers import PdfResponse, send_pdf

__all__ = ["CURSOR", "PdfResponse", "page_after", "send_pdf"]
