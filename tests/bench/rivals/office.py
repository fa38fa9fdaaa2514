"""Runs an office for `make bench-rivals`: its workers, a live producer that enrols cards, and the counter.

One process a part: this one keeps the clock and watches the workers, a child enrols.
"""

from __future__ import annotations

import os
import threading
import time
from itertools import count, islice
from multiprocessing import Process
from pathlib import Path
from typing import TYPE_CHECKING

from redis import Redis

from console.runtime.office import LARGEST_LOT, run_clock, start_office, watch
from lembur import bus
from lembur.domain.card import Priority, Status
from lembur.domain.scenario import Backlog, load
from lembur.domain.seats import CENTRE
from lembur.ledger import Ledger, connect
from lembur.ledger.types import Enrolment
from lembur.office import OfficeSetup, read_setup
from lembur.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lembur.domain.seats import StationCode

FLOOD = str(Path(__file__).parent.parent / "flood.toml")
WAITING = int(os.environ["BENCH_WAITING"])
BATCH = min(1_000, WAITING // 4)
PAUSE_S = 0.01
URL = os.environ["BENCH_URL"]
SHARE_S = 0.5
ENDLESS = 100_000_000
"""Blanks and ribbons that no window uses up."""


def produce() -> None:
    """Enrol cards for ever, as long as fewer than a bound are open."""
    ledger = Ledger(connect(URL), office="3372")
    setup = read_setup(ledger)
    stations = [station for station in setup.stations if station != CENTRE]
    wake = bus.sender(read_settings(redis_url=URL, data=Path(os.environ["BENCH_FOLDER"]) / "data"))
    numbers = count(1)
    while True:
        if _open_cards(ledger) > WAITING:
            time.sleep(PAUSE_S)
            continue
        _, wakes = ledger.enrol([_card(number, stations, setup.starts_ms) for number in islice(numbers, BATCH)])
        wake(wakes)


def _card(number: int, stations: Sequence[StationCode], at_ms: int) -> Enrolment:
    return Enrolment(
        nik=f"{number:032x}",
        mask="337201******0001",
        stream="first_issue",
        priority=Priority(2),
        due_ms=at_ms + 86_400_000,
        ready_ms=at_ms,
        station=stations[number % len(stations)],
        kelurahan="3372011001",
        first_issue=True,
    )


def _open_cards(ledger: Ledger) -> int:
    counts = ledger.counts()
    return sum(counts.get(status, 0) for status in (Status.BIO_CAPTURED, Status.PRINT_READY_RECORD))


def main() -> None:
    """Open the office, let it work, and copy how many cards it printed to where the others count."""
    flood = load(FLOOD)
    stations = tuple(one.model_copy(update={"blanks": ENDLESS, "ribbons": ENDLESS}) for one in flood.stations)
    scenario = flood.model_copy(update={"backlog": Backlog(cards=0), "stations": stations})
    play = OfficeSetup(scenario, scenario.seed, LARGEST_LOT, speed=0)
    data = Path(os.environ["BENCH_FOLDER"]) / "data"
    with start_office(data=data, redis_url=URL, play=play, fresh=True, unsafe=True) as running:
        Process(target=produce, daemon=True).start()
        with run_clock(running, jumps=False) as over:
            threading.Thread(target=_copy_counts, args=(running.ledger,), daemon=True).start()
            watch(running, over, lambda *_: None, stay=True)


def _copy_counts(ledger: Ledger) -> None:
    server = Redis.from_url(URL)
    while True:
        counts = ledger.counts()
        ended = sum(number for status, number in counts.items() if status not in OPEN)
        server.set("bench:done", ended)
        time.sleep(SHARE_S)


OPEN = {Status.BIO_CAPTURED, Status.SENT_FOR_ENROLLMENT, Status.PRINT_READY_RECORD, Status.SENT_FOR_CARD_PRINTING}

if __name__ == "__main__":
    main()
