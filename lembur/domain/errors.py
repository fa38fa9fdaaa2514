"""Sentences for people, in any language, and the mistakes of a user: each has one clear sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from lembur.domain.time import describe_moment, moment_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lembur.domain.seats import SeatOrder


class Sentence(str):
    """A sentence in English, which keeps its template and its values, so that a page writes it in another language.

    `Sentence("card %(card)s is held", card=card)`. Two templates are for one and for many, by the value `num`.
    A value is text, a number, a date, a moment, another sentence, or a tuple of sentences. Text is never a template.
    """

    __slots__ = ("template", "values")

    template: tuple[str, str]
    values: Mapping[str, object]

    def __new__(cls, template: str, many: str = "", /, **values: object) -> Self:
        """Write the English sentence, and keep its parts."""
        chosen = many if many and values["num"] != 1 else template
        found = super().__new__(
            cls, chosen % {name: write_value(value) for name, value in values.items()} if values else chosen
        )
        found.template, found.values = (template, many), values
        return found

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the parts on the way to another process."""
        return _make_sentence, (self.template, self.values)


def _make_sentence(template: tuple[str, str], values: Mapping[str, object]) -> Sentence:
    return Sentence(*template, **values)


def write_value(value: object) -> str:
    """Write a value of a message in English: a number with separated thousands, and the decimals it needs."""
    if isinstance(value, datetime):
        return describe_moment(moment_ms(value), value.tzinfo or UTC)
    if isinstance(value, tuple):
        return "; ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:,.10g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


class LemburError(Exception):
    """Base of every fault that a user reads as one sentence, without a traceback: its template, and its values."""

    def __init__(self, template: str, many: str = "", /, **values: object) -> None:
        self.sentence = Sentence(template, many, **values)
        super().__init__(self.sentence)

    @classmethod
    def of(cls, sentence: Sentence) -> Self:
        """Make the fault of a sentence that another function made."""
        found = cls(sentence)
        found.sentence = sentence
        return found


class ScenarioError(LemburError):
    """A scenario cannot be played; `faults` lists every fault, each with its path in the file."""

    def __init__(self, source: str, faults: list[str]) -> None:
        self.source = source
        self.faults = faults
        super().__init__("%(source)s: %(faults)s", source=source, faults="; ".join(faults))


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


class ChangeError(LemburError):
    """A change that an open office cannot have."""


class StationError(LemburError):
    """A print station that the office does not have."""


class OrderError(LemburError):
    """A seat order that the office cannot carry out."""


class OrderConflictError(OrderError):
    """A seat order for a station whose seats another person has changed meanwhile. `other` is that person's order."""

    def __init__(self, other: SeatOrder) -> None:
        self.other = other
        super().__init__(
            "%(by)s ordered %(num)s seat at %(station)s meanwhile. Look, then order again.",
            "%(by)s ordered %(num)s seats at %(station)s meanwhile. Look, then order again.",
            by=other.by,
            num=other.seats,
            station=other.station,
        )


class StockError(LemburError):
    """A movement of stock that would make blanks appear or vanish."""


class CardError(LemburError):
    """A card that does not exist, or a move its status does not allow."""


class ArchiveError(LemburError):
    """The archive's files cannot take cards, or do not have them."""
