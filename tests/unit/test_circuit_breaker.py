"""What befalls questions to the centre: data of a scenario, the same whoever asks."""

from __future__ import annotations

from lembur.domain.scenario import CentreTrial, Mishap
from lembur.domain.seats import CENTRE
from lembur.domain.world import fault_of

NINE, TEN, ELEVEN = (f"2016-08-25T{hour:02}:00:00+07:00" for hour in (9, 10, 11))
NINE_MS, HOUR_MS = 1_472_090_400_000, 3_600_000


def row(**fields: object) -> CentreTrial:
    """One row of a script."""
    return CentreTrial.model_validate(fields)


def befalls(
    *script: CentreTrial, first: int = 0, cards: int = 1, start_ms: int = NINE_MS, seed: int = 1
) -> Mishap | None:
    """What becomes of one question."""
    rows = [one for one in script if one.holds(start_ms)]
    return fault_of(rows, seed, CENTRE, first=first, cards=cards)


def test_without_a_script_nothing_befalls() -> None:
    """A scenario of figures alone."""
    assert befalls() is None


def test_a_row_holds_in_its_time_only() -> None:
    """From its beginning on, and at its end no more."""
    outage = row(fate="refuse", begins=TEN, ends=ELEVEN, odds=1.0)

    assert [befalls(outage, start_ms=NINE_MS + ms) for ms in (0, HOUR_MS - 1)] == [None, None]
    assert [befalls(outage, start_ms=NINE_MS + ms) for ms in (HOUR_MS, 2 * HOUR_MS - 1)] == [Mishap.REFUSE] * 2
    assert befalls(outage, start_ms=NINE_MS + 2 * HOUR_MS) is None


def test_a_named_question_goes_before_the_odds() -> None:
    """Also when it is in the middle of a lot."""
    script = row(fate="hang", odds=1.0), row(fate="garbage", questions=[7])

    assert [befalls(*script, first=first, cards=3) for first in (4, 5, 7, 8)] == [
        Mishap.HANG,
        Mishap.GARBAGE,
        Mishap.GARBAGE,
        Mishap.HANG,
    ]


def test_odds_are_shares_of_all_questions_and_belong_to_their_number() -> None:
    """Of ten thousand questions about one in five hangs and one in ten is refused, the same ones whenever asked."""
    script = row(fate="hang", odds=0.2), row(fate="refuse", odds=0.1)
    first = [befalls(*script, first=number) for number in range(10_000)]

    assert 1_850 < first.count(Mishap.HANG) < 2_150
    assert 880 < first.count(Mishap.REFUSE) < 1_120
    assert [befalls(*script, first=number) for number in range(9_999, -1, -1)] == first[::-1]
    assert [befalls(*script, first=number, seed=2) for number in range(10_000)] != first
