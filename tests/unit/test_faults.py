"""The printers' script: which job meets which fate."""

from __future__ import annotations

from collections import Counter

from lembur.domain.scenario import Fate, Trial
from lembur.domain.seats import StationCode
from lembur.domain.world import fault_of

HALL, WING = StationCode("hall"), StationCode("wing")


def fates(*script: Trial, station: StationCode = HALL, seed: int = 1, jobs: int = 2_000) -> list[Fate]:
    """The fates of the first jobs of a station, each of one card."""
    return [fate_of(script, seed, station, first=number, cards=1) for number in range(jobs)]


def fate_of(script: tuple[Trial, ...], seed: int, station: StationCode, *, first: int, cards: int) -> Fate:
    """Return the fate of one job."""
    rows = [row for row in script if row.strikes(station)]
    return fault_of(rows, seed, station, first=first, cards=cards) or Fate.OK


def test_without_a_script_every_job_is_ok() -> None:
    """As in every scenario of an office."""
    assert set(fates()) == {Fate.OK}


def test_a_named_print_strikes_the_job_that_contains_it() -> None:
    """At its station only, whatever the odds say."""
    script = (Trial(fate=Fate.FORGET, odds=1.0), Trial(fate=Fate.JAM, station="hall", prints=(7,)))

    assert fate_of(script, 1, HALL, first=5, cards=3) is Fate.JAM
    assert fate_of(script, 1, HALL, first=5, cards=2) is Fate.FORGET
    assert fate_of(script, 1, WING, first=7, cards=1) is Fate.FORGET


def test_odds_are_met_and_do_not_add_up_to_more() -> None:
    """Of 2,000 jobs about 200 jam and 600 are slow (five standard deviations: 67 and 102); the others are ok."""
    found = Counter(fates(Trial(fate=Fate.JAM, odds=0.1), Trial(fate=Fate.SLOW, odds=0.3)))

    assert abs(found[Fate.JAM] - 200) < 67
    assert abs(found[Fate.SLOW] - 600) < 102
    assert set(found) == {Fate.JAM, Fate.SLOW, Fate.OK}


def test_a_fate_belongs_to_seed_station_and_place() -> None:
    """Asked again the same, elsewhere another."""
    row = Trial(fate=Fate.JAM, odds=0.5)

    assert fates(row, jobs=64) == fates(row, jobs=64)
    assert fates(row, jobs=64) != fates(row, jobs=64, station=WING)
    assert fates(row, jobs=64) != fates(row, jobs=64, seed=2)
