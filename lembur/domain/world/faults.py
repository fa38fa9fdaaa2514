"""What may befall a print job, for trials: chosen by a scenario's script, the same whoever asks, and whenever."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from lembur.domain.world import draws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.scenario.model import Trial
    from lembur.domain.seats import StationCode


class Fate(StrEnum):
    """What becomes of a job that a worker gave to a printer."""

    OK = "ok"
    SLOW = "slow"
    JAM = "jam"
    SPOIL = "spoil"
    DIE_BEFORE_PRINTING = "die before printing"
    DIE_AFTER_PRINTING = "die after printing"
    ANSWER_TWICE = "answer twice"
    FORGET = "forget"


def fate_of(script: Sequence[Trial], seed: int, station: StationCode, *, first: int, cards: int) -> Fate:
    """Choose the fate of the job of so many cards that begins with the station's print `first`, counted from 0.

    A row that names one of the prints goes before all odds, which share one draw by seed, station and `first`.
    """
    rows = [row for row in script if row.station in {"all", station}]
    if not rows:
        return Fate.OK
    for row in rows:
        if any(first <= number < first + cards for number in row.prints):
            return row.fate
    drawn = float(draws.uniforms(seed, f"fate/{station}", first, 1)[0, 0])
    for row in rows:
        drawn -= row.odds
        if drawn < 0:
            return row.fate
    return Fate.OK
