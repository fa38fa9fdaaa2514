"""Reading by REST: the board, the log, forecasts, and the events as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from lembur.domain.observation import explain_later_orders
from lembur.domain.seats import ALL
from lembur.domain.time import NEVER_MS
from lembur.ledger.queries import forecasts
from lembur.ledger.queries.live import action_page
from web.api.access import Caller, Reader, caller
from web.api.models import ActOut, ActPage, BoardOut, ForecastOut, StationOut
from web.live import view_now
from web.office import WebOffice

router = APIRouter()

PAGE: Final = 100
FORECASTS: Final = 200

Before = Annotated[int | None, Query(ge=1, le=1_000_000_000, description="The cursor `next` of the page before.")]


def moment(office: WebOffice, at_ms: float) -> datetime:
    """Return a moment in the office's zone."""
    return datetime.fromtimestamp(at_ms / 1000, office.setup.scenario.zone)


@router.get("/board")
def read_board(by: Reader) -> BoardOut:
    """Read the office now."""
    view = view_now(by.office.live.newest())
    return BoardOut(
        as_of=moment(by.office, view.now_ms),
        counts=view.counts,
        unconfirmed=view.unconfirmed,
        centre_waiting=view.centre_waiting,
        centre_asked=None if view.asked_ms is None else moment(by.office, view.asked_ms),
        stations=[
            StationOut(
                code=row.code,
                name=row.name,
                printers=row.printers,
                seats_open=row.seats_open,
                seats_busy=row.seats_busy,
                waiting=row.waiting,
                late=row.late,
                soon_late=row.soon_late,
                printed_today=row.printed,
                blanks=row.blanks,
                ribbon_cards=row.ribbon,
            )
            for row in view.stations
        ],
    )


@router.get("/log")
def read_log(by: Reader, before: Before = None) -> ActPage:
    """Read the acts of people and programs, newest first."""
    rows, onward = action_page(by.office.ledger, before=before, most=PAGE)
    acts = [
        ActOut(
            number=number,
            at=moment(by.office, act.at_ms),
            by=act.by,
            what=act.what,
            reason=act.reason,
            details=dict(act.details),
        )
        for number, act in rows
    ]
    return ActPage(acts=acts, next=str(onward) if onward else None)


@router.get("/forecasts")
def read_forecasts(by: Reader) -> list[ForecastOut]:
    """Read the forecasts that were made, newest first."""
    ledger, zone = by.office.ledger, by.office.setup.scenario.zone
    found, orders, (now_ms, _) = forecasts.read(ledger)[-FORECASTS:], ledger.orders(), ledger.time()
    return [
        ForecastOut(
            made=moment(by.office, one.made_ms),
            clear=_moments(by.office, one.stations[ALL].clear_ms),
            late=one.stations[ALL].late,
            late_now=one.stations[ALL].late_now,
            blanks_last_s=one.runway_s["blank"],
            coverage=one.coverage,
            note=explain_later_orders([one], orders, now_ms=now_ms, zone=zone),
        )
        for one in reversed(found)
    ]


def _moments(
    office: WebOffice, band: tuple[float, float, float]
) -> tuple[datetime | None, datetime | None, datetime | None]:
    low, middle, high = (None if at >= NEVER_MS else moment(office, at) for at in band)
    return low, middle, high


@router.get("/events", response_class=EventSourceResponse)
async def stream_events(by: Annotated[Caller, Depends(caller)]) -> AsyncIterator[ServerSentEvent]:
    """Stream what happens in the ledger from now on; an event names cards by number only."""
    yield ServerSentEvent(comment="from now on")
    async for reading in by.office.live.follow():
        for one in reading.events if reading else ():
            body = {"at_ms": one.at_ms, "data": one.data}
            yield ServerSentEvent(id=one.id, event=one.kind, data=body)
        if reading is None:
            yield ServerSentEvent(comment="nothing new")
