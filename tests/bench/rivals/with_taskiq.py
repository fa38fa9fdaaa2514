"""Taskiq on Redis streams, which acknowledge."""

from __future__ import annotations

from taskiq_redis import RedisStreamBroker

from counting import URL, counter

broker = RedisStreamBroker(URL)


@broker.task
async def verify(card: int) -> None:
    """Send a card on to the printers."""
    await print_card.kiq(card)


@broker.task
async def print_card(card: int) -> None:  # noqa: ARG001 - a card's number is all that a print would need
    """Count a printed card."""
    counter.add()


async def enqueue(cards: list[int]) -> None:
    """Send a message a card."""
    if not broker.is_worker_process and not getattr(broker, "started_here", False):
        await broker.startup()
        broker.started_here = True
    for card in cards:
        await verify.kiq(card)
