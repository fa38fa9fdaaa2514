"""The parts of an office that every act needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lembur.ledger import Ledger
    from lembur.ledger.types import Wakes
    from lembur.settings import Settings


class OfficeLink(Protocol):
    """An open office: its ledger, its settings, and the way to its workers."""

    @property
    def ledger(self) -> Ledger:
        """The ledger of the office."""

    @property
    def settings(self) -> Settings:
        """The settings that found it."""

    def wake(self, wakes: Wakes) -> None:
        """Send wake-ups to the workers."""
