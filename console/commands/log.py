"""`lembur log`: everything people did, with who and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from console import context

if TYPE_CHECKING:
    from console.ui import Times
    from lembur.ledger.queries.actions import Action


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
        context.say_json([{**asdict(action), "at": times.iso(action.at_ms)} for action in actions])
        return
    rows = [_cells(times, action) for action in actions]
    open_terminal().print(Rows(("when", "by", "action", "details", "reason"), rows, words={"by", "details", "reason"}))


def _cells(times: Times, action: Action) -> tuple[str, ...]:
    details = ", ".join(_detail(times, *item) for item in action.details.items() if item[1] != 0)
    return (times.full(action.at_ms), action.by, action.what, details, action.reason)


def _detail(times: Times, name: str, value: str | int) -> str:
    return f"{name} {times.brief(int(value)) if name in {'from', 'until'} else value}"
