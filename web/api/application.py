"""The application of the REST interface, and the status of each kind of fault."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from lembur.domain.errors import LedgerError, LemburError
from web.api import cards, counter, planning, reading, seats, stock
from web.api.access import NeedsTokenError, caller, formats_of
from web.api.models import PROBLEMS
from web.api.problems import detail_of, problem
from web.planning import StillComputingError
from web.session import NotAllowedError

if TYPE_CHECKING:
    from starlette.responses import Response

    from web.office import WebOffice


def create_api(office: WebOffice) -> FastAPI:
    """Build the REST interface of an office."""
    api = FastAPI(
        title="Lembur",
        version="1",
        description="Cards, seats and stock of one office. Send a token as `Authorization: Bearer ...`.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=PROBLEMS,
    )
    api.state.office = office
    for one in (reading, counter, cards, seats, stock, planning):
        api.include_router(one.router)

    @api.get("/openapi.json", include_in_schema=False)
    def show_document(request: Request) -> dict[str, Any]:
        caller(request)
        return {**api.openapi(), "servers": [{"url": "/api/v1"}]}

    for kind in (LemburError, HTTPException, RequestValidationError):
        api.exception_handler(kind)(_answer_fault)
    return api


async def _answer_fault(request: Request, fault: Any) -> Response:  # noqa: ANN401 - a handler for several classes
    formats = formats_of(request)
    return problem(_status_of(fault), formats, detail_of(fault, formats))


def _status_of(fault: Exception) -> HTTPStatus:
    if isinstance(fault, HTTPException):
        return HTTPStatus(fault.status_code)
    kinds: dict[type[Exception], HTTPStatus] = {
        RequestValidationError: HTTPStatus.UNPROCESSABLE_ENTITY,
        NeedsTokenError: HTTPStatus.UNAUTHORIZED,
        NotAllowedError: HTTPStatus.FORBIDDEN,
        StillComputingError: HTTPStatus.ACCEPTED,
        LedgerError: HTTPStatus.SERVICE_UNAVAILABLE,
    }
    return next((status for kind, status in kinds.items() if isinstance(fault, kind)), HTTPStatus.CONFLICT)
