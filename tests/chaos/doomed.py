"""A worker that dies or stops at named points of a card's walk when told to: `python -m chaos.doomed NODE SEATS`.

An order is an empty file in the folder DOOM: `kill claimed` kills the first worker that has claimed a lot, `stop
printed` stops the first that has printed one, past its lease. MUTATION takes one protection away: the run must find
the harm.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lembur import bus
from lembur.domain import world
from lembur.domain.scenario import Fate, Mishap
from lembur.ledger import Ledger, scripts
from lembur.ledger.scripts import Scripts
from lembur.ledger.types import ClaimRefusal, Lot, Offer
from workers import sweep
from workers.devices.centre_log import CentreLog
from workers.devices.job_log import JobLog
from workers.devices.simulated import SimulatedCentre

if TYPE_CHECKING:
    from collections.abc import Callable

DOORS = (
    (Ledger, "offer", "", "offered"),
    (Ledger, "claim", "", "claimed"),
    (SimulatedCentre, "ask", "about to ask the centre", "answered by the centre"),
    (Ledger, "answer", "", "verdicts committed"),
    (JobLog, "write", "about to print", "printed"),
    (Ledger, "commit", "about to commit", "committed"),
    (bus, "send", "about to wake others", "others woken"),
    (JobLog, "call_off", "about to call a lot off", "lot called off"),
    (Ledger, "abandon", "", "lot given back"),
    (Ledger, "unconfirm", "", "lot shelved"),
)
"""What is done on a card's walk, in its order, the sweep's steps last: the names before and after each."""
POINTS = tuple(point for _, _, *points in DOORS for point in points if point)
LOG = "log.jsonl"
BLIND = "printer's log unreadable"
ELSEWHERE = "printers at a host out of reach"
AWAY = "centre: refuses for a while"
UNTOLD = "printer could not tell"
STRANGER_MS = 4_000
"""An office waits a minute before a person must look at another host's lots; a run has less time."""


def note(doom: Path, **what: object) -> None:
    """Write down what befell whom, in one piece."""
    with (doom / LOG).open("a") as file:
        file.write(json.dumps(what) + "\n")


def ordered(doom: Path, order: str) -> bool:
    """Take an order, which is carried out by the first who finds it."""
    try:
        (doom / order).unlink()
    except FileNotFoundError:
        return False
    return True


def stop(seconds: float) -> None:
    """Stop this process, and have it continued."""
    script = f"sleep {seconds}; kill -CONT {os.getpid()}"
    subprocess.Popen(["/bin/sh", "-c", script], start_new_session=True)
    os.kill(os.getpid(), signal.SIGSTOP)


def pass_by(doom: Path, point: str, stop_s: float) -> None:
    """Die or stop here, if so ordered."""
    if point and ordered(doom, f"kill {point}"):
        note(doom, fault="worker killed at a named point", point=point)
        os.kill(os.getpid(), signal.SIGKILL)
    if point and ordered(doom, f"stop {point}"):
        note(doom, fault="worker stopped at a named point", point=point)
        stop(stop_s)


def guard(doom: Path, owner: Any, name: str, before: str, after: str, stop_s: float) -> None:
    """Put the points in front of a door and behind it; what was refused passed no door."""
    real: Callable[..., Any] = getattr(owner, name)

    def doomed(*args: Any, **kwargs: Any) -> Any:
        pass_by(doom, before, stop_s)
        said = real(*args, **kwargs)
        if not isinstance(said, ClaimRefusal) and not (name == "claim" and isinstance(said, Offer)):
            pass_by(doom, after, stop_s)
        return said

    setattr(owner, name, doomed)


def blind(doom: Path) -> None:
    """Let the printer's log be unreadable when ordered, and write down why a lot was unanswered."""
    real = JobLog.call_off

    def call_off(self: JobLog, lot: Any) -> Any:
        if ordered(doom, BLIND):
            note(doom, fault=BLIND, lot=lot.name, why=BLIND)
            return None
        said = real(self, lot)
        if said is None:
            note(doom, lot=lot.name, why=UNTOLD if lot.name.startswith(self._owner) else ELSEWHERE)
        return said

    JobLog.call_off = call_off  # type: ignore[method-assign]


def tell_fates(doom: Path) -> None:
    """Write down what the printers' script did."""
    choose = world.fault_of

    def told(*args: Any, **kwargs: Any) -> Any:
        found = choose(*args, **kwargs)
        if isinstance(found, Fate) and found is not Fate.OK:
            note(doom, fault=f"printer: {found}")
        return found

    vars(world)["fault_of"] = told


def tell_mishaps(doom: Path) -> None:
    """Write down what the centre's script did, its absence once."""
    write = CentreLog.write

    def told(self: CentreLog, lot: Lot, mishap: Mishap | None) -> None:
        write(self, lot, mishap)
        if mishap is Mishap.REFUSE:
            with suppress(FileExistsError):
                (doom / AWAY).touch(exist_ok=False)
                note(doom, fault=AWAY)
        elif mishap is not None:
            note(doom, fault=f"centre: {mishap}")

    CentreLog.write = told  # type: ignore[method-assign]


def hold_for_ever() -> None:
    """Let a printer take lots that were called off, and whose lease is over."""
    write = JobLog.write

    def held(self: JobLog, lot: Lot, *args: Any, **kwargs: Any) -> bool:
        return write(self, dataclasses.replace(lot, held_until_s=inf), *args, **kwargs)

    JobLog._catch_up = lambda self, file: None  # type: ignore[method-assign]  # noqa: ARG005
    JobLog.write = held  # type: ignore[method-assign]


def mutate(mutation: str) -> None:
    """Take one protection away."""
    if mutation == "fencing at the printer":
        hold_for_ever()
    if mutation == "fencing at the ledger":
        replace("call('HDEL', K.lots, lot.name)", "")
    if mutation == "durable intent":
        Scripts._on_disk = lambda self, name, given: self._server.fcall(name, 1, *given)  # type: ignore[method-assign]
    if mutation == "sweep":
        sweep.end_expired = lambda *_: None
    if mutation == "conservation":
        replace("raise(stock, 'blank', -n)", "raise(stock, 'blank', n > 0 and -n or 0)")


def replace(*pairs: str) -> None:
    """Change the text of the scripts; what is not found would be no mutation at all."""
    text = scripts.source()
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in text, old
        text = text.replace(old, new)
    scripts.source = lambda: text  # type: ignore[assignment]


def main() -> int:
    """Work like any worker, until an order is met."""
    doom, stop_s = Path(os.environ["DOOM"]), float(os.environ["DOOM_STOP_S"])
    blind(doom)
    tell_fates(doom)
    tell_mishaps(doom)
    for owner, name, before, after in DOORS:
        guard(doom, owner, name, before, after, stop_s)
    sweep.STRANGER_MS = STRANGER_MS
    mutate(os.environ.get("MUTATION", ""))
    from workers.__main__ import main as work

    return work()


if __name__ == "__main__":
    sys.exit(main())
