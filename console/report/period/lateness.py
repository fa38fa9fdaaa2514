"""Lateness of cards, by class and by station."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from console.report.period.model import Lateness
from lembur.domain.card import Priority
from lembur.domain.time import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from console.report.period.facts import Span
    from lembur.domain.observation import CardRecords

LATE_DAYS: Final = (1, 3, 7)
"""Edges of the counts of late cards, in days after the due time. The last count has no end."""


def by_class(records: CardRecords, span: Span) -> tuple[Lateness, ...]:
    """Return the lateness of each class that has cards, in the order of classes."""
    groups = [(str(one.name), records.priority == one) for one in Priority]
    found = (_lateness(name, records, there, span) for name, there in groups)
    return tuple(one for one in found if one.cards)


def by_station(records: CardRecords, codes: Sequence[str], span: Span) -> tuple[Lateness, ...]:
    """Return the lateness of each station."""
    return tuple(_lateness(code, records, records.station == place, span) for place, code in enumerate(codes))


def count_overdue(records: CardRecords, end_ms: int) -> int:
    """Count the cards that wait for a person past their due time."""
    return int(((records.shelved == 1) & (records.due_ms < end_ms)).sum())


def count_late_before(records: CardRecords, span: Span) -> int:
    """Count the cards printed or still waiting that were due before the period began."""
    there = records.printed_in(span.cards) | _overdue(records, span)
    return int((there & (records.due_ms < span.cards.start_ms)).sum())


def _overdue(records: CardRecords, span: Span) -> NDArray[np.bool_]:
    """Return which cards waited for a machine past their due time at the end."""
    waiting = (records.shelved == 0) & (records.printed_ms >= span.cards.end_ms)
    return np.asarray(waiting & (records.due_ms < span.end_ms))


def _lateness(group: str, records: CardRecords, there: NDArray[np.bool_], span: Span) -> Lateness:
    printed, waiting = there & records.printed_in(span.cards), there & _overdue(records, span)
    after = (records.printed_ms[printed], np.full(waiting.sum(), span.end_ms))
    passed = np.concatenate(after) - np.concatenate((records.due_ms[printed], records.due_ms[waiting]))
    late = passed[passed > 0]
    counts = np.histogram(late / DAY_MS, [0, *LATE_DAYS, np.inf])[0]
    middle, high = np.quantile(late / HOUR_MS, (0.5, 0.9)).round(1).tolist() if len(late) else (None, None)
    return Lateness(
        group=group,
        cards=len(passed),
        in_time=int((passed <= 0).sum()),
        late=tuple(counts.tolist()),
        waiting=int(waiting.sum()),
        median_h=middle,
        p90_h=high,
    )
