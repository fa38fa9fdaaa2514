"""Answers with a paper for signatures."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Callable


class PdfResponse(Response):
    """A PDF to keep or to print."""

    media_type = "application/pdf"


def send_pdf(name: str, write: Callable[[Path], None]) -> PdfResponse:
    """Send the PDF that a function writes to a file; the browser keeps it under the name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return PdfResponse(path.read_bytes(), headers={"Content-Disposition": f'attachment; filename="{name}"'})
