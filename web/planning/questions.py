"""The questions themselves: they run in the planner's process, which keeps the worlds of the last problem."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from lembur.domain.errors import LedgerError
from lembur.domain.time import HOUR_MS, NEVER_MS
from lembur.ledger import Ledger, connect
from lembur.ledger.queries.actions import count_actions
from lembur.office import OfficeSetup, SetupReader
from planner.question import Sliders, Terms, check_deadline

if TYPE_CHECKING:
    from lembur.domain.card import CardId
    from lembur.domain.errors import Sentence
    from lembur.domain.seats import SeatOrder
    from lembur.ledger.types import Wakes
    from lembur.settings import Settings
    from planner.decision import Explorer
    from planner.question import SliderAnswer

KEPT_S: Final = 60.0
"""Real seconds for which the office as it stood serves for more questions."""
KEPT_MS: Final = HOUR_MS // 4
"""The same in office time: a demonstration plays hours in a minute."""
FEW_CARDS: Final = 100
"""One new card for this many waiting ones changes no answer much."""


@dataclass(frozen=True, slots=True)
class CardPromise:
    """Forecast of one card: quantiles of the moment at which it is ready, and two chances."""

    at_ms: int
    p50_ms: int
    p90_ms: int
    late: float
    refused: float


@dataclass(frozen=True, slots=True)
class PlanningOffice:
    """The office as the planner's process sees it; it wakes nobody."""

    ledger: Ledger
    settings: Settings

    def wake(self, wakes: Wakes) -> None:
        """Refuse: a question changes nothing."""
        raise LedgerError("a question to the planner woke %(number)s stations", number=len(wakes))


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """The answer to a question beside the course by the orders given already, and the doubt about both."""

    now_ms: int
    caution: Sentence | None
    today: SliderAnswer
    changed: SliderAnswer


@dataclass(frozen=True, slots=True)
class WaysOut:
    """Ways that would suffice where the limits of a search do not; none of them is known at first."""

    longer_h: float | None = None
    more_seats: int | None = None
    earliest_ms: int = NEVER_MS
    moved_blanks: int | None = None


@dataclass(frozen=True, slots=True)
class FoundPlan:
    """The cheapest plan that the planner found, or its refusal: `orders` is empty where nothing has to be ordered.

    `prices` has the rupiah of each order, `people` the operators beyond the regular ones in working time. Where nothing
    `suffices` there is no plan, and `needed` has the ways that would. `max_hours` holds for a working day; where a rule
    of pay allows no more, `capped_by` has its source. The office is that of `now_ms`.
    """

    name: str
    now_ms: int
    caution: Sentence | None
    deadline_ms: int
    confidence: float
    max_hours: float
    capped_by: str
    opens: bool
    suffices: bool
    holds: bool
    people: int
    needed: WaysOut
    orders: tuple[SeatOrder, ...]
    prices: tuple[int, ...]
    chance: float
    rupiah: int
    seat_hours: float


@cache
def _open_once(url: str, code: str) -> tuple[Ledger, SetupReader]:
    ledger = Ledger(connect(url), office=code)
    return ledger, SetupReader(ledger)


def open_ledger(url: str, code: str) -> tuple[Ledger, OfficeSetup]:
    """Open the ledger once for all questions of this process; return it with the present setup."""
    ledger, setups = _open_once(url, code)
    return ledger, setups.read()


def load_planner() -> None:
    """Import what the questions need: on a new machine this compiles for some seconds."""
    import console.forecast  # noqa: F401
    import planner.decision  # noqa: F401
    from planner.simulation import load_kernels

    load_kernels()


def promise_card(settings: Settings, card: CardId) -> CardPromise | None:
    """Forecast one card."""
    from console.forecast import forecast_card

    found = forecast_card(*open_ledger(settings.redis_url, settings.office), card)
    if found is None:
        return None
    eta, at_ms = found
    return CardPromise(at_ms, eta.by_ms(0.5), eta.by_ms(0.9), eta.late, eta.refused)


