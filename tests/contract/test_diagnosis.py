"""`lembur doctor`: each fault of an office that answers is one sentence, and a well office has none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from console.runtime import diagnosis
from console.runtime.diagnosis import find_faults
from lembur.domain.scenario import Backlog, load
from lembur.domain.seats import CENTRE
from lembur.domain.time import HOUR_MS
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, open_office
from support.small_office import identity
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

SOLO = OfficeSetup(load("solo-2016"), seed=1, lot_cards=1)
REAL = OfficeSetup(
    SOLO.scenario.model_copy(
        update={
            "demonstration": False,
            "backlog": Backlog(cards=0),
            "starts": datetime.now(UTC) - timedelta(days=1),
            "ends": datetime.now(UTC) + timedelta(days=30),
        }
    ),
    seed=1,
    lot_cards=1,
)


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """Give the ledger of an office that nobody has opened."""
    with connect(valkey_url) as server:
        yield Ledger(server, office=office)


def sign_in(ledger: Ledger, setup: OfficeSetup) -> None:
    """Let a worker of all stations give a sign of life, which holds for as long as a slow test takes."""
    ledger.server.hset(ledger.key("heartbeats"), "all", f"{ledger.real_ms() + 600_000}|{','.join(setup.all_stations)}")


def play(ledger: Ledger) -> None:
    """Open a demonstration with its workers, and let a feed keep its clock."""
    open_office(ledger, SOLO)
    sign_in(ledger, SOLO)
    ledger.set_clock(virtual_ms=SOLO.starts_ms, speed=1, ends_ms=SOLO.ends_ms, keeper="feed")


def test_a_well_office_has_no_fault(ledger: Ledger) -> None:
    """Neither a demonstration with its feed, nor a real office without one."""
    play(ledger)
    assert list(find_faults(ledger, SOLO)) == []


def test_a_real_office_without_a_feed_has_no_fault(ledger: Ledger) -> None:
    """It needs none."""
    open_office(ledger, REAL)
    sign_in(ledger, REAL)
    assert list(find_faults(ledger, REAL)) == []


def test_a_stopped_feed_is_found(ledger: Ledger) -> None:
    """The clock of a demonstration stands without it."""
    play(ledger)
    ledger.stop_clock(keeper="feed")
    eventually(lambda: ledger.read_clock().stands)

    [fault] = find_faults(ledger, SOLO)

    assert fault.startswith("the clock stands, because this demonstration has no feed")


@pytest.mark.parametrize(("off_ms", "side"), [(-HOUR_MS, "3,600 s behind"), (HOUR_MS, "3,600 s ahead of")])
def test_a_clock_that_drifts_is_found(ledger: Ledger, off_ms: int, side: str) -> None:
    """A real office whose clock is not the time of day, by an hour."""
    open_office(ledger, REAL)
    sign_in(ledger, REAL)
    ledger.server.hincrby(ledger.prefix + "clock", "virtual", off_ms)

    [fault] = find_faults(ledger, REAL)

    assert fault.startswith(f"the office's clock is {side} this machine's")


def test_an_office_that_is_over_is_found(ledger: Ledger) -> None:
    """After the end in its file no card starts, and nothing else would say why."""
    play(ledger)
    ledger.set_clock(virtual_ms=SOLO.ends_ms + 1, speed=1, ends_ms=SOLO.ends_ms, keeper="feed")

    [fault] = find_faults(ledger, SOLO)

    assert fault.startswith("solo-2016 is over")


def test_memory_that_is_nearly_full_is_found(ledger: Ledger) -> None:
    """Before the server refuses every change."""
    play(ledger)
    used = int(ledger.server.info("memory")["used_memory"])
    ledger.server.config_set("maxmemory", round(used * 1.05))
    try:
        [fault] = find_faults(ledger, SOLO)
    finally:
        ledger.server.config_set("maxmemory", 0)

    assert fault.startswith("the server's memory is 9")


def test_a_worker_that_takes_no_messages_is_found(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its consumer was cancelled: a wake-up is under way, and nobody has heard one for a minute."""
    monkeypatch.setattr(diagnosis, "HEARD_S", 0)
    play(ledger)
    ledger.advance(SOLO.all_stations, fed_ms=SOLO.ends_ms, keeper="feed")
    _, wakes = ledger.enrol([identity(1, first_issue=True, ready_ms=SOLO.starts_ms, station=SOLO.stations[0])])
    assert wakes == {CENTRE: 1}
    assert list(find_faults(ledger, SOLO)) == []
    ledger.server.hincrby(f"{ledger.prefix}station:{CENTRE}", "heard", -60_000)

    [fault] = find_faults(ledger, SOLO)

    assert fault.startswith("a message waits for the worker of centre, which takes none")


def test_stations_without_a_worker_are_found(ledger: Ledger) -> None:
    """One worker was killed a minute ago, another was never started; the others are well."""
    play(ledger)
    dinas, laweyan, *others = SOLO.stations
    now_ms = ledger.real_ms()
    rows = {
        "all": (now_ms + 600_000, [CENTRE, *others]),
        "print@dinas": (now_ms - 60_000, [dinas]),
        "feed": (now_ms, []),
    }
    for node, (at, stations) in rows.items():
        ledger.server.hset(ledger.key("heartbeats"), node, f"{at}|{','.join(stations)}")

    [fault] = find_faults(ledger, SOLO)

    assert fault.startswith(f"no worker has signed in for {dinas}, {laweyan} within the last 30 s: start 'lembur up'")
