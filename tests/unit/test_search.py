"""The search for the cheapest overtime: what it finds, and that it finds what trying everything finds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from datetime import date, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from lembur.domain.calendar import Calendar as WorkingTime
from lembur.domain.scenario import OvertimePay, load, preset
from lembur.domain.seats import StationCode
from lembur.domain.time import DAY_MS, HOUR_MS, NEVER_MS, at_ms, moment_ms
from planner.arrays import Steps
from planner.decision.cost import cost_of
from planner.decision.plan import FRESH, _confirm, make_plan
from planner.decision.search import Chance, Search
from planner.outcomes import trace_completion
from planner.problem import Terms, problem_from_scenario
from planner.problem.problem import Cards, NoArrivals, Problem, ProblemError
from planner.problem.replications import draw_worlds
from planner.problem.roster import DaySeats, Roster, office_days, orders, spread, uniform_roster
from reference.brute_force import cheapest_rupiah, random_problem
from reference.pooled import HOURS, pooled
from support.zones import JAKARTA

if TYPE_CHECKING:
    from collections.abc import Sequence

THREE_HOURS = DaySeats(1, (6,))
"""One seat that stays three hours."""
FRIDAY_16 = at_ms(date(2016, 8, 26), time(16), JAKARTA)
JAYAPURA_FRIDAY_21 = moment_ms(load("jayapura-2016").starts) + 110 * HOUR_MS


def small(**changed: object) -> Problem:
    """Ask a problem that is answered in milliseconds: a tenth of Solo's case."""
    given = {"waiting": 282, "cards_a_day": 14, "seats": 1, "max_seats": 3, "max_hours": 3.0, "worlds": 100}
    return pooled(**{**given, **changed})  # type: ignore[arg-type]


def busy(**changed: object) -> Problem:
    """Ask a problem that needs some hours of overtime beside two seats, paid by half hours."""
    return replace(small(**{"waiting": 430, "max_seats": 2, **changed}), pay=preset("workers"))


def test_the_chance_rises_with_seats_and_hours() -> None:
    """On the same worlds no roster with more does worse."""
    problem = small()
    search = Search(problem, draw_worlds(problem))
    grid = {(k, h): uniform_roster(problem, k, h / 2) for k in (1, 2, 3) for h in range(7)}
    clear = {at: search.chance(roster).clear for at, roster in grid.items()}

    assert all(
        less <= more
        for (k, h), less in clear.items()
        for (seats, hours), more in clear.items()
        if k <= seats and h <= hours
    )


def test_the_answer_is_the_same_by_seed_and_with_threads() -> None:
    """The order of the draws, and the number of threads, change nothing."""
    problem = busy()
    with ThreadPoolExecutor(2) as threads:
        side_by_side = Search(problem, draw_worlds(problem), threads).cheapest(0.95)

    assert side_by_side is not None
    assert side_by_side == Search(problem, draw_worlds(problem)).cheapest(0.95)
    other = replace(problem, seed=2)
    assert Search(other, draw_worlds(other)).cheapest(0.95) != side_by_side


@pytest.mark.parametrize("seeds", [range(8), range(8, 16), range(16, 24), [147]])
def test_no_roster_that_suffices_costs_less(seeds: Sequence[int]) -> None:
    """Of all rosters of small problems the answer costs at most 2 % more than the cheapest one, on the same worlds.

    Seed 147 needs a step up at two places at once.
    """
    for seed in seeds:
        problem = random_problem(np.random.default_rng(seed))
        search = Search(problem, draw_worlds(problem))

        found, cheapest = search.cheapest(problem.confidence), cheapest_rupiah(problem)

        assert (found is None) == (cheapest is None)
        if found is not None and cheapest is not None:
            assert search.chance(found).share >= problem.confidence
            assert search.choices.price(found) <= 1.02 * cheapest + 1e-6


