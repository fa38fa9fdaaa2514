"""Intake by upload: a file of recorded people, and the list of its refused rows."""

from __future__ import annotations

import csv
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
        report, refused = _take(office, file, check_only=bool(form.text("check_only")))
    except LemburError as fault:
        return _show(request, form.visitor, code=status_of(fault), fault=str(fault))
    if not report.dry_run:
        office.ledger.note_action("intake", by=form.visitor.name, rows=str(report.rows), enrolled=str(report.enrolled))
    name = Path(str(file.filename)).name
    return _show(request, form.visitor, report=report, refused=refused, file=name)


def _take(office: WebOffice, file: UploadFile, *, check_only: bool) -> tuple[IntakeReport, list[list[str]]]:
    suffix = Path(str(file.filename)).suffix.lower()
    if suffix not in KINDS:
        raise IntakeError(f"the file must be one of {', '.join(KINDS)}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{suffix}"
        with path.open("wb") as copy:
            size = 0
            while part := file.file.read(CHUNK):
                size += len(part)
                if size > MOST_BYTES:
                    raise IntakeError(f"the file has more than {MOST_BYTES:,} bytes: send it in parts")
                copy.write(part)
        try:
            report = take_file(office, path, check_only=check_only)
        except IntakeError as fault:
            raise IntakeError(str(fault).replace(f"{folder}/", "")) from fault
        return report, _refused_rows(Path(report.refused_file)) if report.refused_file else []


def _refused_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1 : SHOWN + 1]
