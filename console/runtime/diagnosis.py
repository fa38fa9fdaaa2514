"""Faults of an office, as `lembur doctor` lists them: one sentence each, with its remedy."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from console.text import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lembur.domain.seats import StationCode
    from lembur.ledger import Ledger
    from lembur.office import OfficeSetup

DRIFT_S = 5.0
"""Difference between a real office's clock and this machine's clock that shows a wrong one."""
FULL = 0.9
"""Share of the server's memory limit at which it is time to act."""
SILENT_MS = 30_000
"""Real time without a worker, or with a wake-up that waits, after which this is a sign of a fault."""
HEARD_S = 2.0
"""Time in which a worker that takes messages hears one."""


def find_faults(ledger: Ledger, setup: OfficeSetup) -> Iterator[str]:
    """Look at the clock, the server's memory, the workers and the messages."""
    yield from _clock_faults(ledger, setup)
    yield from _memory_faults(ledger)
    silent = _silent_stations(ledger, setup)
    if silent:
        yield (
            f"no worker has signed in for {', '.join(silent)} within the last {SILENT_MS // 1000} s: start 'lembur up' "
            "or there 'lembur worker' with --stations, or with --lines for the centre"
        )
    yield from _message_faults(ledger, [code for code in setup.all_stations if code not in silent])


def _silent_stations(ledger: Ledger, setup: OfficeSetup) -> list[StationCode]:
    seen, before_ms = ledger.worker_heartbeats(), ledger.real_ms() - SILENT_MS
    return [code for code in setup.all_stations if seen.get(code, 0) < before_ms]


def _clock_faults(ledger: Ledger, setup: OfficeSetup) -> Iterator[str]:
    clock = ledger.read_clock()
    if clock.stands:
        yield "the clock stands, because this demonstration has no feed: start 'lembur feed' or 'lembur up'"
    if clock.now_ms > setup.ends_ms:
        yield f"{setup.scenario.name} is over, and no card starts any more: its end stands in its file"
    off_s = clock.now_ms / 1000 - time.time()
    if not setup.scenario.demonstration and abs(off_s) > DRIFT_S:
        side = "ahead of" if off_s > 0 else "behind"
        yield (
            f"the office's clock is {count(round(abs(off_s)))} s {side} this machine's: set the clocks of both hosts "
            "by NTP, or start 'lembur up' again if the ledger is from an earlier version"
        )


def _memory_faults(ledger: Ledger) -> Iterator[str]:
    from lembur.ledger import memory_share

    share = memory_share(ledger.server)
    if share >= FULL:
        yield f"the server's memory is {share:.0%} full, and it refuses every change at 100%: raise its maxmemory"


def _message_faults(ledger: Ledger, stations: Sequence[StationCode]) -> Iterator[str]:
    before_ms = ledger.real_ms() - SILENT_MS
    silent = {code: at for code, at in ledger.unheard_since_ms(stations).items() if at < before_ms}
    if not silent:
        return
    time.sleep(HEARD_S)
    for code, at in ledger.unheard_since_ms(stations).items():
        if silent.get(code) == at:
            yield (
                f"a message waits for the worker of {code}, which takes none: somebody cancelled its consumer, or it "
                "hangs; restart that worker"
            )
