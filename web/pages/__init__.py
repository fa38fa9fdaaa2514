"""The pages: each module has the routes of one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.pages import access, cards, forecasts, log, now, orders, plan, reports, runbook, stock, users
from web.pages.render import fault_page, status_of

if TYPE_CHECKING:
    from fastapi import APIRouter

__all__ = ["all_routers", "fault_page", "status_of"]


def all_routers() -> list[APIRouter]:
    """Return the routes of every page."""
    pages = (access, now, orders, stock, plan, reports, forecasts, users, log, runbook)
    return [*(one.router for one in pages), *cards.routers]
