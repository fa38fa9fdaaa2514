"""The clock of an office in its ledger, and the wake-ups that time causes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lembur.domain.errors import ClockKeptError
from lembur.domain.time import NEVER_MS
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.core import Core, read_wakes
from lembur.ledger.types import Pulse, Wakes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.seats import StationCode


KEEP_MS: Final = 2_000
"""Real time for which one advance of a feed keeps the clock of a demonstration. After it the clock stands still."""
MOST_WAKES: Final = 200
"""Wake-ups after which an advance leaves the other timers to the next one: a feed that sends keeps no clock."""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """The office's time, its speed (0 = as fast as the work allows), and whether it stands because no feed keeps it."""

    now_ms: int
    speed: float
    stands: bool


class OfficeClock(Core):
    """The clock of a ledger. A real office has the time of day. In a demonstration the feed keeps the time."""

    def set_clock(
        self, *, virtual_ms: int | None, speed: float, ends_ms: int, exact: bool = True, keeper: str = ""
    ) -> int:
        """Start virtual time at a moment (None: at its present one); speed 0 is as fast as the work allows.

        Without a keeper the clock runs for ever. If another feed keeps it, a ClockKeptError is raised.
        """
        given: dict[str, Any] = {} if virtual_ms is None else {"virtual": virtual_ms}
        return self._start(speed=speed, exact=exact, ends=ends_ms, **given, **_kept_by(keeper))

    def follow_wall_clock(self, *, ends_ms: int) -> int:
        """Set the clock to the time of day for good. No feed has to keep it then."""
        return self._start(wall=True, speed=1, exact=False, ends=ends_ms)

    def _start(self, **given: Any) -> int:
        return int(_unless_kept(self._scripts.run("clock", **given))["now"])

    def read_clock(self) -> ClockReading:
        """Read the clock."""
        found = self._scripts.query("clock")
        return ClockReading(int(found["now"]), float(found["speed"]), bool(found["stands"]))

    def advance(
        self,
        stations: Sequence[StationCode],
        *,
        fed_ms: int | None = None,
        coming_ms: int = NEVER_MS,
        jump_ms: int = 0,
        keeper: str = "",
    ) -> Pulse:
        """Fire the timers that are due.

        Arrivals up to `fed_ms` are enrolled now, and the next comes at `coming_ms`. Time jumps over idle stretches
        longer than `jump_ms` (0: never). The keeper keeps the clock a little longer.
        """
        given: dict[str, Any] = {} if fed_ms is None else {"fed": fed_ms, "coming": coming_ms}
        given |= {"jump_ms": jump_ms, "most_wakes": MOST_WAKES, **_kept_by(keeper)}
        found = _unless_kept(self._scripts.run("advance", stations=list(stations), **given))
        return Pulse(
            read_wakes(found), int(found["now"]), int(found["next"]), int(found["busy"]), int(found["waiting"])
        )

    def stop_clock(self, *, keeper: str) -> None:
        """Stop the clock until a feed starts it again. No timer fires, because nobody would send its wake-ups."""
        self._scripts.run("advance", stations=[], jump_ms=0, most_wakes=0, keeper=keeper, keep_ms=0)

    @translate_redis_errors
    def fed_ms(self) -> int:
        """Return the moment up to which all arrivals are enrolled; 0 before the first."""
        return int(self.server.get(self.key("arrivals_watermark")) or 0)

    @translate_redis_errors
    def real_ms(self) -> int:
        """Return real time by the server's clock, which all processes share, in milliseconds UTC."""
        seconds, microseconds = self.server.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    @translate_redis_errors
    def unheard_since_ms(self, stations: Sequence[StationCode]) -> dict[StationCode, int]:
        """Return the stations with wake-ups under way, and the real time at which each heard its last one."""
        found = {code: self.server.hmget(self.key("station", code), "under_way", "heard") for code in stations}
        return {code: int(heard or 0) for code, (under_way, heard) in found.items() if int(under_way or 0)}

    def resend_wakeups(self, stations: Sequence[StationCode], *, silence_ms: int) -> tuple[Wakes, int]:
        """Fire the timers that are due and find lost wake-ups, if `silence_ms` have passed since the last look.

        Return the wake-ups to send, and the number of lost ones.
        """
        found = self._scripts.run("resend_wakeups", stations=list(stations), silence_ms=silence_ms)
        return read_wakes(found), int(found["lost"])


def _kept_by(keeper: str) -> dict[str, Any]:
    return {"keeper": keeper, "keep_ms": KEEP_MS} if keeper else {}


def _unless_kept(found: Any) -> Any:  # noqa: ANN401 - JSON, as the script answers
    if "keeper" in found:
        raise ClockKeptError(
            "the feed %(keeper)s keeps the time of this office: stop it before you start another",
            keeper=found["keeper"],
        )
    return found
