"""The commands of `lembur`, in the groups of its help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from console.commands import (
    exporter,
    forecast,
    intake,
    people,
    plan,
    printers,
    run,
    seats,
    services,
    stock,
)
from console.commands.cards import blanks, hand_over, letters, queue
from console.commands.office import change, check
from console.commands.storage import archive, backup

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["COMMANDS", "register"]

COMMANDS: dict[str, dict[str, Callable[..., None] | typer.Typer]] = {
    "Run an office": {
        "init": check.init,
        "check": check.check,
        "run": run.run,
        "up": run.up,
        "console": people.web_console,
        "token": people.token,
        "worker": run.worker,
        "open": services.open_office,
        "change": change.change,
        "feed": services.feed,
        "load": services.load,
        "centre": services.centre,
        "webhook": services.webhook,
        "backup": backup.backup,
        "restore": backup.restore,
        "archive": archive.app,
        "migrate": backup.migrate,
    },
    "Cards": {
        "intake": intake.intake,
        "visits": intake.visits,
        "card": queue.card,
        "hold": queue.hold,
        "release": queue.release,
        "expedite": queue.expedite,
        "unconfirmed": queue.list_unconfirmed,
        "confirm": queue.confirm,
        "ship": hand_over.ship,
        "issue": hand_over.issue,
        "uncollected": hand_over.list_uncollected,
        "reprint": hand_over.reprint,
        "letter": letters.app,
    },
    "Seats": {"seats": seats.app, "orders": seats.orders},
    "Plan": {"plan": plan.app, "forecast": forecast.forecast},
    "Stock": {"stock": stock.app, "blank": blanks.app},
    "Look": {
        "board": queue.board,
        "log": people.log,
        "report": check.report,
        "reconcile": check.reconcile,
        "doctor": check.doctor,
        "printers": printers.app,
        "seen": services.check_seen,
        "flower": services.flower,
        "exporter": exporter.exporter,
    },
}
"""The commands by the groups of the help."""


def register(app: typer.Typer) -> None:
    """Add every command."""
    for commands in COMMANDS.values():
        for name, command in commands.items():
            if isinstance(command, typer.Typer):
                app.add_typer(command, name=name)
            else:
                app.command(name)(command)
