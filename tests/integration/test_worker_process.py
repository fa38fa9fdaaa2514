"""What Celery calls in a worker's process: its pool of seats, its remote control, its tasks and its signals."""

from __future__ import annotations

import logging
import warnings
from threading import Barrier
from threading import enumerate as live_threads
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from celery.worker.control import Panel

from lembur import bus
from lembur.domain.card import Status
from lembur.domain.errors import OrderError
from lembur.domain.seats import CENTRE, StationCode
from lembur.domain.time import HOUR_MS, NEVER_MS, moment_ms
from lembur.ledger import Ledger, connect
from lembur.ledger.types import Offer
from lembur.settings import Settings, read_settings
from support.relay import Relay
from support.servers import redis_of
from support.small_office import HALL, SCENARIO, WING, identity, opened
from support.waiting import eventually
from workers import app as process
from workers import controls
from workers.pool import SeatPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MORNING_MS = moment_ms(SCENARIO.starts) + HOUR_MS
HARMLESS = {
    *("active", "active_queues", "clock", "conf", "disable_events", "election", "enable_events", "heartbeat", "hello"),
    *("memdump", "memsample", "objgraph", "ping", "query_task", "registered", "report", "reserved", "revoked"),
    *("scheduled", "stats"),
    *("dump_active", "dump_conf", "dump_reserved", "dump_revoked", "dump_schedule", "dump_tasks"),
}
"""Celery's commands that only look, or speak to Flower."""


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """Give an office on its first morning, with two of three seats open in the hall, and one seat in the wing."""
    with connect(valkey_url) as server:
        found = opened(Ledger(server, office=office), started=False)
        found.set_clock(virtual_ms=MORNING_MS, speed=0, ends_ms=moment_ms(SCENARIO.ends))
        yield found


@pytest.fixture
def make_pool(ledger: Ledger, office: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., SeatPool]:
    """Give the maker of a worker's pool for some stations, over a server."""
    del ledger

    def make(*stations: StationCode, url: str) -> SeatPool:
        monkeypatch.setenv("LEMBUR_REDIS_URL", url)
        monkeypatch.setenv("LEMBUR_OFFICE", office)
        monkeypatch.setenv("LEMBUR_STATIONS", ",".join(stations))
        return SeatPool(4, app=bus.make_app(read_settings()))

    return make


@pytest.fixture
def pool(make_pool: Callable[..., SeatPool], valkey_url: str) -> SeatPool:
    """Give the pool of the hall's worker."""
    return make_pool(HALL, url=valkey_url)


def press(button: str, pool: SeatPool, **given: Any) -> dict[str, str]:
    """Press a button of Flower; return the answer of the worker."""
    answer: dict[str, str] = Panel.data[button](SimpleNamespace(consumer=SimpleNamespace(pool=pool)), **given)
    return answer


def wakeups(ledger: Ledger, office: str) -> int:
    """Return the messages that wait for the hall."""
    return int(redis_of(ledger.server).llen(f"bus:{{{office}}}:{bus.queue_of(HALL)}"))


def shown_size(pool: SeatPool) -> int:
    """Return the size of the pool that Flower shows."""
    return int(pool.info["max-concurrency"])


def test_the_size_of_the_pool_is_that_of_the_open_seats(pool: SeatPool, ledger: Ledger) -> None:
    """Celery reads zero as no limit, so a closed station has a size of one there, and of zero for people."""
    assert (pool.num_processes, shown_size(pool), pool.info["stations"]) == (2, 2, [HALL])

    assert pool.order(-2, by="Bu Sri", reason="a test") == f"0 seats of {HALL}"
    assert (pool.num_processes, shown_size(pool)) == (1, 0)
    assert pool.order(1, by="Bu Sri", reason="a test") == f"1 seat of {HALL}"
    assert ledger.seats_at(HALL, ledger.time()[0]) == 1


def test_a_printer_that_came_later_finds_a_thread(pool: SeatPool) -> None:
    """The worker was started for four seats, and six work together after a change of the office."""
    together = Barrier(6)
    turns = [pool.executor.submit(together.wait, 60) for _ in range(6)]

    assert sorted(turn.result(60) for turn in turns) == list(range(6))


def test_an_order_wakes_its_seats(pool: SeatPool, ledger: Ledger, office: str) -> None:
    """Cards that wait are begun at once, not at the next look of the sweep."""
    ledger.set_clock(virtual_ms=MORNING_MS, speed=1e-6, ends_ms=moment_ms(SCENARIO.ends))
    pool.order(-2, by="Bu Sri", reason="a test")
    ledger.enrol([identity(1, ready_ms=MORNING_MS)])
    ledger.advance([CENTRE, HALL, WING], fed_ms=NEVER_MS)
    assert not isinstance(ledger.offer(HALL, most=1), Offer)
    assert wakeups(ledger, office) == 0
    pool.order(1, by="Bu Sri", reason="a test")

    assert wakeups(ledger, office) == 1


