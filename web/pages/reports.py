"""The page of reports: a shift, a day or several days, plan against fact, as tables, PDF and spreadsheet."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import Response

from lembur.domain.errors import LemburError, Sentence
from lembur.domain.time import day_of
from web.pages.render import done, formats_of, office_of, page, status_of
from web.planning import Period, StillComputingError, ask_report, ask_report_file
from web.session import Visitor, visitor

router = APIRouter()

TYPES: Final = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class AskedPeriod:
    """The fields of the page's form, as typed."""

    day: Annotated[str, Query(max_length=10)] = ""
    until: Annotated[str, Query(max_length=10)] = ""
    shift: Annotated[str, Query(max_length=2)] = ""


@router.get("/reports")
def show_report(
    request: Request, visitor: Annotated[Visitor, Depends(visitor)], asked: Annotated[AskedPeriod, Depends()]
) -> Response:
    """Show the report of a period; the page loads it later where it takes long."""
    return _show(request, visitor, asked)


def _show(request: Request, visitor: Visitor, asked: AskedPeriod) -> Response:
    office, code, report = office_of(request), 200, None
    fault: str | LemburError = ""
    try:
        report = ask_report(office.settings, _period(request, asked))
    except StillComputingError:
        pass  # the page asks again
    except LemburError as refusal:
        code, fault = status_of(refusal), refusal
    scenario = office.setup.scenario
    days: dict[str, Any] = {"first": scenario.starts.date(), "last": day_of(office.ledger.time()[0], scenario.zone)}
    return page(request, "reports.html", visitor, code=code, fault=fault, report=report, asked=asked, **days)


@router.get("/reports/{kind}")
def download(
    request: Request, kind: str, _: Annotated[Visitor, Depends(visitor)], asked: Annotated[AskedPeriod, Depends()]
) -> Response:
    """Send a report as a file."""
    if kind not in TYPES:
        raise HTTPException(404, Sentence("a report is a pdf or an xlsx"))
    try:
        body = ask_report_file(office_of(request).settings, _period(request, asked), kind)
    except StillComputingError:
        words = formats_of(request).words
        return done(_address(asked), words.gettext("The file is being made: ask for it again in some seconds."))
    except LemburError:
        return done(_address(asked))  # the page has the same refusal
    headers = {"Content-Disposition": f'attachment; filename="lembur-report.{kind}"'}
    return Response(body, media_type=TYPES[kind], headers=headers)


def _address(asked: AskedPeriod) -> str:
    return f"/reports?{urlencode(asdict(asked))}"


def _period(request: Request, asked: AskedPeriod) -> Period:
    number = int(asked.shift) if asked.shift.isascii() and asked.shift.isdigit() else None
    return Period(asked.day or None, asked.until or None, number, english=formats_of(request).language == "en")
