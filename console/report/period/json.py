"""The record of a period as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from console.report.period.model import PeriodReport, PromisedFigure, StationReport
    from console.ui import Times
    from lembur.domain.seats import SeatOrder


def period_to_json(report: PeriodReport) -> dict[str, Any]:
    """Convert the record to JSON; moments are ISO 8601 with the office's zone."""
    iso = report.times.iso
    return {
        "scenario": report.scenario,
        "title": report.title,
        "from": iso(report.window.start_ms),
        "until": iso(report.window.end_ms),
        "printed": report.printed,
        "late": report.late,
        "late_before": report.late_before,
        "overdue_on_shelves": report.overdue_on_shelves,
        "waiting": report.waiting,
        "blanks": asdict(report.blanks),
        "spoiled": [asdict(one) for one in report.spoiled],
        "overtime": {"seat_hours": report.overtime_seat_hours, "rupiah": report.overtime_rupiah},
        "stations": [station_to_json(one, report.times) for one in report.stations],
        "late_by_class": [asdict(one) for one in report.late_by_class],
        "late_by_station": [asdict(one) for one in report.late_by_station],
        "promises": [_promise_json(one, report.times) for one in report.promises],
        "causes": [asdict(one) for one in report.causes],
        "forecasts": report.forecasts,
        "scores": [asdict(one) for one in report.scores],
        "orders": [
            {"number": one.number or None, "cancelled": one.cancelled, **order_to_json(one.order, report.times)}
            for one in report.orders
        ],
    }


def station_to_json(station: StationReport, times: Times) -> dict[str, Any]:
    """Convert a station to JSON."""
    row = asdict(station) | {"last_print": times.iso(station.last_print_ms)}
    del row["last_print_ms"]
    return row


def order_to_json(order: SeatOrder, times: Times) -> dict[str, Any]:
    """Convert a seat order to JSON."""
    return {
        "station": order.station,
        "seats": order.seats,
        "from": times.iso(order.from_ms),
        "until": times.iso(order.until_ms),
        "by": order.by,
        "reason": order.reason,
    }


def _promise_json(one: PromisedFigure, times: Times) -> dict[str, Any]:
    write = times.iso if one.unit == "moment" else (lambda value: value)
    return {
        "source": one.source,
        "name": one.name,
        "made": times.iso(one.made_ms),
        "figure": one.figure,
        "at": times.iso(one.at_ms),
        "unit": one.unit,
        "band": [write(value) for value in one.band],
        "fact": write(one.fact),
        "why": list(one.why),
    }
