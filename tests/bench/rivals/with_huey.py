"""Huey with results off."""

from __future__ import annotations

from huey import RedisHuey

from counting import URL, counter

huey = RedisHuey("bench", url=URL, results=False)


@huey.task()
def verify(card: int) -> None:
    """Send a card on to the printers."""
    print_card(card)


@huey.task()
def print_card(card: int) -> None:  # noqa: ARG001 - a card's number is all that a print would need
    """Count a printed card."""
    counter.add()


def enqueue(cards: list[int]) -> None:
    """Send a task a card."""
    for card in cards:
        verify(card)
