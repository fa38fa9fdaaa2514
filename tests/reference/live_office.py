"""An office as its ledger would show it at any moment, played by the rule and not by workers.

`tests/reference/twin.py` plays the whole scenario; here the moment is cut out of it. Nothing is known of what comes
later: prints and answers under way have no end, as those of real printers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lembur.domain import world
from lembur.domain.calendar import Calendar
from lembur.domain.card import Priority, Stream
from lembur.domain.observation import (
    CardHistory,
    ExpectedDelivery,
    Observed,
    PrinterHours,
    Queued,
    Snapshot,
    StationState,
)
from lembur.domain.scenario import kecamatan_of
from lembur.domain.seats import CENTRE, StationCode, Window
from lembur.domain.time import HOUR_MS, NEVER_MS, moment_ms
from planner.arrays import Integers, integers
from reference.twin import Prints, twin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lembur.domain.observation.snapshot import HourlyCounts
    from lembur.domain.scenario import Scenario, Station
    from lembur.domain.seats import SeatOrder
    from lembur.domain.world import Arrival


@dataclass(frozen=True)
class LiveOffice:
    """A scenario that is true, and played to its end with the draws of a seed."""

    scenario: Scenario
    seed: int
    orders: tuple[SeatOrder, ...] = ()

    @cached_property
    def made(self) -> dict[StationCode, Prints]:
        """The prints of each station and the answers of the centre."""
        return twin(self.scenario, self.seed, self.orders)

    @cached_property
    def _people(self) -> dict[int, Arrival]:
        coming = world.arrivals_between(self.scenario, self.seed, after_ms=0, before_ms=moment_ms(self.scenario.ends))
        return {each.number: each for each in (*world.opening_backlog(self.scenario, self.seed), *coming)}

    @cached_property
    def _station_of(self) -> dict[int, int]:
        codes = [station.code for station in self.scenario.stations]
        return {
            number: codes.index(world.route(self.scenario, self.seed, number, kecamatan_of(each.kelurahan_code)))
            for number, each in self._people.items()
        }

    @cached_property
    def _ready_ms(self) -> dict[int, int]:
        """When each card was ready to print; a card that the centre refuses or has not answered is left out."""
        starts = moment_ms(self.scenario.starts)
        ready = {n: max(starts, each.recorded_ms) for n, each in self._people.items() if not _asks(each)}
        centre = self.made[CENTRE]
        drawn = world.answers(self.scenario, self.seed, 0, len(centre.number)).verdict_index
        good = [status == "PRINT_READY_RECORD" for status in self.scenario.centre.verdicts]
        return ready | {
            number: end
            for number, end, verdict in zip(centre.number.tolist(), centre.end_ms.tolist(), drawn, strict=True)
            if good[verdict]
        }

    @cached_property
    def _due_ms(self) -> dict[int, int]:
        calendar, sla = Calendar.of(self.scenario), self.scenario.hours.sla_days
        return {number: calendar.due_ms(each.recorded_ms, sla) for number, each in self._people.items()}

    def history(self) -> CardHistory:
        """What became of every card until the end."""
        printed = {
            number: end
            for code, made in self.made.items()
            if code != CENTRE
            for number, end, spoiled in zip(made.number.tolist(), made.end_ms.tolist(), made.spoiled, strict=True)
            if not spoiled
        }
        numbers = list(self._ready_ms)
        return CardHistory(
            moment_ms(self.scenario.ends),
            integers(self._station_of[number] for number in numbers),
            integers(self._ready_ms[number] for number in numbers),
            integers(printed.get(number, NEVER_MS) for number in numbers),
            integers(self._due_ms[number] for number in numbers),
        )

    def snapshot(self, now_ms: int) -> Snapshot:
        """What the ledger holds at a moment."""
        centre = self.made[CENTRE]
        at_centre = set(centre.number[centre.start_ms <= now_ms].tolist())
        asked = centre.number[(centre.start_ms <= now_ms) & (now_ms < centre.end_ms)]
        printing, begun = [], set[int]()
        for code, made in self.made.items():
            if code != CENTRE:
                printing += made.number[(made.start_ms <= now_ms) & (now_ms < made.end_ms)].tolist()
                begun |= set(
                    made.number[(made.start_ms <= now_ms) & ~(made.spoiled & (made.end_ms <= now_ms))].tolist()
                )
        unsent = [
            number
            for number, each in self._people.items()
            if _asks(each) and each.recorded_ms <= now_ms and number not in at_centre
        ]
        waiting = [number for number, ready in self._ready_ms.items() if ready <= now_ms and number not in begun]
        return Snapshot(
            now_ms,
            now_ms,
            waiting=self._queued(waiting, [self._ready_ms[number] for number in waiting]),
            printing=self._queued(printing, [NEVER_MS] * len(printing)),
            unsent=self._queued(unsent, [self._people[number].recorded_ms for number in unsent]),
            asked=self._queued(asked.tolist(), [NEVER_MS] * len(asked)),
            stations=tuple(self._room(station, now_ms) for station in self.scenario.stations),
            centre=StationState(CENTRE, (NEVER_MS,) * len(asked), position=len(at_centre)),
            orders=(*world.overtime_orders(self.scenario), *self.orders),
            observed=self._observed(now_ms),
        )

    def _queued(self, numbers: Sequence[int], ready_ms: Sequence[int]) -> Queued:
        return Queued(
            integers(numbers),
            integers(ready_ms),
            integers(self._due_ms[number] for number in numbers),
            integers(int(self._people[number].priority) for number in numbers),
            integers(self._station_of[number] for number in numbers),
        )

    def _room(self, station: Station, now_ms: int) -> StationState:
        code, made = StationCode(station.code), self.made[StationCode(station.code)]
        begun = int((made.start_ms <= now_ms).sum())
        ribbon_cards = self.scenario.printing.ribbon_cards
        deliveries = [one for one in self.scenario.deliveries if one.station == code]
        there = [one for one in deliveries if moment_ms(one.at) <= now_ms]
        repairs = world.repairs(self.scenario, self.seed, code, until_ms=now_ms + 1)
        return StationState(
            code,
            (NEVER_MS,) * int(((made.start_ms <= now_ms) & (now_ms < made.end_ms)).sum()),
            broken=sum(window.start_ms <= now_ms < window.end_ms for window in repairs),
            position=begun,
            blanks=station.blanks + sum(one.blanks for one in there) - begun,
            ribbon_cards=(station.ribbons + sum(one.ribbons for one in there)) * ribbon_cards - begun,
            promised=tuple(
                ExpectedDelivery(moment_ms(one.at), one.blanks, one.ribbons * ribbon_cards)
                for one in deliveries
                if moment_ms(one.at) > now_ms
            ),
        )

    def _observed(self, now_ms: int) -> Observed:
        starts = moment_ms(self.scenario.starts)
        counts: dict[tuple[str, str], HourlyCounts] = {}
        for code, made in self.made.items():
            done = made.end_ms <= now_ms
            counts["busy_ms", code] = _busy(made.start_ms[done], made.end_ms[done])
            if code != CENTRE:
                counts["printed", code] = _by_hour(made.end_ms[done & ~made.spoiled])
                counts["spoiled", code] = _by_hour(made.end_ms[done & made.spoiled])
        centre = self.made[CENTRE]
        drawn = world.answers(self.scenario, self.seed, 0, len(centre.number)).verdict_index
        for index, verdict in enumerate(self.scenario.centre.verdicts):
            counts["answered", verdict] = _by_hour(centre.end_ms[(centre.end_ms <= now_ms) & (drawn == index)])
        came = [each for each in self._people.values() if starts <= each.recorded_ms <= now_ms]
        for each in came:
            where = CENTRE if _asks(each) else self.scenario.stations[self._station_of[each.number]].code
            hours = counts.setdefault(("enrolled", where), {})
            hours[each.recorded_ms // HOUR_MS] = hours.get(each.recorded_ms // HOUR_MS, 0) + 1
        return Observed(starts, now_ms, counts, self._printers(starts, now_ms))

    def _printers(self, starts_ms: int, now_ms: int) -> PrinterHours:
        found = PrinterHours()
        for station in self.scenario.stations:
            repairs = world.repairs(self.scenario, self.seed, StationCode(station.code), until_ms=now_ms + 1)
            found = found.plus(repairs, station.printers, Window(starts_ms, now_ms))
        return found


def _asks(each: Arrival) -> bool:
    return each.stream is Stream.FIRST_ISSUE and each.priority is not Priority.PRINT_READY


def _by_hour(moments_ms: Integers) -> HourlyCounts:
    return dict(Counter((moments_ms // HOUR_MS).tolist()))


def _busy(starts_ms: Integers, ends_ms: Integers) -> HourlyCounts:
    """Count the time of seats in the hours it was spent in."""
    found: HourlyCounts = {}
    for start, end in zip(starts_ms.tolist(), ends_ms.tolist(), strict=True):
        for hour, ms in _parts(start, end):
            found[hour] = found.get(hour, 0) + ms
    return found


def _parts(start_ms: int, end_ms: int) -> Iterator[tuple[int, int]]:
    while start_ms < end_ms:
        edge = min(end_ms, (start_ms // HOUR_MS + 1) * HOUR_MS)
        yield start_ms // HOUR_MS, edge - start_ms
        start_ms = edge
