"""`lembur init` and `check` prepare an office; `doctor`, `reconcile` and `report` look at what it did."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from console import context
from console.text import echo, plural
from lembur.domain.errors import SettingsError

FILES = ("scenario.toml", "region.csv")
"""The files of a new office."""


@context.with_office
def reconcile(
    office: context.Connection,
    *,
    printers: Annotated[
        list[Path] | None, typer.Option("--printers", metavar="DIR", help="A copy of the print logs of another host.")
    ] = None,
    as_json: context.JsonOption = False,
) -> None:
    """Check that every card and blank adds up; exit 1 if not.

    Each fault is listed with its place. The ledger is also compared with the logs of the printers.
    """
    from console.runtime import open_kept
    from lembur.archive import archive_of
    from lembur.ledger import audit
    from lembur.ledger.audit import PrintLogs, absent_logs
    from lembur.office import read_setup

    logs, archive = PrintLogs((office.settings.printers, *(printers or ()))), archive_of(office.settings)
    with open_kept(office) as ledger:
        violations = audit.reconcile(ledger, read_setup(ledger).stations, logs=logs, archive=archive)
        absent, cards = absent_logs(ledger, logs), ledger.serial()
    for other in absent:
        prints = f"{other.good} good and {plural(other.spoiled, 'spoiled print')}"
        place = f"{other.station}, printers {other.owner}"
        echo(f"not here: the log of {prints} ({place}): give a copy with --printers DIR", err=True)
    for row in logs.unreadable:
        echo(f"a row of a print log cannot be read: {row}", err=True)
    if as_json:
        context.print_json([asdict(one) for one in violations])
    elif violations:
        for one in violations:
            echo(f"broken: {one.invariant}: {one.where}")
    else:
        prints = plural(logs.good.total(), "good print")
        echo(f"{plural(cards, 'card')}, all blanks and {prints} logged here add up")
    if violations:
        raise typer.Exit(1)


@context.with_office
def doctor(office: context.Connection, *, as_json: context.JsonOption = False) -> None:
    """Check server, clock, workers and messages; exit 1 on a fault.

    It changes nothing in the office.
    """
    from console.runtime import find_faults
    from console.ui import Times, describe_circuit, times_of
    from lembur.ledger import health
    from lembur.ledger.queries.circuit import read_circuit
    from lembur.office import read_setup

    ledger = office.ledger
    now_ms, speed = ledger.time()
    real_ms = ledger.real_ms()
    seen = {node: round((real_ms - at) / 1000, 1) for node, at in ledger.last_seen().items()}
    setup = read_setup(ledger) if ledger.office() else None
    times = times_of(setup.scenario) if setup else Times(UTC)
    faults = list(find_faults(ledger, setup)) if setup else []
    data = office.settings.data
    if (data / context.SERVER).is_dir() and (full := context.describe_full_disk(data)):
        faults.append(full)
    found = {
        "server": context.address_of(office.settings),
        **health(ledger.server, prefix=ledger.prefix),
        "office": setup.scenario.name if setup else "none is open here: 'lembur up' or 'lembur open' opens one",
        "clock": times.full(now_ms) if setup else "-",
        "speed": speed or "max",
        "centre": describe_circuit(read_circuit(ledger), times) or "answers",
        "workers_seen_s_ago": seen,
        "other_versions_functions": ledger.other_versions(),
        "faults": faults,
    }
    if as_json:
        context.print_json(found)
    else:
        for name, value in found.items():
            if isinstance(value, list):
                continue
            shown_value = ", ".join(f"{k} ({v} s ago)" for k, v in value.items()) if isinstance(value, dict) else value
            echo(f"{name.replace('_', ' '):20} {shown_value}")
        for fault in faults:
            echo(f"not well: {fault}")
    context.check_durable(ledger, unsafe=False)
    if faults:
        raise typer.Exit(1)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the new office; the command makes it.")],
) -> None:
    """Write a scenario and region file of your own to fill."""
    if there := [name for name in FILES if (folder / name).exists()]:
        raise SettingsError(f"{folder / there[0]} is there already: name another folder, or move the file away")
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (folder / name).write_text((files("scenarios") / "first_office" / name).read_text("utf-8"), "utf-8")
    scenario = folder / FILES[0]
    echo(f"written: {scenario} and {folder / FILES[1]}")
    echo("Both can be played as they are. Put your office's figures in, then:")
    echo(f"  lembur check {scenario}\n  lembur run {scenario}")


def check(
    scenario: Annotated[str, typer.Argument(metavar="FILE", help="A scenario's file, or the name of a shipped one.")],
    *,
    as_json: context.JsonOption = False,
) -> None:
    """Check whether a scenario can be played.

    Exit 1 with every fault of the scenario and its region file, and its remedy.
    """
    from console.ui import times_of
    from lembur.domain.scenario import load
    from lembur.domain.time import moment_ms

    found = load(scenario)
    times = times_of(found)
    blanks = sum(row.blanks for row in found.stations) + sum(row.blanks for row in found.deliveries)
    if as_json:
        context.print_json(
            {
                "scenario": found.name,
                "region": found.region.name,
                "kelurahan": len(found.region.kelurahan),
                "time_zone": found.time_zone,
                "starts": times.iso(moment_ms(found.starts)),
                "ends": times.iso(moment_ms(found.ends)),
                "stations": [station.code for station in found.stations],
                "cards_waiting": found.backlog.cards,
                "blanks": blanks,
            }
        )
        return
    printers, seats = (sum(getattr(station, name) for station in found.stations) for name in ("printers", "seats"))
    counts = ((len(found.stations), "station"), (printers, "printer"), (seats, "regular seat"), (blanks, "blank"))
    starts, ends = (times.full(moment_ms(moment)) for moment in (found.starts, found.ends))
    echo(f"{scenario} can be played: {found.title}")
    echo(f"  {', '.join(plural(*one) for one in counts)}; {plural(found.backlog.cards, 'card')} waiting")
    echo(f"  {starts} to {ends}, {found.time_zone}; {len(found.region.kelurahan)} kelurahan of {found.region.name}")


@context.with_office
def report(
    office: context.Connection,
    *,
    day: Annotated[
        str | None, typer.Option("--day", metavar="DATE", help="A date, 'today' or 'kemarin'; the last day by default.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DATE", help="Last day of a report of several days; --day is the first."),
    ] = None,
    shift: Annotated[
        int | None, typer.Option("--shift", metavar="N", help="A shift of that day, with its overtime; the first is 1.")
    ] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write the report as PDF.")] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help="Write the report as a spreadsheet.")
    ] = None,
    english: Annotated[
        bool, typer.Option("--english", help="Write the files in English instead of Indonesian.")
    ] = False,
    as_json: context.JsonOption = False,
) -> None:
    """Report a shift or some days, and the plan beside the facts."""
    from console.report import (
        PeriodChoice,
        build_period,
        describe_period,
        period_to_json,
        print_period,
        write_pdf,
        write_xlsx,
    )
    from console.runtime import open_kept
    from console.ui import Language
    from lembur.archive import archive_of

    with open_kept(office) as ledger:
        archive = archive_of(office.settings)
        found = build_period(ledger, office.settings.data, PeriodChoice(day, until, shift), archive)
    language = Language(english)
    for path, write in ((pdf, write_pdf), (xlsx, write_xlsx)):
        if path:
            try:
                write(found, path, language, describe_period(found, language, shift=shift))
            except OSError as fault:
                raise SettingsError(f"{path} cannot be written ({fault.strerror}): give another file") from fault
    if as_json:
        context.print_json(period_to_json(found))
        return
    echo(f"\n{describe_period(found, Language(english=True), shift=shift)}")
    print_period(found)
    for path in filter(None, (pdf, xlsx)):
        echo(f"\n{path}")
