"""The report of a shift, a day or several days of an office: built from its ledger, and printed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from console.plan import load_applied
from console.report.period import compose_period, make_tables, period_of, read_facts, translate
from console.ui import Language, Rows, open_terminal
from lembur.domain.time import DAY_MS
from lembur.office import read_setup

if TYPE_CHECKING:
    from pathlib import Path

    from console.report.period import PeriodChoice, PeriodReport
    from lembur.archive import Archive
    from lembur.ledger import Ledger


def build_period(ledger: Ledger, folder: Path, choice: PeriodChoice, archive: Archive | None = None) -> PeriodReport:
    """Build the report of a period, with the plans that the data folder keeps and the archive's cards."""
    setup = read_setup(ledger)
    facts = read_facts(ledger, setup, load_applied(folder, ledger.orders()), archive)
    last_ms = max(facts.last_print_ms.values(), default=facts.ended_ms)
    resting = facts.ended_ms >= setup.ends_ms
    ended = facts.ended_ms, last_ms if resting else facts.ended_ms
    days = period_of(setup.scenario, *ended, replace(choice, shift=None))
    # The report of a day has the hours and the stations with which that day ended, whatever was changed later.
    scenario = next(one.scenario for one in facts.dated if days.end_ms <= one.window.end_ms)
    return compose_period(scenario, facts, period_of(scenario, *ended, choice))


def describe_period(report: PeriodReport, language: Language, *, shift: int | None) -> str:
    """Name the report and its period in one line."""
    begin, end = (report.times.local(at) for at in (report.window.start_ms, report.window.end_ms))
    day, last = language.date(begin.date()), language.date(report.times.local(report.window.end_ms - 1).date())
    if shift is None and last != day:
        return f"{translate('Report of the days', language)}: {day} - {last}"
    what = translate("Report of the shift" if shift else "Report of the day", language)
    whole = shift is None and report.window.end_ms - report.window.start_ms >= DAY_MS
    return f"{what} {shift or ''}".rstrip() + f": {day}" + ("" if whole else f", {language.hours(begin, end)}")


def print_period(report: PeriodReport) -> None:
    """Print every table that has rows."""
    terminal, language = open_terminal(), Language(english=True)
    for table in make_tables(report):
        terminal.print(f"\n{table.title}", style="bold")
        if not table.rows:
            terminal.print(table.empty)
            continue
        rows = [[cell.write(language, report.times) for cell in row] for row in table.rows]
        words = {title for title, words in zip(table.columns, table.words, strict=True) if words}
        terminal.print(Rows(table.columns, rows, words=words, bold=-1 if table.total else None))
