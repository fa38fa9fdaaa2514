"""The page of users, for the head only: add them, change their rights, hand them a one-time link."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from lembur.accounts import AccountError, Role, Scope
from lembur.domain.errors import LemburError
from web.pages.render import done, formats_of, office_of, page
from web.session import NotAllowedError, Posted, Visitor, posted, visitor

router = APIRouter()


@router.get("/users")
def show_users(request: Request, visitor: Annotated[Visitor, Depends(visitor)]) -> Response:
    """Show the users and the tokens of programs."""
    visitor.require(Scope.USERS)
    return _show(request, visitor)


def _show(request: Request, visitor: Visitor, *, code: int = 200, **more: Any) -> Response:
    office = office_of(request)
    context = {
        "users": office.accounts.users(),
        "tokens": office.accounts.tokens(),
        "roles": list(Role),
        "stations": office.setup.scenario.stations,
        "link": "",
        **more,
    }
    return page(request, "users.html", visitor, code=code, path="/users", **context)


@router.post("/users")
def add_user(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Add a user, and show the one-time link to hand over."""
    office = office_of(request)
    try:
        form.visitor.require(Scope.USERS)
        login = form.text("login").lower()
        name = form.line("name")
        office.accounts.add_user(login, name, _role(form), _stations(request, form))
    except LemburError as fault:
        if isinstance(fault, NotAllowedError):
            raise
        return _show(request, form.visitor, code=400, fault=fault, given=form.typed_fields())
    office.ledger.note_action("add user", by=form.visitor.name, user=login, role=form.text("role"))
    return _show(request, form.visitor, link=_link(request, login), link_for=name)


@router.post("/users/{login}")
def change_user(request: Request, login: str, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Change a user's role, stations and access, or make a new one-time link."""
    form.visitor.require(Scope.USERS)
    office, words = office_of(request), formats_of(request).words
    user = office.accounts.user(login)
    if user is None:
        raise AccountError("there is no user '%(login)s'", login=login)
    if form.text("new_link"):
        office.ledger.note_action("link", by=form.visitor.name, user=login)
        return _show(request, form.visitor, link=_link(request, login), link_for=user.name)
    try:
        active = bool(form.text("active"))
        office.accounts.change_user(login, _role(form), _stations(request, form), active=active)
    except AccountError as fault:
        return _show(request, form.visitor, code=400, fault=fault)
    office.ledger.note_action("change user", by=form.visitor.name, user=login, role=form.text("role"))
    return done("/users", words.gettext("The user is changed."))


def _role(form: Posted) -> Role:
    try:
        return Role(form.text("role"))
    except ValueError:
        raise AccountError("choose a role") from None


def _stations(request: Request, form: Posted) -> list[str]:
    known = office_of(request).setup.stations
    return [str(code) for code in form.fields.getlist("stations") if code in known]


def _link(request: Request, login: str) -> str:
    return f"{request.base_url}welcome/{office_of(request).accounts.make_link(login)}"
