"""Invented people for demonstrations: their numbers can be nobody's."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from lembur.domain.nik import WOMAN, Nik

FIRST_KECAMATAN: Final = 6
KECAMATAN: Final = 94
"""Solo has five kecamatan; 06 to 99 under 3372 are unassigned, and serial 0000 is never issued (domain.md, NIK: A)."""
FIRST_BIRTH: Final = date(1930, 1, 1)
BIRTHS: Final = 25_000
"""Days from 1930 to mid-1998, all within one century so that two digits of the year tell them apart."""
SPACE: Final = KECAMATAN * BIRTHS * 2
"""So many different people can be invented: 4.7 million."""
STEP: Final = 1_234_577
"""Coprime to SPACE, so that neighbours in number are no neighbours in birth, and no two numbers meet."""


def identity(seed: int, number: int) -> Nik:
    """The `number`-th person of a seed: another one for every number below SPACE."""
    place = (number * STEP + seed) % SPACE
    place, woman = divmod(place, 2)
    births, kecamatan = divmod(place, KECAMATAN)
    born = FIRST_BIRTH + timedelta(days=births)
    day = born.day + WOMAN * woman
    return Nik(f"3372{FIRST_KECAMATAN + kecamatan:02d}{day:02d}{born.month:02d}{born.year % 100:02d}0000")
