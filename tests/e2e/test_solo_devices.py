"""Solo with devices of its own: six private CUPS queues and a centre over HTTP, played by real processes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from console.runtime import office as running
from console.runtime.embedded_server import valkey_binary
from lembur.domain.card import SHELVES, Status
from lembur.domain.scenario import Backlog, Scenario, load
from lembur.ledger import queries
from lembur.ledger.audit import PrintLogs, reconcile
from lembur.office import OfficeSetup
from support.cups import PrintServer
from support.programs import free_port
from support.servers import running as serving
from support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

SPEED = 60.0
"""A print takes about a second of the print server's."""


def solo(server: PrintServer, printers: Path, port: int, cards: int) -> Scenario:
    """Give Solo with one real printer a station, a centre over HTTP, and people who were recorded this morning."""
    base = load("solo-2016")
    stations = []
    for station in base.stations:
        queue = server.add_queue(station.code, journal=printers / f"{station.code}.fence")
        server.play(station.code, s=0.2)
        stations.append(station.model_copy(update={"printers": 1, "seats": 1, "queues": (queue,)}))
    return base.model_copy(
        update={
            "stations": tuple(stations),
            "printing": base.printing.model_copy(update={"device": "ipp", "breakdown_every_h": 0.0}),
            "centre": base.centre.model_copy(update={"device": "http", "address": f"http://127.0.0.1:{port}"}),
            "backlog": Backlog(cards=cards, status=Status.BIO_CAPTURED, recorded_over_days=1),
            "arrivals": base.arrivals.model_copy(update={"visits": (), "counter": ()}),
            "overtime": (),
        }
    )


@pytest.mark.timeout(600)
def test_solo_on_a_print_server_and_a_centre_over_http(tmp_path: Path) -> None:
    """Every card comes out once or stands on a shelf, each printer's own record agrees, and all reconciles."""
    play_solo(tmp_path, 60)


def play_solo(tmp_path: Path, cards: int) -> None:
    """Play Solo and judge it by the printers' own records."""
    printers, port = tmp_path / "data" / "printers", free_port()
    printers.mkdir(parents=True)
    (tmp_path / "server").mkdir()
    with PrintServer(tmp_path / "cups") as server, serving(valkey_binary(), tmp_path / "server") as url:
        play = OfficeSetup(solo(server, printers, port, cards), 1, 1, SPEED)
        with running.start_office(data=tmp_path / "data", redis_url=url, play=play, fresh=True, unsafe=True) as played:
            words = [sys.executable, "-m", "workers.devices.centre_service", "127.0.0.1", str(port)]
            played.processes.start("centre", words, environment=played.settings.environment())
            ledger = played.ledger
            with running.run_clock(played, jumps=True):

                def done() -> bool:
                    counts = ledger.counts()
                    settled = sum(counts.get(status, 0) for status in (Status.CARD_PRINTED, *SHELVES))
                    return settled == ledger.serial() >= cards

                eventually(done, deadline_s=500)
            counts = {status: n for status, n in ledger.counts().items() if n}
            out = [name for station in play.stations for name in server.cards_out(station)]

            assert reconcile(ledger, play.stations, logs=PrintLogs((printers,))) == []
            assert len(out) == len(set(out)) == counts[Status.CARD_PRINTED] > cards / 2
            assert {name[0] for name in queries.counters(ledger) if name[0] == "printer_good"}
