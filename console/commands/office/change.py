"""`lembur change`: an open office goes on with its edited scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from console import context
from console.context import ByOption, ReasonOption
from console.text import echo, plural, visible
from lembur.domain.errors import ChangeError

if TYPE_CHECKING:
    from lembur.office import OfficeChange


@context.with_office
def change(
    office: context.Connection,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The office's scenario, as it was edited.")],
    *,
    by: ByOption,
    reason: ReasonOption,
    yes: Annotated[bool, typer.Option("--yes", help="Make the change; without it the command only shows it.")] = False,
) -> None:
    """Change an open office to its edited scenario.

    It lists each difference with the old and the new value. With --yes the office goes on by the new file from now on.
    """
    from lembur.actions import carry_out_change
    from lembur.domain.scenario import load
    from lembur.office import compare_office

    found = compare_office(office.ledger, load(file))
    for one in found.differences:
        refusal = f" (refused: {one.refusal})" if one.refusal else ""
        echo(visible(f"{one}{refusal}"))
    if not found.differences:
        echo(f"{found.scenario.name} is as in {file}: there is nothing to change")
        return
    if found.refused:
        raise ChangeError(f"nothing is changed, because {_count_refused(found)} refused: mend {file}")
    if not yes:
        echo("nothing is changed yet: repeat the command with --yes")
        return
    carry_out_change(office, found, by=by, reason=reason)
    echo(f"{found.scenario.name} goes on with {plural(len(found.differences), 'change')}, by order of {by}")
    for code in found.new_stations:
        echo(f"{code} needs a worker: 'lembur up' starts it, otherwise start 'lembur worker --stations {code}'")


def _count_refused(found: OfficeChange) -> str:
    refused, lines = len(found.refused), len(found.differences)
    if lines == 1:
        return "it is"
    return f"{refused} of these {lines} lines {'is' if refused == 1 else 'are'}"
