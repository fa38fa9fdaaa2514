"""Edges of the buckets in which times are counted."""

from __future__ import annotations

from typing import Final

DURATION_S: Final = (15, 30, 45, 60, 90, 120, 180, 240, 300, 600, 1_800, 3_600, 14_400)
"""Edges for the time of a card in a seat.

A print takes 90 s, a centre without trouble 5 to 10 minutes (docs/figures.md).
"""
WAIT_S: Final = (3_600, 14_400, 28_800, 86_400, 172_800, 259_200, 345_600, 432_000, 604_800, 1_209_600, 2_592_000)
"""Edges for the time from recording to the good card. The rule of three days (SOP, A) is one of them."""
LAG_MS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 60_000)
"""Edges for the real time by which the end of a lot is recorded late, in milliseconds."""
