"""Problem details (RFC 9457) in the language of the caller, with the rule that a field breaks."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from lembur.domain.errors import LemburError, Sentence
from web.api.forms import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.exceptions import HTTPException

    from web.language import Formats

TITLES: Final[Mapping[int, Sentence]] = {
    HTTPStatus.ACCEPTED: Sentence("Accepted"),
    HTTPStatus.BAD_REQUEST: Sentence("Bad Request"),
    HTTPStatus.UNAUTHORIZED: Sentence("Unauthorized"),
    HTTPStatus.FORBIDDEN: Sentence("Forbidden"),
    HTTPStatus.NOT_FOUND: Sentence("Not Found"),
    HTTPStatus.METHOD_NOT_ALLOWED: Sentence("Method Not Allowed"),
    HTTPStatus.CONFLICT: Sentence("Conflict"),
    HTTPStatus.UNPROCESSABLE_ENTITY: Sentence("Unprocessable Entity"),
    HTTPStatus.SERVICE_UNAVAILABLE: Sentence("Service Unavailable"),
}
ADDRESS_FAULTS: Final[Mapping[int, Sentence]] = {
    HTTPStatus.BAD_REQUEST: Sentence("the body cannot be read: send JSON in UTF-8"),
    HTTPStatus.NOT_FOUND: Sentence("there is no such address: /api/v1/openapi.json lists them"),
    HTTPStatus.METHOD_NOT_ALLOWED: Sentence("this address takes another method: /api/v1/openapi.json lists them"),
}
"""The sentences about faults that the framework finds."""


def problem(status: HTTPStatus, formats: Formats, detail: str) -> JSONResponse:
    """Answer with problem details."""
    title = formats.sentence(TITLES.get(status, status.phrase))
    body = {"type": "about:blank", "title": title, "status": int(status), "detail": detail}
    headers = {"Content-Language": formats.language, "Vary": "Accept-Language"}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status in {HTTPStatus.ACCEPTED, HTTPStatus.SERVICE_UNAVAILABLE}:
        headers["Retry-After"] = "1"
    return JSONResponse(body, int(status), headers, media_type="application/problem+json")


def detail_of(fault: LemburError | HTTPException | RequestValidationError, formats: Formats) -> str:
    """Return the sentence about a fault."""
    if isinstance(fault, LemburError):
        return formats.sentence(fault)
    if isinstance(fault, RequestValidationError):
        # The places and rules only: a value may be a NIK.
        return "; ".join(f"{_place(one)}: {formats.sentence(_rule(one))}" for one in fault.errors())
    known = isinstance(fault.detail, Sentence)
    return formats.sentence(fault.detail if known else ADDRESS_FAULTS.get(fault.status_code, fault.detail))


def _place(fault: Mapping[str, Any]) -> str:
    """Return the address of a field; what is not JSON has the number of a character as its last part."""
    parts = fault["loc"][:1] if fault["type"] == "json_invalid" else fault["loc"]
    return ".".join(map(str, parts))


def _rule(fault: Mapping[str, Any]) -> Sentence:
    """Return the rule that a field breaks, by pydantic's name of it."""
    given, kind = fault.get("ctx", {}), str(fault["type"])
    rules = {
        "missing": Sentence("is missing"),
        "extra_forbidden": Sentence("is no field of this request"),
        "json_invalid": Sentence("is not JSON, from character %(number)s on", number=fault["loc"][-1]),
        "model_attributes_type": Sentence("must be a JSON object"),
        "list_type": Sentence("must be a list"),
        "string_type": Sentence("must be text"),
        "string_too_short": Sentence(
            "must have at least %(num)s letter", "must have at least %(num)s letters", num=given.get("min_length", 1)
        ),
        "string_too_long": Sentence("must have at most %(most)s letters", most=given.get("max_length", 0)),
        "string_pattern_mismatch": RULES.get(given.get("pattern", ""), Sentence("has a wrong form")),
        "too_short": Sentence(
            "must have at least %(num)s entry", "must have at least %(num)s entries", num=given.get("min_length", 1)
        ),
        "too_long": Sentence("must have at most %(most)s entries", most=given.get("max_length", 0)),
        "greater_than_equal": Sentence("must be %(least)s or more", least=given.get("ge", 0)),
        "less_than_equal": Sentence("must be %(most)s or less", most=given.get("le", 0)),
        "enum": Sentence("must be one of %(names)s", names=_names(given)),
        "literal_error": Sentence("must be one of %(names)s", names=_names(given)),
    }
    groups = {
        ("int_",): Sentence("must be a whole number"),
        ("float_", "finite_"): Sentence("must be a number"),
        ("bool_",): Sentence("must be true or false"),
        ("datetime_", "timezone_"): Sentence("must be a moment with its zone, like 2016-08-25T16:00:00+07:00"),
    }
    group = next((rule for starts, rule in groups.items() if kind.startswith(starts)), Sentence("has a wrong form"))
    return rules.get(kind, group)


def _names(given: Mapping[str, Any]) -> str:
    return str(given.get("expected", "")).replace(" or ", ", ")
