"""A live producer: `python produce.py MODULE` sends cards as long as fewer than a bound wait for their end."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import itertools
import os
import sys
from itertools import islice

from redis import Redis

from counting import DONE, URL

WAITING = int(os.environ["BENCH_WAITING"])
BATCH = WAITING // 4
PAUSE_S = 0.01


async def produce(name: str) -> None:
    """Send batches for ever."""
    enqueue = importlib.import_module(name).enqueue
    server, cards, sent = Redis.from_url(URL), itertools.count(1), 0
    while True:
        while sent - int(server.get(DONE) or 0) >= WAITING:
            await asyncio.sleep(PAUSE_S)
        sending = enqueue(list(islice(cards, BATCH)))
        if inspect.isawaitable(sending):
            await sending
        sent += BATCH


if __name__ == "__main__":
    asyncio.run(produce(sys.argv[1]))