def test_a_roster_is_judged_by_no_more_worlds_than_needed() -> None:
    """Two blocks are enough for a hopeless roster. Where they leave it open, the worlds after them decide."""
    problem = busy(worlds=500)
    search, other = (Search(problem, draw_worlds(problem)) for _ in range(2))
    hopeless, close = uniform_roster(problem, 2, 0.0), uniform_roster(problem, 2, 2.0)
    assert search.chance(close) == Chance(479, 500)
    assert search.chance(hopeless) == Chance(0, 500)

    assert not other.suffices(hopeless, 0.95)
    assert len(other._row(0, hopeless.seats[0]).clear) == 2
    assert other.suffices(close, 0.958)
    assert not other.suffices(close, 0.959)  # 96 of the first 100 worlds are clear
    assert len(other._row(0, close.seats[0]).clear) == 10


def test_no_seat_and_no_hour_of_the_answer_can_be_dropped() -> None:
    """One seat or one step less than the answer does not suffice."""
    problem = busy()
    search = Search(problem, draw_worlds(problem))
    found = search.cheapest(0.95)
    assert found is not None

    drops = list(search.choices.drops(0, found.seats[0]))

    assert drops
    for drop in drops:
        assert search.chance(found.with_seats(drop.station, drop.day, drop.seats)).share < 0.95


def test_a_date_without_blanks_gets_no_overtime() -> None:
    """Blanks come on the second day at noon: the first day has no order, and its overtime no price."""
    problem = small()
    noon = problem.working.at_ms(problem.working.day_of(problem.now_ms) + timedelta(days=1), time(12))
    stocked = replace(problem.stations[0], blanks=Steps.of([(noon, 1000)]))
    problem = replace(problem, stations=(stocked,), max_hours=7.0)

    found = make_plan(problem).best

    assert found is not None
    assert found.roster.seats[0][0] == DaySeats(1)
    assert found.roster.seats[0][1].overtime


def test_full_hours_are_ordered_where_only_those_are_paid() -> None:
    """Civil servants get full hours; workers half ones, and never more than their cap of a day."""
    for pay, step, cap in (("civil-ii", 2, 14), ("workers", 1, 6)):
        problem = replace(small(waiting=300, max_hours=7.0), pay=preset(pay))
        found = Search(problem, draw_worlds(problem)).cheapest(0.95)
        assert found is not None
        halves = [one for row in found.seats for day in row for one in day.overtime]
        assert all(one % step == 0 and one <= cap for one in halves)


def test_a_day_off_is_offered_at_its_rate() -> None:
    """From Friday to Sunday midnight: all that is allowed has seats on Saturday from the opening on, paid twice."""
    problem = replace(small(days_left=7), max_hours=2.0)
    search = Search(problem, draw_worlds(problem))
    saturday = [one.day.weekday() for one in search.choices.dates[0]].index(5)

    most = search.choices.most.seats[0][saturday]

    assert most.overtime[0] == 16  # 07:30 to 16:00 by full hours, in half hours
    one_hour = search.choices.price_of(0, saturday, DaySeats(1, (2,)))
    assert one_hour == 2 * 17_000


def test_regular_seats_cost_nothing_and_are_counted_apart() -> None:
    """A person in working time is no overtime: no rupiah and no seat hour."""
    problem = small()

    found = cost_of(problem, uniform_roster(problem, 3, 0.0))

    assert (found.seat_hours, found.rupiah) == (0.0, 0)


def test_the_cutoff_lies_before_the_deadline() -> None:
    """A deadline at closing time and one a minute sooner are answered alike: both count cards until an hour before."""
    at_closing = problem_from_scenario(load("solo-2016"), Terms(deadline_ms=FRIDAY_16, worlds=1))
    sooner = problem_from_scenario(load("solo-2016"), Terms(deadline_ms=FRIDAY_16 - 60_000, worlds=1))
    evening = problem_from_scenario(load("solo-2016"), Terms(deadline_ms=FRIDAY_16 + 5 * HOUR_MS, worlds=1))

    assert set(at_closing.cutoffs_ms) == {FRIDAY_16 - HOUR_MS}
    assert set(sooner.cutoffs_ms) == {FRIDAY_16 - HOUR_MS - 60_000}
    assert set(evening.cutoffs_ms) == {FRIDAY_16}


