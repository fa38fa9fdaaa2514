"""The compiled kernel against the slow rule, edge by edge and at random."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lembur.domain.rate import STEADY, Rate
from lembur.domain.time import NEVER_MS
from planner.arrays import Offsets, Steps
from planner.simulation import Queue, ReplayResult, Staffing, Turns, assign_prints, kernel, replay_queue
from reference import rule
from reference.one_world import one_world


@dataclass(frozen=True)
class Case:
    """One world of one station, small enough for the slow rule."""

    ready: tuple[int, ...]
    work: tuple[int, ...]
    calendar: tuple[tuple[int, int], ...] = ((0, 1),)
    printers: int = 99
    spoiled: tuple[bool, ...] = ()
    extra: tuple[int, ...] = ()
    faults: tuple[tuple[int, int], ...] = ()
    stock: tuple[tuple[int, int], ...] = ((0, 10**6),)
    rate: Rate = STEADY
    in_hand: tuple[int, ...] = ()
    waiting_until: int = -1

    def queue(self) -> Queue:
        """Lay it out for the kernel; the cards ready until `waiting_until` are those that all worlds share."""
        queue = one_world(
            self.ready,
            self.work,
            spoiled=self.spoiled,
            extra_ms=self.extra,
            faults=self.faults,
            stock=Steps.of(self.stock),
            rate=self.rate,
            in_hand_ms=self.in_hand,
        )
        shared = queue.came_ms <= self.waiting_until
        came = queue.came_ms[~shared]
        return replace(queue, waiting_ms=queue.came_ms[shared], came=Offsets.of([len(came)]), came_ms=came)

    def roster(self) -> Staffing:
        """Lay out its seats."""
        return Staffing(Steps.of(self.calendar), self.printers)

    def kernel(self) -> list[rule.Made]:
        """Let the kernel play it."""
        got = replay_queue(self.queue(), self.roster(), keep=True)
        many = int(got.begun[0])
        return [
            rule.Made(*pair) for pair in zip(got.starts_ms[:many].tolist(), got.ends_ms[:many].tolist(), strict=True)
        ]

    def is_spoiled(self, number: int) -> bool:
        """Tell whether a print is spoiled."""
        return number < len(self.spoiled) and self.spoiled[number]

    def seats(self, moment: int) -> int:
        """Tell the seats open at a moment, step by step."""
        broken = sum(
            (1 if who >= 0 else -1) for at, who in self.faults if at <= moment and max(who, ~who) < self.printers
        )
        return max(0, min(rule.open_seats(self.calendar)(moment), self.printers - broken))

    def end_ms(self, number: int, start: int) -> int:
        """Tell the end of a print."""
        extra = self.extra[number] if number < len(self.extra) else 0
        return min(NEVER_MS, self.rate.end_ms(start, self.work[number]) + extra)

    def rule(self) -> list[rule.Made]:
        """Let the slow rule play it."""
        return rule.played(
            ready_ms=self.ready,
            end_ms=self.end_ms,
            seats=self.seats,
            boundaries_ms=[at for at, _ in (*self.calendar, *self.faults)],
            blank_ms=lambda n: next((at for at, cards in self.stock if cards > n), NEVER_MS),
            spoiled=self.is_spoiled,
            in_hand_ms=self.in_hand,
        )


def whose_prints(made: ReplayResult, queue: Queue, order: list[int]) -> list[int]:
    """Tell whose each print of the only world is; `order` is the turn of each card, in order of readiness."""
    turns, shared = np.array(order, dtype=np.int64), len(queue.waiting_ms)
    whose = assign_prints(made, queue, Turns(turns[:shared], turns[shared:])).card_of_print
    return list(map(int, whose[: made.begun[0]]))


def starts(case: Case) -> list[int]:
    """Play a case both ways and tell when its prints start."""
    made = case.kernel()
    assert made == case.rule()
    return [each.start_ms for each in made]


@st.composite
def faults_of(draw: st.DrawFn, printers: int) -> tuple[tuple[int, int], ...]:
    """Draw when each printer breaks and is repaired."""
    found: list[tuple[int, int]] = []
    for printer in range(printers):
        moments = sorted(draw(st.lists(st.integers(0, 80), max_size=4, unique=True)))
        found += [(at, printer if turn % 2 == 0 else ~printer) for turn, at in enumerate(moments)]
    return tuple(sorted(found))


RATES = st.builds(
    lambda at, speeds: Rate((0, *sorted(at)), tuple(speeds)),
    st.sets(st.integers(1, 200), min_size=2, max_size=2),
    st.lists(st.sampled_from([0.0, 0.3, 0.5, 1.0, 2.0]), min_size=3, max_size=3),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a world with everything that can open or hold up a seat."""
    most = draw(st.sampled_from([1, 2, 3, 5, 17, 20]))
    ready = draw(st.lists(st.integers(0, 100), max_size=25))
    prints = 4 * len(ready) + 8
    steps = draw(st.lists(st.tuples(st.integers(0, 150), st.integers(0, most)), max_size=7))
    stock = np.cumsum(draw(st.lists(st.integers(0, 30), min_size=1, max_size=3))).tolist()
    moments = sorted(draw(st.lists(st.integers(0, 150), min_size=len(stock) - 1, max_size=len(stock) - 1)))
    return Case(
        ready=tuple(ready),
        work=tuple(draw(st.lists(st.integers(0, 20), min_size=prints, max_size=prints))),
        calendar=((0, draw(st.integers(0, most))), *sorted(steps, key=lambda step: step[0])),
        printers=draw(st.integers(0, most)) if draw(st.booleans()) else most,
        spoiled=tuple(draw(st.lists(st.booleans(), max_size=len(ready)))),
        extra=tuple(draw(st.lists(st.sampled_from([0, 0, 3]), max_size=prints))),
        faults=draw(faults_of(min(4, most))) if draw(st.booleans()) else (),
        stock=tuple(zip([0, *moments], stock, strict=True)) if draw(st.booleans()) else ((0, 10**6),),
        rate=draw(RATES) if draw(st.booleans()) else STEADY,
        in_hand=tuple(draw(st.lists(st.integers(0, 60), max_size=most))),
        waiting_until=draw(st.integers(-1, 120)),
    )


