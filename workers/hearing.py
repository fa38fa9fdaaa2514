"""Hearing a centre outside: one reader for all cards there, and a second question for cards that it may have lost."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from lembur.retry import Outage, start_repeating
from workers.devices import CentreFailedError, OutsideCentre

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from workers.claiming import LotClaims
    from workers.devices import CentreClient

EVERY_S: Final = 0.2
"""Pause between two readings of the feed; the centre holds each request until there is news."""
PAUSE_S: Final = 2.0
"""Pause after a centre that could not be read (assumed)."""
LONGEST_PAUSE_S: Final = 3_600.0
"""Longest pause that a centre may ask for before its feed is read again."""
LEASE_MS: Final = 60_000
"""Time for which one process reads the feed; longer than any answer takes. When it dies another one goes on then."""
ASK_AGAIN_MS: Final = 3_600_000
"""Time after which a card is asked again, in case the centre lost it (assumed).

A second question starts nothing new.
"""
MOST_AGAIN: Final = 1_000


log = logging.getLogger(__name__)


def hear_news(claims: LotClaims, centre: OutsideCentre) -> None:
    """Read the centre's new verdicts since the last reading; wait a moment for them."""
    after = claims.ledger.centre_cursor()
    found, cursor = centre.read(after)
    if cursor != after:
        claims.wake(claims.ledger.hear(found, after=after, cursor=cursor).wakes)


def ask_again(claims: LotClaims, centre: OutsideCentre) -> int:
    """Ask again for cards without a verdict after a long time; return their number."""
    before_ms = claims.ledger.time()[0] - ASK_AGAIN_MS
    attempts = claims.ledger.take_overdue(before_ms=before_ms, most=MOST_AGAIN)
    if attempts and (known := centre.request(attempts)):
        claims.wake(claims.ledger.hear(known).wakes)
    return len(attempts)


def hear_alone(claims: LotClaims, centre: OutsideCentre, reader: str) -> bool:
    """Hear the centre once, if no other process reads its feed; return whether this one does."""
    if not claims.ledger.take_feed(reader, lease_ms=LEASE_MS):
        return False
    hear_news(claims, centre)
    ask_again(claims, centre)
    return True


def _pause_s(failed: CentreFailedError, *, speed: float) -> float:
    """Return the real time until the next reading: the centre may ask for a longer pause than ours."""
    return min(LONGEST_PAUSE_S, max(PAUSE_S, failed.pause_ms / 1000 / (speed or 1.0)))


def start(
    equipment: Callable[[], tuple[LotClaims, CentreClient | OutsideCentre]],
    *,
    reader: str,
    outage: Outage,
    stopping: Event,
) -> None:
    """Hear the centre in a thread of its own, until the worker stops. A simulated centre needs no hearing."""
    fault = ""

    def note(trouble: str) -> None:
        """Log a change once."""
        nonlocal fault
        if trouble != fault:
            fault = trouble
            log.warning("%s", f"the centre is not heard: {trouble}" if trouble else "the centre is heard again")

    def step() -> None:
        claims, centre = equipment()
        if not isinstance(centre, OutsideCentre):
            stopping.wait()
            return
        try:
            if hear_alone(claims, centre, reader):
                note("")
            else:
                stopping.wait(PAUSE_S)
        except CentreFailedError as failed:
            note(str(failed))
            stopping.wait(_pause_s(failed, speed=claims.ledger.time()[1]))

    start_repeating(step, name="hearing", every_s=EVERY_S, outage=outage, stopping=stopping)