@pytest.mark.parametrize("changed", ["seats", "printers", "stock", "breakdowns", "worlds", "faults for longer"])
def test_worlds_under_a_changed_question_are_those_drawn_anew(changed: str) -> None:
    """What is taken from the worlds there are is what drawing would give."""
    problem, until = small(), None
    station = problem.stations[0]
    if changed == "seats":
        other = replace(problem, stations=(replace(station, seats=2),))
    elif changed == "printers":
        other = replace(problem, stations=(replace(station, printers=6),))
    elif changed == "stock":
        other = replace(problem, stations=(replace(station, blanks=Steps.of([(0, 100)])),))
    elif changed == "breakdowns":
        other = replace(problem, timing=replace(problem.timing, breakdown_every_h=3.0))
    elif changed == "worlds":
        other = replace(problem, worlds=50)
    else:
        other, until = problem, problem.deadline_ms + 10**9

    taken = draw_worlds(problem).for_problem(other, faults_until_ms=until)
    anew = draw_worlds(other, faults_until_ms=until)

    assert taken.blocks() == anew.blocks()
    for one, another in zip(taken.block(0).queues, anew.block(0).queues, strict=True):
        assert same(one, another)


def same(one: Any, other: Any) -> bool:
    """Compare what holds arrays, part by part."""
    if is_dataclass(one):
        return all(same(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    return bool(np.array_equal(one, other))


def test_wilsons_interval() -> None:
    """Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662; none of 20 gives 0 to 0.1611."""
    assert Chance(81, 263).interval() == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert Chance(0, 20).interval() == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_a_plan_is_confirmed_in_fresh_worlds() -> None:
    """The plan suffices in worlds it was not chosen by."""
    found = make_plan(small())

    assert found.best is not None
    assert found.confirmed is not None
    assert found.holds
    assert found.best.completion.finish_quantile_ms(0.9) <= found.problem.deadline_ms
    assert found.needed is None


def test_a_lucky_roster_is_not_the_answer() -> None:
    """The first answer passes the worlds it was chosen by and fails fresh ones; the plan is another that passes."""
    lucky = 0
    for seed in range(1, 30):
        problem = busy(worlds=60, seed=seed)
        first = Search(problem, draw_worlds(problem)).cheapest(0.95)
        fresh = Search(problem, draw_worlds(problem, seed=seed + FRESH))
        if first is None or fresh.chance(first).share >= 0.95:
            continue
        found = make_plan(problem)
        assert found.best is not None
        assert found.best.roster != first
        assert found.holds
        lucky += 1
        if lucky == 2:
            return
    raise AssertionError("no seed has a lucky roster")


def test_a_plan_holds_only_where_fresh_worlds_confirm_it() -> None:
    """A plan with too small a chance there does not hold, nor a problem without a plan."""
    found = make_plan(small())
    assert found.best is not None
    refused = replace(found, best=replace(found.best, chance=Chance(94, 100)))
    just = replace(found, best=replace(found.best, chance=Chance(95, 100)))

    assert [one.holds for one in (just, refused, replace(found, best=None))] == [True, False, False]


class Judged(Search):
    """A search whose candidates and whose chances in fresh worlds are given; it notes the confidence asked for."""

    def judge(self, shares: dict[Roster, int]) -> None:
        """Take the candidates in this order, with their clear worlds of a hundred."""
        self.shares, self.left, self.asked = shares, list(shares), list[float]()

    def cheapest(self, confidence: float) -> Roster | None:
        """Give the next candidate."""
        self.asked.append(confidence)
        return self.left.pop(0) if self.left else None

    def chance(self, roster: Roster) -> Chance:
        """Give the chance of a candidate; all other rosters have none."""
        return Chance(self.shares.get(roster, 0), 100)


def test_where_no_candidate_is_confirmed_the_best_of_them_is_the_answer() -> None:
    """Fresh worlds refuse each one, and each time a little more is asked for: what was missing, or half of the rest."""
    problem = small()
    judged = Judged(problem, draw_worlds(problem))
    poor, good, *others = (uniform_roster(problem, 2, hours) for hours in (1.0, 2.0, 1.5, 0.5, 2.5))
    judged.judge({poor: 90, good: 94, **dict.fromkeys(others, 92)})

    assert _confirm(judged, judged) == good
    assert judged.asked == pytest.approx([0.95, 0.975, 0.985, 0.9925])


def test_where_no_candidate_is_confirmed_more_people_come_before_more_overtime() -> None:
    """People in working time cost nothing. All that is allowed would suffice too, with three hours for each seat."""
    problem = small()
    judged = Judged(problem, draw_worlds(problem))
    poor, manned = uniform_roster(problem, 2, 1.0), uniform_roster(problem, 3, 0.0)
    manned = Roster(
        (tuple(DaySeats(wide.regular, own.overtime) for own, wide in zip(poor.seats[0], manned.seats[0], strict=True)),)
    )
    judged.judge({poor: 90, manned: 96, judged.choices.most: 99})
    judged.left = [poor]

    assert _confirm(judged, judged) == manned


def test_what_cannot_be_done_tells_what_would_be_needed() -> None:
    """Ten times the cards: no roster within the limits; more seats would do, or a later deadline."""
    found = make_plan(small(waiting=1500))

    assert found.best is None
    assert found.needed is not None
    assert found.needed.more_seats is not None
    assert found.needed.more_seats > 3
    fewer = small(waiting=1500, max_seats=found.needed.more_seats - 1)
    assert make_plan(fewer).best is None
    assert make_plan(small(waiting=1500, max_seats=found.needed.more_seats)).best is not None
    assert found.problem.deadline_ms < found.needed.earliest_ms < NEVER_MS


def test_the_earliest_deadline_is_days_later_and_no_later_than_needed() -> None:
    """With ten times the cards all that may be ordered meets the deadline that is named, and none a day before."""
    problem = small(waiting=3000)
    needed = make_plan(problem).needed
    assert needed is not None

    def share(deadline_ms: int) -> float:
        later = replace(problem, deadline_ms=deadline_ms)
        search = Search(later, draw_worlds(later))
        return search.chance(search.choices.most).share

    assert needed.earliest_ms > problem.deadline_ms + 2 * DAY_MS
    assert share(needed.earliest_ms) >= 0.9
    assert share(needed.earliest_ms - DAY_MS) < 0.1


def test_longer_hours_are_named_by_the_half_hour() -> None:
    """Where longer evenings would do, the shortest that suffice are named: half an hour less does not suffice."""
    problem = busy(waiting=445, max_hours=0.5)
    needed = make_plan(problem).needed
    assert needed is not None
    assert needed.longer_h is not None

    def suffices(hours: float) -> bool:
        return make_plan(replace(problem, max_hours=hours)).holds

    assert 1.0 <= needed.longer_h <= 6.0
    assert suffices(needed.longer_h)
    assert not suffices(needed.longer_h - 0.5)


def test_an_empty_queue_needs_nothing() -> None:
    """Nothing waits and nobody comes: no roster."""
    found = make_plan(small(waiting=0, cards_a_day=0))

    assert found.best is not None
    assert found.best.roster == found.regular.roster
    assert found.best.cost.rupiah == 0
    assert found.best.completion.finish_quantile_ms(0.9) == found.problem.now_ms


@pytest.mark.parametrize("without", ["seats", "blanks", "hours"])
def test_where_nothing_can_be_printed_no_plan_is_made(without: str) -> None:
    """No seats at all, no blanks ever, an office that never opens: no plan, and the completion never ends."""
    problem = small()
    if without == "seats":
        problem = replace(problem, max_seats=0, stations=(replace(problem.stations[0], seats=0, printers=1),))
    elif without == "blanks":
        problem = replace(problem, stations=(replace(problem.stations[0], blanks=Steps.of([(0, 0)])),))
    else:
        never = WorkingTime(HOURS.model_copy(update={"workdays": ()}), problem.working.zone)
        problem = replace(problem, working=never, stations=(replace(problem.stations[0], working=never),))

    found = make_plan(problem)

    assert found.best is None
    assert found.regular.completion.finish_quantile_ms(0.5) == NEVER_MS


def test_too_many_cards_are_refused_with_the_memory_they_need() -> None:
    """Ten million cards in 1,000 worlds: 82 GB; some 490,000 cards would do."""
    station = small().stations[0]

    with pytest.raises(ProblemError, match=r"10,000,000 waiting cards in 1,000 worlds need 82 GB .* plan for 487,804"):
        replace(small(), worlds=1000, stations=(replace(station, waiting=Cards.alike(10_000_000, ready_ms=0)),))


def test_people_are_named_as_the_limit() -> None:
    """One operator and three printers that never break: people."""
    assert make_plan(small(breakdown_every_h=0.0)).limits.binding == "people"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"confidence": 1.0}, "between 0 and 1"),
        ({"confidence": 0.0}, "between 0 and 1"),
        ({"deadline_ms": 0}, "deadline has passed"),
        ({"worlds": 0}, "at least one"),
        ({"max_hours": 25.0}, "0 to 24"),
        ({"max_seats": -1}, "none or more"),
    ],
)
def test_a_question_without_an_answer_is_refused(changed: dict[str, float], said: str) -> None:
    """The fault is named, and what to ask instead."""
    with pytest.raises(ProblemError, match=said):
        replace(small(), **changed)  # type: ignore[arg-type]


