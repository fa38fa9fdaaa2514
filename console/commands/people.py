"""`lembur log`, `lembur token`, `lembur console`: people and programs, and the pages on which they act."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from console import context
from console.text import echo, plural
from lembur.domain.errors import SettingsError

if TYPE_CHECKING:
    from console.runtime import Processes
    from console.ui import Times
    from lembur.accounts import Accounts, Scope
    from lembur.ledger.queries.actions import Action
    from lembur.settings import Settings

PORT: Final = 8080
token = typer.Typer(help="Add, list and remove the tokens of programs that use REST.")


@context.with_office
def web_console(
    office: context.Connection,
    *,
    port: Annotated[int, typer.Option("--port", min=1, max=65_535, metavar="N", help="Port to serve on.")] = PORT,
    host: context.HostOption = "127.0.0.1",
) -> None:
    """Serve the web console until Ctrl-C.

    Its first start prints a one-time link, with which the head of the office chooses a password.
    """
    from lembur.service import become

    become(_command(host, port), office.settings.environment())


def start(processes: Processes, settings: Settings) -> tuple[str, str]:
    """Start the web console under supervision; return its address, and the path of the first start's one-time link."""
    from lembur.accounts import Accounts

    port = processes.reserve_port(PORT)
    accounts = Accounts(settings.data / "console")
    link = "" if accounts.users() else f"/welcome/{accounts.make_link()}  (one use: choose the head's password)"
    processes.start("console", _command("127.0.0.1", port), environment=settings.environment())
    return f"http://127.0.0.1:{port}", link


def _command(host: str, port: int) -> list[str]:
    return [sys.executable, "-m", "web", host, str(port)]


def _accounts(office: context.Connection) -> Accounts:
    from lembur.accounts import Accounts

    return Accounts(office.settings.data / "console")


@token.command("add")
@context.with_office
def add_token(
    office: context.Connection,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the program; the log shows it.")],
    *,
    scope: Annotated[
        list[str], typer.Option("--scope", metavar="SCOPE", help="One of read, cards, seats, stock, plan; repeatable.")
    ],
    station: Annotated[
        list[str] | None, typer.Option("--station", metavar="STATION", help="Only this station; repeatable.")
    ] = None,
) -> None:
    """Add a token and show its secret, once."""
    from lembur.office import read_setup
    from lembur.typed_text import read_line

    stations = [read_setup(office.ledger).find_station(code) for code in station or ()]
    secret = _accounts(office).add_token(read_line(name, option="NAME"), _scopes(scope), stations)
    echo(f"{secret}\nKeep it secret. A program sends it as 'Authorization: Bearer ...'; it is not shown again.")


def _scopes(names: list[str]) -> list[Scope]:
    from lembur.accounts import Scope

    allowed = sorted(set(Scope) - {Scope.USERS})
    for name in names:
        if name not in allowed:
            raise SettingsError(f"--scope must be {', '.join(allowed)}, not '{name}'")
    return [Scope(name) for name in {*names, Scope.READ}]


@token.command("list")
@context.with_office
def list_tokens(office: context.Connection) -> None:
    """List the tokens, without their secrets."""
    found = _accounts(office).tokens()
    for one in found:
        echo(f"{one.name}: {', '.join(sorted(one.scopes))} at {', '.join(one.stations) or 'all stations'}")
    echo(plural(len(found), "token"))


@token.command("remove")
@context.with_office
def remove_token(
    office: context.Connection,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the token in 'lembur token list'.")],
) -> None:
    """Remove a token: its program is refused from now on."""
    _accounts(office).remove_token(name)
    echo(f"{name} is removed")


@context.with_office
def log(office: context.Connection, *, as_json: context.JsonOption = False) -> None:
    """List the acts of people, each with its person and reason."""
    from console.ui import Rows, open_terminal, times_of
    from lembur.ledger.queries.actions import read_actions
    from lembur.office import read_setup

    ledger = office.ledger
    times = times_of(read_setup(ledger).scenario)
    actions = read_actions(ledger)
    if as_json:
        context.print_json([{**asdict(action), "at": times.iso(action.at_ms)} for action in actions])
        return
    rows = [_cells(times, action) for action in actions]
    open_terminal().print(Rows(("when", "by", "action", "details", "reason"), rows, words={"by", "details", "reason"}))


def _cells(times: Times, action: Action) -> tuple[str, ...]:
    details = ", ".join(_detail(times, *item) for item in action.details.items() if item[1] != 0)
    return (times.full(action.at_ms), action.by, action.what, details, action.reason)


def _detail(times: Times, name: str, value: str | int) -> str:
    return f"{name} {times.brief(int(value)) if name in {'from', 'until'} else value}"
