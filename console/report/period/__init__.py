"""The report of a period (a shift, a day, a whole run): one record, and its tables for every output."""

from console.report.period.compose import compose_period
from console.report.period.facts import Facts, read_facts
from console.report.period.json import order_to_json, period_to_json, station_to_json
from console.report.period.model import Blanks, PeriodReport, StationReport
from console.report.period.pdf import write_pdf
from console.report.period.span import PeriodChoice, period_of
from console.report.period.tables import ReportTable, make_tables
from console.report.period.words import translate
from console.report.period.xlsx import write_xlsx

__all__ = [
    "Blanks",
    "Facts",
    "PeriodChoice",
    "PeriodReport",
    "ReportTable",
    "StationReport",
    "compose_period",
    "make_tables",
    "order_to_json",
    "period_of",
    "period_to_json",
    "read_facts",
    "station_to_json",
    "translate",
    "write_pdf",
    "write_xlsx",
]
