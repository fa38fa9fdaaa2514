"""CardTable column by column: those whose cards are known already, and those draw_worlds world by world."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from planner.problem.problem import ArrivingCards, Cards
from planner.simulation.replay import Flags, Integers, integers

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class KnownCards:
    """Cards that are somewhere already, the same in all worlds: at which station they are printed, and their numbers.

    They are ready when what holds them now is done: a line to the centre, or a printer.
    """

    cards: Cards
    station: Integers
    number: Integers

    @staticmethod
    def nobody() -> KnownCards:
        """No card at all."""
        return KnownCards(Cards.alike(0, ready_ms=0), integers(()), integers(()))

    def __len__(self) -> int:
        """Count the cards."""
        return len(self.number)


@dataclass(frozen=True, slots=True)
class CardTable:
    """CardTable of some worlds: in which, where their card is printed, from when it waits, when it is due, its class.

    `number` is the card's own, 0 for who is not enrolled yet; `asks` tells whether the centre must be asked.
    """

    world: Integers
    station: Integers
    number: Integers
    ready_ms: Integers
    due_ms: Integers
    priority: Integers
    asks: Flags

    @staticmethod
    def together(parts: Sequence[CardTable]) -> CardTable:
        """Put several groups into one."""
        return CardTable(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(CardTable)))

    @staticmethod
    def known(some: KnownCards, worlds: int) -> CardTable:
        """Put cards that are known into every world."""
        many, cards = len(some), some.cards
        return CardTable(
            world=np.repeat(np.arange(worlds), many),
            station=np.tile(some.station, worlds),
            number=np.tile(some.number, worlds),
            ready_ms=np.tile(cards.ready_ms, worlds),
            due_ms=np.tile(cards.due_ms, worlds),
            priority=np.tile(cards.priority, worlds),
            asks=np.ones(worlds * many, dtype=np.bool_),
        )

    def __len__(self) -> int:
        """Count them."""
        return len(self.world)

    def where(self, which: Flags | Integers) -> CardTable:
        """Keep some, or all in another order."""
        return CardTable(*(getattr(self, one.name)[which] for one in fields(self)))

    def came(self, until_ms: int) -> ArrivingCards:
        """Tell the cards that wait before a moment."""
        seen = self.ready_ms < until_ms
        cards = Cards(self.ready_ms[seen], self.due_ms[seen], self.priority[seen])
        return ArrivingCards(self.world[seen], self.station[seen], cards, self.number[seen])