@dataclass(frozen=True, slots=True)
class OfficeMark:
    """A mark of the office's state: real time, office time, cards enrolled, and actions of people."""

    real_s: float
    now_ms: int
    enrolled: int
    actions: int

    def serves(self, new: OfficeMark, waiting: int) -> bool:
        """Return True if a problem made at this mark still serves at a new one.

        A person may do nothing between two questions. Time may pass a little, and a few cards may come: one in a
        hundred of those that wait.
        """
        return (
            new.actions == self.actions
            and new.real_s - self.real_s < KEPT_S
            and new.now_ms - self.now_ms < KEPT_MS
            and (new.enrolled - self.enrolled) * FEW_CARDS <= waiting
        )


@dataclass(frozen=True, slots=True)
class KeptExplorer:
    """The worlds of the last problem, with the answers to the unchanged question, by deadline."""

    made: OfficeMark
    explorer: Explorer
    today: dict[int, SliderAnswer] = field(default_factory=dict)

    def serves(self, new: OfficeMark) -> bool:
        """Return True if these worlds still serve at a new mark of the office."""
        return self.made.serves(new, sum(len(station.waiting) for station in self.explorer.problem.stations))

    def answer_today(self, deadline_ms: int) -> SliderAnswer:
        """Answer the unchanged question once for all sliders."""
        if deadline_ms not in self.today:
            self.today.clear()
            self.today[deadline_ms] = self.explorer.answer(Sliders(deadline_ms=deadline_ms))
        return self.today[deadline_ms]


@cache
def start_threads() -> ThreadPoolExecutor:
    """Start the threads that share the blocks of an answer, once in this process."""
    return ThreadPoolExecutor(thread_name_prefix="worlds")


_kept: dict[str, KeptExplorer] = {}


def answer_question(settings: Settings, sliders: Sliders) -> PlanAnswer:
    """Answer a changed question from worlds that were drawn before."""
    kept = _keep_explorer(settings, sliders.deadline_ms)
    problem = kept.explorer.problem
    today, changed = kept.answer_today(sliders.deadline_ms), kept.explorer.answer(sliders)
    return PlanAnswer(problem.now_ms, problem.timing.doubt.caution, today, changed)


def _keep_explorer(settings: Settings, deadline_ms: int) -> KeptExplorer:
    """Return the worlds of the office as it stands, drawn now or a moment ago."""
    from console.plan import read_live_problem
    from planner.decision import Explorer

    ledger, setup = open_ledger(settings.redis_url, settings.office)
    now = OfficeMark(time.monotonic(), ledger.time()[0], ledger.serial(), count_actions(ledger))
    check_deadline(deadline_ms, now_ms=now.now_ms)
    kept = _kept.get(settings.office)
    if kept is None or not kept.serves(now):
        live = read_live_problem(ledger, setup, Terms(deadline_ms=deadline_ms))
        kept = _kept[settings.office] = KeptExplorer(now, Explorer(live.problem, start_threads()))
    return kept


def find_plan(settings: Settings, terms: Terms) -> FoundPlan:
    """Find the cheapest overtime for a deadline, and keep it as the plan made last."""
    from console.plan import count_people, find_live_plan
    from planner.decision import price_orders

    ledger, _ = open_ledger(settings.redis_url, settings.office)
    check_deadline(terms.deadline_ms, now_ms=ledger.time()[0])
    found, saved = find_live_plan(PlanningOffice(ledger, settings), terms)
    best, needed = found.best, found.needed
    return FoundPlan(
        name=saved.name,
        now_ms=found.problem.now_ms,
        caution=found.problem.timing.doubt.caution,
        deadline_ms=terms.deadline_ms,
        confidence=found.problem.confidence,
        max_hours=found.allowed_h,
        capped_by=found.capped_by.source if found.capped_by else "",
        opens=found.opens,
        suffices=best is not None,
        holds=found.holds,
        people=count_people(found),
        needed=WaysOut(**asdict(needed)) if needed else WaysOut(),
        orders=saved.orders,
        prices=tuple(price_orders(found.problem, saved.orders)),
        chance=(found.confirmed or best.chance).share if best else 0.0,
        rupiah=best.cost.rupiah if best else 0,
        seat_hours=best.cost.seat_hours if best else 0.0,
    )
