"""`lembur run`, `lembur up`, `lembur worker`: the commands that start processes."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from console import context
from console.text import echo
from lembur.domain.errors import LedgerError, OrderError, ScenarioError, SettingsError
from lembur.domain.time import file_stamp

if TYPE_CHECKING:
    from console.plan import SavedPlan
    from console.report import Report
    from console.runtime import RunningOffice
    from lembur.domain.scenario import Scenario
    from lembur.ledger import Ledger
    from lembur.office import OfficeSetup
    from lembur.settings import Settings

ScenarioArgument = Annotated[str, typer.Argument(metavar="SCENARIO", help="A shipped scenario or a TOML file.")]
MaybeScenario = Annotated[
    str | None,
    typer.Argument(
        metavar="SCENARIO",
        help=f"A shipped scenario or a TOML file; by default the open office. A new var/up opens "
        f"{context.USUAL_SCENARIO}.",
    ),
]
SpeedOption = Annotated[
    str | None,
    typer.Option("--speed", metavar="X", help="60 is sixty times real time, 'max' the fastest; 1 by default."),
]
OwnSpeedOption = Annotated[
    str | None,
    typer.Option(
        "--speed", metavar="X", help="60 is sixty times real time, 'max' the fastest; by default the scenario's."
    ),
]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", min=0, help="Number of the random draws; the scenario's own by default."),
]
SeatsOption = Annotated[
    list[str] | None,
    typer.Option("--seats", metavar="STATION=N", help="Seats of a station, regular and overtime; repeatable."),
]
NewDataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Data folder of the run; a new folder in var/runs by default."),
]
UpDataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Data folder of the office; var/up by default.")
]
UnsafeOption = Annotated[bool, typer.Option("--unsafe", help="Accept a server that forgets changes in a power cut.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]


def run(
    scenario: ScenarioArgument = context.USUAL_SCENARIO,
    *,
    speed: OwnSpeedOption = None,
    seed: SeedOption = None,
    seats: SeatsOption = None,
    data: NewDataOption = None,
    redis: context.RedisOption = None,
    planned: Annotated[
        bool, typer.Option("--planned", help="Order the seats of the last plan instead of the scenario's overtime.")
    ] = False,
    report: Annotated[Path, typer.Option("--report", metavar="DIR", help="Folder of the report.")] = Path("report"),
    as_json: context.JsonOption = False,
    quiet: QuietOption = False,
    unsafe: UnsafeOption = False,
) -> None:
    """Play a scenario to its end with real workers, and report."""
    from console import report as reports
    from console.runtime import Interrupted, run_clock, start_office, stop_on_signals, watch
    from console.ui import Screen
    from lembur.settings import read_settings

    play = setup_of(scenario, speed, seed, seats or [])
    if not play.scenario.demonstration:
        raise SettingsError(f"{play.scenario.name} is a real office: open it with 'lembur up', which prints what comes")
    plan = _read_plan(play.scenario.name) if planned else None
    if plan:
        play = replace(play, scenario=play.scenario.model_copy(update={"overtime": ()}))
    settings = read_settings(redis_url=redis, data=data)
    folder = context.folder_of(settings) or _new_folder(play.scenario.name)
    _make_folder(report)
    began = time.monotonic()
    try:
        with (
            stop_on_signals(),
            start_office(data=folder, redis_url=settings.redis_url, play=play, fresh=True, unsafe=unsafe) as running,
        ):
            context.remember(folder)
            if plan:
                _order_plan(running.ledger, plan, folder)
            with run_clock(running, jumps=True) as over, Screen(quiet=quiet or as_json) as screen:
                watch(running, over, screen)
            found = _build_report(running, plan, wall_s=time.monotonic() - began)
            reports.write_report(found, report)
    except Interrupted:
        # Without a report, because to read 200,000 cards takes longer than a stop may take.
        sys.stderr.write(f"lembur: stopped before the end; nothing is lost: 'lembur up --data {folder}' goes on\n")
        raise typer.Exit(130) from None
    if as_json:
        context.print_json(reports.to_json(found))
    else:
        reports.print_report(found, report)
    if found.violations:
        raise LedgerError("the ledger does not reconcile: see the report")


def up(
    scenario: MaybeScenario = None,
    *,
    speed: SpeedOption = None,
    seed: SeedOption = None,
    seats: SeatsOption = None,
    data: UpDataOption = None,
    redis: context.RedisOption = None,
    monitoring: Annotated[
        bool, typer.Option("--monitoring", help="Start Flower and Prometheus too, on this machine only.")
    ] = False,
    quiet: QuietOption = False,
    unsafe: UnsafeOption = False,
) -> None:
    """Run an office until Ctrl-C; the next 'up' goes on from there."""
    from console.commands import exporter as exporting
    from console.commands import forecast, people
    from console.runtime import (
        Interrupted,
        run_clock,
        start_office,
        stop_on_signals,
        watch,
    )
    from console.ui import Screen
    from lembur.settings import read_settings

    play = setup_of(scenario or context.USUAL_SCENARIO, speed or "1", seed, seats or [])
    settings = read_settings(redis_url=redis, data=data)
    folder = context.folder_of(settings) or context.DATA / "up"
    given, was_used = given_of(scenario, speed, seed, seats), context.is_used(folder)
    if not scenario:
        _check_there(settings, folder)
    with (
        suppress(Interrupted),
        stop_on_signals(),
        start_office(
            data=folder, redis_url=settings.redis_url, play=play, fresh=False, given=given, unsafe=unsafe
        ) as running,
    ):
        context.remember(folder)
        unnamed = "" if scenario or was_used else ", which is opened here because no scenario was named"
        echo(f"office   {running.settings.office}, {running.setup.scenario.title}{unnamed}")
        echo(f"ledger   {context.address_of(running.settings)}\ndata     {folder}\nlogs     {folder / 'logs'}")
        metrics = exporting.start(running.processes, running.settings)
        echo(f"metrics  {metrics}")
        forecast.start(running.processes, running.settings)
        web_console, link = people.start(running.processes, running.settings)
        echo(f"console  {web_console}{link}")
        if monitoring:
            _start_monitoring(running, metrics, web_console)
        try:
            jumps = running.setup.speed > 1
            with run_clock(running, jumps=jumps) as over, Screen(quiet=quiet) as screen:
                watch(running, over, screen, stay=True)
        except Interrupted:
            echo("stopping: cards in the printers go back into the queue")
    echo(f"stopped; 'lembur up{f' --data {quote(str(data))}' if data else ''}' goes on from here")


def _check_there(settings: Settings, folder: Path) -> None:
    """Refuse to open an invented office where a person named a place: a disk that is missing, or a name with a typo."""
    if settings.redis_url:
        found = context.with_code(settings.model_copy(update={"data": folder}))
        is_there, place = bool(context.open_ledger(found).office()), context.address_of(found)
    else:
        is_there, place = context.is_used(folder), str(folder)
    if not is_there and (settings.redis_url or context.folder_of(settings)):
        raise SettingsError(f"there is no office in {place} yet: name its scenario, or give another --data or --redis")


def _start_monitoring(running: RunningOffice, metrics: str, web_console: str) -> None:
    from console.runtime import start_flower, start_prometheus

    echo(f"flower   {start_flower(running.processes, running.settings)}")
    exporter = metrics.removeprefix("http://").removesuffix("/metrics")
    alerts = start_prometheus(running.processes, running.settings, exporter=exporter, web_console=web_console)
    echo(f"alerts   {alerts}")


@context.with_office
def worker(
    office: context.Connection,
    *,
    stations: Annotated[
        str | None, typer.Option("--stations", metavar="A,B", help="Print stations to serve, or 'all'.")
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Serve the lines to the centre.")] = False,
) -> None:
    """Add a worker to an open office, from any host."""
    from console.runtime import exec_worker, settle_printed
    from lembur.domain.seats import ALL, CENTRE
    from lembur.office import read_setup

    play = read_setup(office.ledger)
    codes = play.stations if stations == ALL else filter(None, (stations or "").split(","))
    wanted = (*map(play.find_station, codes), *((CENTRE,) if lines else ()))
    if not wanted:
        raise SettingsError(f"give what to serve: --lines, or --stations with some of {', '.join(play.stations)}")
    settle_printed(office.ledger, play, office.settings)
    node = f"print@{ALL}" if stations == ALL else ""
    exec_worker(office.settings, wanted, node=node, seats=sum(play.printers(code) for code in wanted))


def _make_folder(report: Path) -> None:
    """Make the folder of the report before anything is played."""
    try:
        report.mkdir(parents=True, exist_ok=True)
        (report / ".written").touch()
        (report / ".written").unlink()
    except OSError as fault:
        raise SettingsError(f"--report {report} cannot be written ({fault.strerror}): give another folder") from fault


def _new_folder(scenario: str) -> Path:
    return context.DATA / "runs" / f"{file_stamp(datetime.now(UTC))}-{scenario}"


def given_of(scenario: str | None, speed: str | None, seed: int | None, seats: list[str] | None) -> tuple[str, ...]:
    """Name the parts of a setup that a person chose."""
    parts = {"scenario": scenario or seats, "seed": seed is not None, "speed": speed}
    return tuple(name for name, asked in parts.items() if asked)


def setup_of(source: str, speed: str | None, seed: int | None, seats: list[str]) -> OfficeSetup:
    """Build the setup that the options ask for."""
    from console.runtime import lot_cards
    from lembur.domain import world
    from lembur.domain.scenario import load
    from lembur.domain.time import NEVER_MS
    from lembur.office import OfficeSetup

    scenario = _with_seats(load(source), seats)
    pace = speed_of(speed) if speed is not None else scenario.speed
    _check_pace(scenario, pace)
    used_seed = scenario.seed if seed is None else seed
    coming = world.arrivals_between(scenario, used_seed, after_ms=0, before_ms=NEVER_MS)
    return OfficeSetup(scenario, used_seed, lot_cards(pace, scenario.backlog.cards + len(coming)), pace)


def _check_pace(scenario: Scenario, pace: float) -> None:
    if not scenario.demonstration and pace != 1:
        raise SettingsError(f"{scenario.name} is a real office, which has the time of day: leave --speed out")
    devices = {"centre": scenario.centre.device, "printing": scenario.printing.device}
    for table, device in devices.items():
        if not pace and device != "simulated":
            raise SettingsError(
                f"{scenario.name} cannot be played as fast as possible: "
                f"[{table}] device = '{device}' takes its own time; give a number as --speed, such as 60"
            )


def _build_report(running: RunningOffice, plan: SavedPlan | None, *, wall_s: float) -> Report:
    from console import report as reports
    from lembur.ledger.audit import PrintLogs, reconcile

    logs = PrintLogs((running.settings.printers,))
    violations = reconcile(running.ledger, running.setup.stations, logs=logs)
    applied = (plan,) if plan else ()
    return reports.build_report(
        running.ledger,
        running.setup,
        speed=running.setup.speed,
        wall_s=wall_s,
        violations=violations,
        applied=applied,
    )


def _order_plan(ledger: Ledger, plan: SavedPlan, folder: Path) -> None:
    """Order a plan, and keep its figures for the report."""
    from console.plan import save_applied
    from lembur.office import order_seats

    order_seats(ledger, *(replace(order, reason=plan.reason) for order in plan.orders))
    save_applied(plan, folder)


def _read_plan(scenario: str) -> SavedPlan:
    """Return the plan made last, which must be for this scenario."""
    from console.plan import load_plan

    found = load_plan(context.DATA)
    if found.scenario != scenario:
        raise OrderError(f"the plan made last is for {found.scenario}, not for {scenario}: make one for it")
    return found


def speed_of(text: str) -> float:
    """Read a speed as people write it; 0 for 'max'."""
    if text == "max":
        return 0.0
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0 < speed <= 1_000_000:  # noqa: PLR2004 - a day in a tenth of a second
        raise SettingsError(f"--speed must be a number above 0 (up to a million), or 'max', not '{text}'")
    return speed


def _with_seats(scenario: Scenario, wanted: list[str]) -> Scenario:
    from lembur.domain.scenario import with_seats

    seats: dict[str, int] = {}
    for text in wanted:
        station, _, number = text.partition("=")
        if not number.isdecimal():
            raise SettingsError(f"--seats must be like {scenario.stations[0].code}=2, not '{text}'")
        seats[station] = int(number)
    try:
        return with_seats(scenario, seats)
    except ScenarioError as fault:
        raise SettingsError(f"--seats {'; '.join(fault.faults)}") from fault
