"""Invented people for demonstrations: their numbers belong to nobody."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from lembur.domain.nik import WOMAN, Nik

if TYPE_CHECKING:
    from lembur.domain.scenario import Region

FIRST_BIRTH: Final = date(1930, 1, 1)
BIRTHS: Final = 25_000
"""Days from 1930 to mid-1998, all within one century so that two digits of the year are unambiguous."""
STEP: Final = 1_234_577
"""A prime larger than any number of kecamatan. Neighbours in number are far apart in birth, and no two people meet."""


def identity(region: Region, seed: int, number: int) -> Nik:
    """Invent the `number`-th person of a seed: serial 0000 is never issued, and the kecamatan is not assigned.

    People of one seed differ for 50,000 numbers for each free kecamatan: 4.7 million in Solo.
    """
    free = region.free_kecamatan
    place = (number * STEP + seed) % (len(free) * BIRTHS * 2)
    place, woman = divmod(place, 2)
    births, kecamatan = divmod(place, len(free))
    born = FIRST_BIRTH + timedelta(days=births)
    day = born.day + WOMAN * woman
    return Nik(f"{region.city}{free[kecamatan]:02d}{day:02d}{born.month:02d}{born.year % 100:02d}0000")
