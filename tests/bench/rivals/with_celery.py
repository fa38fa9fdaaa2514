"""Plain Celery: results ignored, JSON, its own defaults otherwise."""

from __future__ import annotations

from celery import Celery

from counting import URL, counter

app = Celery("plain", broker=URL)
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True, task_default_queue="cards")


@app.task(name="verify")
def verify(card: int) -> None:
    """Send a card on to the printers."""
    print_card.delay(card)


@app.task(name="print")
def print_card(card: int) -> None:  # noqa: ARG001 - a card's number is all that a print would need
    """Count a printed card."""
    counter.add()


def enqueue(cards: list[int]) -> None:
    """Send a message a card over one producer."""
    with app.producer_or_acquire() as producer:
        for card in cards:
            verify.apply_async((card,), producer=producer)
