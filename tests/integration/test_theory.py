"""The kernel against theory, and card by card against two simulators that others wrote."""

from __future__ import annotations

from math import factorial, sqrt
from typing import Any

import ciw
import numpy as np
import pytest
import simpy

from planner.arrays import Steps
from planner.simulation import ReplayResult, Staffing, replay_queue
from reference.one_world import one_world

CARDS = 400_000


def erlang_c_wait(servers: int, load: float) -> float:
    """Tell the mean wait of M/M/c by Erlang's formula (1917), for a mean service of 1."""
    offered = servers * load
    below = sum(offered**n / factorial(n) for n in range(servers))
    busy = offered**servers / factorial(servers) / (1 - load)
    return busy / (below + busy) / (servers * (1 - load))


def played(ready: Any, work: Any, seats: int) -> ReplayResult:
    """Replay one station with the same seats all the time."""
    return replay_queue(one_world(ready, work), Staffing(Steps.of([(0, seats)]), seats), keep=True)


@pytest.mark.parametrize(("servers", "mean_wait"), [(8, 0.87692), (4, 1.96938)])
def test_erlang_c(servers: int, mean_wait: float) -> None:
    """At 90 % load the mean wait lies within three standard errors of Erlang's (batch means, a fifth as warm-up)."""
    assert erlang_c_wait(servers, 0.9) == pytest.approx(mean_wait, abs=1e-5)
    draws = np.random.Generator(np.random.Philox(servers))
    unit = 1_000_000
    ready = np.cumsum(draws.exponential(unit / (0.9 * servers), CARDS)).astype(np.int64)
    work = np.rint(draws.exponential(unit, CARDS)).astype(np.int32)

    waits = (played(ready, work, servers).starts_ms - ready)[CARDS // 5 :] / unit

    means = waits.reshape(40, -1).mean(axis=1)
    assert abs(means.mean() - mean_wait) < 3 * means.std(ddof=1) / sqrt(40)


def draws_of(seed: int, cards: int = 400) -> tuple[Any, Any, Any]:
    """Draw arrivals and the times of two stages, all moments different."""
    draws = np.random.Generator(np.random.Philox(seed))
    ready = np.cumsum(draws.integers(1, 4000, cards)).astype(np.int64)
    return ready, draws.integers(1, 20_001, cards), draws.integers(1, 30_001, cards)


def by_simpy(ready: Any, work: list[int], seats: int) -> list[tuple[float, float]]:
    """Let SimPy play one station."""
    room = simpy.Environment()
    servers, made = simpy.Resource(room, seats), []

    def card(at: int, takes: int) -> Any:
        yield room.timeout(at)
        with servers.request() as seat:
            yield seat
            made.append((room.now, room.now + takes))
            yield room.timeout(takes)

    for at, takes in zip(ready, work, strict=True):
        room.process(card(int(at), int(takes)))
    room.run()
    return made


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_stages_card_by_card_with_simpy(seed: int) -> None:
    """The centre with four lines, then eight seats: every start and end of both is SimPy's."""
    ready, answers, prints = draws_of(seed)

    centre = played(ready, answers, 4)
    order = np.argsort(centre.ends_ms, kind="stable")
    printed = played(centre.ends_ms[order], prints, 8)

    first = by_simpy(ready, answers, 4)
    assert list(zip(centre.starts_ms.tolist(), centre.ends_ms.tolist(), strict=True)) == first
    second = by_simpy(sorted(end for _, end in first), prints, 8)
    assert list(zip(printed.starts_ms.tolist(), printed.ends_ms.tolist(), strict=True)) == second


class Given(ciw.dists.Distribution):  # type: ignore[misc]
    """Gives numbers in order, and then nothing more."""

    def __init__(self, numbers: Any) -> None:
        self.numbers = iter(numbers)

    def sample(self, t: Any = None, ind: Any = None) -> float:  # noqa: ARG002  (Ciw's own signature)
        """Give the next."""
        return float(next(self.numbers, np.inf))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_stage_card_by_card_with_ciw(seed: int) -> None:
    """Three seats: every start and end is Ciw's."""
    ready, work, _ = draws_of(seed)
    network = ciw.create_network(
        arrival_distributions=[Given(np.diff(ready, prepend=0))],
        service_distributions=[Given(work)],
        number_of_servers=[3],
    )
    theirs = ciw.Simulation(network)
    theirs.simulate_until_max_time(float(ready[-1]) + 10_000_000)
    records = sorted((record.service_start_date, record.service_end_date) for record in theirs.get_all_records())

    made = played(ready, work, 3)

    ours = sorted(zip(made.starts_ms.tolist(), made.ends_ms.tolist(), strict=True))
    assert ours == [(round(start), round(end)) for start, end in records]


def test_the_tandems_throughput_is_its_bottlenecks() -> None:
    """The printers are the bottleneck: they make eight cards each mean print time, within one part in a hundred."""
    draws = np.random.Generator(np.random.Philox(5))
    ready = np.zeros(100_000, dtype=np.int64)
    centre = played(ready, draws.integers(1, 2_001, 100_000), 4)
    order = np.argsort(centre.ends_ms, kind="stable")

    printed = played(centre.ends_ms[order], draws.integers(1, 10_001, 100_000), 8)

    assert printed.finish_ms[0] * 8 / 5000.5 == pytest.approx(100_000, rel=0.01)
