"""A worker process: `python -m workers NODE SEATS`, for the stations in LEMBUR_STATIONS.

Celery's own command works as well: `celery -A workers.app worker -n NODE -c SEATS -Q QUEUE`. It imports a shell, Flower
and more before it starts, which is two thirds of a worker's start.
"""

from __future__ import annotations

import sys

from lembur import bus
from workers.app import SETTINGS, app, stations
from workers.devices import owner_of


def main() -> int:
    """Run a worker until it is stopped."""
    node, seats = sys.argv[1:]
    try:
        owner_of(SETTINGS.printers)
    except OSError as fault:
        sys.exit(f"lembur: the folder {SETTINGS.printers} cannot be used for print logs: {fault.strerror}")
    worker = app.Worker(
        hostname=node,
        queues=[bus.queue_of(station) for station in stations()],
        concurrency=int(seats),
        loglevel="INFO",
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main())
