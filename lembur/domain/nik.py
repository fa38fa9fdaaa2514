"""NIK, the number of a person: its rules, and a keyed hash, so that the number itself is not kept."""

from __future__ import annotations

import base64
import hmac
from calendar import monthrange
from dataclasses import dataclass, field
from typing import Final

from lembur.domain.errors import NikError

LENGTH: Final = 16
WOMAN: Final = 40
"""Added to a woman's day of birth in a NIK: 41 to 71 (docs/figures.md, NIK: A)."""
PROVINCES: Final = frozenset(range(11, 98))
DIGEST_BYTES: Final = 16
DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class Nik:
    """A NIK that can exist. Its text is masked, so that the number cannot get into a log."""

    digits: str = field(repr=False)

    @classmethod
    def parse(cls, text: str, *, demonstration: bool = False) -> Nik:
        """Check every rule of a NIK; the fault names the broken rule, never the number.

        Serial 0000 is never issued. It marks invented people, and is accepted only in a demonstration.
        """
        digits = text.strip()
        if not (digits.isascii() and digits.isdigit()):
            raise NikError("a NIK has digits only")
        if len(digits) != LENGTH:
            raise NikError("a NIK has 16 digits, this one has %(digits)s", digits=str(len(digits)))
        if int(digits[:2]) not in PROVINCES:
            raise NikError("there is no province %(code)s", code=digits[:2])
        if digits[2:4] == "00" or digits[4:6] == "00":
            raise NikError("city and kecamatan are numbered from 01")
        if not _is_birth(digits[6:12]):
            raise NikError(
                "there is no birth date %(day)s.%(month)s (day plus 40 for women)", day=digits[6:8], month=digits[8:10]
            )
        if digits[12:] == "0000" and not demonstration:
            raise NikError("serial 0000 is never issued: it marks invented people, in demonstrations only")
        return cls(digits)

    @property
    def kecamatan_code(self) -> str:
        """The kecamatan that issued the number, like 33.72.04. The person may live elsewhere now."""
        return f"{self.digits[:2]}.{self.digits[2:4]}.{self.digits[4:6]}"

    @property
    def masked(self) -> str:
        """The number as people may see it: area and serial, without birth date and sex."""
        return f"{self.digits[:6]}******{self.digits[12:]}"

    def digest(self, key: bytes) -> str:
        """Return a keyed hash of 128 bits. Without a key a program could try all possible numbers."""
        found = hmac.digest(key, self.digits.encode(), "sha256")[:DIGEST_BYTES]
        return base64.urlsafe_b64encode(found).rstrip(b"=").decode()

    def __str__(self) -> str:
        return self.masked


def _is_birth(digits: str) -> bool:
    """Return True if six digits are a date of this century or the last; 29 February needs a leap year."""
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    day -= WOMAN * (day > WOMAN)
    return 1 <= month <= DECEMBER and any(1 <= day <= monthrange(century + year, month)[1] for century in (1900, 2000))
