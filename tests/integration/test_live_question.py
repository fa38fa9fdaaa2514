"""An office as it stands is planned like a scenario: a ledger just opened has the answers of the scenario itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lembur.domain.observation import HORIZONS_H, Observed, Queued, Snapshot, StationState
from lembur.domain.scenario import Scenario, load
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import DAY_MS, HOUR_MS, NEVER_MS, moment_ms
from lembur.ledger import Ledger, connect, load_nik_key
from lembur.ledger.queries.snapshot import take_snapshot
from lembur.office import OfficeSetup, open_office
from planner.arrays import Steps
from planner.decision.cost import cost_of
from planner.decision.plan import make_plan
from planner.decision.search import Search
from planner.decision.what_if import apply_what_if
from planner.outcomes import CardEta, forecast
from planner.outcomes.card_eta import eta_of_card
from planner.outcomes.forecast import ahead_ms, ends_ms, make_forecast
from planner.problem import Problem, ProblemError, Terms
from planner.problem.arrivals import ScenarioArrivals
from planner.problem.doubt import KNOWN, Doubt
from planner.problem.from_scenario import problem_from_scenario
from planner.problem.from_snapshot import problem_from_snapshot
from planner.problem.problem import Cards
from planner.problem.replications import Worlds, draw_worlds
from planner.problem.roster import Roster, orders, uniform_roster
from producers.feed import Feed

if TYPE_CHECKING:
    from pathlib import Path

FRIDAY_22 = moment_ms(load("solo-2016").starts) + DAY_MS + 14 * HOUR_MS + HOUR_MS // 2
JEBRES = StationCode("jebres")


@pytest.fixture(scope="module")
def solo() -> Scenario:
    """Solo without the overtime it has in writing: only its three regular seats."""
    return load("solo-2016").model_copy(update={"overtime": ()})


@pytest.fixture(scope="module")
def opened(solo: Scenario, valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The office as its ledger tells it at the moment it opens, with the backlog enrolled."""
    folder: Path = tmp_path_factory.mktemp("live")
    with connect(valkey_url) as server:
        ledger, setup = Ledger(server, office="9999"), OfficeSetup(solo, solo.seed, 1)
        open_office(ledger, setup)
        Feed(ledger, setup, load_nik_key(ledger, folder), lambda _: None).prepare()
        ledger.set_clock(virtual_ms=setup.starts_ms, speed=1e-9, ends_ms=setup.ends_ms)
        return take_snapshot(ledger, solo, solo.seed)


@pytest.fixture(scope="module")
def live(solo: Scenario, opened: Snapshot) -> Problem:
    """What is asked of the ledger."""
    return problem_from_snapshot(solo, opened, Terms(deadline_ms=FRIDAY_22, max_hours=6.5, worlds=200))


def sure(problem: Problem) -> Problem:
    """Return the same question where the scenario's rates are taken as they are."""
    assert isinstance(problem.arrivals, ScenarioArrivals)
    return replace(
        problem,
        timing=replace(problem.timing, doubt=Doubt()),
        stations=tuple(replace(station, spoil_cases=KNOWN) for station in problem.stations),
        arrivals=replace(problem.arrivals, doubt=Doubt()),
    )


def ahead(solo: Scenario, there: Snapshot, worlds: int = 100) -> Problem:
    """What a forecast asks."""
    until = ahead_ms(there.now_ms)
    return problem_from_snapshot(solo, there, Terms(deadline_ms=until, cutoff_ms=until, worlds=worlds))


def test_a_ledger_just_opened_asks_the_scenarios_question(solo: Scenario, live: Problem) -> None:
    """The same cards with the same due times and classes, stock, seats and rates; only, the rates are doubted."""
    scenario = problem_from_scenario(solo, Terms(deadline_ms=FRIDAY_22, max_hours=6.5, worlds=200))

    assert (live.now_ms, live.cutoffs_ms) == (scenario.now_ms, scenario.cutoffs_ms)
    assert live.timing.doubt.prints == 1.0
    assert sure(live).timing == scenario.timing
    for ours, theirs in zip(live.stations, scenario.stations, strict=True):
        assert (ours.code, ours.printers, ours.seats) == (theirs.code, theirs.printers, theirs.seats)
        assert ours.spoil_rate == pytest.approx(theirs.spoil_rate)
        assert ours.blanks.values.tolist() == theirs.blanks.values.tolist()
        assert ours.ribbon.values.tolist() == theirs.ribbon.values.tolist()
        for mine, other in zip(ours.waiting.columns(), theirs.waiting.columns(), strict=True):
            assert sorted(mine.tolist()) == sorted(other.tolist())


