"""The centre as the office knows it from outside: how it can fail, and how often it is asked while it does."""

from __future__ import annotations

from enum import StrEnum

IN_A_ROW = 5
"""Failures in a row, without an answer between them, that open the circuit (assumed)."""
PAUSE_MS = 30_000
"""The first pause of an open circuit, in the office's time; it doubles with every probe that fails (assumed)."""
LONGEST_PAUSE_MS = 600_000
"""A centre that is back is found out so late at most: about as long as one answer takes when all is smooth (A)."""
TRIES = 5
"""Tries of a card before a person must look at it (assumed)."""


BOUND_MS = 600_000
"""Time past its due answer after which a lot at the centre is given up (assumed)."""


class CircuitState(StrEnum):
    """May the centre be asked: freely, not at all, or line by line while it shows that it is back."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Trouble(StrEnum):
    """The ways in which a lot at the centre can fail."""

    REFUSED = "refused"
    HANGING = "hanging"
    GARBAGE = "garbage"
    SILENT = "silent"

    @property
    def may_be_the_cards(self) -> bool:
        """A centre that refused has not seen the cards; in all else one of them may be what it cannot bear."""
        return self is not Trouble.REFUSED

    @property
    def ends_the_attempt(self) -> bool:
        """A centre that gave a wrong answer, or none in time, decides anew; else it may still be at the first."""
        return self in {Trouble.GARBAGE, Trouble.HANGING}

    @property
    def is_the_centres(self) -> bool:
        """A lease that ran out is a sign of a dead or sleeping worker, not of the centre."""
        return self is not Trouble.SILENT
