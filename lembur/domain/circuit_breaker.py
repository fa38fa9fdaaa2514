"""The centre as the office sees it: the ways in which it fails, and the pauses between questions while it fails."""

from __future__ import annotations

from enum import StrEnum

IN_A_ROW = 5
"""Failures in a row, without an answer between them, that open the circuit (assumed)."""
PAUSE_MS = 30_000
"""The first pause of an open circuit, in the office's time; it doubles with every probe that fails (assumed)."""
LONGEST_PAUSE_MS = 600_000
"""Longest pause between two probes, about as long as one answer takes (A). A centre that is back is found this late."""
TRIES = 5
"""Tries of a card before a person must look at it (assumed)."""
BOUND_MS = 600_000
"""A lot at the centre is given up this long after its answer was due (assumed)."""


class CircuitState(StrEnum):
    """State of the circuit: the centre is asked freely, not at all, or line by line as a probe."""

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
        """Return True if a card may be the cause. A centre that refused has not seen the cards."""
        return self is not Trouble.REFUSED

    @property
    def ends_the_attempt(self) -> bool:
        """Return True if the centre decides anew after this failure.

        Otherwise the first question may still be at work there.
        """
        return self in {Trouble.GARBAGE, Trouble.HANGING}

    @property
    def is_the_centres(self) -> bool:
        """Return True if the failure is a sign of the centre. A lost lease is a sign of a dead or sleeping worker."""
        return self is not Trouble.SILENT