@settings(max_examples=60, deadline=None)
@given(cases())
def test_the_kernel_is_the_rule(case: Case) -> None:
    """Every start and every end is the slow rule's."""
    assert case.kernel() == case.rule()


@settings(max_examples=25, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_the_kernel_gives_each_print_to_the_same_card(case: Case, random: object) -> None:
    """Whatever the order of class and due date, each print is the same card's."""
    made = case.rule()
    order = list(range(len(case.ready)))
    random.shuffle(order)  # type: ignore[attr-defined]

    got = replay_queue(case.queue(), case.roster(), keep=True)
    whose = whose_prints(got, case.queue(), order)

    ready = sorted(case.ready)
    assert whose == rule.served(made, ready_ms=ready, order=order, spoiled=case.is_spoiled)


@settings(max_examples=25, deadline=None)
@given(cases())
def test_more_seats_delay_no_print(case: Case) -> None:
    """One seat more at all times, with its printer: no print starts later, and none is lost."""
    more = replace(case, calendar=tuple((at, seats + 1) for at, seats in case.calendar), printers=case.printers + 1)

    before, after = case.kernel(), more.kernel()

    assert len(after) >= len(before)
    assert all(late.start_ms >= early.start_ms for late, early in zip(before, after, strict=False))


@settings(max_examples=25, deadline=None)
@given(cases(), st.integers(1, 40))
def test_longer_hours_delay_no_print(case: Case, longer: int) -> None:
    """Open until later, with as many seats as the best of both: no print starts later."""
    edges = sorted({at + shift for at, _ in case.calendar for shift in (0, longer)})
    seats = rule.open_seats(case.calendar)
    more = replace(case, calendar=tuple((at, max(seats(at), seats(at - longer))) for at in edges))

    before, after = case.kernel(), more.kernel()

    assert len(after) >= len(before)
    assert all(late.start_ms >= early.start_ms for late, early in zip(before, after, strict=False))


def test_stretches_are_half_open() -> None:
    """A seat that closes at 10 starts nothing at 10; one that opens at 10 does."""
    assert starts(Case((10,), (5,), ((0, 1), (10, 0), (20, 1)))) == [20]
    assert starts(Case((0,), (5,), ((0, 0), (10, 1)))) == [10]


def test_a_completion_frees_its_seat_at_once() -> None:
    """Done at 5, the next starts at 5."""
    assert starts(Case((0, 0), (5, 5))) == [0, 5]


def test_cards_in_hand_are_finished_when_seats_close_and_the_overrun_is_told() -> None:
    """Two cards of 30 begun at 0; at 10 one of two seats closes: 20 ms are worked beyond the open seats."""
    case = Case((0, 0, 0), (30, 30, 5), ((0, 2), (10, 1)))

    assert starts(case) == [0, 0, 30]
    assert replay_queue(case.queue(), case.roster()).overrun_ms.tolist() == [20]


def test_the_last_card_may_overrun_the_end_of_the_day() -> None:
    """One card of 30 begun at 0, closing at 10: 20 ms of overrun, though nothing starts any more."""
    case = Case((0,), (30,), ((0, 1), (10, 0)))

    assert replay_queue(case.queue(), case.roster()).overrun_ms.tolist() == [20]


def test_old_cards_in_hand_count_when_seats_open_again() -> None:
    """A long card from before the break keeps its seat after it: one of two seats is free at 20."""
    assert starts(Case((0, 12, 12), (50, 5, 5), ((0, 1), (10, 0), (20, 2)))) == [0, 20, 25]


def test_several_boundaries_pass_before_the_next_start() -> None:
    """The card comes long after several changes, and starts under the last."""
    assert starts(Case((100,), (5,), ((0, 1), (10, 0), (20, 3), (30, 0), (110, 2)))) == [110]


def test_two_calendars_may_change_at_the_same_moment() -> None:
    """At 10 the roster opens and a printer is repaired: the card starts at 10, not before and not later."""
    assert starts(Case((0,), (5,), ((0, 0), (10, 1)), printers=1, faults=((0, 0), (10, ~0)))) == [10]


def test_a_closed_office_prints_nothing_for_ever() -> None:
    """No seat ever: nothing starts, and the finish is never."""
    case = Case((0, 0), (5, 5), ((0, 0),))

    assert starts(case) == []
    assert replay_queue(case.queue(), case.roster()).finish_ms.tolist() == [NEVER_MS]


def test_cards_after_the_last_closing_are_never_printed() -> None:
    """Closed for ever at 10: the third card of 5 is left."""
    case = Case((0, 0, 0), (5, 5, 5), ((0, 1), (10, 0)))
    got = replay_queue(case.queue(), case.roster())

    assert (got.printed.tolist(), got.finish_ms.tolist()) == ([2], [NEVER_MS])


def test_spoiled_prints_take_further_blanks() -> None:
    """Two blanks, the first spoiled: one card is printed, the other waits for the delivery at 100."""
    case = Case((0, 0), (5, 5, 5), spoiled=(True,), stock=((0, 2), (100, 3)))

    assert starts(case) == [0, 5, 100]


def test_a_delivery_at_night_waits_for_opening() -> None:
    """Blanks come at 15, the office opens at 20."""
    assert starts(Case((0,), (5,), ((0, 1), (10, 0), (20, 1)), stock=((0, 0), (15, 1)))) == [20]


def test_no_blanks_ever() -> None:
    """Without blanks nothing is printed, and nothing is waited for."""
    case = Case((0,), (5,), stock=((0, 0),))

    assert starts(case) == []
    assert replay_queue(case.queue(), case.roster()).finish_ms.tolist() == [NEVER_MS]


def test_cards_in_the_printers_hold_their_seats() -> None:
    """Live start: two prints end at 7 and 3, in whatever order they are told."""
    assert starts(Case((0, 0), (5, 5), ((0, 2),), in_hand=(7, 3))) == [3, 7]


def test_more_cards_in_hand_than_seats() -> None:
    """Three prints are under way and one seat is left: the next starts when all three are done."""
    assert starts(Case((0,), (5,), ((0, 1),), in_hand=(9, 4, 6))) == [9]


def test_an_empty_queue_is_clear() -> None:
    """Nothing waits: clear at once."""
    case = Case((), (1,))

    assert replay_queue(case.queue(), case.roster()).finish_ms.tolist() == [0]


def test_an_outage_for_ever_is_told_as_never() -> None:
    """The rate drops to nothing: the print under way never ends."""
    case = Case((0, 0), (10, 10), rate=Rate((0, 5), (1.0, 0.0)))

    assert replay_queue(case.queue(), case.roster()).finish_ms.tolist() == [NEVER_MS]


def test_a_world_ends_at_the_limit() -> None:
    """A card printed at the limit is in time, one later is not, and what starts after it is not played."""
    case = Case((0, 0, 0), (5, 5, 5))

    assert replay_queue(case.queue(), case.roster(), limit_ms=15).finish_ms.tolist() == [15]
    late = replay_queue(case.queue(), case.roster(), limit_ms=14)
    assert (late.finish_ms.tolist(), late.begun.tolist()) == ([NEVER_MS], [3])
    assert replay_queue(case.queue(), case.roster(), limit_ms=10).begun.tolist() == [2]


def test_two_classes_have_their_own_rule() -> None:
    """Urgent cards come at 12: they go before the old ones that wait, in order of due date inside a class."""
    ready, classes, due = [0, 0, 0, 12, 12], [3, 3, 3, 1, 1], [10, 20, 30, 60, 50]
    order = np.lexsort((due, classes)).argsort()
    case = Case(tuple(ready), (10,) * 5)
    got = replay_queue(case.queue(), case.roster(), keep=True)

    whose = whose_prints(got, case.queue(), order.tolist())

    assert whose == [0, 1, 4, 3, 2]


def test_both_stages_in_tandem() -> None:
    """The centre's departures are the printers' arrivals: lines 2, then one seat."""
    centre = Case((0, 0, 0), (9, 3, 2), ((0, 2),))
    answered = [each.end_ms for each in centre.kernel()]
    order = np.argsort(answered, kind="stable")

    assert order.tolist() == [1, 2, 0]
    assert starts(Case(tuple(answered[n] for n in order), (4, 4, 4))) == [3, 7, 11]


def test_never_is_the_same_moment_in_the_kernel() -> None:
    """The kernel has its own copy, because its object code is kept by the sources of its room."""
    assert int(kernel.NEVER) == NEVER_MS


@pytest.mark.parametrize("seats", [1, 15, 16, 17, 40])
def test_any_number_of_seats(seats: int) -> None:
    """As many seats as fit into the vector, and more."""
    starts(Case(tuple(range(90)), tuple(40 + 7 * n % 31 for n in range(90)), ((0, seats),)))
