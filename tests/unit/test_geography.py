"""The city of 2016, and who is invented for it."""

from __future__ import annotations

from math import gcd

from lembur.domain.geography import all_kelurahan, kecamatan_of, kecamatan_weights, kelurahan
from lembur.domain.nik import Nik
from producers.identities import SPACE, STEP, identity


def test_the_city_has_51_kelurahan_in_5_kecamatan() -> None:
    """The case's own numbers."""
    assert len(all_kelurahan()) == 51
    assert {one.kecamatan_code for one in all_kelurahan()} == set(kecamatan_weights())
    assert sum(kecamatan_weights().values()) == 545_653


def test_a_kelurahan_knows_its_kecamatan_by_its_code() -> None:
    """And a code that does not exist is no kelurahan."""
    assert all(one.kecamatan_code == kecamatan_of(one.code) for one in all_kelurahan())
    assert kelurahan("33.72.09.1001") is None


def test_no_two_numbers_are_the_same_invented_person() -> None:
    """The step is coprime to the space, so that below it every number has a place of its own; 200,000 are tried."""
    assert gcd(STEP, SPACE) == 1
    assert SPACE > 1_000_000
    assert len({identity(7, number).digits for number in range(200_000)}) == 200_000


def test_an_invented_person_can_be_nobody() -> None:
    """Serial 0000 is never issued, and Solo has no kecamatan 06 to 99; both hold, and the number parses."""
    for number in range(0, SPACE, 40_009):
        nik = Nik.parse(identity(3, number).digits, demonstration=True)

        assert nik.digits[:4] == "3372"
        assert nik.digits[12:] == "0000"
        assert int(nik.digits[4:6]) >= 6
