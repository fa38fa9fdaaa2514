"""Transfers of blanks between stations, tried in the worlds, for a queue that waits for blanks and not for people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from lembur.domain.time import HOUR_MS
from planner.outcomes import trace_completion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from lembur.domain.seats import StationCode
    from planner.outcomes import Completion
    from planner.problem import Problem, Roster, Worlds

SURE: Final = 0.95
"""Share of worlds in which the blanks left to a station must suffice."""
BATCH: Final = 10
"""Blanks are moved in multiples of this number."""
MOST_MOMENTS: Final = 3
"""Moments of deliveries at which a transfer is tried."""


@dataclass(frozen=True, slots=True)
class BlankLoan:
    """Blanks that go from one station to another."""

    blanks: int
    lender: StationCode
    taker: StationCode


@dataclass(frozen=True, slots=True)
class Transfer:
    """Moves of blanks at one moment, and the outcome without and with them."""

    at_ms: int
    moves: tuple[BlankLoan, ...]
    before: Completion
    after: Completion


def best_transfer(
    worlds: Worlds, at: Roster, before: Completion, *, threads: Executor | None = None
) -> Transfer | None:
    """Return the transfer that helps a roster most, or None where none helps. `before` is its completion without one.

    At each moment a station lends what it does not need itself, and takes what it lacks then.
    """
    problem, needs = worlds.problem, _needs(worlds)
    moments = {problem.now_ms, *(at for one in problem.stations for at in one.blanks.at_ms.tolist())}
    usable = sorted(moment for moment in moments if problem.now_ms <= moment < problem.deadline_ms)
    tried = [(moment, moves) for moment in usable[:MOST_MOMENTS] if (moves := _moves(problem, needs, moment))]
    if not tried:
        return None
    found = []
    for moment, moves in tried:
        changed = worlds.for_problem(with_moves(problem, moves, moment))
        found.append(Transfer(moment, moves, before, trace_completion(changed, at, threads=threads)))
    best = max(found, key=lambda one: _worth(problem, one.after))
    return best if _worth(problem, best.after) > _worth(problem, before) else None


def _worth(problem: Problem, completion: Completion) -> tuple[float, int, int]:
    """Return the worth of a completion: clear in time, the finish, and the whole cards in time, in this order."""
    clear = round(float((completion.finish_ms <= problem.deadline_ms).mean()), 2)
    finish = completion.finish_quantile_ms(0.5) // HOUR_MS
    return clear, -finish, round(completion.in_time.mean())


def _needs(worlds: Worlds) -> dict[StationCode, int]:
    """Return the blanks with which each station prints all its cards, spoiled prints too, in most worlds."""
    found = {}
    for station, queue in zip(worlds.problem.stations, worlds.block(0).queues, strict=True):
        cards = float(np.quantile(np.diff(queue.cards.edges), SURE))
        spoils = cards * station.spoil_rate / (1.0 - station.spoil_rate)
        found[station.code] = int(np.ceil(cards + spoils + 2.0 * np.sqrt(spoils)))
    return found


def _moves(problem: Problem, needs: Mapping[StationCode, int], moment_ms: int) -> tuple[BlankLoan, ...]:
    """Match the largest lack with the largest surplus, until there is none."""
    over = {one.code: one.blanks.at(moment_ms) - needs[one.code] for one in problem.stations}
    moves: list[BlankLoan] = []
    while True:
        lender, taker = max(over, key=lambda code: over[code]), min(over, key=lambda code: over[code])
        blanks = min(over[lender] // BATCH, -(over[taker] // BATCH)) * BATCH
        if blanks <= 0:
            return tuple(moves)
        moves.append(BlankLoan(blanks, lender, taker))
        over[lender] -= blanks
        over[taker] += blanks


def with_moves(problem: Problem, moves: Sequence[BlankLoan], moment_ms: int) -> Problem:
    """Return the problem with blanks moved between its stations at a moment."""
    more: dict[StationCode, int] = {}
    for move in moves:
        more[move.lender] = more.get(move.lender, 0) - move.blanks
        more[move.taker] = more.get(move.taker, 0) + move.blanks
    stations = (
        replace(one, blanks=one.blanks.plus(more[one.code], since_ms=moment_ms)) if one.code in more else one
        for one in problem.stations
    )
    return replace(problem, stations=tuple(stations))
