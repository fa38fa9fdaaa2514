"""The application: routes, security headers, and the page for each kind of fault."""

from __future__ import annotations

from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from lembur.domain.errors import LemburError, Sentence
from web.api import create_api
from web.pages import all_routers, fault_page, status_of
from web.session import NeedsLoginError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from starlette.responses import Response

    from web.office import WebOffice

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
ADDRESS_FAULTS: Final[Mapping[int, Sentence]] = {
    HTTPStatus.NOT_FOUND: Sentence("there is no such page"),
    HTTPStatus.METHOD_NOT_ALLOWED: Sentence("this page takes no such form"),
}
WRONG_FIELD: Final = Sentence("the address or the form has a value of a wrong kind: go back and correct it")
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


def create_app(office: WebOffice, *, hosts: Sequence[str] = ()) -> FastAPI:
    """Build the application of one office; other names of the host than these are refused."""

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        office.live.start()
        yield
        office.live.stop()

    app = FastAPI(title="Lembur console", lifespan=live, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.office = office
    everywhere = "0.0.0.0" in hosts  # noqa: S104 - compared, not bound
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["*"] if everywhere else [*LOOPBACK, *hosts])
    app.middleware("http")(_add_headers)
    app.mount("/static", StaticFiles(packages=[("web", "static")]), name="static")
    app.mount("/api/v1", create_api(office))
    for router in all_routers():
        app.include_router(router)
    app.exception_handler(NeedsLoginError)(_to_login)
    app.exception_handler(LemburError)(_show_fault)
    app.exception_handler(HTTPException)(_show_fault)
    app.exception_handler(RequestValidationError)(_show_fault)
    return app


async def _add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    answer = await call_next(request)
    for name, value in HEADERS.items():
        answer.headers[name] = value
    if not request.url.path.startswith("/static"):
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer


async def _to_login(request: Request, _: Exception) -> Response:
    """Send a browser to the login, and back to its page; the login states that a form was not accepted."""
    if request.method == "GET":
        query = {"next": f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path}
    elif request.url.path == "/logout":
        query = {}
    else:
        query = {"next": f"/{request.url.path.split('/')[1]}", "lost": "1"}
    return RedirectResponse(f"/login?{urlencode(query)}", 303)


async def _show_fault(request: Request, fault: Exception) -> Response:
    if isinstance(fault, HTTPException):
        known = isinstance(fault.detail, Sentence)
        detail = fault.detail if known else ADDRESS_FAULTS.get(fault.status_code, fault.detail)
        return fault_page(request, detail, fault.status_code)
    if isinstance(fault, LemburError):
        return fault_page(request, fault, status_of(fault))
    return fault_page(request, WRONG_FIELD, HTTPStatus.UNPROCESSABLE_ENTITY)
