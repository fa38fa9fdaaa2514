"""Turn a recorded identity into an enrolment: its hash, its due time, its station."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

from lembur.domain import world
from lembur.domain.calendar import Calendar
from lembur.domain.card import CLASS_OF, Outcome, Priority, Stream
from lembur.domain.scenario import kecamatan_of
from lembur.ledger import load_nik_key
from lembur.ledger.types import Enrolment
from lembur.office import read_setup
from producers.files import FileRow
from producers.intake import Applicant, Intake

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lembur.actions import OfficeLink
    from lembur.domain.nik import Nik
    from lembur.ledger import Ledger
    from lembur.ledger.types import Wakes
    from lembur.office import OfficeSetup
    from producers.intake import IntakeReport


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
    verified_ms: int | None = None,
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
        verified_ms=verified_ms,
    )


def take_file(
    office: OfficeLink, path: Path, *, check_only: bool = False, progress: Callable[[int], None] = lambda _: None
) -> IntakeReport:
    """Enrol the good rows of a file in an open office and count the refused ones, or only check the file."""
    ledger = office.ledger
    setup = read_setup(ledger)
    way = None
    if not check_only:
        key = load_nik_key(ledger, office.settings.keys)
        way = door(ledger, setup, Calendar.of(setup.scenario), key=key, wake=office.wake)
    report = Intake(way, setup.scenario, now_ms=ledger.time()[0], progress=progress).take(path)
    if report.refused and not check_only:
        ledger.count_refused(report.refused)
    return report


@dataclass(frozen=True, slots=True)
class RecordedPerson:
    """A recorded person as a program sends it, before any check."""

    nik: str = field(repr=False)
    kelurahan_code: str
    stream: str
    recorded_at: str
    verified_at: str = ""


def enrol_people(
    office: OfficeLink, people: Sequence[RecordedPerson]
) -> list[tuple[Outcome | Literal["REFUSED"], str]]:
    """Enrol one lot of people. Return for each the outcome, or a refusal with its reason."""
    ledger = office.ledger
    setup = read_setup(ledger)
    key = load_nik_key(ledger, office.settings.keys)
    way = door(ledger, setup, Calendar.of(setup.scenario), key=key, wake=office.wake)
    intake = Intake(way, setup.scenario, now_ms=ledger.time()[0])
    checked = [intake.check(FileRow(number, asdict(one))) for number, one in enumerate(people, 1)]
    good = [one for one in checked if isinstance(one, Applicant)]
    outcomes = iter(way(good) if good else [])
    return [(next(outcomes), "") if isinstance(one, Applicant) else ("REFUSED", one.reason) for one in checked]


def door(
    ledger: Ledger, setup: OfficeSetup, calendar: Calendar, *, key: bytes, wake: Callable[[Wakes], None]
) -> Callable[[Sequence[Applicant]], list[Outcome]]:
    """Return a function that enrols checked rows and sends the wake-ups they cause."""

    def enrol(rows: Sequence[Applicant]) -> list[Outcome]:
        cards, wakes = ledger.enrol(
            [
                enrolment(
                    row.nik,
                    number=int.from_bytes(row.nik.digest(key).encode()[:5]),
                    key=key,
                    kelurahan_code=row.kelurahan_code,
                    stream=row.stream,
                    priority=CLASS_OF[row.stream] if row.verified_ms is None else Priority.PRINT_READY,
                    recorded_ms=row.recorded_ms,
                    setup=setup,
                    calendar=calendar,
                    verified_ms=row.verified_ms,
                )
                for row in rows
            ]
        )
        wake(wakes)
        return [Outcome.KNOWN if card is None else Outcome.ENROLLED for card in cards]

    return enrol
