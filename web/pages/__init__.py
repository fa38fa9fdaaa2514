"""The pages: each module has the routes of one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.pages import access, cards, forecasts, hand_over, intake, log, now, orders, plan, reports, stock, users
from web.pages.render import fault_page, status_of

if TYPE_CHECKING:
    from fastapi import APIRouter

__all__ = ["all_routers", "fault_page", "status_of"]


def all_routers() -> list[APIRouter]:
    """Return the routes of every page."""
    return [
        one.router
        for one in (access, now, orders, hand_over, cards, intake, stock, plan, reports, forecasts, users, log)
    ]
