"""The seat pool: Celery's thread pool, whose visible size is the number of open seats in the ledger."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from celery.concurrency.thread import TaskPool

from lembur import bus
from lembur.domain.errors import LedgerError, OrderError
from lembur.ledger import Ledger, connect
from lembur.office import change_seats, open_seats
from lembur.settings import read_settings

if TYPE_CHECKING:
    from lembur.domain.seats import StationCode


MOST_THREADS: Final = 1_000
"""A scenario allows no more printers for a station."""


class SeatPool(TaskPool):
    """A pool whose size is the number of open seats; seat orders change it.

    An order holds on all machines, takes effect under a backlog, survives a restart, and ends in the evening. The
    threads come one by one as seats need them, because an office may get printers while its worker runs.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.executor = ThreadPoolExecutor(MOST_THREADS)
        given = read_settings()
        self._ledger = Ledger(connect(given.redis_url), office=given.office)
        self._stations = list(given.stations)

    def order(self, by_seats: int, *, by: str, reason: str) -> str:
        """Order seats at this worker's station until the evening; return the seats that are open now."""
        station = self._only_station()
        wakes = change_seats(self._ledger, station, by_seats=by_seats, by=by, reason=reason)
        with suppress(LedgerError):  # the order holds; the sweep wakes its seats
            bus.send(self.app, wakes)
        seats = open_seats(self._ledger, station)
        return f"{seats} seat{'' if seats == 1 else 's'} of {station}"

    @property
    def num_processes(self) -> int:
        """Return the open seats now, at least one, because Celery reads zero as no limit."""
        return max(1, self._open())

    def _get_info(self) -> dict[str, Any]:
        return {**super()._get_info(), "max-concurrency": self._open(), "stations": self._stations}

    def _open(self) -> int:
        try:
            return sum(open_seats(self._ledger, station) for station in self._stations)
        except LedgerError:
            return 0

    def _only_station(self) -> StationCode:
        if len(self._stations) > 1:
            raise OrderError(f"this worker serves {', '.join(self._stations)}: name one with 'lembur seats STATION N'")
        return self._stations[0]
