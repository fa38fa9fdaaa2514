"""A rate of work that changes over time, and the end of work at that rate."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from lembur.domain.time import NEVER_MS


@dataclass(frozen=True, slots=True)
class Rate:
    """A speed that changes at the moments `starts_ms`: 1.0 is the usual pace, and at 0.0 work stands still.

    Of two equal pieces of work, the one that starts later never ends earlier. The first speed also holds before the
    first moment.
    """

    starts_ms: tuple[int, ...]
    speeds: tuple[float, ...]

    def end_ms(self, start_ms: int, work_ms: int) -> int:
        """Return the end of `work_ms` of work begun at `start_ms`; NEVER_MS if the rate stays zero."""
        index = self._index(start_ms)
        now, left = float(start_ms), float(work_ms)
        while index < len(self.speeds):
            speed = self.speeds[index]
            until = float(self.starts_ms[index + 1]) if index + 1 < len(self.starts_ms) else float(NEVER_MS)
            if speed > 0.0 and left <= (until - now) * speed:
                return round(now + left / speed)
            left -= (until - now) * speed
            now = until
            index += 1
        return NEVER_MS

    def speed_at(self, at_ms: int) -> float:
        """Return the speed that holds at a moment."""
        return self.speeds[self._index(at_ms)]

    def _index(self, at_ms: int) -> int:
        return max(0, bisect_right(self.starts_ms, at_ms) - 1)


STEADY = Rate((0,), (1.0,))
