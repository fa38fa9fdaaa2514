"""An hour of Solo at its own time: wake-ups that wait at each station, lost wake-ups, lines of each worker's log.

Run by `make bench-hour`. It fails if a station ever holds more messages than open seats, if a wake-up counts as lost,
or if a worker logs anything once its office is at work. All three once grew without end while nothing was wrong.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent))
from lembur.bus import queue_of
from lembur.domain.card import Status
from lembur.domain.errors import LedgerError
from lembur.domain.seats import CENTRE
from lembur.ledger import Ledger, connect
from lembur.ledger.queries import read_board
from lembur.office import read_setup
from support.programs import LEMBUR
from support.waiting import eventually

if TYPE_CHECKING:
    from lembur.domain.seats import StationCode

OFFICE = "3372"
START_S = 120.0
EVERY_S = 60


def main() -> int:
    """Open Solo, look once a minute, and print what was seen; the exit code is 1 if anything grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with subprocess.Popen([LEMBUR, "up", "solo-2016", "--quiet", "--data", data], cwd=folder) as office:
            try:
                return observe(data, minutes)
            finally:
                office.send_signal(signal.SIGINT)


def observe(data: Path, minutes: int) -> int:
    """Print one row a minute, and then what is wrong."""
    eventually(lambda: printing(data), START_S)
    ledger = opened(data)
    stations = read_setup(ledger).all_stations
    first_lines, surplus = log_lines(data), 0
    table = Table("minute", "printed", "messages", "open seats", "lost wake-ups", "new log lines", box=None)
    for minute in range(1, minutes + 1):
        time.sleep(EVERY_S)
        messages, seats = messages_by_station(ledger, stations), seats_by_station(ledger, stations)
        surplus += sum(messages[code] > seats[code] for code in stations)
        printed = ledger.counts().get(Status.CARD_PRINTED, 0)
        lines = sum(log_lines(data).values()) - sum(first_lines.values())
        row = (minute, printed, sum(messages.values()), sum(seats.values()), lost_wakeups(ledger), lines)
        table.add_row(*map(str, row))
        sys.stderr.write(f"{row}\n")
    grown = {name: lines - first_lines.get(name, 0) for name, lines in log_lines(data).items()}
    Console().print(table)
    Console().print(f"Lists with more messages than open seats: {surplus}. Lines of each log after the start: {grown}")
    return int(surplus > 0 or lost_wakeups(ledger) > 0 or any(grown.values()))


def opened(data: Path) -> Ledger:
    """Open the ledger of the office that runs in this folder."""
    return Ledger(connect((data / "address").read_text()), office=OFFICE)


def printing(data: Path) -> bool:
    """Return whether each print station has a seat at work."""
    try:
        ledger = opened(data)
        board = read_board(ledger, read_setup(ledger).stations)
    except (OSError, LedgerError):
        return False
    return all(station.seats_busy for station in board.stations)


def messages_by_station(ledger: Ledger, stations: tuple[StationCode, ...]) -> dict[StationCode, int]:
    """Count the wake-ups that wait in each list of the bus."""
    return {code: ledger.server.llen(f"bus:{OFFICE}:{queue_of(code)}") for code in stations}


def seats_by_station(ledger: Ledger, stations: tuple[StationCode, ...]) -> dict[StationCode, int]:
    """Count the open seats of each station."""
    return {station.code: station.seats_open for station in read_board(ledger, stations).stations}


def lost_wakeups(ledger: Ledger) -> int:
    """Return the number behind `lembur_lost_wakeups_total`."""
    return int(ledger.server.hget(f"{ledger.prefix}totals", f"lost_wakes|{CENTRE}") or 0)


def log_lines(data: Path) -> dict[str, int]:
    """Count the lines of each worker's log."""
    return {log.stem: log.read_bytes().count(b"\n") for log in sorted((data / "logs").glob("worker-*.log"))}


if __name__ == "__main__":
    sys.exit(main())
