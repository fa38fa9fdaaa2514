"""The history of every card: when it was ready, printed and due, and the blanks that it spoiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lembur.domain.time import NEVER_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lembur.domain.observation.snapshot import Column
    from lembur.domain.seats import Window


@dataclass(frozen=True, slots=True)
class CardHistory:
    """Cards column by column until a moment. `printed_ms` is `NEVER_MS` for cards that wait or are in a printer.

    A station is its position in the scenario.
    """

    now_ms: int
    station: Column
    ready_ms: Column
    printed_ms: Column
    due_ms: Column

    def of(self, station: int) -> CardHistory:
        """Keep the cards of one station."""
        here = self.station == station
        return CardHistory(
            self.now_ms, self.station[here], self.ready_ms[here], self.printed_ms[here], self.due_ms[here]
        )

    def waiting(self, at_ms: int) -> NDArray[np.bool_]:
        """Return which cards were ready and not yet printed at a moment."""
        return np.asarray((self.ready_ms <= at_ms) & (self.printed_ms > at_ms))

    def cleared_ms(self, at_ms: int) -> int:
        """Return the moment at which the last card that waited at `at_ms` was printed, or `NEVER_MS`."""
        return int(self.printed_ms[self.waiting(at_ms)].max(initial=at_ms))

    def late(self, at_ms: int) -> int | None:
        """Count the cards that waited at a moment and were printed after they were due; None while one still waits."""
        there = self.waiting(at_ms)
        printed = self.printed_ms[there]
        return int((printed > self.due_ms[there]).sum()) if (printed < NEVER_MS).all() else None


@dataclass(frozen=True, slots=True)
class SpoiledBlank:
    """A spoiled blank: the position of its station in the scenario, the moment, and the reason."""

    station: int
    at_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class CardRecords:
    """All cards of an office column by column until a moment, and the blanks that they spoiled.

    `ready_ms` and `printed_ms` are `NEVER_MS` for a card that has not reached that step. `shelved` cards wait for a
    person. A station is its position in the scenario.
    """

    now_ms: int
    station: Column
    priority: Column
    due_ms: Column
    ready_ms: Column
    printed_ms: Column
    shelved: Column
    spoiled: Sequence[SpoiledBlank] = ()

    def printed_in(self, window: Window) -> NDArray[np.bool_]:
        """Return which cards were printed in a window."""
        return np.asarray((self.printed_ms >= window.start_ms) & (self.printed_ms < window.end_ms))

    def spoiled_in(self, window: Window) -> list[SpoiledBlank]:
        """Return the blanks that were spoiled in a window."""
        return [one for one in self.spoiled if window.start_ms <= one.at_ms < window.end_ms]

    def history(self) -> CardHistory:
        """Keep the cards that became ready to print. A card that waits for a person is left out."""
        there = (self.shelved == 0) & (self.ready_ms < NEVER_MS)
        return CardHistory(
            self.now_ms, self.station[there], self.ready_ms[there], self.printed_ms[there], self.due_ms[there]
        )
