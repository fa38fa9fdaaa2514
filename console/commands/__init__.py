"""The commands of `lembur`, in the groups of its help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.commands import backup, cards, check, exporter, forecast, intake, log, plan, run, seats, services, stock

if TYPE_CHECKING:
    from collections.abc import Callable

    import typer

__all__ = ["register"]

COMMANDS: dict[str, tuple[Callable[..., Any] | tuple[str, Callable[..., Any]], ...]] = {
    "Run an office": (run.run, run.up, run.worker, ("open", services.open_office), services.feed, services.load),
    "Keep": (backup.backup, backup.restore),
    "Look": (cards.board, check.doctor, check.reconcile, log.log, services.seen, services.flower, exporter.exporter),
    "Cards": (intake.intake, cards.card, cards.hold, cards.release, cards.expedite, cards.unconfirmed, cards.confirm),
    "Seats": (seats.orders,),
    "Plan": (forecast.forecast,),
}
"""The commands by the panel of the help; a function's name is its command, unless another is given."""


def register(app: typer.Typer) -> None:
    """Add every command."""
    for panel, commands in COMMANDS.items():
        for command in commands:
            name, function = command if isinstance(command, tuple) else (command.__name__, command)
            app.command(name, rich_help_panel=panel)(function)
    app.add_typer(seats.app, name="seats", rich_help_panel="Seats")
    app.add_typer(plan.app, name="plan", rich_help_panel="Plan")
    app.add_typer(stock.app, name="stock", rich_help_panel="Stock")
