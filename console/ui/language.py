"""Dates, times and numbers on paper, in Indonesian or English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date, datetime

DAYS: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS: Final = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
SHORT: Final = 3
"""Letters of the short name of a day or a month."""
SWAP: Final = str.maketrans(",.", ".,")


@dataclass(frozen=True, slots=True)
class Language:
    """Indonesian writes 1.234,5 and 16.00; English writes 1,234.5 and 16:00."""

    english: bool

    def number(self, value: float, places: int = 0) -> str:
        """Write a number with separated thousands."""
        text = f"{value:,.{places}f}"
        return text if self.english else text.translate(SWAP)

    def plain(self, value: float) -> str:
        """Write a number with the decimals it needs."""
        return f"{value:,.10g}" if self.english else f"{value:,.10g}".translate(SWAP)

    def date(self, day: date) -> str:
        """Write a date in words: 'Kamis, 25 Agustus 2016' or 'Thu 25 August 2016'."""
        if self.english:
            return f"{day:%a %-d %B %Y}"
        return f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"

    def moment(self, local: datetime) -> str:
        """Write a moment for a table: 'Kam 25 Agu 16.00' or 'Thu 25 Aug 16:00'."""
        if self.english:
            return f"{local:%a %-d %b %H:%M}"
        return f"{DAYS[local.weekday()][:SHORT]} {local.day} {MONTHS[local.month - 1][:SHORT]} {local:%H.%M}"

    def hours(self, begin: datetime, end: datetime) -> str:
        """Write a stretch of one day: '16.00 - 18.00' or '16:00 - 18:00'."""
        form = "%H:%M" if self.english else "%H.%M"
        return f"{begin:{form}} - {end:{form}}"
