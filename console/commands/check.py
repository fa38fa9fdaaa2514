"""`lembur reconcile` and `lembur doctor`: does everything add up, and is everything well."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from console import context
from console.text import echo, plural


@context.with_office
def reconcile(
    office: context.Connection,
    *,
    printers: Annotated[
        list[Path] | None, typer.Option("--printers", metavar="DIR", help="A copy of another host's printers' logs.")
    ] = None,
    as_json: context.JsonOption = False,
) -> None:
    """Check that every card and blank adds up; exit 1 if not.

    Each fault is listed with its place. The printers' own logs are compared with the ledger too.
    """
    from lembur.ledger import audit
    from lembur.ledger.audit import PrintLogs, absent_logs
    from lembur.office import read_setup

    ledger = office.ledger
    logs = PrintLogs((office.settings.printers, *(printers or ())))
    violations = audit.reconcile(ledger, read_setup(ledger).stations, logs=logs)
    for other in absent_logs(ledger, logs):
        prints = f"{other.good} good and {plural(other.spoiled, 'spoiled print')}"
        place = f"{other.station}, printers {other.owner}"
        echo(f"not here: the log of {prints} ({place}): give a copy with --printers DIR", err=True)
    for row in logs.unreadable:
        echo(f"a row of a print log cannot be read: {row}", err=True)
    if as_json:
        context.say_json([asdict(one) for one in violations])
    elif violations:
        for one in violations:
            echo(f"broken: {one.invariant}: {one.where}")
    else:
        prints = plural(logs.good.total(), "good print")
        echo(f"{plural(ledger.serial(), 'card')}, all blanks and {prints} logged here add up")
    if violations:
        raise typer.Exit(1)


@context.with_office
def doctor(
    office: context.Connection,
    *,
    as_json: context.JsonOption = False,
) -> None:
    """Check the server, the clock, the workers and the messages; exit 1 on a fault."""
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
    found = {
        "server": context.address_of(office.settings),
        **health(ledger.server, prefix=ledger.prefix),
        "clock": times.full(now_ms),
        "speed": speed or "max",
        "centre": describe_circuit(read_circuit(ledger), times) or "answers",
        "workers_seen_s_ago": seen,
        "faults": faults,
    }
    if as_json:
        context.say_json(found)
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
