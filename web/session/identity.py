"""The person behind a request: a signed cookie, the account behind it, and the token of each form."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.datastructures import FormData, UploadFile

from lembur.accounts import Person, Scope, User
from lembur.domain.errors import LemburError, Sentence
from lembur.typed_text import read_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lembur.accounts import Accounts

NUMBER: Final = re.compile("[0-9]{1,9}|[0-9]{1,3}([.,][0-9]{3}){1,2}")
"""A number as typed: 1234567, or 1.234.567 in Indonesian and 1,234,567 in English; 1.5 is none."""
LINES: Final = {
    "counter": Sentence("Counter"),
    "minutes": Sentence("Minutes"),
    "name": Sentence("Name"),
    "number": Sentence("Number"),
    "office": Sentence("Office"),
    "reason": Sentence("Reason"),
    "witness": Sentence("Witness"),
}
"""The fields that are kept in the log or on paper, as the forms name them."""
SHIFT_S: Final = 12 * 3600
"""A session ends after a shift, and has to begin anew."""


class NeedsLoginError(Exception):
    """A page that is shown only after a login."""


class NotAllowedError(LemburError):
    """An act that this person may not do."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person after the login, and the secret that each form of this session carries."""

    user: User
    form_token: str

    @property
    def person(self) -> Person:
        """The rights of the person."""
        return self.user.person

    @property
    def name(self) -> str:
        """The name under which acts are kept in the log."""
        return self.user.name

    def may(self, scope: str, *stations: str) -> bool:
        """Return whether the person may act so at all these stations; a template writes the scope as text."""
        return self.person.may(Scope(scope), *stations)

    def require(self, scope: Scope, *stations: str) -> None:
        """Refuse an act that the person may not do."""
        if not self.person.may(scope, *stations):
            where = Sentence(" at %(stations)s", stations=", ".join(stations)) if stations else ""
            raise NotAllowedError(
                "%(name)s may not do this%(where)s: ask the head of the office", name=self.name, where=where
            )


class Sessions:
    """Makes and reads the signed cookie of a session."""

    def __init__(self, accounts: Accounts) -> None:
        key = accounts.session_key()
        self._accounts = accounts
        self._signer = URLSafeTimedSerializer(key, salt="session")
        self.cookie = f"lembur_session_{sha256(key.encode()).hexdigest()[:8]}"
        """Its name. A browser has one set of cookies for all consoles of a host, whatever their ports."""

    def make(self, user: User) -> str:
        """Make the cookie of a new session."""
        return self._signer.dumps([user.login, user.epoch, secrets.token_urlsafe(16)])

    def read(self, cookies: Mapping[str, str]) -> Visitor | None:
        """Return the visitor of a request; None when its cookie is missing, false or old, or its user has changed."""
        try:
            login, epoch, form_token = self._signer.loads(cookies.get(self.cookie, ""), max_age=SHIFT_S)
        except (BadSignature, ValueError, TypeError):
            return None
        user = self._accounts.user(login)
        return Visitor(user, form_token) if user and user.active and user.epoch == epoch else None


def visitor(request: Request) -> Visitor:
    """Return the visitor of a page, or send the browser to the login."""
    found: Visitor | None = request.app.state.office.sessions.read(request.cookies)
    if found is None:
        raise NeedsLoginError
    return found


@dataclass(frozen=True, slots=True)
class Posted:
    """A form that a visitor sent, with its token checked."""

    visitor: Visitor
    fields: FormData

    def text(self, name: str) -> str:
        """Return a field as text; a missing one is empty."""
        found = self.fields.get(name)
        return found.strip() if isinstance(found, str) else ""

    def line(self, name: str) -> str:
        """Return a field that is kept in the log or on paper; an empty one and one of several lines are refused."""
        return read_line(self.text(name), option=LINES[name])

    def number(self, name: str) -> int:
        """Return a field as a number, with or without separated thousands; an empty one is 0."""
        text = self.text(name)
        if text and not NUMBER.fullmatch(text):
            raise LemburError("'%(text)s' is no number: write digits only", text=text[:20])
        return int(re.sub("[.,]", "", text) or 0)

    def file(self, name: str) -> UploadFile | None:
        """Return a file that was sent along."""
        found: Any = self.fields.get(name)
        return found if isinstance(found, UploadFile) and found.filename else None

    def typed_fields(self) -> dict[str, str]:
        """Return the fields as typed, to show them again beside a fault; never a NIK or a password."""
        hidden = {"form_token", "card", "password", "old_password"}
        return {name: value for name, value in self.fields.items() if isinstance(value, str) and name not in hidden}


async def posted(request: Request, visitor: Annotated[Visitor, Depends(visitor)]) -> AsyncIterator[Posted]:
    """Read the form of a visitor; one without the token of the session was made by another page, and is refused.

    The file of an upload is closed after the answer.
    """
    async with request.form(max_files=1, max_fields=50) as fields:
        token = fields.get("form_token")
        if not isinstance(token, str) or not hmac.compare_digest(token.encode(), visitor.form_token.encode()):
            raise NotAllowedError("this form is from another session: load the page again")
        yield Posted(visitor, fields)
