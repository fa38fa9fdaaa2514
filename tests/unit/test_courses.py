"""The course of a card: the same for all histories that differ in their times only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lembur.domain.card import GIVEN_UP
from lembur.ledger.audit.courses import read_course, strip_records
from lembur.ledger.schema import CODES, NOTES, PENDING, count_prints, moves_of, parse_record
from lembur.ledger.schema.records import encode

HEAD = "2|1472090000000|-5|jebres|33.72.04.1001|FIRST_ISSUE|337204******0001"
TIMES = st.integers(-(10**5), 10**13)
REASONS = st.sampled_from(["", f" {GIVEN_UP}", " spoiled", " spoiled 1234567", " lost|found 99999999", " 3-1234567"])
ENTRIES = st.tuples(st.sampled_from([*CODES.values()]), TIMES, REASONS)
NOTED = st.tuples(st.sampled_from([*NOTES.values()]), st.integers(0, 10**13), st.sampled_from(["", " AB-1234567"]))


@given(
    st.lists(st.one_of(ENTRIES, ENTRIES, NOTED), min_size=1, max_size=8),
    ENTRIES,
    st.sampled_from([None, "1472090000000"]),
)
def test_a_course_is_that_of_the_whole_history(
    later: list[tuple[str, int, str]], first: tuple[str, int, str], claimed_ms: str | None
) -> None:
    """Times, serials, other notes and the card before are left out; statuses, reasons of prints and claims are not."""
    text = "|".join([HEAD, *(f"{code}{at}{encode(why)}" for code, at, why in (first, *later))])
    record = parse_record(text, claimed_ms)
    moves = moves_of(record)
    by_printer, by_hand = count_prints(moves)

    neighbour, (station, history) = strip_records([f"{HEAD}|b1", text])
    course = read_course(history, claimed_ms is not None)

    assert neighbour == (record.station, "b")
    assert (station, course.status) == (record.station, record.status)
    assert course.prints == tuple((kind, by_printer[kind], by_hand[kind]) for kind in ("good", "spoiled"))
    assert course.may_be_logged == (moves[-1][0] in PENDING)
