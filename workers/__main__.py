"""A worker process: `python -m workers NODE SEATS`, for the stations in LEMBUR_STATIONS.

Celery's own command line works as well (`celery -A workers.app worker -P custom`), but imports a shell, Flower and more
before it begins: two thirds of a worker's start.
"""

from __future__ import annotations

import sys

from lembur import bus
from workers.app import app, stations


def main() -> int:
    """Work until told to stop."""
    node, seats = sys.argv[1:]
    worker = app.Worker(
        hostname=node,
        queues=[bus.queue_of(station) for station in stations()],
        concurrency=int(seats),
        pool_cls="workers.pool:SeatPool",
        loglevel="INFO",
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main())
