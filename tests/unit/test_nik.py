"""Which NIKs can exist, and that one never shows itself."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lembur.domain.errors import NikError
from lembur.domain.nik import Nik

births = st.dates(date(1900, 1, 1), date(2099, 12, 31))


def number(*, area: str = "337204", born: date = date(1990, 5, 17), woman: bool = False, serial: int = 1) -> str:
    """Write a NIK by the rules."""
    return f"{area}{born.day + 40 * woman:02d}{born.month:02d}{born.year % 100:02d}{serial:04d}"


@given(
    births, st.sampled_from((0, 40)), st.integers(1, 9999), st.integers(11, 97), st.integers(1, 99), st.integers(1, 99)
)
def test_every_number_by_the_rules_is_one(
    born: date, plus: int, serial: int, province: int, city: int, kecamatan: int
) -> None:
    """Area, birth date with plus forty for women, serial from 0001: all of them parse."""
    text = number(area=f"{province:02d}{city:02d}{kecamatan:02d}", born=born, woman=plus > 0, serial=serial)

    nik = Nik.parse(f" {text} ")

    assert nik.digits == text
    assert nik.kecamatan_code == f"{text[:2]}.{text[2:4]}.{text[4:6]}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "digits only"),
        ("33720417059A0001", "digits only"),
        ("३३७२०४१७०५९००००१", "digits only"),
        (number() + "1", "this one has 17"),
        (number()[:-1], "this one has 15"),
        (number(area="997204"), "no province 99"),
        (number(area="330004"), "numbered from 01"),
        (number(area="337200"), "numbered from 01"),
        ("3372043002900001", "no birth date 30.02"),
        ("3372043213900001", "no birth date 32.13"),
        ("3372047104900001", "no birth date 71.04"),
        ("3372040000900001", "no birth date 00.00"),
        ("3372042902990001", "no birth date 29.02"),
        (number(serial=0), "serial 0000"),
    ],
)
def test_a_broken_rule_is_named_and_the_number_is_not(text: str, reason: str) -> None:
    """Each refusal says its own rule; no message holds the number."""
    with pytest.raises(NikError, match=reason) as refused:
        Nik.parse(text)

    assert not text or text not in str(refused.value)


def test_29_february_needs_a_leap_year_in_one_of_the_centuries() -> None:
    """00 is 2000, a leap year, though 1900 is none; 99 is none in either."""
    assert Nik.parse("3372042902000001")


def test_serial_0000_is_for_demonstrations_only() -> None:
    """It is never issued, so it can be nobody's."""
    assert Nik.parse(number(serial=0), demonstration=True).masked == "337204******0000"


@given(births, st.integers(1, 9999))
def test_a_nik_shows_itself_only_masked(born: date, serial: int) -> None:
    """Neither str nor repr holds the birth date."""
    nik = Nik.parse(number(born=born, serial=serial))

    assert nik.digits not in repr(nik) + str(nik) + nik.masked
    assert nik.digits[6:12] not in repr(nik) + str(nik)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_the_hash_needs_the_key(one: bytes, other: bytes) -> None:
    """The same key gives the same 128 bits, another key others."""
    nik = Nik.parse(number())

    assert nik.digest(one) == nik.digest(one)
    assert len(nik.digest(one)) == 22
    assert (nik.digest(one) == nik.digest(other)) == (one == other)
