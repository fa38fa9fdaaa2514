"""Draws a page in the visitor's language, with the office, the visitor and the notice of the last act."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from lembur.domain.errors import LedgerError, LemburError
from web.language import LANGUAGES, Formats, match_language, words_of
from web.session import NotAllowedError

if TYPE_CHECKING:
    from fastapi import Request
    from jinja2.ext import InternationalizationExtension
    from starlette.responses import Response

    from web.office import WebOffice
    from web.session import Visitor

NOTICE: Final = "lembur_notice"
LANGUAGE: Final = "lembur_language"
YEAR_S: Final = 365 * 24 * 3600


@cache
def _environment(language: str) -> Environment:
    found = Environment(
        loader=PackageLoader("web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    extension: InternationalizationExtension = found.extensions["jinja2.ext.InternationalizationExtension"]  # type: ignore[assignment]
    extension.environment.install_gettext_translations(words_of(language), newstyle=True)  # type: ignore[attr-defined]
    return found


def office_of(request: Request) -> WebOffice:
    """Return the office that this application serves."""
    office: WebOffice = request.app.state.office
    return office


def language_of(request: Request) -> str:
    """Return the language that the visitor chose, else the browser's, else Indonesian."""
    chosen = request.cookies.get(LANGUAGE, "")
    if chosen in LANGUAGES:
        return chosen
    return match_language(request.headers.get("accept-language", ""), usual="id")


def formats_of(request: Request, language: str = "") -> Formats:
    """Return the formats of the visitor's language and the office's zone."""
    chosen = language or language_of(request)
    return Formats(chosen, words_of(chosen), office_of(request).setup.scenario.zone)


def draw(request: Request, name: str, **context: Any) -> str:
    """Draw a template to text, with what every template needs."""
    formats = formats_of(request)
    scenario = office_of(request).setup.scenario
    common = {
        "f": formats,
        "language": formats.language,
        "scenario": scenario,
        "names": {station.code: station.name for station in scenario.stations},
    }
    return _environment(formats.language).get_template(name).render(**common, **context)


def page(
    request: Request, name: str, visitor: Visitor | None, *, code: int = 200, path: str = "", **context: Any
) -> HTMLResponse:
    """Answer with a page; `fault` in the context, a sentence or a refusal, stands in the summary on top.

    `path` opens this page where the address of the request does not: that of a form cannot be opened.
    """
    path = path or request.url.path
    query = request.url.query if request.method == "GET" else ""
    notice = unquote(request.cookies.get(NOTICE, ""))
    own = {"path": path, "address": f"{path}?{query}" if query else path, "languages": LANGUAGES, "notice": notice}
    given = {"fault": "", "given": {}, "visitor": visitor, **own, **context}
    answer = HTMLResponse(draw(request, name, **given), code)
    if notice:
        answer.delete_cookie(NOTICE)
    return answer


def done(path: str, notice: str = "") -> Response:
    """Answer an act: send the browser to a page, which shows the notice once."""
    answer = RedirectResponse(path, 303)
    if notice:
        answer.set_cookie(NOTICE, quote(notice), max_age=60, httponly=True, samesite="strict")
    return answer


def status_of(fault: Exception) -> int:
    """Return the HTTP status of a refused act: this person may not do it, the ledger is away, or nobody may."""
    if isinstance(fault, LedgerError):
        return 503
    return 403 if isinstance(fault, NotAllowedError) else 400


def fault_page(request: Request, fault: str | LemburError, status: int) -> Response:
    """Answer with a page of its own for a fault."""
    visitor = office_of(request).sessions.read(request.cookies)
    path = "" if request.method == "GET" else "/"
    return page(request, "fault.html", visitor, code=status, path=path, sentence=fault)
