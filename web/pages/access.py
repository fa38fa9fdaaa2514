"""Login, logout, one-time links, the own password, and the language."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from lembur.accounts import AccountError, User
from lembur.domain.errors import LemburError, Sentence
from lembur.typed_text import read_line
from web.language import LANGUAGES
from web.pages.render import LANGUAGE, YEAR_S, done, formats_of, office_of, page
from web.planning import start_planner
from web.session import Posted, Visitor, posted, visitor

router = APIRouter()

LOCAL = "/"


@router.get("/login")
def show_login(request: Request, next: str = LOCAL, *, lost: bool = False) -> Response:  # noqa: A002 - the usual name
    """Show the form to log in; after the end of a session with a note, and whether a form was `lost` by it."""
    sessions = office_of(request).sessions
    ended = sessions.cookie in request.cookies and sessions.read(request.cookies) is None
    return page(request, "access/login.html", None, next=_own_path(next), login="", lost=lost, ended=ended)


@router.post("/login")
def log_in(
    request: Request,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = LOCAL,  # noqa: A002 - the same
) -> Response:
    """Begin a session."""
    office, words = office_of(request), formats_of(request).words
    names = (f"login:{login.lower()[:64]}", f"address:{request.client.host if request.client else ''}")
    again: dict[str, Any] = {"next": _own_path(next), "login": login[:64], "lost": False, "ended": False}
    if wait_s := office.limit.wait_s(*names):
        seconds = round(wait_s) + 1
        text = words.ngettext(
            "Too many failed logins: try again in %(num)s second.",
            "Too many failed logins: try again in %(num)s seconds.",
            seconds,
        )
        fault = text % {"num": seconds}
        return page(request, "access/login.html", None, code=429, fault=fault, **again)
    user = office.accounts.check_password(login[:64], password)
    if user is None:
        office.limit.count_failure(*names)
        fault = words.gettext("Login or password is wrong.")
        return page(request, "access/login.html", None, code=401, fault=fault, **again)
    office.limit.forget(*names)
    return _begin_session(request, user, _own_path(next))


def _begin_session(request: Request, user: User, path: str) -> Response:
    office = office_of(request)
    office.ledger.note_action("login", by=user.name)
    answer = done(path)
    answer.set_cookie(office.sessions.cookie, office.sessions.make(user), httponly=True, samesite="strict")
    start_planner()
    return answer


def _own_path(path: str) -> str:
    """Return a path of this console; an address of another host is replaced by the first page."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else LOCAL


@router.post("/logout")
def log_out(request: Request, _: Annotated[Posted, Depends(posted)]) -> Response:
    """End the session of this browser."""
    answer = done("/login")
    answer.delete_cookie(office_of(request).sessions.cookie)
    return answer


@router.get("/welcome/{secret}")
def show_welcome(request: Request, secret: str) -> Response:
    """Show the form to choose a password."""
    login = office_of(request).accounts.login_of_link(secret)
    if login is None:
        raise AccountError("this link was used already or is too old: ask for a new one")
    return page(request, "access/welcome.html", None, login=login, secret=secret)


@router.post("/welcome/{secret}")
def choose_password(
    request: Request,
    secret: str,
    password: Annotated[str, Form()] = "",
    login: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
) -> Response:
    """Set the password of a one-time link, and begin a session."""
    accounts = office_of(request).accounts
    known = accounts.login_of_link(secret)
    try:
        chosen = known or login.strip().lower()
        shown = name if known else read_line(name, option=Sentence("Name"))
        user = accounts.user(accounts.use_link(secret, login=chosen, name=shown, password=password))
    except LemburError as fault:
        given = {"login": login, "name": name}
        return page(
            request,
            "access/welcome.html",
            None,
            code=400,
            fault=fault,
            login=known or "",
            secret=secret,
            given=given,
        )
    if user is None:
        raise AccountError("this user is gone: ask for a new link")
    return _begin_session(request, user, LOCAL)


@router.get("/account")
def show_account(request: Request, visitor: Annotated[Visitor, Depends(visitor)]) -> Response:
    """Show the form to change the own password."""
    return page(request, "access/account.html", visitor)


@router.post("/account")
def change_password(request: Request, form: Annotated[Posted, Depends(posted)]) -> Response:
    """Change the own password; all sessions of the user end, this one begins anew."""
    office, user = office_of(request), form.visitor.user
    old, new = form.fields.get("old_password"), form.fields.get("password")
    try:
        if not isinstance(old, str) or office.accounts.check_password(user.login, old) is None:
            raise AccountError("the old password is wrong")  # noqa: TRY301 - shown beside the form
        office.accounts.set_password(user.login, new if isinstance(new, str) else "")
    except AccountError as fault:
        return page(request, "access/account.html", form.visitor, code=400, fault=fault)
    office.ledger.note_action("password", by=user.name)
    return _begin_session(request, office.accounts.user(user.login) or user, LOCAL)


@router.post("/language")
def choose_language(
    code: Annotated[str, Form()] = "id",
    back: Annotated[str, Form()] = LOCAL,
) -> Response:
    """Choose the language of the pages in this browser."""
    answer = done(_own_path(back))
    answer.set_cookie(LANGUAGE, code if code in LANGUAGES else "id", max_age=YEAR_S, samesite="strict", httponly=True)
    return answer
