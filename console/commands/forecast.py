"""`lembur forecast`: when the queue is clear, late cards, stock; and the score of earlier forecasts."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from console import context
from console.text import count, echo
from lembur.domain.errors import SettingsError
from lembur.domain.time import round_up_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.runtime import Processes
    from console.ui import Times
    from lembur.domain.observation import Coverage, Forecast, Score, StationForecast
    from lembur.ledger import Ledger
    from lembur.office import OfficeSetup
    from lembur.settings import Settings

SHOWN_H: Final = (1, 4, 8, 24, 48, 72)
"""Horizons that fit in a line of a terminal. The saved forecast and its JSON hold all."""


@context.with_office
def forecast(
    office: context.Connection,
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Forecast on every change, at least every half hour, until Ctrl-C.")
    ] = False,
    score: Annotated[bool, typer.Option("--score", help="Compare saved forecasts with what happened.")] = False,
    as_json: context.JsonOption = False,
) -> None:
    """Forecast queue end, late cards and stock under current orders."""
    from console.forecast import forecast_now, score_forecasts
    from console.ui import times_of
    from lembur.ledger.queries import forecasts
    from lembur.office import read_setup

    if watch and (score or as_json):
        raise SettingsError("--watch goes alone: it writes one line a forecast")
    if watch:
        _watch(office.settings)
        return
    ledger = office.ledger
    setup = read_setup(ledger)
    if score:
        _print_scores(score_forecasts(ledger, setup), ledger, setup, as_json=as_json)
        return
    found = forecast_now(ledger, setup)
    forecasts.append(ledger, found)
    if as_json:
        context.print_json(found.to_json())
    else:
        _print(found, times_of(setup.scenario))


def start(processes: Processes, settings: Settings) -> None:
    """Start the forecast service as a supervised process."""
    command = [sys.executable, "-m", "console", "forecast", "--watch"]
    processes.start("forecast", command, environment=settings.environment())


def _watch(settings: Settings) -> None:
    from console.forecast import keep_forecasting
    from console.runtime import Interrupted, stop_on_signals

    with suppress(Interrupted), stop_on_signals():
        keep_forecasting(settings, echo)


def _print(found: Forecast, times: Times) -> None:
    from console.forecast import describe_runway
    from console.ui import Rows, open_terminal
    from lembur.domain.observation import AHEAD_DAYS
    from lembur.domain.seats import ALL

    console, office = open_terminal(), list(found.stations).index(ALL)
    console.print(f"\nAs it stands at {times.full(found.made_ms)}, with the orders given\n", style="bold")
    titles = ("station", "waiting", "clear P50", "P90", "late P50", "already", "overtime")
    rows = [(code, *_outlook_cells(station, times)) for code, station in found.stations.items()]
    console.print(Rows(titles, rows, bold=office))
    horizons = ("station", *(f"in {hours} h" for hours in SHOWN_H))
    bands = [(code, *(_band(station, hours) for hours in SHOWN_H)) for code, station in found.stations.items()]
    console.print("\nwaiting then, P10 to P90:")
    console.print(Rows(horizons, bands, bold=office))
    blanks, ribbon = (describe_runway(found.runway_s[item], AHEAD_DAYS) for item in ("blank", "ribbon"))
    echo(f"\nblanks last {blanks}, ribbon {ribbon}, at the station where they end first")
    echo("overtime: hours a day with every printer in use after which no other card is late (-: none suffice)")


def _outlook_cells(station: StationForecast, times: Times) -> tuple[str, ...]:
    _, clear, at_last = (times.short(round_up_ms(at)) for at in station.clear_ms)
    late = (count(round(station.late[1])), count(station.late_now), _overtime(station))
    return (count(round(station.backlog[0][1])), clear, at_last, *late)


def _overtime(station: StationForecast) -> str:
    if station.required_hours is None:
        return "-"
    return f"{station.required_hours:g} h" if station.required_hours else "none"


def _band(station: StationForecast, hours: int) -> str:
    low, middle, high = station.backlog[hours]
    return count(round(middle)) if low == high else f"{count(round(low))}-{count(round(high))}"


def _print_scores(found: Sequence[Score], ledger: Ledger, setup: OfficeSetup, *, as_json: bool) -> None:
    from console.text import plural
    from console.ui import Rows, open_terminal
    from lembur.domain.observation import FIRST_DAY, LATER, count_covered, explain_later_orders, trials_of
    from lembur.ledger.queries import forecasts

    saved, trials = forecasts.read(ledger), trials_of(setup.scenario.region.city)
    kept, zone = len(saved), setup.scenario.zone
    note = explain_later_orders(saved, ledger.orders(), now_ms=ledger.time()[0], zone=zone)
    if as_json:
        context.print_json(
            {
                "forecasts": kept,
                "scores": [asdict(one) for one in found],
                "trials": [asdict(one) for one in trials],
                "note": note,
            }
        )
        return
    if not found:
        why = f"the time of none of {plural(kept, 'forecast')} has come" if kept else "no forecast is saved yet"
        echo(f"nothing can be judged: {why}; 'lembur forecast --watch' makes them")
        return
    console = open_terminal()
    console.print(f"\n{plural(kept, 'forecast')} saved, compared with what happened\n", style="bold")
    days = ("queues within P10 to P90 (80% is right)", "made on the first day", "made later")
    own = [_covered_cell(count_covered(found, made=[made])) for made in (FIRST_DAY, LATER)]
    played = [(f"{one.city}: offices {one.office}", f"{one.first_day:.0%}", f"{one.later:.0%}") for one in trials]
    console.print(Rows(days, [("this office", *own), *played], bold=0))
    if note:
        echo(f"\n{note}")
    console.print("\nby figure:")
    titles = ("forecast of", "where", "made", "judged", "in P10-P90", "pinball loss", "sure, right")
    console.print(Rows(titles, [_score_cells(one) for one in found]))
    echo("\noffices of a city: trials with played offices, to compare this one with (docs/planner.md)")
    echo("pinball loss: how far P10, P50 and P90 were off; less is better")
    echo("sure, right: one value was forecast and came, as for an empty queue; not judged")


def _covered_cell(found: Coverage) -> str:
    return "-" if found.share is None else f"{found.share:.0%} of {count(found.judged)}"


def _score_cells(one: Score) -> tuple[str, ...]:
    inside = "-" if one.coverage is None else f"{one.coverage:.0%}"
    loss = "-" if one.pinball is None else f"{one.pinball:.2f} {'h' if one.what == 'clear' else 'cards'}"
    return (one.what, one.where, one.made, count(one.judged), inside, loss, count(one.sure))
