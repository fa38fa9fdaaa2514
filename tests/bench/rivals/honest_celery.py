"""Celery with a ledger built the ordinary way: a hash a card, its history, blanks, counters, and a print log.

Messages are acknowledged late. Both tasks look at the card before they act, and change it in one transaction.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path

from celery import Celery
from redis import Redis

from counting import URL, counter

app = Celery("honest", broker=URL)
app.conf.update(
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    task_default_queue="cards",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_transport_options={"visibility_timeout": 60},
)
store = Redis.from_url(URL, decode_responses=True)
LOGS = Path(tempfile.gettempdir())


def note(card: int, before: str, after: str) -> None:
    """Move a card from one status to another, with its history and the office's counts, in one transaction."""
    now_ms = time.time_ns() // 1_000_000
    with store.pipeline(transaction=True) as pipe:
        pipe.hset(f"card:{card}", mapping={"status": after, "since": now_ms})
        pipe.rpush(f"history:{card}", json.dumps([now_ms, after]))
        pipe.hincrby("counts", before, -1)
        pipe.hincrby("counts", after, 1)
        pipe.xadd("events", {"card": card, "status": after}, maxlen=10_000, approximate=True)
        if after == "CARD_PRINTED":
            pipe.hincrby("stock", "shelf", -1)
            pipe.hincrby("stock", "used", 1)
        pipe.execute()


@app.task(name="verify")
def verify(card: int) -> None:
    """Verify a card that is recorded, and send it on to the printers."""
    status = store.hget(f"card:{card}", "status")
    if status == "BIO_CAPTURED":
        note(card, "BIO_CAPTURED", "PRINT_READY_RECORD")
        status = "PRINT_READY_RECORD"
    if status == "PRINT_READY_RECORD":
        print_card.delay(card)


@app.task(name="print")
def print_card(card: int) -> None:
    """Print a card that is ready, unless it was printed already."""
    if store.hget(f"card:{card}", "status") != "PRINT_READY_RECORD":
        return
    with (LOGS / f"honest-{os.getpid()}.jsonl").open("a") as log:
        log.write(json.dumps({"card": card}) + "\n")
    note(card, "PRINT_READY_RECORD", "CARD_PRINTED")
    counter.add()


def enqueue(cards: list[int]) -> None:
    """Enrol each card, one NIK once, and send its message."""
    with store.pipeline(transaction=True) as pipe, app.producer_or_acquire() as producer:
        for card in cards:
            pipe.hsetnx("nik", f"{card:016}", card)
            pipe.hset(f"card:{card}", mapping={"status": "BIO_CAPTURED", "since": time.time_ns() // 1_000_000})
            pipe.hincrby("counts", "BIO_CAPTURED", 1)
        pipe.execute()
        for card in cards:
            verify.apply_async((card,), producer=producer)
