"""Moments as tables show them."""

from __future__ import annotations

from datetime import datetime

from lembur.domain.time import JAKARTA, NEVER_MS


def moment(at_ms: float) -> str:
    """Say when, shortly: 'Thu 25 18:40'; 'never' for a moment that does not come."""
    return "never" if at_ms >= NEVER_MS else f"{datetime.fromtimestamp(at_ms / 1000, JAKARTA):%a %d %H:%M}"
