"""Streaq, with its own defaults and batches by `enqueue_many` from the producer."""

from __future__ import annotations

from streaq import Worker

from counting import URL, counter

worker = Worker(redis_url=URL)


@worker.task
async def verify(card: int) -> None:
    """Send a card on to the printers."""
    await print_card.enqueue(card)


@worker.task
async def print_card(card: int) -> None:  # noqa: ARG001 - a card's number is all that a print would need
    """Count a printed card."""
    counter.add()


_opened = False


async def enqueue(cards: list[int]) -> None:
    """Send a task a card, in one batch."""
    global _opened  # noqa: PLW0603 - the producer opens the connection once
    if not _opened:
        await worker.__aenter__()
        _opened = True
    await worker.enqueue_many([verify.enqueue(card) for card in cards])
