"""The bodies of the REST interface for the counter: hand-over, blanks, reprints, interim letters, destruction."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from lembur.domain.card import BlankUse, Collector, Status
from web.api.models import Body, Line

Serial = Annotated[str, Field(min_length=3, max_length=60, description="The serial of a blank, typed or scanned.")]


class HandOver(Body):
    """The person who collects a card; no name is kept. A serial is checked against the blank of the card."""

    to: Collector
    blank: Serial | None = None


class Carriage(Body):
    """The counter that a card is carried to."""

    to: Line


class UncollectedOut(BaseModel):
    """A printed card that nobody has collected."""

    card: str
    status: Status
    station: str
    since: datetime


class UncollectedPage(BaseModel):
    """A page of uncollected cards, the longest wait first, with the number of all."""

    cards: list[UncollectedOut]
    total: int
    next: str | None


class NotedBlank(Body):
    """The blank that became a card, or that the card spoiled."""

    serial: Serial
    spoiled: bool = False


class BlankOut(BaseModel):
    """The use of a blank, with the minutes of its destruction; '' without any."""

    serial: str
    card: str
    use: BlankUse
    minutes: str


class ReprintOut(BaseModel):
    """The new card of a reprint."""

    card: str


class NewLetter(Body):
    """An interim letter: its number, and the office as the letter names it."""

    number: Line
    office: Line
    english: bool = False


class OwedOut(BaseModel):
    """A card whose owner is owed an interim letter."""

    card: str
    station: str
    recorded: datetime
    nik_mask: str


class OwedPage(BaseModel):
    """A page of owed letters, the longest wait first, with the number of all."""

    letters: list[OwedOut]
    total: int
    next: str | None


class NewDestruction(Body):
    """The minutes by which a station's spoiled blanks are destroyed, and the second person."""

    station: Line
    minutes: Line
    witness: Line


class DestructionOut(BaseModel):
    """The number of blanks that were destroyed."""

    blanks: int
