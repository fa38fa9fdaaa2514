"""Dramatiq: two actors, the default middleware."""

from __future__ import annotations

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from counting import URL, counter

dramatiq.set_broker(RedisBroker(url=URL))


@dramatiq.actor(queue_name="verify")
def verify(card: int) -> None:
    """Send a card on to the printers."""
    print_card.send(card)


@dramatiq.actor(queue_name="print")
def print_card(card: int) -> None:  # noqa: ARG001 - a card's number is all that a print would need
    """Count a printed card."""
    counter.add()


@dramatiq.actor(queue_name="verify")
def verify_lot(cards: list[int]) -> None:
    """Send a lot on to the printers."""
    print_lot.send(cards)


@dramatiq.actor(queue_name="print")
def print_lot(cards: list[int]) -> None:
    """Count a lot of printed cards."""
    counter.add(len(cards))


def enqueue(cards: list[int]) -> None:
    """Send a message a card."""
    for card in cards:
        verify.send(card)
