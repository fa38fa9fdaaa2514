"""SAQ, with a hundred jobs at a time as in its documentation's example."""

from __future__ import annotations

from typing import Any

from saq import Queue

from counting import URL, counter

queue = Queue.from_url(URL)


async def verify(_: Any, *, card: int) -> None:
    """Send a card on to the printers."""
    await queue.enqueue("print_card", card=card)


async def print_card(_: Any, *, card: int) -> None:  # noqa: ARG001 - a card's number is all that a print would need
    """Count a printed card."""
    counter.add()


settings = {"queue": queue, "functions": [verify, print_card], "concurrency": 100}


async def enqueue(cards: list[int]) -> None:
    """Send a job a card."""
    for card in cards:
        await queue.enqueue("verify", card=card)