@pytest.mark.parametrize(("seats", "hours"), [(12, 5.0), (12, 4.0), (9, 6.5)])
def test_a_ledger_just_opened_has_the_scenarios_chances(
    solo: Scenario, live: Problem, seats: int, hours: float
) -> None:
    """With the scenario as it is, on other draws too: the chances of a roster lie within each other's intervals."""
    scenario = problem_from_scenario(solo, Terms(deadline_ms=FRIDAY_22, max_hours=6.5, worlds=200, seed=2))

    ours, theirs = (
        Search(one, draw_worlds(one)).chance(uniform_roster(one, seats, hours)).interval()
        for one in (sure(live), scenario)
    )

    assert ours[0] <= theirs[1]
    assert theirs[0] <= ours[1]


def test_a_ledger_just_opened_doubts_its_scenario(live: Problem) -> None:
    """A pace that may be off by 30 %: 12 seats for 5 hours are hardly ever too few if it is right, else often."""
    given, doubted = (
        Search(one, draw_worlds(one)).chance(uniform_roster(one, 12, 5.0)).share for one in (sure(live), live)
    )

    assert doubted < given - 0.1


def test_seats_that_are_ordered_already_are_not_ordered_again(live: Problem) -> None:
    """Both printers of Jebres are open on Thursday until 18:00: there a plan begins then, and elsewhere now."""
    six = live.now_ms + 10 * HOUR_MS + HOUR_MS // 2
    given = SeatOrder(JEBRES, 2, live.now_ms, six, "Bu Sri", "a backlog")
    problem = replace(live, ordered=(given,))
    everywhere = uniform_roster(live, 12, 5.0)

    before, after = orders(live, everywhere), orders(problem, everywhere)

    assert [o for o in after if o.station != JEBRES] == [o for o in before if o.station != JEBRES]
    assert [o.from_ms for o in after if o.station == JEBRES] == [six, before[0].from_ms + DAY_MS]
    assert plan_cost(problem, everywhere) == plan_cost(live, everywhere) - 2 * 2.0


def plan_cost(problem: Problem, roster: Roster) -> float:
    """The seat hours that a roster adds to what is ordered."""
    return cost_of(problem, roster).seat_hours


def test_an_order_of_fewer_seats_holds_where_nothing_is_planned(live: Problem) -> None:
    """Somebody is ill at Jebres: it has no seat there, and a plan of regular hours gives none back."""
    ill = SeatOrder(JEBRES, 0, live.now_ms, live.now_ms + DAY_MS, "Bu Sri", "ill")

    assert orders(replace(live, ordered=(ill,)), uniform_roster(live, 3, 0.0)) == []


def test_more_seats_and_hours_delay_nobody_beside_orders(live: Problem) -> None:
    """The chance rises with both also where some seats are open by order, so that the staircase is right."""
    given = tuple(
        SeatOrder(StationCode(code), seats, live.now_ms, live.now_ms + 11 * HOUR_MS, "Bu Sri", "a backlog")
        for code, seats in (("laweyan", 2), ("banjarsari", 1), ("serengan", 1))
    )
    problem = replace(live, ordered=given, worlds=50)
    search = Search(problem, draw_worlds(problem))
    clear = {
        (k, h): search.chance(uniform_roster(problem, k, h)).clear for k in (3, 8, 10, 12) for h in (3.0, 5.0, 6.5)
    }

    assert len(set(clear.values())) > 2
    assert all(less <= more for (k, h), less in clear.items() for (m, g), more in clear.items() if k <= m and h <= g)


