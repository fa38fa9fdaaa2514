"""Planner and ledger follow one rule: small offices with everything in them, played by both with the same draws."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from lembur.domain import world
from lembur.domain.card import Status
from lembur.domain.scenario import (
    Arrivals,
    Backlog,
    Centre,
    Counter,
    Hours,
    OvertimeOrder,
    Pace,
    Printing,
    Scenario,
    Shift,
    Spell,
    Station,
    Visits,
    load,
)
from lembur.domain.scenario.tables import Delivery
from lembur.domain.seats import CENTRE, SeatOrder, StationCode
from lembur.domain.time import NEVER_MS, moment_ms
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, open_office, order_seats
from producers.feed import Feed
from reference.prints import prints_by_rule, prints_of_ledger
from support.zones import JAKARTA
from workers import printing, verification
from workers.claiming import LotClaims, take_turn
from workers.devices.job_log import JobLog
from workers.devices.simulated import SimulatedCentre, SimulatedPrinter

if TYPE_CHECKING:
    from lembur.ledger.connection import Server
    from lembur.ledger.types import Wakes
    from reference.prints import Prints

_offices = count(1)
STARTS = datetime(2016, 8, 25, 7, 30, tzinfo=JAKARTA)
"""A Thursday: Friday has its own break, Saturday is off."""
OPEN_H = 3 * 24
MOMENTS = st.integers(1, OPEN_H * 60 - 1).map(lambda minute: STARTS + timedelta(minutes=minute))
TIMES = st.sampled_from([time(hour, minute) for hour in range(6, 22) for minute in (0, 20)])
SPEEDS = st.sampled_from([0.0, 0.3, 0.4155, 1.0, 1.7])


@st.composite
def spans(draw: st.DrawFn, *, longest_h: int) -> tuple[datetime, datetime]:
    """Draw when something begins and ends."""
    begins = draw(MOMENTS)
    return begins, begins + timedelta(minutes=draw(st.integers(1, 60 * longest_h)))


@st.composite
def paces(draw: st.DrawFn) -> tuple[Pace, ...]:
    """Draw speeds over the day."""
    at = draw(st.lists(TIMES, max_size=3, unique=True))
    return tuple(Pace(at=each, speed=draw(SPEEDS.filter(bool))) for each in at)


@st.composite
def stations(draw: st.DrawFn, code: str) -> Station:
    """Draw a station with little stock."""
    printers = draw(st.integers(1, 3))
    return Station(
        code=code,
        name=code,
        printers=printers,
        seats=draw(st.integers(0, printers)),
        blanks=draw(st.sampled_from([0, 3, 10, 100])),
        ribbons=draw(st.sampled_from([0, 1, 2, 20])),
        spoil_rate=draw(st.sampled_from([None, 0.0, 0.3])),
        shifts=draw(shifts()),
    )


@st.composite
def written(draw: st.DrawFn) -> OvertimeOrder:
    """Draw an order of overtime for one day."""
    opens, closes = sorted(draw(st.lists(TIMES, min_size=2, max_size=2, unique=True)))
    return OvertimeOrder(
        station=draw(st.sampled_from(["hall", "wing", "all"])),
        day=STARTS.date() + timedelta(days=draw(st.integers(0, 2))),
        opens=opens,
        closes=closes,
        seats=draw(st.sampled_from([0, 1, "printers"])),
        by="Bu Sri",
        reason="a test",
    )


@st.composite
def centres(draw: st.DrawFn) -> Centre:
    """Draw a centre with slow hours and outages."""
    return Centre(
        lines=draw(st.integers(1, 3)),
        median_s=(median_s := draw(st.sampled_from([60.0, 600.0, 3000.0]))),
        p90_s=4 * median_s,
        profile=draw(paces()),
        spells=tuple(
            Spell(begins=begins, ends=ends, speed=draw(SPEEDS))
            for begins, ends in draw(st.lists(spans(longest_h=8), max_size=2))
        ),
        verdicts={Status.PRINT_READY_RECORD: 0.8, Status.DUPLICATE_RECORD: 0.2},
    )


@st.composite
def desks(draw: st.DrawFn) -> Printing:
    """Draw how printing goes: pace, rest, ribbon, breakdowns, spoilage."""
    return Printing(
        median_s=(median_s := draw(st.sampled_from([60.0, 600.0]))),
        p90_s=3 * median_s,
        pace=draw(paces()),
        spoil_rate=draw(st.sampled_from([0.0, 0.1, 0.4])),
        spoil_reasons={"damaged": 1.0},
        rest_every_cards=3,
        rest_s=draw(st.sampled_from([0, 700])),
        ribbon_cards=draw(st.sampled_from([2, 5])),
        ribbon_change_s=draw(st.sampled_from([0, 180])),
        breakdown_every_h=draw(st.sampled_from([0.0, 1.0, 6.0])),
        repair_h=1.5,
    )


@st.composite
def shifts(draw: st.DrawFn) -> tuple[Shift, ...]:
    """Draw the hours of a station: the office's, a long day, two shifts around the clock, or a night."""
    day = Shift(opens=time(7), closes=time(19), break_from=time(12), break_until=time(12, 30))
    night = Shift(opens=time(19), closes=time(7), break_from=time(0), break_until=time(0, 45))
    late = Shift(days=("thu",), opens=time(15), closes=time(2), break_from=time(23, 30), break_until=time(0, 30))
    return draw(st.sampled_from([(), (), (day,), (day, night), (night,), (late,)]))


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    """Draw blanks, ribbons or both on their way."""
    blanks, ribbons = draw(st.sampled_from([(5, 0), (0, 1), (4, 2)]))
    return Delivery(at=draw(MOMENTS), station=draw(st.sampled_from(["hall", "wing"])), blanks=blanks, ribbons=ribbons)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw a small office with everything that can open, feed or hold up a seat."""
    counters = [
        Counter(stream=stream, requests_a_day=draw(st.sampled_from([0.0, 3.0, 8.0])))
        for stream in ("first_issue", "replacement")
    ]
    visits = Visits(what="kelurahan", days=("thu", "fri"), opens=time(9), closes=time(11), records_a_day=3)
    return Scenario(
        name="small",
        title="A small office",
        source="assumed: a load for tests",
        demonstration=True,
        region=load("solo-2016").region,
        starts=STARTS,
        ends=STARTS + timedelta(hours=OPEN_H),
        hours=Hours(
            opens=time(7, 30),
            closes=time(16),
            break_from=time(12),
            break_until=time(13),
            friday_break_from=time(11, 30),
            friday_break_until=time(13),
            workdays=("thu", "fri", "sat") if draw(st.booleans()) else ("thu", "fri"),
            closed=draw(st.sampled_from([(), (), (STARTS.date() + timedelta(days=1),)])),
            sla_days=draw(st.integers(0, 3)),
        ),
        centre=draw(centres()),
        printing=draw(desks()),
        stations=(draw(stations("hall")), draw(stations("wing"))),
        overtime=tuple(draw(st.lists(written(), max_size=3))),
        backlog=Backlog(
            cards=draw(st.integers(0, 12)),
            status=draw(st.sampled_from([Status.PRINT_READY_RECORD, Status.BIO_CAPTURED])),
            recorded_over_days=2,
        ),
        arrivals=Arrivals(visits=(visits,) if draw(st.booleans()) else (), counter=tuple(counters)),
        deliveries=tuple(draw(st.lists(deliveries(), max_size=3))),
    )


@st.composite
def ordered(draw: st.DrawFn, scenario: Scenario) -> list[SeatOrder]:
    """Draw seat orders given before the start, on top of the scenario's own."""
    found = []
    for begins, ends in draw(st.lists(spans(longest_h=12), max_size=2)):
        station = draw(st.sampled_from(scenario.stations))
        seats = draw(st.integers(0, station.printers))
        found.append(
            SeatOrder(StationCode(station.code), seats, moment_ms(begins), moment_ms(ends), "Bu Sri", "a test")
        )
    return found


