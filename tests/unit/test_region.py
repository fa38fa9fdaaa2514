"""A region is data: its kelurahan, their weights, and the people invented for it."""

from __future__ import annotations

from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from lembur.domain.errors import ScenarioError
from lembur.domain.nik import Nik
from lembur.domain.scenario import Region, kecamatan_of, load
from producers.identities import BIRTHS, STEP, identity

if TYPE_CHECKING:
    from collections.abc import Callable

SOLO = load("solo-2016").region
SCENARIO = (Path(__file__).parents[2] / "scenarios" / "rush.toml").read_text("utf-8")
TITLES = "code,name,kecamatan,weight\n"
ROW = "91.71.01.1001,Gurabesi,Jayapura Utara,100\n"


def test_solo_has_51_kelurahan_in_5_kecamatan() -> None:
    """The case's own numbers; the weights are the register of 2012 to one person."""
    assert len(SOLO.kelurahan) == 51
    assert list(SOLO.weights) == [f"33.72.0{number}" for number in range(1, 6)]
    assert {code: round(weight) for code, weight in SOLO.weights.items()} == {
        "33.72.01": 97_056,
        "33.72.02": 52_998,
        "33.72.03": 83_353,
        "33.72.04": 139_101,
        "33.72.05": 173_145,
    }


def test_a_kelurahan_belongs_to_the_kecamatan_of_its_code() -> None:
    """And a code that does not exist is no kelurahan."""
    assert all(one.kecamatan_code == kecamatan_of(one.code) for one in SOLO.kelurahan)
    assert SOLO.find("33.72.01.1001") is SOLO.kelurahan[0]
    assert SOLO.find("33.72.09.1001") is None


def test_no_two_numbers_are_the_same_invented_person() -> None:
    """The step is coprime to the number of people of any region, so that no two numbers meet; 200,000 are tried."""
    assert all(gcd(STEP, free * BIRTHS * 2) == 1 for free in range(1, 100))
    assert len({identity(SOLO, 7, number).digits for number in range(200_000)}) == 200_000


@pytest.mark.parametrize("region", [SOLO, Region.model_validate({"name": "x", "kelurahan": [
    {"code": f"91.71.{number:02}.1001", "name": "x", "kecamatan": "x", "weight": 1} for number in (1, 2, 4, 5, 60)
]})], ids=["solo", "another city"])  # fmt: skip
def test_an_invented_person_can_be_nobody(region: Region) -> None:
    """The number parses, is of the region's city and no kecamatan of it, and its serial 0000 is never issued."""
    taken = {code[-2:] for code in region.weights}
    for number in range(0, 4_000_000, 40_009):
        nik = Nik.parse(identity(region, 3, number).digits, demonstration=True)

        assert nik.digits[:4] == region.city
        assert nik.digits[12:] == "0000"
        assert nik.digits[4:6] not in taken | {"00"}