def test_a_roster_becomes_seat_orders() -> None:
    """Two working days: one order a day while the seats stay equal; regular seats in working time need none."""
    problem = small()

    found = orders(problem, uniform_roster(problem, 3, 2.0))
    evenings = orders(problem, uniform_roster(problem, 1, 2.0))
    stairs = orders(problem, uniform_roster(problem, 1, 0.0).with_seats(0, 0, DaySeats(1, (4, 2))))

    assert [(order.seats, (order.until_ms - order.from_ms) / HOUR_MS) for order in found] == [(3, 10.5), (3, 10.5)]
    assert [order.from_ms for order in evenings] == [order.until_ms - 2 * HOUR_MS for order in found]
    assert [(order.seats, (order.until_ms - order.from_ms) / HOUR_MS) for order in stairs] == [(2, 1.0), (1, 1.0)]


def test_one_seat_more_takes_nothing_from_a_station() -> None:
    """The seats of each station never fall as the sum rises, and never exceed its printers."""
    problem = small()
    stations = tuple(
        replace(problem.stations[0], code=StationCode(code), printers=printers, seats=seats)
        for code, printers, seats in (("a", 2, 1), ("b", 1, 0), ("c", 3, 0))
    )
    problem = replace(problem, stations=stations, arrivals=NoArrivals(3))

    shared = [spread(problem, seats) for seats in range(1, 8)]

    assert [sum(each.values()) for each in shared] == [1, 2, 3, 4, 5, 6, 6]
    assert all(less[code] <= more[code] for less, more in pairwise(shared) for code in less)
    assert shared[-1] == {"a": 2, "b": 1, "c": 3}