def by_ledger(server: Server, play: OfficeSetup, orders: list[SeatOrder], random: Random) -> Prints:
    """Play a scenario at full speed with the workers' own code, its wake-ups delivered in a random order."""
    ledger = Ledger(server, office=f"6{next(_offices):03d}")
    open_office(ledger, play)
    for order in orders:
        order_seats(ledger, order)
    pending: list[StationCode] = []

    def wake(wakes: Wakes) -> None:
        pending.extend(station for station, many in wakes.items() for _ in range(many))

    feed = Feed(ledger, play, b"k" * 32, wake)
    feed.prepare()
    ledger.set_clock(virtual_ms=play.starts_ms, speed=0, ends_ms=play.ends_ms)
    feed.enrol_all(world.arrivals_between(play.scenario, play.seed, after_ms=0, before_ms=play.ends_ms))
    wake(ledger.resend_wakeups(play.all_stations, silence_ms=-1)[0])
    with TemporaryDirectory() as folder:
        claims = LotClaims(ledger, wake, 1, 60_000, "", Event())
        centre = SimulatedCentre(ledger, play)
        printers = {
            station: SimulatedPrinter(ledger, play, station, JobLog(Path(folder) / station))
            for station in play.stations
        }
        while True:
            wake(ledger.advance(play.all_stations, fed_ms=NEVER_MS).wakes)
            if not pending:
                break
            while pending:
                station = pending.pop(random.randrange(len(pending)))
                step = (
                    partial(verification.next_lot, centre=centre)
                    if station == CENTRE
                    else partial(printing.next_lot, station=station, printer=printers[station])
                )
                # A seat may wait for a message after its lot, or go on by itself.
                take_turn(claims, step) if random.random() < 0.5 else step(claims)
    return prints_of_ledger(ledger)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), seed=st.integers(0, 10**6))
def test_the_planner_makes_the_prints_of_the_ledger(valkey_url: str, data: st.DataObject, seed: int) -> None:
    """Every answer and every print of a random office: the same card, start, end and outcome from both."""
    scenario = data.draw(scenarios())
    orders = data.draw(ordered(scenario))
    play = OfficeSetup(scenario, seed, 1)

    with connect(valkey_url) as server:
        lived = by_ledger(server, play, orders, Random(seed))  # noqa: S311 - an order, not a secret

    assert prints_by_rule(play, orders) == lived
