"""The run hour by hour: the rows behind the charts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from lembur.domain.time import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lembur.domain.seats import StationCode, Step
    from lembur.ledger.queries import Tally


@dataclass(frozen=True, slots=True)
class StationHours:
    """One print station by hour: good prints, mean busy seats, and blanks left at the hour's end."""

    printed: tuple[int, ...]
    busy: tuple[float, ...]
    blanks_before: int
    blanks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """The run by hour, from its start to its end. Cards from before the start are counted apart."""

    start_ms: int
    end_ms: int
    hours_ms: tuple[int, ...]
    recorded_before: int
    recorded: tuple[int, ...]
    ready_before: int
    ready: tuple[int, ...]
    stations: dict[StationCode, StationHours]
    seats_open: tuple[tuple[int, int], ...]
    """Steps of (moment, open seats), all print stations together."""

    @property
    def printed(self) -> tuple[int, ...]:
        """Good prints by hour, all stations together."""
        return tuple(map(sum, zip(*(hours.printed for hours in self.stations.values()), strict=True)))

    @property
    def busy(self) -> tuple[float, ...]:
        """Mean busy seats by hour, all stations together."""
        return tuple(map(sum, zip(*(hours.busy for hours in self.stations.values()), strict=True)))


def series(
    tally: Tally,
    received: Mapping[StationCode, int],
    steps: Mapping[StationCode, Sequence[Step]],
    *,
    start_ms: int,
    end_ms: int,
) -> Series:
    """Make the series of a tally. `received` are all blanks of a station, with the deliveries in the tally."""
    first = start_ms // HOUR_MS
    rows = range(first, max(first, _last_hour(tally, end_ms)) + 1)
    spans = {h: min((h + 1) * HOUR_MS, end_ms) - max(h * HOUR_MS, start_ms) for h in rows}
    recorded, ready = _by_hour(tally, "enrolled"), _by_hour(tally, "ready")
    return Series(
        start_ms=start_ms,
        end_ms=end_ms,
        hours_ms=tuple(hour * HOUR_MS for hour in rows),
        recorded_before=sum(n for hour, n in recorded.items() if hour < first),
        recorded=tuple(recorded[hour] for hour in rows),
        ready_before=sum(n for hour, n in ready.items() if hour < first),
        ready=tuple(ready[hour] for hour in rows),
        stations={code: _station(tally, code, got, spans) for code, got in received.items()},
        seats_open=_seats_open(list(steps.values()), start_ms, (rows[-1] + 1) * HOUR_MS),
    )


def _last_hour(tally: Tally, end_ms: int) -> int:
    # Recording may go on after the last print, and counts too. An end on the hour adds no hour.
    hours = (int(hour) for (what, _, hour), _ in tally.items() if what in {"enrolled", "printed", "spoiled"})
    return max([(end_ms - 1) // HOUR_MS, *hours])


def _by_hour(tally: Tally, what: str, where: str | None = None) -> Counter[int]:
    found: Counter[int] = Counter()
    for (kind, at, hour), n in tally.items():
        if kind == what and where in {None, at}:
            found[int(hour)] += n
    return found


def _station(tally: Tally, code: StationCode, received: int, spans: Mapping[int, int]) -> StationHours:
    printed, spoiled = _by_hour(tally, "printed", code), _by_hour(tally, "spoiled", code)
    delivered, destroyed = _by_hour(tally, "received", code), _by_hour(tally, "destroyed", code)
    moved, busy = _by_hour(tally, "moved", code), _by_hour(tally, "busy_ms", code)
    before = received - sum(delivered.values())
    change = [delivered[h] + moved[h] - destroyed[h] - printed[h] - spoiled[h] for h in spans]
    return StationHours(
        printed=tuple(printed[hour] for hour in spans),
        busy=tuple(busy[hour] / (span if span > 0 else HOUR_MS) for hour, span in spans.items()),
        blanks_before=before,
        blanks=tuple(accumulate(change, initial=before))[1:],
    )


def _seats_open(steps: Sequence[Sequence[Step]], start_ms: int, end_ms: int) -> tuple[tuple[int, int], ...]:
    edges = {step.at_ms for found in steps for step in found if start_ms < step.at_ms < end_ms}
    return tuple((at, sum(_seats_at(found, at) for found in steps)) for at in [start_ms, *sorted(edges)])


def _seats_at(steps: Sequence[Step], at_ms: int) -> int:
    return next((step.seats for step in reversed(steps) if step.at_ms <= at_ms), 0)