def test_seat_hours_and_broken_caps_are_told() -> None:
    """Three seats, five hours on two days: 30 seat hours, and one hour a day too many for workers."""
    problem = replace(small(max_hours=6.0), pay=preset("workers"))
    found = cost_of(problem, uniform_roster(problem, 3, 5.0))

    assert found.seat_hours == 30.0
    assert "3 h are allowed" in found.broken[0]


@pytest.mark.parametrize(("friday", "broken"), [(6, []), (8, ["4 h of overtime on one day; 3 h are allowed"])])
def test_each_day_has_the_cap_of_its_own_rule(friday: int, broken: list[str]) -> None:
    """Workers may do 3 h a day on Friday, and 4 h on Tuesday 2 February 2021, when the new rule begins."""
    problem = replace(small(first_day=date(2021, 1, 29), days_left=5), pay=preset("workers"), max_hours=5.0)
    roster = uniform_roster(problem, 1, 0.0).with_seats(0, 0, DaySeats(1, (friday,)))

    found = cost_of(problem, roster.with_seats(0, 4, DaySeats(1, (8,))))

    assert found.seat_hours == friday / 2 + 4
    assert [line.partition(" (")[0] for line in found.broken] == broken


def test_a_week_has_the_cap_of_the_rule_on_its_sunday() -> None:
    """Six hours on two evenings break the cap of that week, although a new rule begins on Monday."""
    old = preset("workers").on(date(2016, 8, 25)).model_copy(update={"cap_day_h": None, "cap_week_h": 5.0})
    new = old.model_copy(update={"since": date(2016, 8, 29), "cap_week_h": None})
    pay = OvertimePay(name="own", rules=(old, new))
    problem = replace(small(days_left=7), pay=pay, max_hours=4.0)

    found = cost_of(
        problem, uniform_roster(problem, 1, 0.0).with_seats(0, 0, THREE_HOURS).with_seats(0, 1, THREE_HOURS)
    )

    assert [line.partition(" (")[0] for line in found.broken] == ["6 h of overtime a week; 5 h are allowed"]


