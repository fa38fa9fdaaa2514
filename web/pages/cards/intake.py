"""Intake by upload: a file of recorded people, and the list of its refused rows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from lembur.accounts import Scope
from lembur.domain.errors import IntakeError, LemburError
from producers import IntakeReport, take_file
from web.office import WebOffice
from web.pages.render import office_of, page, status_of
from web.session import Posted, Visitor, posted, visitor

router = APIRouter()

KINDS: Final = (".csv", ".jsonl", ".xlsx")
MOST_BYTES: Final = 50_000_000
CHUNK: Final = 1_000_000
SHOWN: Final = 500
"""Refused rows on the page; the whole list is counted."""


@router.get("/intake")
def show_intake(request: Request, visitor: Annotated[Visitor, Depends(visitor)]) -> Response:
    """Show the form to send a file."""
    return _show(request, visitor)


def _show(request: Request, visitor: Visitor, **more: Any) -> Response:
    return page(request, "cards/intake.html", visitor, **{"report": None, "refused": [], "file": "", **more})


@router.post("/intake")
def take(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Enrol the good rows of a file, and show the refused ones with their reasons."""
    office = office_of(request)
    try:
        form.visitor.require(Scope.CARDS)
        file = form.file("file")
        if file is None:
            raise IntakeError("choose a file first")
        report = _take(office, file, check_only=bool(form.text("check_only")))
    except LemburError as fault:
        return _show(request, form.visitor, code=status_of(fault), fault=fault)
    if not report.dry_run:
        office.ledger.note_action("intake", by=form.visitor.name, rows=str(report.rows), enrolled=str(report.enrolled))
    name = Path(str(file.filename)).name
    return _show(request, form.visitor, report=report, refused=report.refusals[:SHOWN], file=name)


def _take(office: WebOffice, file: UploadFile, *, check_only: bool) -> IntakeReport:
    suffix = Path(str(file.filename)).suffix.lower()
    if suffix not in KINDS:
        raise IntakeError("the name must end in %(kinds)s", kinds=", ".join(KINDS))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{suffix}"
        with path.open("wb") as copy:
            size = 0
            while part := file.file.read(CHUNK):
                size += len(part)
                if size > MOST_BYTES:
                    raise IntakeError("the file has more than %(most)s bytes: send it in parts", most=MOST_BYTES)
                copy.write(part)
        return take_file(office, path, check_only=check_only)
