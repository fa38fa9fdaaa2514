"""What happened, in the past tense."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What enrolling one identity led to."""

    ENROLLED = "ENROLLED"
    KNOWN = "KNOWN"
