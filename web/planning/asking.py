"""The processes for what takes long: one answers quick questions, another one searches for plans and makes reports.

No request waits long. A question goes on after its request has ended, and the same question joins it: so a slow answer
is late, and never lost.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final, TypeVar

from lembur.domain.errors import LedgerError, LemburError
from web.planning.questions import (
    CardPromise,
    FoundPlan,
    PlanAnswer,
    answer_question,
    find_plan,
    load_planner,
    promise_card,
)
from web.planning.reports import (
    Period,
    ShownReport,
    list_owed_letters,
    list_report,
    list_visits,
    show_report,
    write_report,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from lembur.domain.card import CardId
    from lembur.ledger.queries.letters import OwedLetter
    from lembur.settings import Settings
    from planner.question import Sliders, Terms

PAGE_S: Final = 0.3
"""A page that is opened waits this long for its answer; it appears without it then, and loads it later."""
FORM_S: Final = 5.0
"""A form that asks a question waits this long."""
KEPT_S: Final = 60.0
"""An answer that nobody fetched is kept this long."""

Given = TypeVar("Given")
Answer = TypeVar("Answer")


class StillComputingError(LemburError):
    """A question whose answer is still being computed: the same question joins it."""


@dataclass(slots=True)
class _UnderWay:
    """A question under way, and when it ended."""

    future: Future[Any]
    ended_s: float = math.inf

    def note_end(self, _: object) -> None:
        self.ended_s = time.monotonic()

    @property
    def forgotten(self) -> bool:
        return time.monotonic() - self.ended_s > KEPT_S


_under_way: dict[tuple[object, ...], _UnderWay] = {}
_lock = Lock()


@cache
def _process(_: str) -> ProcessPoolExecutor:
    # Spawned: a fork would copy the threads' locks and the connections to the server.
    # Of normal priority: a person waits for the answer, and on a busy machine a lower one would wait for minutes.
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_end_with_console)


def _end_with_console() -> None:
    """End this process when the console is killed: nobody else would end it."""

    def wait() -> None:
        console = multiprocessing.parent_process()
        if console is not None:
            console.join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()


def start_planner() -> None:
    """Start the process for quick questions, so that the first question finds it ready."""
    _process("quick").submit(load_planner)


def answer_sliders(settings: Settings, sliders: Sliders, *, wait_s: float = FORM_S) -> PlanAnswer:
    """Answer the question of the sliders beside today's course."""
    return _ask("quick", answer_question, settings, sliders, wait_s)


def forecast_one_card(settings: Settings, card: CardId, *, wait_s: float = PAGE_S) -> CardPromise | None:
    """Forecast when a card will be ready; None when no machine has to work on it."""
    return _ask("quick", promise_card, settings, card, wait_s)


def search_plan(settings: Settings, terms: Terms, *, wait_s: float = FORM_S) -> FoundPlan:
    """Search the cheapest plan, and keep it as the plan made last."""
    return _ask("long", find_plan, settings, terms, wait_s)


def ask_report(settings: Settings, period: Period, *, wait_s: float = PAGE_S) -> ShownReport:
    """Report a period as text."""
    return _ask("long", show_report, settings, period, wait_s)


def ask_report_file(settings: Settings, period: Period, kind: str, *, wait_s: float = FORM_S) -> bytes:
    """Report a period as a file, 'pdf' or 'xlsx'."""
    return _ask("long", write_report, settings, (period, kind), wait_s)


def ask_report_json(settings: Settings, period: Period, *, wait_s: float = FORM_S) -> dict[str, Any]:
    """Report a period as JSON."""
    return _ask("long", list_report, settings, period, wait_s)


def plan_visits(settings: Settings, *, wait_s: float = FORM_S) -> dict[str, Any]:
    """Plan the visits to kelurahan from today on."""
    return _ask("long", list_visits, settings, "", wait_s)


def ask_owed_letters(settings: Settings, *, wait_s: float = PAGE_S) -> list[OwedLetter]:
    """List the interim letters that are owed, the longest wait first."""
    return _ask("long", list_owed_letters, settings, "", wait_s)


def _ask(
    process: str, question: Callable[[Settings, Given], Answer], settings: Settings, given: Given, wait_s: float
) -> Answer:
    key = (question.__name__, settings.redis_url, settings.office, given)
    asked = _join(key, lambda: _process(process).submit(_answer, question, settings, given))
    try:
        answer: Answer = asked.future.result(wait_s)
    except TimeoutError:
        raise StillComputingError("the answer is still being computed: ask once more") from None
    except BrokenProcessPool:
        _process.cache_clear()
        raise LedgerError("the planner's process ended: ask once more") from None
    finally:
        if asked.future.done():
            _forget(key, asked)
    return answer


def _answer(question: Callable[[Settings, Given], Answer], settings: Settings, given: Given) -> Answer:
    """Answer in the other process; a refusal comes back as its sentence, since its class would bring its whole room."""
    try:
        return question(settings, given)
    except LedgerError as fault:
        raise LedgerError.of(fault.sentence) from None
    except LemburError as fault:
        raise LemburError.of(fault.sentence) from None


def _join(key: tuple[object, ...], begin: Callable[[], Future[Any]]) -> _UnderWay:
    """Return the same question under way, or begin it."""
    with _lock:
        for old in [one for one, asked in _under_way.items() if asked.forgotten]:
            del _under_way[old]
        if key not in _under_way:
            _under_way[key] = _UnderWay(begin())
            _under_way[key].future.add_done_callback(_under_way[key].note_end)
        return _under_way[key]


def _forget(key: tuple[object, ...], asked: _UnderWay) -> None:
    with _lock:
        if _under_way.get(key) is asked:
            del _under_way[key]
