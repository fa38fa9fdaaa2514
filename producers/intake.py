"""Take a file of recorded identities in: check every row, list the refused ones, then enrol the good ones once."""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from os.path import lexists
from typing import TYPE_CHECKING, Final

from lembur.domain.card import Outcome, Stream
from lembur.domain.errors import IntakeError, LemburError, NikError, Sentence
from lembur.domain.nik import Nik
from lembur.domain.scenario import kecamatan_of
from lembur.domain.time import NEVER_MS, day_of, moment_ms
from producers.files import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import tzinfo
    from pathlib import Path

    from lembur.domain.scenario import Scenario
    from producers.files import FileRow

LOT: Final = 500
KELURAHAN_CODE: Final = re.compile(r"\d\d\.\d\d\.\d\d\.\d{4}", re.ASCII)
EARLIEST_MS: Final = moment_ms(datetime(2000, 1, 1, tzinfo=UTC))
"""First possible moment of a recording. An earlier one is a typing error, and its card would go before all others."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """One checked identity. A warning is no reason to refuse it.

    `verified_ms` is the moment of the centre's verdict on a first issue that needs only a printer.
    """

    number: int
    nik: Nik
    kelurahan_code: str
    stream: Stream
    recorded_ms: int
    verified_ms: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is not enrolled, the reason, and the mask of its NIK when it has one."""

    number: int
    reason: str
    mask: str = ""


@dataclass(slots=True)
class IntakeReport:
    """The result of an intake: rows by outcome, and the path of the list of refused rows.

    `verified` counts the enrolled ones that the centre had verified before.
    """

    rows: int = 0
    enrolled: int = 0
    verified: int = 0
    known: int = 0
    refused: int = 0
    warned: int = 0
    dry_run: bool = False
    refused_file: str = ""
    refusals: Sequence[RefusedRow] = ()

    def content(self) -> dict[str, object]:
        """Return the numbers for programs, without the rows."""
        return {name: value for name, value in asdict(self).items() if name != "refusals"}


