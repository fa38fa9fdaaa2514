"""The safety net of a worker: end the lots of crashed seats, and wake stations whose messages were lost."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lembur.domain.circuit_breaker import CircuitState, Trouble
from lembur.domain.seats import CENTRE, StationCode
from lembur.ledger.queries.circuit import read_circuit
from lembur.retry import Outage, start_repeating
from workers.printing import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from threading import Event

    from lembur.ledger import Ledger
    from lembur.ledger.types import Lot, LotEnd
    from lembur.office import OfficeSetup
    from workers.claiming import LotClaims
    from workers.devices import Printer

EVERY_S = 1.0
STRANGER_MS = 60_000
"""Time after its lease at which a lot of another machine goes to a person, because that machine did not come back."""
SHORTEST_SILENCE_MS = 3_000
"""Real time after which an unheard wake-up counts as lost."""
SILENCE_MS = 15_000
"""The same time at the office's own speed: on a busy machine a message takes seconds, and a print takes a minute."""

log = logging.getLogger(__name__)


def sweep(claims: LotClaims, stations: Sequence[StationCode], printers: Mapping[StationCode, Printer]) -> int:
    """Sweep the stations once; return the number of lots that were ended for crashed seats.

    The lots of another machine's printers are left to that machine. If it does not come back, they go to a person.
    """
    own = [
        lot
        for lot in claims.ledger.expired_lots(stations)
        if lot.station == CENTRE or lot.name.startswith(claims.owner)
    ]
    left = [lot for lot in claims.ledger.expired_lots(stations, since_ms=STRANGER_MS) if lot not in own]
    for lot in (*own, *left):
        if end := end_expired(claims, lot, printers):
            claims.wake(end.wakes)
    wakes, lost = claims.ledger.resend_wakeups(stations, silence_ms=silence_ms(claims.ledger.time()[1]))
    ended = len(own) + len(left)
    if ended:
        log.warning("the sweep ended %s", "1 lot" if ended == 1 else f"{ended} lots")
    if lost:
        log.warning("the sweep sent %s again", "1 lost wake-up" if lost == 1 else f"{lost} lost wake-ups")
    claims.wake(wakes)
    return ended


def silence_ms(speed: float) -> int:
    """Return the real time after which an unheard wake-up is lost. The faster the office runs, the shorter it is."""
    return max(SHORTEST_SILENCE_MS, round(SILENCE_MS / speed)) if speed else SHORTEST_SILENCE_MS


def end_expired(claims: LotClaims, lot: Lot, printers: Mapping[StationCode, Printer]) -> LotEnd | None:
    """End one expired lot: ask the centre again, which is harmless, or settle a print lot by its printer's log.

    A card that is still in a printer keeps its lot: its seat died, and its result will come.
    """
    if lot.station == CENTRE:
        return claims.ledger.fail(lot, trouble=Trouble.SILENT)
    if printers[lot.station].is_at_work(lot) and claims.ledger.renew(lot, lease_ms=claims.lease_ms):
        return None
    return settle(claims.ledger, lot, printers[lot.station])


def log_circuit_change(ledger: Ledger, known: CircuitState) -> CircuitState:
    """Return the state of the circuit to the centre; log it when it has changed."""
    now = read_circuit(ledger)
    if now.state is not known:
        log.warning("the circuit to the centre is %s after %d failures in a row", now.state, now.failures)
    return now.state


def start(
    node: str,
    stations: Sequence[StationCode],
    equipment: Callable[[], tuple[LotClaims, Mapping[StationCode, Printer], OfficeSetup]],
    *,
    outage: Outage,
    stopping: Event,
) -> None:
    """Send a heartbeat and sweep, every second in a thread of its own, until the worker stops.

    The worker of the centre also folds old hourly counts into days.
    """
    known = CircuitState.CLOSED

    def step() -> None:
        nonlocal known
        claims, printers, setup = equipment()
        claims.ledger.send_heartbeat(node, stations)
        sweep(claims, stations, printers)
        if CENTRE in stations:
            known = log_circuit_change(claims.ledger, known)
            claims.ledger.fold_hours(setup.scenario.zone, starts_ms=setup.starts_ms)

    start_repeating(step, name="sweep", every_s=EVERY_S, outage=outage, stopping=stopping)
