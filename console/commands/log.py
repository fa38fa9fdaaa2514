"""`lembur log` and `lembur report`: what people did, and what came of a shift or a day."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console import context
from console.text import echo
from lembur.domain.errors import SettingsError

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


@context.with_office
def report(
    office: context.Connection,
    *,
    day: Annotated[
        str | None, typer.Option("--day", metavar="DATE", help="A date, 'today' or 'kemarin'; the last day by default.")
    ] = None,
    shift: Annotated[
        int | None, typer.Option("--shift", metavar="N", help="A shift of that day, the first is 1; its overtime too.")
    ] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write it as PDF.")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="Write it as a spreadsheet.")] = None,
    english: Annotated[bool, typer.Option("--english", help="Files in English instead of Indonesian.")] = False,
    as_json: context.JsonOption = False,
) -> None:
    """Report a shift or a day, on paper too, and the plan against it."""
    from console.report import build_period, describe_period, period_to_json, print_period, write_pdf, write_xlsx
    from console.runtime import open_kept
    from console.ui import Language

    with open_kept(office) as ledger:
        found = build_period(ledger, office.settings.data, day=day, shift=shift)
    language = Language(english)
    for path, write in ((pdf, write_pdf), (xlsx, write_xlsx)):
        if path:
            try:
                write(found, path, language, describe_period(found, language, shift=shift))
            except OSError as fault:
                raise SettingsError(f"{path} cannot be written ({fault.strerror}): give another file") from fault
    if as_json:
        context.say_json(period_to_json(found))
        return
    echo(f"\n{describe_period(found, Language(english=True), shift=shift)}")
    print_period(found)
    for path in filter(None, (pdf, xlsx)):
        echo(f"\n{path}")
