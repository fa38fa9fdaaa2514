"""The reports of a run (terminal, JSON, page) and of a shift or of days (terminal, JSON, paper, spreadsheet)."""

from console.report.collect import build_report, print_report, to_json, write_report
from console.report.day import build_period, describe_period, print_period
from console.report.model import Report
from console.report.period import (
    PeriodChoice,
    PeriodReport,
    make_tables,
    period_to_json,
    translate,
    write_pdf,
    write_xlsx,
)

__all__ = [
    "PeriodChoice",
    "PeriodReport",
    "Report",
    "build_period",
    "build_report",
    "describe_period",
    "make_tables",
    "period_to_json",
    "print_period",
    "print_report",
    "to_json",
    "translate",
    "write_pdf",
    "write_report",
    "write_xlsx",
]