def test_a_day_off_breaks_no_cap() -> None:
    """Eight hours on Saturday: the caps are those of working days."""
    problem = replace(small(days_left=7), pay=preset("workers"), max_hours=8.0)

    saturday = [one.day.weekday() for one in office_days(problem, problem.stations[0])].index(5)

    found = cost_of(problem, uniform_roster(problem, 1, 0.0).with_seats(0, saturday, DaySeats(1, (16,))))

    assert found.seat_hours > 6
    assert found.broken == ()


def two_stations(blanks: tuple[int, int], *, days: int = 2) -> Problem:
    """Pose a problem of two stations, 100 cards each, that differ by their blanks."""
    problem = small(waiting=100, cards_a_day=0, days_left=days)
    one = problem.stations[0]
    stations = tuple(
        replace(one, code=StationCode(code), seats=1, printers=1, blanks=Steps.of([(problem.now_ms, stock)]))
        for code, stock in zip(("jebres", "laweyan"), blanks, strict=True)
    )
    return replace(problem, stations=stations, arrivals=NoArrivals(2))


def test_a_transfer_of_blanks_is_tried_in_the_worlds() -> None:
    """A station without blanks gets those that another does not need: the queue is clear in time instead of never."""
    found = make_plan(two_stations((300, 0)))

    assert found.best is None
    assert found.transfer is not None
    (loan,) = found.transfer.moves
    assert (loan.lender, loan.taker) == ("jebres", "laweyan")
    assert 100 <= loan.blanks <= 190
    assert found.transfer.before.finish_quantile_ms(0.5) == NEVER_MS
    assert found.transfer.after.finish_quantile_ms(0.9) <= found.problem.deadline_ms


@pytest.mark.parametrize("blanks", [(300, 300), (110, 0)])
def test_no_transfer_is_offered_that_does_not_help(blanks: tuple[int, int]) -> None:
    """With blanks everywhere, or none to spare, nothing is moved."""
    assert make_plan(two_stations(blanks)).transfer is None


