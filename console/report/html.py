"""The report as one page that needs no other file."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from console.report import plots
from console.report.headline import describe_lag, headline
from console.report.period import make_tables
from console.text import count, visible
from console.ui import DateForm, Language, write_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.report.model import Report
    from console.report.period import PeriodReport

DARK = {
    "ink": "#ffffff",
    "soft": "#c3c2b7",
    "faint": "#898781",
    "grid": "#2c2c2a",
    "night": "#242423",
    "paper": "#1a1a19",
    "rest": "#6b6963",
    "station-1": "#3987e5",
    "station-2": "#199e70",
    "station-3": "#c98500",
    "station-4": "#2f9e2f",
    "station-5": "#9085e9",
    "station-6": "#e66767",
    "station-7": "#d55181",
}


def render_page(report: Report) -> str:
    """Draw the charts, and lay the report out as one page."""
    return fill_page(report, plots.draw_svgs(report))


def fill_page(report: Report, drawings: Mapping[str, str]) -> str:
    """Lay the report out around its drawings, by the name of the chart."""
    return _fill(
        "report.html.jinja",
        report.period,
        report=report,
        headline=headline(report),
        lag=describe_lag(report),
        plots=[(name, plots.PLOTS[name][0], drawing) for name, drawing in drawings.items()],
        light=dict(plots.theme()),
        dark=DARK,
    )


def render_tables(period: PeriodReport) -> str:
    """Write the tables of a period as a part of a page."""
    return _fill("tables.html.jinja", period)


def _fill(name: str, period: PeriodReport, **parts: object) -> str:
    pages = Environment(
        autoescape=True,
        finalize=_show,
        loader=PackageLoader("console.report", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    language = Language(english=True)
    pages.filters |= {
        "count": count,
        "moment": period.times.brief,
        "day": _day,
        "cell": lambda cell: cell.write(language, period.times),
    }
    return pages.get_template(name).render(tables=make_tables(period), **parts)


def _show(value: object) -> object:
    return visible(value) if type(value) is str else value  # Drawings are Markup, and stay as they are.


def _day(iso_date: str) -> str:
    return write_date(date.fromisoformat(iso_date), DateForm.LONG)
