"""Reports of a period, visits and owed letters: made in the process for long questions, which reads many cards."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from web.planning.questions import open_ledger

if TYPE_CHECKING:
    from console.report import PeriodReport
    from lembur.ledger.queries.letters import OwedLetter
    from lembur.settings import Settings


@dataclass(frozen=True, slots=True)
class Period:
    """The period of a report, as `console.report.PeriodChoice` has it, and the language of its words."""

    day: str | None
    until: str | None
    shift: int | None
    english: bool = True


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table of a report as text; `words` marks the columns of words, `total` the last row as a sum."""

    title: str
    columns: tuple[str, ...]
    words: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    total: bool
    empty: str


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A report as text in one language."""

    heading: str
    tables: tuple[ShownTable, ...]


def show_report(settings: Settings, period: Period) -> ShownReport:
    """Make the report as text."""
    from console.report import describe_period, make_tables, translate
    from console.ui import Language

    report, language = _build(settings, period), Language(period.english)
    tables = [
        ShownTable(
            title=translate(table.title, language),
            columns=tuple(translate(one, language) for one in table.columns),
            words=table.words,
            rows=tuple(
                tuple(_keep_date(cell.write(language, report.times), cell.kind) for cell in row) for row in table.rows
            ),
            total=table.total,
            empty=translate(table.empty, language),
        )
        for table in make_tables(report)
    ]
    return ShownReport(describe_period(report, language, shift=period.shift), tuple(tables))


def _keep_date(text: str, kind: str) -> str:
    """Keep a date on one line: in a narrow column only the time of day goes to a second one."""
    return text.replace(" ", "\u00a0", max(0, text.count(" ") - 1)) if kind == "moment" else text


def write_report(settings: Settings, file: tuple[Period, str]) -> bytes:
    """Make the report as a file, 'pdf' or 'xlsx'."""
    from console.report import describe_period, write_pdf, write_xlsx
    from console.ui import Language

    period, kind = file
    report, language = _build(settings, period), Language(period.english)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"report.{kind}"
        write = {"pdf": write_pdf, "xlsx": write_xlsx}[kind]
        write(report, path, language, describe_period(report, language, shift=period.shift))
        return path.read_bytes()


def list_report(settings: Settings, period: Period) -> dict[str, Any]:
    """Make the report as JSON."""
    from console.report import period_to_json

    return period_to_json(_build(settings, period))


def _build(settings: Settings, period: Period) -> PeriodReport:
    from console.report import PeriodChoice, build_period
    from lembur.archive import archive_of

    ledger, _ = open_ledger(settings.redis_url, settings.office)
    choice = PeriodChoice(period.day, period.until, period.shift)
    return build_period(ledger, settings.data, choice, archive_of(settings))


def list_visits(settings: Settings, _: str) -> dict[str, Any]:
    """Plan the visits of the office from today on, as JSON."""
    from console.plan import visits_to_json
    from lembur.archive import archive_of
    from producers import count_first_issues, plan_visits

    ledger, setup = open_ledger(settings.redis_url, settings.office)
    now_ms = ledger.time()[0]
    came = count_first_issues(ledger, setup, now_ms, archive_of(settings))
    return visits_to_json(plan_visits(setup.scenario, now_ms, came), ())


def list_owed_letters(settings: Settings, _: str) -> list[OwedLetter]:
    """List the interim letters that are owed: every waiting card without a blank is read for it."""
    from lembur.ledger.queries.letters import owed_letters

    ledger, setup = open_ledger(settings.redis_url, settings.office)
    return owed_letters(ledger, setup.stations, setup.scenario.interim_letter)
