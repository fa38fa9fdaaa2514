"""RQ, results not kept; its own worker forks for each job, the simple one does not."""

from __future__ import annotations

import os

from redis import Redis
from rq import Queue

from counting import URL, count_at_once, counter

server = Redis.from_url(URL)
to_verify, to_print = Queue("verify", connection=server), Queue("print", connection=server)
FORKS = bool(os.environ.get("BENCH_FORKS"))


def verify(card: int) -> None:
    """Send a card on to the printers."""
    to_print.enqueue(print_card, card, result_ttl=0)


def print_card(card: int) -> None:  # noqa: ARG001 - a card's number is all that a print would need
    """Count a printed card."""
    if FORKS:
        count_at_once()
    else:
        counter.add()


def enqueue(cards: list[int]) -> None:
    """Send a job a card, in one batch."""
    to_verify.enqueue_many([Queue.prepare_data(verify, (card,), result_ttl=0) for card in cards])