@pytest.fixture
def faults(tmp_path: Path) -> Callable[[str | bytes], list[str]]:
    """Load a scenario with a region file of its own and list what is wrong."""

    def found(text: str | bytes) -> list[str]:
        (tmp_path / "region.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        (tmp_path / "own.toml").write_text(SCENARIO.replace('"surakarta-2016"', '"region.csv"'))
        with pytest.raises(ScenarioError) as caught:
            load(str(tmp_path / "own.toml"))
        return caught.value.faults

    return found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "region: region.csv is empty"),
        ("# only a comment\n", "region: region.csv is empty"),
        (TITLES, "region: region.csv has no kelurahan"),
        ("code,name\n1,2\n", "region: region.csv line 1 has no column kecamatan, weight"),
        (TITLES + "91.71.01,A,B,1\n", "region: region.csv line 2: the code is '91.71.01', but must be like"),
        (f"# note\n\n{TITLES}{ROW}91.71.01.1002,A,B,many\n", "region: region.csv line 5: weight must be a number"),
        (TITLES + "91.71.01.1001,A,B,0\n", "region: region.csv line 2: weight must be a number"),
        (TITLES + "91.71.01.1001,A,B,nan\n", "region: region.csv line 2: weight must be a number"),
        (TITLES + "91.71.01.1001,,B,1\n", "region: region.csv line 2: name and kecamatan must not be empty"),
        (TITLES + "91.71.01.1001,A\n", "region: region.csv line 2: weight must be a number"),
        (b"code,name\xff", "region: region.csv is not UTF-8"),
        (TITLES + "91.71.01.1001,\"Oe'ba,B,1\n" + ROW, 'region: region.csv line 2: a quote (") has no end'),
        (TITLES + "91.71.01.1001,Oebobo,B,1,234\n", "region: region.csv line 2: 5 values for 4 columns"),
        (
            TITLES[:-1] + ",obliged,recorded\n91.71.01.1001,A,B,1,60,65\n",
            "region: region.csv line 2: recorded is 65, more than obliged 60",
        ),
        (TITLES + "91.71.01.1001,A,B,12.345\n", "region: region.csv line 2: the weight 12.345 can be read in two ways"),
    ],
)
def test_a_region_file_that_cannot_be_read_is_refused_by_line(
    faults: Callable[[str | bytes], list[str]], text: str | bytes, fault: str
) -> None:
    """The sentence has the file, the line and the remedy."""
    assert faults(text)[0].startswith(fault)


def test_a_missing_region_file_is_refused(tmp_path: Path) -> None:
    """It lies beside the scenario."""
    (tmp_path / "own.toml").write_text(SCENARIO.replace('"surakarta-2016"', '"none.csv"'))

    with pytest.raises(ScenarioError, match=r"none\.csv cannot be read: No such file or directory; it lies beside"):
        load(str(tmp_path / "own.toml"))


def test_an_unknown_region_is_refused_with_the_shipped_ones(tmp_path: Path) -> None:
    """A name without .csv is that of a shipped region."""
    (tmp_path / "own.toml").write_text(SCENARIO.replace('"surakarta-2016"', '"solo"'))

    with pytest.raises(ScenarioError, match=r"a shipped region: .*surakarta-2016"):
        load(str(tmp_path / "own.toml"))


def test_semicolons_a_byte_order_mark_and_optional_columns_are_read(tmp_path: Path) -> None:
    """As a spreadsheet in Indonesia saves it."""
    rows = (
        "sep=;",
        "Code;Name;Kecamatan;Weight;Obliged",
        "33.72.01.1001; Pajang ;Laweyan;10;7",
        "33.72.01.1002;X;Laweyan;30;",
    )
    (tmp_path / "region.csv").write_text("\n".join(rows), encoding="utf-8-sig")
    text = SCENARIO.replace('"surakarta-2016"', '"region.csv"')
    lines = [line for line in text.splitlines() if not line.startswith("serves")]
    (tmp_path / "own.toml").write_text("\n".join(lines))
    region = load(str(tmp_path / "own.toml")).region

    assert region.name == "region"
    assert [(one.name, one.weight, one.obliged) for one in region.kelurahan] == [("Pajang", 10, 7), ("X", 30, None)]


@pytest.mark.parametrize(
    ("codes", "fault"),
    [
        (["91.71.01.1001", "91.71.01.1001"], "91.71.01.1001 is there more than once"),
        (["91.71.01.1001", "91.03.01.1001"], "the codes are of 91.03, 91.71: a region is one city"),
        ([f"91.71.{number:02}.1001" for number in range(1, 100)], "more than 98 kecamatan"),
    ],
)
def test_the_rows_of_a_region_fit_together(codes: list[str], fault: str) -> None:
    """One city, each kelurahan once, and a kecamatan number left for invented people."""
    rows = [{"code": code, "name": "x", "kecamatan": "x", "weight": 1} for code in codes]

    with pytest.raises(ValidationError, match=fault):
        Region.model_validate({"name": "x", "kelurahan": rows})
