"""The process of the planner: one for all pages, started with the first question, of low priority."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

from lembur.domain.errors import LedgerError
from web.planning.questions import CardPromise, promise_card

if TYPE_CHECKING:
    from collections.abc import Callable

    from lembur.domain.card import CardId
    from lembur.settings import Settings

LONGEST_S: Final = 120.0
"""Seconds for an answer; the very first one compiles for some."""
POLITE: Final = 5

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


@cache
def _process() -> ProcessPoolExecutor:
    # Spawned: a fork would copy the threads' locks and the connections to the server.
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=os.nice, initargs=(POLITE,))


def ask_planner(
    question: Callable[Concatenate[Settings, Given], Answer],
    settings: Settings,
    *given: Given.args,
    **more: Given.kwargs,
) -> Answer:
    """Ask in the planner's process, and wait for the answer."""
    try:
        return _process().submit(question, settings, *given, **more).result(LONGEST_S)
    except BrokenProcessPool:
        _process.cache_clear()
        raise LedgerError("the planner's process ended: ask once more") from None
    except TimeoutError:
        raise LedgerError("the planner takes too long: ask once more") from None


def forecast_one_card(settings: Settings, card: CardId) -> CardPromise | None:
    """Forecast when a card will be ready; None when no machine has to work on it."""
    return ask_planner(promise_card, settings, card)
