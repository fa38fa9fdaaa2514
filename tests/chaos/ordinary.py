"""The same work the ordinary way, to compare: a Celery task a card, acknowledged late, and counters in Redis.

What the Celery documentation advises is done: `acks_late`, `reject_on_worker_lost`, a visibility timeout well above the
longest task, prefetch 1, patient retries when Redis or the broker is away, and tasks that look at the card's status
before they act and may run again. `python -m chaos.ordinary NODE THREADS` is a worker; the printers keep their log
with an fsync, as all printers do.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path

from celery import Celery
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from chaos.doomed import pass_by

URL = os.environ.get("ORDINARY_URL", "")
DOOM, STOP_S = Path(os.environ.get("DOOM", ".")), float(os.environ.get("DOOM_STOP_S", "1"))
PRINTERS = Path(os.environ.get("ORDINARY_PRINTERS", "."))
CARD_S = 0.2
"""A card at the centre or in a printer, as in the round of one card a lot."""
VISIBILITY_S = 5
SPOILED, NOT_READY = 0.02, 0.0228
AWAY = (RedisError, OperationalError)
QUEUES = ("verify", "print")
POINTS = ("about to ask the centre", "answered by the centre", "about to print", "printed", "committed")

app = Celery("ordinary", broker=URL)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": VISIBILITY_S},
    task_publish_retry_policy={"max_retries": 100, "interval_start": 0.2, "interval_step": 0.2, "interval_max": 2},
)


def point(name: str) -> None:
    """A named point of the walk, at which a worker may be told to die or to stop."""
    pass_by(DOOM, name, STOP_S)


@app.task(name="verify", autoretry_for=AWAY, retry_backoff=1, max_retries=None)
def verify(card: str) -> None:
    """Ask the centre for one card, and send it on to the printers."""
    store = Redis.from_url(URL, decode_responses=True)
    status = store.hget("status", card)
    if status == "recorded":
        point("about to ask the centre")
        time.sleep(CARD_S)
        point("answered by the centre")
        status = "shelved" if random.random() < NOT_READY else "ready"
        store.hset("status", card, status)
    if status == "ready":  # also when it was asked before, and died before it sent the card on
        print_card.apply_async((card,), queue="print")


@app.task(name="print", autoretry_for=AWAY, retry_backoff=1, max_retries=None)
def print_card(card: str) -> None:
    """Print one card on a blank, unless it was printed already."""
    store = Redis.from_url(URL, decode_responses=True)
    if store.hget("status", card) != "ready":
        return
    store.hincrby("blanks", "shelf", -1)
    point("about to print")
    time.sleep(CARD_S)
    spoiled = random.random() < SPOILED
    log(card, "failed print" if spoiled else "")
    point("printed")
    with store.pipeline(transaction=True) as pipe:
        pipe.hincrby("blanks", "spoiled" if spoiled else "used", 1)
        if not spoiled:
            pipe.hset("status", card, "printed")
        pipe.execute()
    point("committed")
    if spoiled:
        print_card.apply_async((card,), queue="print")


def log(card: str, reason: str) -> None:
    """The printer's own log, on the disk before anyone is told."""
    with (PRINTERS / f"{os.getpid()}.jsonl").open("a") as file:
        file.write(json.dumps({"lot": card, "cards": [card], "reasons": [reason]}) + "\n")
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    # Python runs this file as `__main__`: the tasks are those of this application.
    worker = app.Worker(
        hostname=sys.argv[1], queues=list(QUEUES), concurrency=int(sys.argv[2]), pool_cls="threads", loglevel="WARNING"
    )
    worker.start()
    sys.exit(worker.exitcode or 0)
