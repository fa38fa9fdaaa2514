"""The printers of a station as a worker sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from threading import Event

    from lembur.ledger.types import Lot, Offer


class Print(NamedTuple):
    """One card out of the printer: its end, the reason of a spoiled blank ('' for a good card), and the printer's rest.

    Times are virtual milliseconds. `printer` names a real printer, which prints a lot alone; `blank` is the serial of
    the blank, where the printer knows it.
    """

    end_ms: int
    reason: str
    rest_ms: int = 0
    printer: str = ""
    blank: str = ""


class Printer(Protocol):
    """The printers of one station."""

    def plan(self, offer: Offer) -> Sequence[Print]:
        """Plan the offered cards, up to the last one that can start before the offer's stretch ends."""

    def find_fault(self) -> str:
        """Return the reason why the printers cannot log a job now, or ''. Without its log no job may begin."""

    def print(self, lot: Lot, planned: Sequence[Print], stopping: Event) -> Iterator[Sequence[Print]]:
        """Print the lot in the order given; yield the result once, twice, or not at all.

        A printer that stops, jams or loses the job yields nothing. Then its log decides.
        """

    def is_at_work(self, lot: Lot) -> bool:
        """Return True if a card of the lot is still in a printer, so that its result will come."""

    def call_off(self, lot: Lot) -> Sequence[Print] | None:
        """Return the prints of a lot without a result by the printer's log; None when the log does not know.

        An empty answer is a promise: the lot is called off, and a seat that wakes up late cannot print it.
        """
