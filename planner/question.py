"""Questions to the planner and their answers: plain records, so a page asks without loading what computes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from lembur.domain.errors import OrderError, Sentence
from lembur.domain.time import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

LONGEST_DAYS: Final = 62
"""Most days until a deadline. Two months are drawn in seconds; a deadline years ahead is a typing error."""


def check_deadline(deadline_ms: int, *, now_ms: int) -> None:
    """Refuse a deadline that is too far away, for the command line and the pages alike."""
    if deadline_ms > now_ms + LONGEST_DAYS * DAY_MS:
        raise OrderError("the deadline is too far away: give one within %(days)s days", days=LONGEST_DAYS)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Terms of a plan: the deadline, the confidence, and the most that may be ordered.

    Cards that are ready before `cutoff_ms` must be printed by `deadline_ms`. Without a cut-off in the terms, that of a
    station is its last working time at least an hour before the deadline.
    """

    deadline_ms: int
    cutoff_ms: int | None = None
    max_seats: int = 12
    max_hours: float = 4.0
    confidence: float = 0.95
    worlds: int = 1000
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliders:
    """A changed question. A slider that is not moved keeps the value of the problem.

    `seats` are open in the whole office on every working day, from opening until `hours` after closing; None keeps the
    regular seats. `centre_speed` 0.5 means a centre that needs twice the time. `more_blanks` come at `delivered_ms`, or
    now, to every station in proportion to its waiting cards.
    """

    deadline_ms: int
    seats: int | None = None
    hours: float = 0.0
    centre_speed: float = 1.0
    more_blanks: int = 0
    delivered_ms: int | None = None


class Lack(StrEnum):
    """Reasons why a card is never printed."""

    SEATS = "seats"
    BLANKS = "blanks"
    RIBBON = "ribbon"


@dataclass(frozen=True, slots=True)
class StayingCards:
    """Cards that are never printed, at stations that lack the same. In 9 of 10 worlds no more stay than these.

    Where seats lack, `end_ms` is the end of the last order (0: none is given).
    """

    lack: Lack
    stations: tuple[str, ...]
    end_ms: int
    cards: int

    def describe(self, zone: tzinfo, names: Mapping[str, str] | None = None) -> Sentence:
        """Write the reason why a queue is never clear, for commands and pages; a page gives the stations' names."""
        where = ", ".join((names or {}).get(code, code) for code in self.stations)
        cards = Sentence("up to %(num)s card stays", "up to %(num)s cards stay", num=self.cards)
        if self.lack is Lack.BLANKS:
            return Sentence(
                "blanks are too few at %(stations)s, and no further delivery is known: %(cards)s (P90)",
                stations=where,
                cards=cards,
            )
        if self.lack is Lack.RIBBON:
            return Sentence(
                "ribbon is too short at %(stations)s, and no further delivery is known: %(cards)s (P90)",
                stations=where,
                cards=cards,
            )
        if not self.end_ms:
            return Sentence(
                "no seat is ordered at %(stations)s, so nobody prints there: %(cards)s (P90)",
                stations=where,
                cards=cards,
            )
        return Sentence(
            "no seat is ordered at %(stations)s after %(end)s, so nobody prints there: %(cards)s (P90)",
            stations=where,
            end=datetime.fromtimestamp(self.end_ms / 1000, zone),
            cards=cards,
        )


@dataclass(frozen=True, slots=True)
class SliderAnswer:
    """The outcome of a changed question, in 200 worlds.

    `finish_p50_ms` and `finish_p90_ms` are `NEVER_MS` where the queue is not clear within `HORIZON_DAYS`. `chance` is
    the share of the worlds that meet the deadline, `late` the median of the late cards. `rupiah` and `seat_hours` come
    on top of what is ordered already. `staying` holds the cards that are never printed, by their reason.
    The course is the number of waiting cards at each of `moments_ms`: P10, P50 and P90.
    """

    deadline_ms: int
    cutoff_ms: int
    chance: float
    finish_p50_ms: int
    finish_p90_ms: int
    late: int
    rupiah: int
    seat_hours: float
    staying: tuple[StayingCards, ...]
    moments_ms: tuple[int, ...]
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]
