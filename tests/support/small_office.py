"""A small office for tests of the ledger: the centre with two lines and one or two print stations, driven by hand."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from lembur.domain.card import Priority, Status
from lembur.domain.circuit_breaker import Trouble
from lembur.domain.scenario import Scenario
from lembur.domain.seats import CENTRE, StationCode, Step
from lembur.domain.time import NEVER_MS
from lembur.ledger.types import ClaimRefusal, Enrolment, Lot, Offer, StationSetup
from support.zones import JAKARTA

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lembur.ledger import Ledger
    from lembur.ledger.queries.metrics import MetricsSnapshot
    from lembur.ledger.types import LotEnd, Wakes

HALL, WING = StationCode("hall"), StationCode("wing")
ENDS_MS = 10**9
SCENARIO = Scenario.model_validate(
    {
        "name": "small",
        "title": "A small office",
        "source": "invented",
        "region": "surakarta-2016",
        "demonstration": True,
        "starts": datetime(2016, 3, 7, 7, 30, tzinfo=JAKARTA),
        "ends": datetime(2016, 3, 8, 23, tzinfo=JAKARTA),
        "hours": {
            "opens": time(7, 30),
            "closes": time(16),
            "break_from": time(12),
            "break_until": time(13),
            "friday_break_from": time(11, 30),
            "friday_break_until": time(13),
        },
        "centre": {"lines": 2, "median_s": 400, "p90_s": 600, "verdicts": {"PRINT_READY_RECORD": 1.0}},
        "printing": {"median_s": 90, "p90_s": 180, "spoil_rate": 0.02, "spoil_reasons": {"damaged": 1.0}},
        "stations": [
            {"code": HALL, "name": "Hall", "printers": 3, "seats": 2, "blanks": 100, "ribbons": 2},
            {"code": WING, "name": "Wing", "printers": 1, "seats": 1, "blanks": 10, "ribbons": 1},
        ],
    }
)
"""The scenario of the small office. The exporter also reads its hours."""


def opened(
    ledger: Ledger,
    *,
    steps: Sequence[Step] = (Step(0, 2),),
    printers: int = 3,
    lines: int = 2,
    blanks: int = 100,
    ribbon: int = 1000,
    promised: Sequence[dict[str, int]] = (),
    starts_ms: int = 0,
    fed_ms: int = NEVER_MS,
    started: bool = True,
) -> Ledger:
    """Open the office at full speed, with all arrivals fed up to a moment; `started` sets its clock."""
    ledger.open(
        office={
            "scenario": SCENARIO.model_dump(mode="json"),
            "overtime": [],
            "seed": 1,
            "lot_cards": 1,
            "speed": 0,
        },
        stations=[
            StationSetup(CENTRE, lines, [Step(0, lines)]),
            StationSetup(HALL, printers, steps, blanks, ribbon, promised),
            StationSetup(WING, 1, [Step(0, 1)], 10, 10),
        ],
        starts_ms=starts_ms,
    )
    if started:
        ledger.set_clock(virtual_ms=0, speed=0, ends_ms=ENDS_MS)
    ledger.advance([CENTRE, HALL, WING], fed_ms=fed_ms)
    return ledger


def identity(
    number: int,
    *,
    ready_ms: int = 0,
    due_ms: int = 5_000,
    priority: Priority = Priority.PRINT_READY,
    first_issue: bool = False,
    station: StationCode = HALL,
) -> Enrolment:
    """One enrolment."""
    return Enrolment(
        f"nik-{number}", "mask", "replacement", priority, due_ms, ready_ms, station, "33.72.04.1001", first_issue
    )


def claim(ledger: Ledger, station: StationCode = HALL, *, takes_ms: int = 100, most: int = 1) -> Lot | ClaimRefusal:
    """Take the next lot, every card taking the same time."""
    offer = ledger.offer(station, most=most)
    while isinstance(offer, Offer):
        ends = [offer.start_ms + takes_ms * (place + 1) for place in range(len(offer.cards))]
        taken = ledger.claim(offer, ends_ms=ends, lease_ms=60_000)
        if isinstance(taken, Lot):
            return taken
        offer = taken
    return offer


def printed(ledger: Ledger, lot: Lot | ClaimRefusal, *, reason: str = "") -> Wakes | None:
    """Commit a print lot, every card with the same outcome."""
    assert isinstance(lot, Lot)
    return wakes_of(ledger.commit(lot, reasons=[reason] * len(lot.cards), ends_ms=lot.ends_ms))


def answered(ledger: Ledger, lot: Lot | ClaimRefusal, verdict: Status = Status.PRINT_READY_RECORD) -> Wakes | None:
    """Commit a lot of the centre, every card with the same verdict."""
    assert isinstance(lot, Lot)
    return wakes_of(ledger.answer(lot, verdicts=[verdict] * len(lot.cards)))


def failed(ledger: Ledger, lot: Lot | ClaimRefusal, trouble: Trouble = Trouble.HANGING) -> Wakes | None:
    """Let the centre fail a lot."""
    assert isinstance(lot, Lot)
    return wakes_of(ledger.fail(lot, trouble=trouble))


def wakes_of(end: LotEnd | None) -> Wakes | None:
    """Return the wake-ups of a lot's end; None when the lease was lost."""
    return end.wakes if end else None


def play(
    ledger: Ledger, wakes: Wakes, work: Callable[[StationCode], Wakes | None], choose: Callable[[int], int]
) -> int:
    """Deliver wake-ups in any order until none is left, firing timers; returns how many were delivered."""
    pending = [station for station, count in wakes.items() for _ in range(count)]
    delivered = 0
    while True:
        if not pending:
            rung = ledger.advance([CENTRE, HALL, WING]).wakes
            pending = [station for station, count in rung.items() for _ in range(count)]
            if not pending:
                return delivered
        delivered += 1
        for station, count in (work(pending.pop(choose(len(pending)))) or {}).items():
            pending += [station] * count


def counted_seat_ms(seen: MetricsSnapshot, station: StationCode) -> int:
    """Return the work and lost time of a station, all causes together."""
    return sum(n for name, n in seen.counters.items() if name[0] in {"busy", "lost"} and name[1] == station)
