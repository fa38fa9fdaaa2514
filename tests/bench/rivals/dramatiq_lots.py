"""Dramatiq with lots as large as those of this system at full speed."""

from __future__ import annotations

import os

from with_dramatiq import verify_lot

LOT = int(os.environ.get("BENCH_LOT", "200"))


def enqueue(cards: list[int]) -> None:
    """Send a message a lot."""
    for first in range(0, len(cards), LOT):
        verify_lot.send(cards[first : first + LOT])
