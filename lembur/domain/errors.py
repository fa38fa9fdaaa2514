"""Mistakes of a user, each with one clear sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lembur.domain.seats import SeatOrder


class LemburError(Exception):
    """Base of every fault that a user reads as one sentence, without a traceback."""


class ScenarioError(LemburError):
    """A scenario cannot be played; `faults` lists every fault, each with its path in the file."""

    def __init__(self, source: str, faults: list[str]) -> None:
        self.source = source
        self.faults = faults
        super().__init__(f"{source}: " + "; ".join(faults))


class NikError(LemburError):
    """A NIK that cannot exist; the message names the broken rule, never the number itself."""


class IntakeError(LemburError):
    """A file of recorded identities that cannot be read as a whole."""


class SettingsError(LemburError, ValueError):
    """Settings that cannot work, with the name of the variable and how to mend it."""


class LedgerError(LemburError):
    """The ledger cannot be reached, or is not a server this system may trust."""


class ClockKeptError(LedgerError):
    """The clock of a demonstration is kept by another feed."""


class OrderError(LemburError):
    """A seat order that the office cannot carry out."""


class OrderConflictError(OrderError):
    """A seat order for a station whose seats another person has changed meanwhile. `other` is that person's order."""

    def __init__(self, other: SeatOrder) -> None:
        self.other = other
        super().__init__(f"{other.by} has changed the seats at {other.station} meanwhile: look again before you order")


class StockError(LemburError):
    """A movement of stock that would make blanks appear or vanish."""


class CardError(LemburError):
    """A card that does not exist, or a move its status does not allow."""


class ArchiveError(LemburError):
    """The archive's files cannot take cards, or do not have them."""
