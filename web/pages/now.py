"""The page Now and the Wall, and the stream that keeps open pages fresh."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from lembur.domain.seats import ALL
from web.live import Reading, describe_obstacle, describe_waits, view_now
from web.pages.render import draw, formats_of, office_of, page
from web.session import Visitor, visitor

router = APIRouter()

Part = Literal["now", "wall", "orders"]
KEPT: Final = 24
"""Drawings of the newest reading that are kept for other pages."""
_drawings: dict[tuple[int, str, str, str], str] = {}


def context_of(request: Request, reading: Reading) -> dict[str, Any]:
    """Return the figures of Now for a template."""
    view = view_now(reading)
    formats = formats_of(request)
    hindered, sentence = describe_obstacle(view, reading, formats)
    return {
        "view": view,
        "reading": reading,
        "hindered": hindered,
        "sentence": sentence,
        "waits": [one for one in describe_waits(view, reading, formats) if one != sentence],
        "orders": view.orders,
        "outlook": reading.forecast.stations.get(ALL) if reading.forecast else None,
    }


@router.get("/")
def show_now(request: Request, visitor: Annotated[Visitor, Depends(visitor)]) -> Response:
    """Show the office now."""
    return page(request, "now.html", visitor, **context_of(request, office_of(request).live.newest()))


@router.get("/wall")
def show_wall(request: Request, visitor: Annotated[Visitor, Depends(visitor)]) -> Response:
    """Show the office on one big screen without controls."""
    return page(request, "wall.html", visitor, **context_of(request, office_of(request).live.newest()))


@router.get("/live/{part}", response_class=EventSourceResponse)
async def stream_part(
    request: Request, part: Part, visitor: Annotated[Visitor, Depends(visitor)]
) -> AsyncIterator[ServerSentEvent]:
    """Send a part of a page whenever the office has changed, until the session ends."""
    office = office_of(request)
    async for reading in office.live.follow():
        if await request.is_disconnected() or office.sessions.read(request.cookies) is None:
            return
        if reading is None:
            yield ServerSentEvent(comment="waiting for the office")
        else:
            yield ServerSentEvent(event="part", raw_data=_draw_part(request, part, visitor, reading))


def _audience(part: Part, visitor: Visitor, reading: Reading) -> str:
    """Name the visitors who see one drawing: one session where it has forms, else everybody of the same stations."""
    if part == "orders":
        return visitor.form_token
    return ",".join(code for code in reading.setup.stations if visitor.may("seats", code))


def _draw_part(request: Request, part: Part, visitor: Visitor, reading: Reading) -> str:
    """Draw a part once for all pages that show it alike."""
    key = (reading.number, part, formats_of(request).language, _audience(part, visitor, reading))
    if key not in _drawings:
        if len(_drawings) >= KEPT:
            _drawings.clear()
        _drawings[key] = draw(request, f"parts/{part}.html", visitor=visitor, **context_of(request, reading))
    return _drawings[key]