def test_a_forecast_adds_up(solo: Scenario, opened: Snapshot) -> None:
    """Backlogs begin with what waits, stations sum to the office, quantiles rise, and late ones are known already."""
    found = make_forecast(ahead(solo, opened))

    everywhere = found.stations["all"]
    stations = [told for code, told in found.stations.items() if code != "all"]
    assert everywhere.backlog[0] == (2822, 2822, 2822)
    assert sum(told.backlog[0][0] for told in stations) == 2822
    assert tuple(everywhere.backlog) == HORIZONS_H
    assert all(low <= middle <= high for low, middle, high in everywhere.backlog.values())
    assert everywhere.backlog[8][1] < 2822
    assert everywhere.clear_ms[1] == max(told.clear_ms[1] for told in stations) == NEVER_MS
    assert sum(told.late_now for told in stations) == everywhere.late_now <= everywhere.late[0]
    assert everywhere.required_hours is None  # no hours save those that are due today


def test_a_card_printed_when_it_is_due_is_not_late() -> None:
    """Late begins one millisecond after the due moment."""
    assert CardEta(np.array([100, 100]), 100, 0.0).late == 0.0
    assert CardEta(np.array([100, 101]), 100, 0.0).late == 0.5


def test_only_cards_that_wait_already_are_late_now(solo: Scenario, opened: Snapshot) -> None:
    """A card that is due already counts as late now if it waits now, and not if it is ready only later."""
    problem = ahead(solo, opened)
    station = problem.stations[0]
    due = problem.now_ms
    ready = np.array([problem.now_ms, problem.now_ms + 1], dtype=np.int64)
    two = Cards(ready, np.array([due, due], dtype=np.int64), np.zeros(2, dtype=np.int64))
    stations = (replace(station, waiting=two), *problem.stations[1:])

    found = make_forecast(replace(problem, stations=stations, worlds=50))

    assert found.stations[str(station.code)].late_now == 1


def test_overtime_that_is_ordered_is_forecast(solo: Scenario, opened: Snapshot) -> None:
    """With the two long days of the case in writing the queue ends on Friday, and nobody else need be late."""
    written = load("solo-2016")
    ordered = replace(opened, orders=tuple(_written(written)))

    found = make_forecast(ahead(solo, ordered)).stations["all"]

    assert found.clear_ms[1] < FRIDAY_22
    assert found.late[1] < make_forecast(ahead(solo, opened)).stations["all"].late[1]


def _written(scenario: Scenario) -> list[SeatOrder]:
    from lembur.domain.world import overtime_orders

    return overtime_orders(scenario)


def test_an_empty_office_needs_nothing(solo: Scenario, opened: Snapshot) -> None:
    """Nothing waits and nobody comes: clear now, no late card, no roster, and stock for all the days ahead."""
    quiet = solo.model_copy(update={"arrivals": solo.arrivals.model_copy(update={"visits": (), "counter": ()})})
    nobody = opened.waiting.where(opened.waiting.number < 0)
    empty = replace(opened, waiting=nobody)

    found = make_forecast(ahead(quiet, empty))

    assert found.stations["all"].clear_ms == (opened.now_ms,) * 3
    assert (found.stations["all"].late, found.stations["all"].required_hours) == ((0, 0, 0), 0.0)
    assert found.runway_s["blank"] == (14 * 86_400.0,) * 3
    assert make_plan(problem_from_snapshot(quiet, empty, Terms(deadline_ms=FRIDAY_22, worlds=50))).best is not None


