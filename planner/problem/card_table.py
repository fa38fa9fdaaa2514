"""Tables of cards: the known ones, equal in all worlds, and the ones drawn world by world."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from planner.arrays import Flags, Integers, integers
from planner.problem.problem import ArrivingCards, Cards

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class KnownCards:
    """Cards that are in hand already, equal in all worlds: their station and their number.

    A card is ready when the line to the centre or the printer that holds it is done.
    """

    cards: Cards
    station: Integers
    number: Integers

    @staticmethod
    def none() -> KnownCards:
        """Return an empty table."""
        return KnownCards(Cards.alike(0, ready_ms=0), integers(()), integers(()))

    def __len__(self) -> int:
        """Count the cards."""
        return len(self.number)


@dataclass(frozen=True, slots=True)
class CardTable:
    """Cards of some worlds, column by column: world, station, number, ready moment, due moment, class.

    `number` is 0 for a person not recorded yet. `asks` is true for a card that the centre must check.
    """

    world: Integers
    station: Integers
    number: Integers
    ready_ms: Integers
    due_ms: Integers
    priority: Integers
    asks: Flags

    @staticmethod
    def concatenate(parts: Sequence[CardTable]) -> CardTable:
        """Join several tables."""
        return CardTable(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(CardTable)))

    @staticmethod
    def of_known(some: KnownCards, worlds: int) -> CardTable:
        """Repeat known cards in every world."""
        count, cards = len(some), some.cards
        return CardTable(
            world=np.repeat(np.arange(worlds), count),
            station=np.tile(some.station, worlds),
            number=np.tile(some.number, worlds),
            ready_ms=np.tile(cards.ready_ms, worlds),
            due_ms=np.tile(cards.due_ms, worlds),
            priority=np.tile(cards.priority, worlds),
            asks=np.ones(worlds * count, dtype=np.bool_),
        )

    def __len__(self) -> int:
        """Count the cards."""
        return len(self.world)

    def take(self, which: Flags | Integers) -> CardTable:
        """Select rows, or reorder all of them."""
        return CardTable(*(getattr(self, one.name)[which] for one in fields(self)))

    def ready_before(self, until_ms: int) -> ArrivingCards:
        """Return the cards that are ready before a moment."""
        seen = self.ready_ms < until_ms
        cards = Cards(self.ready_ms[seen], self.due_ms[seen], self.priority[seen])
        return ArrivingCards(self.world[seen], self.station[seen], cards, self.number[seen])
