"""`lembur forecast`: when it will be clear, who will be late, how long the stock lasts; and how good that was."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from console import context
from lembur.domain.errors import SettingsError
from lembur.domain.observation import AHEAD_DAYS
from lembur.domain.time import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.runtime import Processes
    from lembur.domain.observation import Forecast, StationForecast
    from lembur.settings import Settings
    from planner.outcomes.calibration import Score

TOLD_H: Final = (1, 4, 8, 24, 48, 72)
"""Horizons that fit in a line of a terminal; all are kept, and told in JSON."""


def forecast(
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Make one on every change, and every half hour, until Ctrl-C.")
    ] = False,
    score: Annotated[bool, typer.Option("--score", help="Compare those kept with what happened.")] = False,
    as_json: context.JsonOption = False,
    redis: context.RedisOption = None,
    data: context.DataOption = None,
) -> None:
    """Forecast the course as it is, with the orders that are given: the queue's end, late cards, stock; it is kept."""
    from console.forecast.text import forecast_now, scores_now
    from lembur.ledger.queries import forecasts
    from lembur.office import read_setup

    if watch and (score or as_json):
        raise SettingsError("--watch goes alone: it tells one line a forecast")
    settings = context.find_settings(redis, data)
    if watch:
        _watch(settings)
        return
    ledger = context.open_ledger(settings)
    play = read_setup(ledger)
    if score:
        _tell_scores(scores_now(ledger, play), len(forecasts.read(ledger)), as_json=as_json)
        return
    found = forecast_now(ledger, play)
    forecasts.append(ledger, found)
    if as_json:
        context.say_json(found.to_json())
    else:
        _tell(found)


def start(processes: Processes, settings: Settings) -> None:
    """Start a process under supervision that keeps forecasts coming."""
    command = [sys.executable, "-m", "console", "forecast", "--watch"]
    processes.start("forecast", command, environment=settings.environment())


def _watch(settings: Settings) -> None:
    from console.forecast.service import keep_forecasting
    from console.runtime import Interrupted, stop_on_signals

    with suppress(Interrupted), stop_on_signals():
        keep_forecasting(settings, typer.echo)


def _tell(found: Forecast) -> None:
    from rich.console import Console
    from rich.table import Table

    from console.forecast.text import runway
    from console.ui.times import moment

    console = Console()
    console.print(f"\n[bold]As it stands at {shown(found.made_ms)}, with the orders given[/bold]\n")
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("station", no_wrap=True)
    for title in ("waiting", "clear P50", "P90", "late P50", "already", "overtime"):
        table.add_column(title, justify="right", no_wrap=True)
    for code, told in found.stations.items():
        _, clear, at_last = (moment(at) for at in told.clear_ms)
        cells = (f"{told.backlog[0][1]:,.0f}", clear, at_last, f"{told.late[1]:,.0f}", f"{told.late_now:,}")
        table.add_row(code, *cells, _needed(told), style="bold" if code == "all" else None)
    console.print(table)
    ahead = Table(box=None, padding=(0, 1, 0, 0))
    ahead.add_column("P10 to P90", no_wrap=True)
    for hours in TOLD_H:
        ahead.add_column(f"in {hours} h", justify="right", no_wrap=True)
    for code, told in found.stations.items():
        bands = [_band(told, hours) for hours in TOLD_H]
        ahead.add_row(code, *bands, style="bold" if code == "all" else None)
    console.print("\nwaiting then:")
    console.print(ahead)
    blanks, ribbon = (runway(found.runway_s[item], AHEAD_DAYS) for item in ("blank", "ribbon"))
    typer.echo(f"\nblanks last {blanks}, ribbon {ribbon}, at the station where they end first")
    typer.echo("overtime: so long a day with every printer in use, and no other card is late (-: no hours do)")


def _needed(told: StationForecast) -> str:
    if told.required_hours is None:
        return "-"
    return f"{told.required_hours:g} h" if told.required_hours else "none"


def _band(told: StationForecast, hours: int) -> str:
    low, middle, high = told.backlog[hours]
    return f"{middle:,.0f}" if low == high else f"{low:,.0f}-{high:,.0f}"


def _tell_scores(found: Sequence[Score], kept: int, *, as_json: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    if as_json:
        context.say_json({"forecasts": kept, "scores": [asdict(one) for one in found]})
        return
    if not found:
        told = f"{kept:,} forecasts are kept, but the time of none has come" if kept else "no forecast is kept yet"
        typer.echo(f"nothing can be judged: {told}; 'lembur forecast --watch' makes them")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("forecast of", "where", "judged", "in P10-P90", "pinball loss", "sure, right"):
        table.add_column(title, justify="left" if title in {"forecast of", "where"} else "right", no_wrap=True)
    for one in found:
        inside = "-" if one.coverage is None else f"{one.coverage:.0%}"
        loss = "-" if one.pinball is None else f"{one.pinball:.2f} {'h' if one.what == 'clear' else 'cards'}"
        table.add_row(one.what, one.where, f"{one.judged:,}", inside, loss, f"{one.sure:,}")
    console = Console()
    console.print(f"\n[bold]{kept:,} forecasts kept, compared with what happened[/bold]\n")
    console.print(table)
    typer.echo("\nright would be 80% in P10-P90; sure ones, as of an empty queue, are not counted there")
