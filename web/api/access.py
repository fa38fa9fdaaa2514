"""The caller of the REST interface: a program with a token, or a person with the session of a page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, Header, Request

from lembur.accounts import Person, Scope
from lembur.domain.errors import LemburError, Sentence
from web.language import Formats, match_language, words_of
from web.office import WebOffice
from web.session import NotAllowedError

if TYPE_CHECKING:
    from web.session import Visitor

SAFE: Final = frozenset({"GET", "HEAD"})


class NeedsTokenError(LemburError):
    """A request without a valid token."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller with rights, the office it acts on, and the token under which its request may be repeated."""

    person: Person
    office: WebOffice
    formats: Formats
    repeated: bool = False

    def require(self, scope: Scope, *stations: str) -> None:
        """Refuse an act that the caller may not do."""
        if not self.person.may(scope, *stations):
            where = Sentence(" at %(stations)s", stations=", ".join(stations)) if stations else ""
            raise NotAllowedError("this needs the scope '%(scope)s'%(where)s", scope=str(scope), where=where)


def formats_of(request: Request) -> Formats:
    """Return the formats of the language that a program asks for; English where it asks for none."""
    office: WebOffice = request.app.state.office
    language = match_language(request.headers.get("accept-language", ""), usual="en")
    return Formats(language, words_of(language), office.setup.scenario.zone)


def caller(request: Request) -> Caller:
    """Return the caller of a request; one who only reads may come with the session of a page."""
    office: WebOffice = request.app.state.office
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    person = office.accounts.person_of_token(secret.strip()) if scheme.lower() == "bearer" else None
    if person is None and request.method in SAFE:
        visitor: Visitor | None = office.sessions.read(request.cookies)
        person = visitor.person if visitor else None
    if person is None:
        raise NeedsTokenError("send a token of 'lembur token add' as 'Authorization: Bearer ...'")
    found = Caller(person, office, formats_of(request))
    found.require(Scope.READ)
    return found


async def repeatable_caller(
    request: Request,
    by: Annotated[Caller, Depends(caller)],
    idempotency_key: Annotated[
        str, Header(max_length=200, description="The same request with the same key is done once, for two minutes.")
    ] = "",
) -> Caller:
    """Return the caller of an act; the key of the request becomes the request token of the ledger."""
    if not idempotency_key:
        return by
    parts = (
        by.person.login,
        request.method,
        request.url.path,
        idempotency_key,
        (await request.body()).decode("latin-1"),
    )
    token = "http-" + hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return Caller(by.person, by.office.with_token(token), by.formats, by.office.ledger.knows_token(token))


Reader = Annotated[Caller, Depends(caller)]
Actor = Annotated[Caller, Depends(repeatable_caller)]
