"""The net beneath the wake-ups: ends what crashed seats left behind, and wakes stations whose messages were lost."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING

from lembur.domain.circuit_breaker import CircuitState, Trouble
from lembur.domain.errors import LedgerError
from lembur.domain.seats import CENTRE, StationCode
from lembur.ledger.queries.circuit import read_circuit
from workers.printing import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lembur.ledger import Ledger
    from lembur.ledger.types import Lot, Wakes
    from workers.claiming import LotClaims
    from workers.devices import Printer

EVERY_S = 1.0
STRANGER_MS = 60_000
"""So long after its lease a lot of another machine is shelved for a person: its own sweep had its chance."""
SILENCE_MS = 3_000
"""A station with work, open seats and no message for this long has lost its wake-ups."""

log = logging.getLogger(__name__)


def sweep(claims: LotClaims, stations: Sequence[StationCode], printers: Mapping[StationCode, Printer]) -> int:
    """Go over the stations once; returns how many lots were ended for seats that lost them.

    Lots of another machine's printers are left to its own sweep, and to a person when that does not come back.
    """
    own = [
        lot
        for lot in claims.ledger.expired_lots(stations)
        if lot.station == CENTRE or lot.name.startswith(claims.owner)
    ]
    left = [lot for lot in claims.ledger.expired_lots(stations, since_ms=STRANGER_MS) if lot not in own]
    for lot in (*own, *left):
        claims.wake(end_expired(claims, lot, printers) or {})
    wakes, lost = claims.ledger.resend_wakeups(stations, silence_ms=SILENCE_MS)
    if lost or own or left:
        log.warning("the sweep ended %d lots and sent %d lost wake-ups anew", len(own) + len(left), lost)
    claims.wake(wakes)
    return len(own) + len(left)


def end_expired(claims: LotClaims, lot: Lot, printers: Mapping[StationCode, Printer]) -> Wakes | None:
    """Asking the centre twice is harmless; of a print lot its printer is asked."""
    if lot.station == CENTRE:
        return claims.ledger.fail(lot, trouble=Trouble.SILENT)
    return settle(claims.ledger, lot, printers[lot.station])


def log_circuit_change(ledger: Ledger, known: CircuitState) -> CircuitState:
    """Say once when the circuit to the centre is another than it was, and which it is."""
    now = read_circuit(ledger)
    if now.state is not known:
        log.warning("the circuit to the centre is %s after %d failures in a row", now.state, now.failures)
    return now.state


def start(
    node: str,
    stations: Sequence[StationCode],
    crew: Callable[[], tuple[LotClaims, Mapping[StationCode, Printer]]],
    stopping: Event,
) -> None:
    """Sign in and sweep every second in a thread until the worker stops; a ledger out of reach is tried again."""

    def go() -> None:
        claims, known = None, CircuitState.CLOSED
        while not stopping.is_set():
            try:
                claims, printers = crew()
                claims.ledger.send_heartbeat(node, stations)
                sweep(claims, stations, printers)
                known = log_circuit_change(claims.ledger, known) if CENTRE in stations else known
                claims.found()
            except LedgerError as fault:
                if claims:
                    claims.lost(fault)
                else:
                    log.warning("the sweep waits for a ledger: %s", fault)
            stopping.wait(EVERY_S)

    Thread(target=go, name="sweep", daemon=True).start()