@dataclass(frozen=True, slots=True)
class Intake:
    """Check the rows of a file and enrol them.

    `enrol` puts applicants into the ledger; without it the file is only checked. `now_ms` is the office's time, and
    `scenario` has its region and zone. Without an office any kelurahan code of the right form passes, at any time.
    `progress` is called with the size of each lot enrolled.
    """

    enrol: Callable[[Sequence[Applicant]], Sequence[Outcome]] | None
    scenario: Scenario | None = None
    now_ms: int = NEVER_MS
    progress: Callable[[int], None] = lambda _: None

    def take(self, path: Path) -> IntakeReport:
        """Enrol the good rows of a file. Nothing is enrolled before all rows are read and the refused ones are listed.

        The same file may be given again, because enrolled people stay as they are.
        """
        report = IntakeReport(dry_run=self.enrol is None)
        try:
            applicants, refused = self._check_file(path)
            report.refused_file, report.refusals = _write_refused(path, refused), refused
        except IntakeError as fault:
            raise IntakeError("%(fault)s; nothing was enrolled", fault=fault) from fault
        report.rows, report.refused = len(applicants) + len(refused), len(refused)
        report.warned = sum(bool(one.warnings) for one in applicants)
        self._enrol_all(applicants, report, path)
        return report

    def _check_file(self, path: Path) -> tuple[list[Applicant], list[RefusedRow]]:
        applicants: list[Applicant] = []
        refused: list[RefusedRow] = []
        first_rows: dict[Nik, int] = {}
        for row in read_rows(path):
            checked = self.check(row)
            if isinstance(checked, Applicant):
                first = first_rows.setdefault(checked.nik, checked.number)
                if first == checked.number:
                    applicants.append(checked)
                    continue
                checked = RefusedRow(
                    row.number, Sentence("same NIK as row %(row)s", row=str(first)), checked.nik.masked
                )
            refused.append(checked)
        return applicants, refused

    def _enrol_all(self, applicants: list[Applicant], report: IntakeReport, path: Path) -> None:
        if self.enrol is None:
            report.enrolled = len(applicants)
            report.verified = sum(one.verified_ms is not None for one in applicants)
            return
        for start in range(0, len(applicants), LOT):
            lot = applicants[start : start + LOT]
            try:
                outcomes = self.enrol(lot)
            except LemburError as fault:
                raise IntakeError(
                    "%(file)s: %(done)s of %(rows)s good rows were enrolled or known, then: %(fault)s; give "
                    "the file again, no person is enrolled twice",
                    file=path,
                    done=start,
                    rows=len(applicants),
                    fault=fault,
                ) from fault
            enrolled = [one for one, outcome in zip(lot, outcomes, strict=True) if outcome is Outcome.ENROLLED]
            report.enrolled += len(enrolled)
            report.verified += sum(one.verified_ms is not None for one in enrolled)
            report.known += outcomes.count(Outcome.KNOWN)
            self.progress(len(lot))

    def check(self, row: FileRow) -> Applicant | RefusedRow:
        """Check one row. The reason of a refusal names the rule, never the number or the name."""
        if row.fault:
            return RefusedRow(row.number, row.fault)
        values = {name: value.strip() for name, value in row.values.items()}
        try:
            nik = Nik.parse(values["nik"], demonstration=not self.scenario or self.scenario.demonstration)
        except NikError as fault:
            return RefusedRow(row.number, fault.sentence)
        code, stream = values["kelurahan_code"], values["stream"]
        recorded_ms = _moment_ms(values["recorded_at"], self._zone)
        reason = self._kelurahan_fault(code)
        if not reason and stream not in set(Stream):
            reason = Sentence(
                "stream must be %(one)s or %(other)s", one=str(Stream.FIRST_ISSUE), other=str(Stream.REPLACEMENT)
            )
        verified_ms = _moment_ms(text, self._zone) if (text := values.get("verified_at")) else None
        reason = reason or _moment_fault(recorded_ms, self.now_ms) or self._verified_fault(verified_ms, recorded_ms)
        if reason:
            return RefusedRow(row.number, reason, nik.masked)
        if verified_ms is not None:  # A date alone is its midnight.
            verified_ms = max(verified_ms, recorded_ms) if stream == Stream.FIRST_ISSUE else None
        warnings = () if nik.kecamatan_code == kecamatan_of(code) else (Sentence("issued in another kecamatan"),)
        return Applicant(row.number, nik, code, Stream(stream), recorded_ms, verified_ms, warnings)

    def _kelurahan_fault(self, code: str) -> str:
        if self.scenario is None:
            fault = Sentence("kelurahan_code must be like %(code)s", code="33.72.01.1001")
            return "" if KELURAHAN_CODE.fullmatch(code) else fault
        region = self.scenario.region
        fault = Sentence("unknown kelurahan_code: it must be like %(code)s", code=region.kelurahan[0].code)
        return "" if region.find(code) else fault

    def _verified_fault(self, verified_ms: int | None, recorded_ms: int) -> str:
        if verified_ms is None:
            return ""
        if verified_ms == NEVER_MS:
            return Sentence("verified_at must be like 2016-08-25, or empty")
        if verified_ms > self.now_ms:
            return Sentence("verified_at is in the future")
        early = day_of(verified_ms, self._zone) < day_of(recorded_ms, self._zone)
        return Sentence("verified_at is before recorded_at") if early else ""

    @property
    def _zone(self) -> tzinfo:
        return self.scenario.zone if self.scenario else UTC


def _moment_ms(text: str, zone: tzinfo) -> int:
    """Read a moment; one without a zone is in the office's own, and one that cannot be read is `NEVER_MS`."""
    try:
        moment = datetime.fromisoformat(text)
        return moment_ms(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError):  # year 1 in Jakarta is year 0 in Greenwich
        return NEVER_MS


def _moment_fault(recorded_ms: int, now_ms: int) -> str:
    if recorded_ms == NEVER_MS:
        return Sentence("recorded_at must be like 2016-08-25T09:30:00")
    if recorded_ms > now_ms:
        return Sentence("recorded_at is in the future")
    return Sentence("recorded_at is before the year 2000") if recorded_ms < EARLIEST_MS else ""


def _write_refused(path: Path, refused: Sequence[RefusedRow]) -> str:
    """Write the list of refused rows beside the file, whole or not at all; remove an older one when there are none."""
    listed, part = path.with_name(path.name + ".refused.csv"), path.with_name(path.name + ".refused.part")
    try:
        if refused:
            _write_rows(part, refused)
            part.replace(listed)
        elif lexists(listed):
            listed.unlink()
    except OSError as fault:
        raise IntakeError(
            "%(file)s: the list of refused rows cannot be written to %(name)s (%(reason)s): move the file to a "
            "folder where you may write",
            file=path,
            name=listed.name,
            reason=fault.strerror,
        ) from fault
    return str(listed) if refused else ""


def _write_rows(part: Path, refused: Sequence[RefusedRow]) -> None:
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("row", "reason", "nik"))
            rows.writerows((row.number, row.reason, row.mask) for row in refused)
    except OSError:
        with suppress(OSError):  # of a full disk; the first fault is the one to report
            part.unlink()
        raise
