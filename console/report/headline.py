"""The report in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from console.text import count, plural
from lembur.domain.time import DAY_MS

if TYPE_CHECKING:
    from console.report.model import Report

WEEK_MS: Final = 6 * DAY_MS
"""Within this span the name of a weekday is unambiguous."""


def headline(report: Report) -> str:
    """Describe a run: cards, the moment of the last one or the number left, late cards, blanks, broken invariants."""
    cards = f"{count(report.backlog)} + {count(report.enrolled - report.backlog)} cards"
    lost = f"{plural(report.blanks.unaccounted, 'blank')} unaccounted for"
    broken = [f"{plural(len(report.violations), 'invariant')} broken"] if report.violations else []
    return ", ".join([f"{cards}: {_outcome(report)}", _lateness(report), lost, *broken])


def describe_lag(report: Report) -> str:
    """Describe by how much a run was behind its clock; '' for one that was not."""
    if not report.behind_ms:
        return ""
    late = plural(round(report.behind_ms / 60_000), "minute")
    return f"half of the lots ended at least {late} late by the office's clock; the figures are those of the rule"


def _outcome(report: Report) -> str:
    if not report.enrolled:
        return "nothing to print"
    if report.cleared_ms is None:
        printed = f"{count(report.printed)} printed by {_moment(report, report.ended_ms)}"
        return f"{printed}, {count(report.waiting)} still waiting"
    by = f"by {_moment(report, report.cleared_ms)}"
    if report.shelved:
        return f"{count(report.printed)} printed {by}, {count(report.shelved)} on a shelf for a person"
    return f"all printed {by}"


def _lateness(report: Report) -> str:
    if not report.late:
        return "none late"
    if not report.late_at_start:
        return f"{count(report.late)} late"
    before = "all" if report.late_at_start == report.late else count(report.late_at_start)
    return f"{count(report.late)} late ({before} of them before the start)"


def _moment(report: Report, ms: int) -> str:
    return report.times.long(ms, dated=ms - report.started_ms >= WEEK_MS)
