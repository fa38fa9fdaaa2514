"""A worker that dies at named points: `python doomed.py NODE SEATS`, with the odds in DOOM and a mutation in MUTATION.

Points: after the claim, before the printer's log, after it, before the commit, after it. A mutation takes one
protection away, so that a chaos run must find what it protects from.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from typing import TYPE_CHECKING, Any

from lembur.ledger import scripts
from lembur.ledger.ledger import Ledger
from workers import sweep
from workers.devices.job_log import JobLog

if TYPE_CHECKING:
    from collections.abc import Callable

ODDS = float(os.environ.get("DOOM", "0"))
UNREADABLE = 0.2
"""So often a printer's log cannot be read when the sweep asks: the card must wait for a person."""
MUTATION = os.environ.get("MUTATION", "")
dice = random.Random()  # noqa: S311 - chance, not a secret; the run is made reproducible by its own seed


def die_around(owner: Any, name: str, *, before: bool, after: bool) -> None:
    """Let this process be killed at the door of a method, now and then."""
    real: Callable[..., Any] = getattr(owner, name)

    def doomed(*args: Any, **kwargs: Any) -> Any:
        if before and dice.random() < ODDS:
            os.kill(os.getpid(), signal.SIGKILL)
        said = real(*args, **kwargs)
        if after and dice.random() < ODDS:
            os.kill(os.getpid(), signal.SIGKILL)
        return said

    setattr(owner, name, doomed)


def jam() -> None:
    """Let the printer's log be unreadable now and then."""
    real = JobLog.call_off

    def call_off(self: JobLog, lot: Any) -> Any:
        return None if dice.random() < UNREADABLE else real(self, lot)

    JobLog.call_off = call_off  # type: ignore[method-assign]


def mutate() -> None:
    """Take one protection away."""
    if MUTATION == "fencing":
        JobLog._catch_up = lambda self, file: None  # type: ignore[method-assign]  # noqa: ARG005
    if MUTATION == "sweep":
        sweep.end_expired = lambda *_: None
    if MUTATION == "conservation":
        real = scripts.source
        scripts.source = lambda verb: real(verb).replace("'blank', #lot.cards)", "'blank', 0)")  # type: ignore[assignment]


if __name__ == "__main__":
    die_around(Ledger, "claim", before=False, after=True)
    die_around(JobLog, "write", before=True, after=True)
    die_around(Ledger, "commit", before=True, after=True)
    jam()
    mutate()
    from workers.__main__ import main

    sys.exit(main())