def test_only_where_more_days_help_a_forecast_is_traced_longer(
    solo: Scenario, opened: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three slow seats need more than 14 days for the cards that wait. A shelf of 50 blanks is empty by then."""
    times = {"median_s": 3 * solo.printing.median_s, "p90_s": 3 * solo.printing.p90_s}
    slow = solo.model_copy(update={"printing": solo.printing.model_copy(update=times)})
    traced, trace = list[int](), forecast._trace_until

    def trace_until(problem: Problem, days: int) -> tuple[Worlds, list[forecast._StationOutcome]]:
        traced.append(days)
        return trace(problem, days)

    monkeypatch.setattr(forecast, "_trace_until", trace_until)
    make_forecast(ahead(slow, opened))
    assert traced == [14, 60]

    traced.clear()
    short = replace(opened, stations=tuple(replace(state, blanks=50) for state in opened.stations))
    found = make_forecast(ahead(slow, short))
    assert traced == [14]
    assert found.stations["all"].clear_ms == (NEVER_MS,) * 3


def test_a_shelf_is_empty_when_its_last_blank_is_taken() -> None:
    """Two blanks, three more at 50: the second print begins at 10, and the fifth at 60; ten blanks last."""
    from planner.simulation import Staffing, replay_queue
    from reference.one_world import one_world

    def when(stock: Steps) -> int:
        queue = one_world([0] * 6, [10] * 6, stock=stock)
        made = replay_queue(queue, Staffing(Steps.of([(0, 1)]), 1), keep=True)
        return int(ends_ms(stock, made, queue.prints)[0])

    assert when(Steps.of([(0, 2), (50, 5)])) == 10
    assert when(Steps.of([(0, 3), (5, 5)])) == 40
    assert when(Steps.of([(0, 0), (50, 5)])) == 0
    assert when(Steps.of([(0, 10)])) == NEVER_MS


def test_a_broken_printer_is_under_repair_at_first(solo: Scenario, opened: Snapshot) -> None:
    """Its seat stays closed until an exponential repair is over, in every world another."""
    broken = tuple(replace(state, broken=1) if state.code == "dinas" else state for state in opened.stations)
    problem = problem_from_snapshot(solo, replace(opened, stations=broken), Terms(deadline_ms=FRIDAY_22, worlds=50))

    queue = draw_worlds(problem).block(0).queues[0]

    first = [queue.fault_ms[queue.faults.row(world)][0] for world in range(50)]
    mended = [
        queue.fault_ms[queue.faults.row(world)][queue.fault_printer[queue.faults.row(world)] == ~0][0]
        for world in range(50)
    ]
    assert set(first) == {problem.now_ms}
    assert 0.5 * HOUR_MS < np.mean(mended) - problem.now_ms < 3 * HOUR_MS


def test_a_doubtful_print_time_is_the_same_at_all_places_of_a_world(live: Problem) -> None:
    """A print time that is known within a tenth: worlds differ, and in each all stations alike."""
    given = replace(sure(live), worlds=50)
    doubtful = replace(given, timing=replace(given.timing, doubt=Doubt(prints=0.3)))

    known, unsure = (draw_worlds(each).block(0).queues for each in (given, doubtful))

    factors = np.array(
        [
            [new.work_ms[new.prints.row(world)].sum() / old.work_ms[old.prints.row(world)].sum() for world in range(50)]
            for new, old in zip(unsure, known, strict=True)
        ]
    )
    assert 0.06 < factors[0].std() < 0.14
    assert np.abs(factors - factors[0]).max() < 1e-3


def small_standing(now_ms: int, **groups: Queued) -> Snapshot:
    """An office in which only a few cards are anywhere."""
    nobody = Queued(*(np.zeros(0, dtype=np.int64) for _ in range(5)))
    given = {"waiting": nobody, "printing": nobody, "unsent": nobody, "asked": nobody, **groups}
    codes = [s.code for s in load("solo-2016").stations]
    stations = tuple(StationState(StationCode(code), blanks=500, ribbon_cards=500) for code in codes)
    return Snapshot(
        now_ms,
        0,
        **given,
        stations=stations,
        centre=StationState(StationCode("centre")),
        orders=(),
        observed=Observed(0, now_ms, {}),
    )


def cards(number: int, *, ready_ms: int, due_ms: int, station: int = 0) -> Queued:
    """One card."""
    return Queued(*(np.array([value], dtype=np.int64) for value in (number, ready_ms, due_ms, 3, station)))


def test_a_cards_outlook_follows_it_from_where_it_is(solo: Scenario) -> None:
    """First in the queue, in a printer, at the centre, not yet sent: each takes longer, and only the centre refuses."""
    now = moment_ms(solo.starts) + HOUR_MS
    given = {"ready_ms": now, "due_ms": now + 6 * HOUR_MS}
    in_printer = cards(7, ready_ms=now + 30_000, due_ms=now)

    def of(**groups: Queued) -> tuple[float, float, float]:
        there = small_standing(now, **groups)
        found = eta_of_card(ahead(solo, there), there, 7)
        assert found is not None
        return (found.by_ms(0.5) - now) / 60_000, found.late, found.refused

    waiting = of(waiting=cards(7, **given))
    printing = of(printing=in_printer)
    asked = of(asked=cards(7, ready_ms=now + 5 * 60_000, due_ms=now + 6 * HOUR_MS))
    unsent = of(unsent=cards(7, **given))

    assert printing[0] == 0.5
    assert printing[1] == 1.0
    assert 2 < waiting[0] < 6
    assert 5 < asked[0] < unsent[0] < 30
    assert (waiting[2], printing[2]) == (0.0, 0.0)
    assert 0.0 <= asked[2] < 0.1
    assert waiting[1] == 0.0
    assert eta_of_card(ahead(solo, small_standing(now)), small_standing(now), 7) is None


def test_a_card_waits_for_those_before_it(solo: Scenario, opened: Snapshot) -> None:
    """The last due of a station's queue comes later than the first, and at a station without seats never."""
    at_dinas = opened.waiting.where(opened.waiting.station == 0)
    order = np.lexsort((at_dinas.number, at_dinas.due_ms))
    problem = ahead(solo, opened, 50)

    first, last = (eta_of_card(problem, opened, int(at_dinas.number[order[station]])) for station in (0, -1))
    nowhere = eta_of_card(problem, opened, int(opened.waiting.number[opened.waiting.station == 1][0]))

    assert first is not None
    assert last is not None
    assert nowhere is not None
    assert first.by_ms(0.9) < opened.now_ms + HOUR_MS
    assert last.by_ms(0.5) > opened.now_ms + 2 * DAY_MS
    assert (nowhere.by_ms(0.5), nowhere.late) == (NEVER_MS, 1.0)


def test_what_if_changes_what_it_says(live: Problem) -> None:
    """Each form changes its own part of the problem, in any order of its words, and several at once add up."""
    dinas, jebres, banjarsari = live.stations[0], live.stations[4], live.stations[5]

    assert apply_what_if(live, "jebres seats 2").stations[4].seats == 2
    assert apply_what_if(live, "seats +1 jebres").stations[4].seats == jebres.seats + 1
    assert apply_what_if(live, "printers banjarsari -1").stations[5].printers == banjarsari.printers - 1
    more = apply_what_if(live, "blanks dinas 500, ribbons dinas 2").stations[0]
    assert more.blanks.values.tolist() == (dinas.blanks.values + 500).tolist()
    assert more.ribbon.values.tolist() == (dinas.ribbon.values + 1000).tolist()
    everywhere = apply_what_if(live, "blanks 500").stations
    assert 490 < sum(int(p.blanks.values[-1]) for p in everywhere) - 4000 <= 500
    down, busier = apply_what_if(live, "centre down 2h").arrivals, apply_what_if(live, "arrivals x1.5").arrivals
    assert live.arrivals.expected_cards(live.now_ms + HOUR_MS).sum() > down.expected_cards(live.now_ms + HOUR_MS).sum()
    assert busier.expected_cards(live.cards_until_ms).sum() / live.arrivals.expected_cards(
        live.cards_until_ms
    ).sum() == pytest.approx(1.5, abs=0.15)


def test_what_if_changes_orders_too(live: Problem) -> None:
    """More seats at a station are there in its ordered hours as well, as many as it has printers."""
    given = SeatOrder(JEBRES, 1, live.now_ms, FRIDAY_22, "Bu Sri", "a backlog")

    assert apply_what_if(replace(live, ordered=(given,)), "jebres seats +1").ordered[0].seats == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not clear"),
        ("more seats", "'dinas seats 3', 'printers banjarsari -1'"),
        ("seats 3", "is not clear"),
        ("jebres seats", "is not clear"),
        ("solo seats 2", "is not clear"),
        ("jebres seats 1.5", "is not clear"),
        ("centre down", "'centre down 2h'"),
        ("arrivals 1.5 2", "is not clear"),
        ("jebres seats 9", "jebres has 2 printers"),
        ("printers jebres -3", "jebres has 2 printers"),
        ("blanks 500, and", "is not clear"),
    ],
)
def test_what_is_not_clear_lists_the_forms(live: Problem, text: str, told: str) -> None:
    """In one sentence."""
    with pytest.raises(ProblemError, match=told):
        apply_what_if(live, text)