def test_a_worker_of_several_stations_has_all_their_seats(
    make_pool: Callable[..., SeatPool], valkey_url: str, ledger: Ledger
) -> None:
    """An order names one station, so this worker takes none, and names the command that does."""
    both = make_pool(HALL, WING, url=valkey_url)

    assert both.num_processes == 3
    with pytest.raises(OrderError, match=f"serves {HALL}, {WING}: name one with 'lembur seats STATION N'"):
        both.order(1, by="Bu Sri", reason="a test")
    assert ledger.orders() == []


def test_a_pool_without_its_ledger_is_closed(make_pool: Callable[..., SeatPool], valkey_url: str) -> None:
    """The worker goes on while the server is away, and shows no seats."""
    port = urlsplit(valkey_url).port
    assert port
    with Relay(port) as relay:
        away = make_pool(HALL, url=valkey_url.replace(f":{port}", f":{relay.port}"))
        assert shown_size(away) == 2
        relay.cut()

        assert (away.num_processes, shown_size(away)) == (1, 0)


def test_an_order_holds_though_the_bus_is_away(
    make_pool: Callable[..., SeatPool], valkey_url: str, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wake-ups of an order are sent again by the sweep."""
    ledger.enrol([identity(1)])
    with Relay(1) as nobody:
        monkeypatch.setenv("LEMBUR_BROKER_URL", f"redis://127.0.0.1:{nobody.port}/0")
        nobody.cut()
        alone = make_pool(HALL, url=valkey_url)

        assert alone.order(1, by="Bu Sri", reason="a test") == f"3 seats of {HALL}"


def test_grow_and_shrink_are_orders_until_the_evening(pool: SeatPool, ledger: Ledger) -> None:
    """The order names the login of the person who pressed the button, or the program that sent the command."""
    grown = press("pool_grow", pool, n=1, by="sri")
    shrunk = press("pool_shrink", pool, n=2)

    assert grown == {"ok": f"3 seats of {HALL} open until this evening: Grow in Flower"}
    assert shrunk == {"ok": f"1 seat of {HALL} open until this evening: celery control pool_shrink"}
    assert [(one.seats, one.by, one.reason) for one in ledger.orders()] == [
        (3, "sri", "Grow in Flower"),
        (1, "celery control", "celery control pool_shrink"),
    ]


def test_grow_means_one_seat_without_a_number(pool: SeatPool, ledger: Ledger) -> None:
    """Flower's button sends no number."""
    press("pool_grow", pool)

    assert ledger.orders()[-1].seats == 3


@pytest.mark.parametrize(("number", "sentence"), [(9, "seats must be 0 to 3, not 11"), ("x", "unsupported operand")])
def test_what_cannot_be_ordered_is_answered(pool: SeatPool, ledger: Ledger, number: object, sentence: str) -> None:
    """A number beyond the printers and a text are refused in a sentence; nothing is ordered."""
    assert sentence in press("pool_grow", pool, n=number)["error"]
    assert ledger.orders() == []


@pytest.mark.parametrize("command", controls.REFUSED)
def test_another_lever_is_refused(pool: SeatPool, command: str) -> None:
    """Whatever its arguments, it changes nothing, and the answer shows the way."""
    assert press(command, pool, queue="print.hall", n=3) == {"error": controls.REFUSAL}


def test_no_other_command_changes_an_office(pool: SeatPool) -> None:
    """A version of Celery with another command fails here, until somebody has looked at it."""
    press("pool_grow", pool)

    assert set(Panel.data) - {*controls.REFUSED, "pool_grow", "pool_shrink"} == HARMLESS


def test_a_worker_has_the_pool_of_seats() -> None:
    """Whatever `celery` is given by its command, the seats are those of the ledger."""
    assert process.app.conf.worker_pool == "workers.pool:SeatPool"


@pytest.fixture
def worker(
    ledger: Ledger, valkey_url: str, office: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """Let this process be a worker of the centre and the hall; it stops at the end."""
    del ledger
    given = Settings(redis_url=valkey_url, office=office, stations=(CENTRE, HALL), data=tmp_path)
    monkeypatch.setattr(process, "SETTINGS", given)
    monkeypatch.setattr(process, "app", bus.make_app(given))
    process.equipment.cache_clear()
    yield given
    process.stop_claims()
    eventually(lambda: not {"sweep", "hearing", "warm"} & {one.name for one in live_threads()})
    process.STOPPING.clear()
    process.equipment.cache_clear()


def waits(ledger: Ledger) -> dict[Status, int]:
    """Return the cards by status, without zeros."""
    return {status: count for status, count in ledger.counts().items() if count}


@pytest.mark.usefixtures("worker")
def test_a_task_takes_a_card_through_its_stage(ledger: Ledger, office: str) -> None:
    """A line has it verified, then a seat of its station prints it."""
    ledger.enrol([identity(1, first_issue=True, ready_ms=MORNING_MS)])
    ledger.advance([CENTRE, HALL, WING], fed_ms=NEVER_MS)

    assert process.verify_next() == "1 card"
    assert wakeups(ledger, office) == 1
    assert process.equipment().claims.lease_ms == 15_000
    assert waits(ledger) == {Status.PRINT_READY_RECORD: 1}
    ledger.advance([CENTRE, HALL, WING])
    assert process.print_next(HALL) == "1 card"
    assert waits(ledger) == {Status.CARD_PRINTED: 1}


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("station", [WING, CENTRE, "nowhere", 7, None])
def test_a_message_for_another_station_is_refused(station: object) -> None:
    """A malformed message ends no worker and prints nothing."""
    assert process.print_next(station) == "refused: this worker has no printers of such a station"


@pytest.mark.usefixtures("worker")
def test_a_worker_that_stops_claims_nothing(ledger: Ledger) -> None:
    """At a warm shutdown the card waits on for another worker."""
    ledger.enrol([identity(1, ready_ms=MORNING_MS)])
    ledger.advance([CENTRE, HALL, WING], fed_ms=NEVER_MS)
    process.stop_claims()

    assert process.print_next(HALL).startswith("no lot:")
    assert waits(ledger) == {Status.PRINT_READY_RECORD: 1}


@pytest.mark.usefixtures("worker")
def test_a_worker_that_is_up_sweeps_and_hears(ledger: Ledger) -> None:
    """Its sweep shows that it lives. The reader of the centre runs only where the centre is served."""
    process.start_sweep(SimpleNamespace(hostname="verify@centre"))
    eventually(lambda: "verify@centre" in ledger.last_seen())
    assert {"sweep", "hearing"} <= {one.name for one in live_threads()}
    assert all(one.daemon for one in live_threads() if one.name in {"sweep", "hearing", "warm"})


@pytest.mark.usefixtures("worker")
def test_a_worker_goes_on_by_a_changed_office(ledger: Ledger) -> None:
    """Its sweep notices the change. The next print has the new figures: each of its blanks is spoiled."""
    process.start_sweep(SimpleNamespace(hostname="print@hall"))
    assert process.equipment().setup.changes == 0
    printing = SCENARIO.printing.model_copy(update={"spoil_rate": 1.0})
    after = SCENARIO.model_copy(update={"printing": printing}).model_dump(mode="json")
    ledger.change(
        office={**ledger.office(), "scenario": after},
        stations=[],
        ends_ms=moment_ms(SCENARIO.ends),
        changes=0,
        orders=0,
        expects_others=False,
        changed="printing.spoil_rate: 0.02 -> 1",
        by="Bu Sri",
        reason="a test",
    )

    eventually(lambda: process.equipment().setup.changes == 1)
    ledger.enrol([identity(1, ready_ms=MORNING_MS)])
    ledger.advance([CENTRE, HALL, WING], fed_ms=NEVER_MS)
    process.print_next(HALL)

    assert int(ledger.server.hget(ledger.key("stock", HALL), "spoiled") or 0) >= 1
    assert Status.CARD_PRINTED not in waits(ledger)


def test_a_worker_of_printers_hears_no_centre(
    worker: Settings, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all workers only those of the centre read its feed."""
    monkeypatch.setattr(process, "SETTINGS", worker.model_copy(update={"stations": (HALL,)}))
    process.start_sweep(SimpleNamespace(hostname="print@hall"))

    eventually(lambda: "print@hall" in ledger.last_seen())
    assert "hearing" not in {one.name for one in live_threads()}


def test_a_log_has_a_line_for_each_event_and_none_for_each_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Celery's lines for tasks and tries to reconnect, and a client's for requests, would hide what matters."""
    quiet = ("celery.worker.strategy", "celery.app.trace", "httpx2", "celery.worker.consumer.consumer", "py.warnings")
    for name in quiet:
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
        monkeypatch.setattr(logging.getLogger(name), "filters", [])
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    process.configure_logging()

    assert (logging.root.level, len(logging.root.handlers)) == (logging.INFO, 1)
    levels = [logging.getLogger(name).level for name in quiet]
    assert levels == [*[logging.WARNING] * 3, logging.CRITICAL, logging.NOTSET]
    passed = [
        logging.getLogger("py.warnings").filter(warning(text)) for text in ("late acknowledgement is on", "other")
    ]
    assert list(map(bool, passed)) == [False, True]


def warning(text: str) -> logging.LogRecord:
    """Make the record of a warning."""
    return logging.LogRecord("py.warnings", logging.WARNING, warnings.__file__, 1, text, None, None)