def test_no_row_of_the_table_beats_the_answer() -> None:
    """All chances are those of the same fresh worlds: regular hours that suffice there are the answer."""
    for seed in range(1, 12):
        problem = busy(worlds=60, waiting=330, seed=seed)
        found = make_plan(problem)

        if found.regular.chance.share >= problem.confidence:
            assert found.best is not None
            assert found.best.roster == found.regular.roster
        if found.most.chance.share >= problem.confidence:
            assert found.best is not None
            assert found.best.cost.rupiah <= found.most.cost.rupiah


def test_a_deadline_a_minute_earlier_has_the_same_worlds() -> None:
    """Only the cards of that minute are not counted; prints, spoilage and people are the same."""
    nine = problem_from_scenario(load("jayapura-2016"), Terms(deadline_ms=JAYAPURA_FRIDAY_21, worlds=50))
    sooner = replace(nine, deadline_ms=JAYAPURA_FRIDAY_21 - 60_000)

    one, other = draw_worlds(nine).block(0), draw_worlds(sooner).block(0)

    assert same(one.drawn, other.drawn)
    assert all(same(a.work_ms, b.work_ms) for a, b in zip(one.queues, other.queues, strict=True))
    assert 0 <= sum(len(came.cards) for came in one.came) - sum(len(came.cards) for came in other.came) <= 5


def test_a_cutoff_follows_the_stations_own_shifts() -> None:
    """The office closes at 15:30, its stations print until 22:00, and one works over midnight."""
    code = {one.code: index for index, one in enumerate(load("jayapura-2016").stations)}

    def cutoff(hours: int, station: str) -> int:
        terms = Terms(deadline_ms=JAYAPURA_FRIDAY_21 + hours * HOUR_MS, worlds=1)
        return problem_from_scenario(load("jayapura-2016"), terms).cutoffs_ms[code[station]]

    assert cutoff(0, "utara") == cutoff(0, "dinas") == JAYAPURA_FRIDAY_21 - HOUR_MS
    assert cutoff(5, "utara") == JAYAPURA_FRIDAY_21 + HOUR_MS  # 22:00, its closing time
    assert cutoff(5, "dinas") == JAYAPURA_FRIDAY_21 + 4 * HOUR_MS  # 01:00 on Saturday, in its night shift


def test_a_queue_is_followed_for_sixty_days() -> None:
    """Three seats need some twenty days for 2,822 cards: a date, not never; ten times the cards are beyond sixty."""
    problem = pooled(waiting=2822, cards_a_day=0, seats=3, max_seats=3, worlds=20)
    long = pooled(waiting=28_220, cards_a_day=0, seats=3, max_seats=3, worlds=20)

    found, beyond = (trace_completion(draw_worlds(one), uniform_roster(one, 3, 0.0)) for one in (problem, long))

    assert 9 < (found.finish_quantile_ms(0.9) - problem.now_ms) / DAY_MS < 18
    assert beyond.finish_quantile_ms(0.5) == NEVER_MS


def test_no_way_out_breaks_the_cap_of_a_day() -> None:
    """Workers may do 3 h a day: where 6 h are allowed, the rule is named, and neither a way out nor a price has more.

    Civil servants have no cap, and are offered full hours: 5 h a day.
    """
    capped = make_plan(replace(small(waiting=820, max_hours=6.0), pay=preset("workers")))
    free = make_plan(small(waiting=820))

    assert capped.best is None
    assert capped.capped_by is not None
    assert (capped.allowed_h, capped.capped_by.cap_day_h) == (3, 3)
    assert capped.needed is not None
    assert capped.needed.longer_h is None
    assert capped.needed.more_seats is not None
    assert "one more hour" not in [change.what for change in capped.prices.changed]
    assert (free.allowed_h, free.capped_by) == (3, None)
    assert free.needed is not None
    assert free.needed.longer_h == 5
