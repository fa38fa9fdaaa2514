"""Turns a recorded identity into an enrolment: its hash, its due time, its station."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain import world
from lembur.domain.card import Outcome, Priority, Stream
from lembur.domain.scenario import kecamatan_of
from lembur.ledger.types import Enrolment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lembur.domain.calendar import Calendar
    from lembur.domain.nik import Nik
    from lembur.ledger import Ledger
    from lembur.ledger.types import Wakes
    from lembur.office import OfficeSetup
    from producers.intake import Applicant

CLASS_OF = {Stream.FIRST_ISSUE: Priority.FIRST_TIME, Stream.REPLACEMENT: Priority.REPLACEMENT}


def enrolment(
    nik: Nik,
    *,
    number: int,
    key: bytes,
    kelurahan_code: str,
    stream: Stream,
    priority: Priority,
    recorded_ms: int,
    setup: OfficeSetup,
    calendar: Calendar,
) -> Enrolment:
    """Make the enrolment of one identity; `number` decides which station of its kecamatan prints it."""
    scenario = setup.scenario
    return Enrolment(
        nik=nik.digest(key),
        mask=nik.masked,
        stream=stream,
        priority=priority,
        due_ms=calendar.due_ms(recorded_ms, scenario.hours.sla_days),
        ready_ms=recorded_ms,
        station=world.route(scenario, setup.seed, number, kecamatan_of(kelurahan_code)),
        kelurahan=kelurahan_code,
        first_issue=stream == Stream.FIRST_ISSUE and priority != Priority.PRINT_READY,
    )


def door(
    ledger: Ledger, setup: OfficeSetup, calendar: Calendar, *, key: bytes, wake: Callable[[Wakes], None]
) -> Callable[[Sequence[Applicant]], list[Outcome]]:
    """Return the way of checked rows into the ledger, with the wake-ups they cause."""

    def enrol(rows: Sequence[Applicant]) -> list[Outcome]:
        cards, wakes = ledger.enrol(
            [
                enrolment(
                    row.nik,
                    number=int.from_bytes(row.nik.digest(key).encode()[:5]),
                    key=key,
                    kelurahan_code=row.kelurahan_code,
                    stream=row.stream,
                    priority=CLASS_OF[row.stream],
                    recorded_ms=row.recorded_ms,
                    setup=setup,
                    calendar=calendar,
                )
                for row in rows
            ]
        )
        wake(wakes)
        return [Outcome.KNOWN if card is None else Outcome.ENROLLED for card in cards]

    return enrol
