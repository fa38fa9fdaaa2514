"""Intake: checks recorded identities row by row, enrols the good ones once, and gives the others back with a reason."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

from lembur.domain.card import Outcome, Stream
from lembur.domain.errors import NikError
from lembur.domain.nik import Nik
from lembur.domain.scenario import kecamatan_of
from lembur.domain.time import moment_ms
from producers import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from lembur.domain.scenario import Scenario

LOT: Final = 500


@dataclass(frozen=True, slots=True)
class Applicant:
    """One identity as it was recorded, checked; a warning is no reason to refuse it."""

    number: int
    nik: Nik
    kelurahan_code: str
    stream: Stream
    recorded_ms: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is not enrolled, why, and the mask of its NIK when it has one."""

    number: int
    reason: str
    mask: str = ""


@dataclass(slots=True)
class IntakeReport:
    """What became of a file."""

    rows: int = 0
    enrolled: int = 0
    known: int = 0
    refused: int = 0
    warned: int = 0
    dry_run: bool = False
    refused_file: str = ""

    @property
    def summary(self) -> str:
        """The report in one sentence."""
        if self.rows and self.known == self.rows:
            return f"{self.rows:,} rows: all are enrolled already, nothing was changed"
        verb = "could be enrolled" if self.dry_run else "enrolled"
        parts = [f"{self.enrolled:,} {verb}", f"{self.known:,} known already", f"{self.refused:,} refused"]
        if self.warned:
            parts.append(f"{self.warned:,} with a warning")
        where = f"; see {self.refused_file}" if self.refused_file else ""
        return f"{self.rows:,} rows: {', '.join(parts)}{where}"


@dataclass(slots=True)
class Intake:
    """Takes a file in: `enrol` is the door to the ledger, `now_ms` the office's time, `progress` hears of each lot."""

    enrol: Callable[[Sequence[Applicant]], Sequence[Outcome]]
    key: bytes
    now_ms: int
    scenario: Scenario
    dry_run: bool = False
    progress: Callable[[int], None] = lambda _: None
    _seen: dict[str, int] = field(default_factory=dict)

    def take(self, path: Path) -> IntakeReport:
        """Enrol the good rows of a file in lots and write the others beside it; doing it again changes nothing."""
        report, refused = IntakeReport(dry_run=self.dry_run), _RefusedFile(path)
        rows = files.read(path)
        try:
            while lot := [self.check(row) for row in islice(rows, LOT)]:
                good = [row for row in lot if isinstance(row, Applicant)]
                outcomes = [Outcome.ENROLLED] * len(good) if self.dry_run else list(self.enrol(good)) if good else []
                report.rows += len(lot)
                report.enrolled += outcomes.count(Outcome.ENROLLED)
                report.known += outcomes.count(Outcome.KNOWN)
                report.warned += sum(bool(row.warnings) for row in good)
                refused.write(row for row in lot if isinstance(row, RefusedRow))
                self.progress(len(lot))
        finally:
            report.refused, report.refused_file = refused.close()
        return report

    def check(self, row: files.FileRow) -> Applicant | RefusedRow:
        """Check one row; the reason of a refusal names the rule and never the number or the name."""
        if row.fault:
            return RefusedRow(row.number, row.fault)
        try:
            nik = Nik.parse(row.values.get("nik", ""), demonstration=self.scenario.demonstration)
        except NikError as fault:
            return RefusedRow(row.number, str(fault))
        reason, recorded_ms = self._fault_of(row, nik)
        if reason:
            return RefusedRow(row.number, reason, nik.masked)
        code = row.values["kelurahan_code"].strip()
        warnings = () if nik.kecamatan_code == kecamatan_of(code) else ("issued in another kecamatan",)
        return Applicant(row.number, nik, code, Stream(row.values["stream"].strip()), recorded_ms, warnings)

    def _fault_of(self, row: files.FileRow, nik: Nik) -> tuple[str, int]:
        values = {name: value.strip() for name, value in row.values.items()}
        region = self.scenario.region
        if region.find(values.get("kelurahan_code", "")) is None:
            return f"unknown kelurahan_code: it must be like {region.kelurahan[0].code}", 0
        if values.get("stream") not in set(Stream):
            return f"stream must be {' or '.join(Stream)}", 0
        try:
            recorded_ms = self._moment_ms(values.get("recorded_at", ""))
        except ValueError:
            return "recorded_at must be like 2016-08-25T09:30:00", 0
        if recorded_ms > self.now_ms:
            return "recorded_at is in the future", 0
        first = self._seen.setdefault(nik.digest(self.key), row.number)
        return (f"same NIK as row {first}" if first != row.number else "", recorded_ms)

    def _moment_ms(self, text: str) -> int:
        """Read a moment; one without a zone is in the office's own."""
        moment = datetime.fromisoformat(text)
        return moment_ms(moment if moment.tzinfo else moment.replace(tzinfo=self.scenario.zone))


class _RefusedFile:
    """The file of refused rows: complete or absent, so that nobody takes a half for the whole."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".refused.csv")
        self._part = path.with_name(path.name + ".refused.part")
        self._count = 0

    def write(self, refusals: Iterator[RefusedRow]) -> None:
        for refusal in refusals:
            with self._part.open("a" if self._count else "w", encoding="utf-8", newline="") as file:
                rows = csv.writer(file)
                if not self._count:
                    rows.writerow(("row", "reason", "nik"))
                rows.writerow((refusal.number, refusal.reason, refusal.mask))
            self._count += 1

    def close(self) -> tuple[int, str]:
        if not self._count:
            self._path.unlink(missing_ok=True)
            return 0, ""
        self._part.replace(self._path)
        return self._count, str(self._path)
