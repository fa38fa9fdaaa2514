"""Scripts of faults, for trials: rows that choose print jobs or requests to the centre, and what goes wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from lembur.domain.scenario import checks
from lembur.domain.scenario.fields import YEARS, Count, Moment, Part, Share
from lembur.domain.seats import ALL
from lembur.domain.time import moment_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lembur.domain.scenario.fields import Fault


class Fate(StrEnum):
    """The result of a job that a worker gave to a printer."""

    OK = "ok"
    SLOW = "slow"
    JAM = "jam"
    SPOIL = "spoil"
    DIE_BEFORE_PRINTING = "die before printing"
    DIE_AFTER_PRINTING = "die after printing"
    ANSWER_TWICE = "answer twice"
    FORGET = "forget"


class Mishap(StrEnum):
    """A fault of a request to the centre."""

    REFUSE = "refuse"
    HANG = "hang"
    SLOW = "slow"
    GARBAGE = "garbage"
    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out of order"


class Trial(Part):
    """A row of the printers' script, for trials: a fault of some jobs, chosen by print number or by chance."""

    fate: Fate
    station: str = ALL
    prints: tuple[Count, ...] = ()
    odds: Share = 0.0

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the prints that the row names."""
        return self.prints

    def strikes(self, station: str) -> bool:
        """Return True if the row is for this station."""
        return self.station in {ALL, station}

    def faults(self) -> Iterator[Fault]:
        """Check that the row can choose a job."""
        if self.prints == () and self.odds == 0:
            yield "odds", "is 0, and no prints are named: give one of them"


class CentreTrial(Part):
    """A row of the centre's script, for trials: a fault of some requests, chosen by number or by chance."""

    fate: Mishap
    begins: Moment = datetime(YEARS[0], 1, 1, tzinfo=UTC)
    ends: Moment = datetime(YEARS[-1], 1, 1, tzinfo=UTC)
    questions: tuple[Count, ...] = ()
    odds: Share = 0.0

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the requests that the row names."""
        return self.questions

    def holds(self, at_ms: int) -> bool:
        """Return True if the row is in force at a moment."""
        return moment_ms(self.begins) <= at_ms < moment_ms(self.ends)

    def faults(self) -> Iterator[Fault]:
        """Check that the row can choose a request."""
        yield from checks.in_order("ends", ("begins", self.begins), self.ends)
        if self.questions == () and self.odds == 0:
            yield "odds", "is 0, and no questions are named: give one of them"
