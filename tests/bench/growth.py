"""What grows with the cards of an office: from ten thousand to five million, of them five thousand waiting.

Run by `make bench-growth`; it writes docs/pictures/growth.png. What waits, and each pass of two thousand cards, goes by
the ledger's own verbs. The cards of many years, printed and handed over, are copies of such cards, and `reconcile` must
find nothing wrong.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from matplotlib.figure import Figure
from rich import box
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent))
from console.runtime.embedded_server import valkey_binary
from lembur.domain.card import Status
from lembur.domain.scenario import load
from lembur.domain.seats import CENTRE
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.types import Lot
from lembur.office import OfficeSetup, open_office
from support.programs import LEMBUR
from support.servers import redis_of, running
from support.small_office import answered, claim, identity, printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lembur.ledger.types import Enrolment

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
WAITING, PASS, PASSES, LOT = 5_000, 2_000, 3, 60
COPIED = 5_000
"""Cards written in one round trip."""
TIMES = 50
FLOOD = str(Path(__file__).with_name("flood.toml"))
PICTURE = Path("docs/pictures/growth.png")
BLANKS = 10**7


@dataclass(frozen=True, slots=True)
class Row:
    """One size of the ledger. All times are of the processor, of client and server together."""

    cards: int
    bytes_a_card: float
    pass_us: float
    """Through both stages, microseconds a card."""
    scrape_ms: float
    board_ms: float
    card_ms: float
    plan_s: float
    reconcile_s: float
    reconcile_clock_s: float
    stands_ms: float
    """Longest stand-still of the server in a reconcile, but for one in a thousand."""


TITLES = {
    "cards": "cards",
    "bytes_a_card": "bytes a card",
    "pass_us": "both stages, us a card",
    "scrape_ms": "scrape, ms",
    "board_ms": "board, ms",
    "card_ms": "one card, ms",
    "plan_s": "plan --live, s",
    "reconcile_s": "reconcile, s",
    "reconcile_clock_s": "by the clock, s",
    "stands_ms": "server stands, ms",
}


@dataclass(frozen=True, slots=True)
class Bench:
    """An office whose ledger grows."""

    ledger: Ledger
    play: OfficeSetup
    folder: Path
    empty_bytes: int

    def cpu_s(self) -> float:
        """Return the processor time of this process, its children and the server."""
        own = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        used = self.ledger.server.info("cpu")
        return float(own + used["used_cpu_user"] + used["used_cpu_sys"])

    def spend(self, work: Callable[[], object], *, times: int = 1) -> float:
        """Return the processor seconds of a piece of work."""
        before = self.cpu_s()
        for _ in range(times):
            work()
        return (self.cpu_s() - before) / times

    def enrol(self, count: int, *, first_issue: bool) -> None:
        """Let people come, as a city's records are."""
        begin = self.ledger.serial()
        for first in range(begin, begin + count, 500):
            numbers = range(first, min(first + 500, begin + count))
            self.ledger.enrol([self._person(number, first_issue=first_issue) for number in numbers])

    def _person(self, number: int, *, first_issue: bool) -> Enrolment:
        station = self.play.scenario.stations[number % len(self.play.scenario.stations)].code
        one = identity(
            number,
            first_issue=first_issue,
            ready_ms=self.play.starts_ms,
            due_ms=self.play.starts_ms + 864_000_000,
            station=station,  # type: ignore[arg-type]
        )
        return one._replace(nik=digest(number), mask="337204******0001", stream="FIRST_ISSUE")

    def pass_cards(self) -> None:
        """Take cards through both stages."""
        self.enrol(PASS, first_issue=True)
        while isinstance(lot := claim(self.ledger, CENTRE, takes_ms=1, most=LOT), Lot):
            answered(self.ledger, lot)
        self.print_some(PASS)

    def print_some(self, count: int) -> None:
        """Print cards at the stations in turn."""
        done = 0
        while done < count:
            for station in self.play.scenario.stations:
                lot = claim(self.ledger, station.code, takes_ms=1, most=LOT)  # type: ignore[arg-type]
                if isinstance(lot, Lot):
                    printed(self.ledger, lot)
                    done += len(lot.cards)

    def copy_ended(self, upto: int) -> None:
        """Write cards that were handed over, beside the verbs, until the ledger has enough."""
        server, key = redis_of(self.ledger.server), self.ledger.key
        rows = server.hscan(key("cards"), count=3 * WAITING)[1].values()
        ended = [text for text in rows if text.rpartition("|")[2].startswith("c")][:1_000]
        samples = [f"{text}|i{self.play.ends_ms}" for text in ended]
        logged = {name.split("|")[1]: name for name in server.hkeys(key("counters")) if name.startswith("logged_good|")}
        for first in range(self.ledger.serial() + 1, upto + 1, COPIED):
            cards = {f"{n:08d}": samples[n % len(samples)] for n in range(first, min(first + COPIED, upto + 1))}
            stations = Counter(text.split("|")[3] for text in cards.values())
            pipe = server.pipeline(transaction=False)
            pipe.hset(key("cards"), mapping=cards)
            pipe.hset(key("nik"), mapping={digest(int(card)): card for card in cards})
            pipe.incrby(key("serial"), len(cards))
            pipe.hincrby(key("counts"), Status.CARD_ISSUED, len(cards))
            for station, count in stations.items():
                pipe.hincrby(key("stock", station), "used", count)
                pipe.hincrby(key("stock", station), "received", count)
                pipe.hincrby(key("counters"), logged[station], count)
            pipe.execute()

    def measure(self, exporter: str, pid: int) -> Row:
        """Measure everything at this size."""
        server, cards = redis_of(self.ledger.server), self.ledger.serial()
        used = int(server.info("memory")["used_memory"]) - self.empty_bytes
        passed = median(self.spend(self.pass_cards) for _ in range(PASSES))
        server.config_resetstat()
        began, found = time.perf_counter(), list[Any]()
        reconciled = self.spend(lambda: found.extend(reconcile(self.ledger, self.play.stations)))
        clock_s = time.perf_counter() - began
        assert found == [], found[:5]
        before = process_s(pid)
        scraped = self.spend(lambda: urlopen(exporter, timeout=60).read(), times=TIMES)  # noqa: S310 - our own
        scraped += (process_s(pid) - before) / TIMES
        last = queries.read_card
        return Row(
            cards,
            used / cards,
            1e6 * passed / PASS,
            1e3 * scraped,
            1e3 * self.spend(lambda: queries.read_board(self.ledger, (CENTRE, *self.play.stations)), times=TIMES),
            1e3 * self.spend(lambda: last(self.ledger, f"{cards // 2:08d}"), times=TIMES),  # type: ignore[arg-type]
            median(self.spend(self.plan) for _ in range(3)),
            reconciled,
            clock_s,
            float(server.info("latencystats")["latency_percentiles_usec_fcall_ro"]["p99.9"]) / 1e3,
        )

    def plan(self) -> None:
        """Ask `lembur plan --live`; its first answer compiles, and none need hold."""
        command = [LEMBUR, "plan", "--live", "--by", "2016-08-26 21:00", "--json"]
        command += ["--redis", os.environ["BENCH_URL"], "--data", str(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        assert done.stdout, done.stderr


def digest(number: int) -> str:
    """Return what stands for a NIK, as long as a real one's hash."""
    return base64.urlsafe_b64encode(hashlib.sha256(str(number).encode()).digest()[:16]).rstrip(b"=").decode()


def process_s(pid: int) -> float:
    """Return the processor time of another process so far."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def bench(folder: Path) -> Iterator[tuple[Bench, str, int]]:
    """Open the office on a server in memory, with its exporter, and print its first cards."""
    play = OfficeSetup(load(FLOOD), 1, LOT)
    with running(valkey_binary(), folder, appendonly="no") as url, connect(url) as server:
        os.environ["BENCH_URL"] = url
        empty = int(server.info("memory")["used_memory"])
        ledger = Ledger(server, office="3372")
        open_office(ledger, play)
        for code in play.stations:
            redis_of(server).hincrby(ledger.key("stock", code), "blank", BLANKS)
            redis_of(server).hincrby(ledger.key("stock", code), "received", BLANKS)
            redis_of(server).hincrby(ledger.key("stock", code), "ribbon", BLANKS)
        ledger.set_clock(virtual_ms=play.starts_ms, speed=0, ends_ms=play.ends_ms)
        ledger.advance([CENTRE, *play.stations], fed_ms=play.ends_ms)
        found = Bench(ledger, play, folder, empty)
        found.enrol(WAITING, first_issue=False)
        found.pass_cards()
        command = [sys.executable, "-m", "console", "exporter", "--port=0", "--redis", url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as exporter:
            assert exporter.stdout
            yield found, exporter.stdout.readline().split()[-1], exporter.pid
            exporter.terminate()


def draw(rows: list[Row]) -> None:
    """Draw what grows: every measure as a multiple of its value at the smallest size."""
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    cards = [row.cards for row in rows]
    axes.plot(cards, [row.cards / rows[0].cards for row in rows], color="#a3a19b", ls="--", label="a straight line")
    for name in ("reconcile_s", "plan_s", "scrape_ms", "board_ms", "card_ms", "pass_us", "bytes_a_card"):
        values = [getattr(row, name) for row in rows]
        axes.plot(cards, [value / values[0] for value in values], marker="o", label=TITLES[name].split(",")[0])
    axes.set(xscale="log", yscale="log", xlabel="cards in the ledger", ylabel="times the value at the left")
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(PICTURE, dpi=120)


def main() -> None:
    """Measure each size, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the largest ledger")
    most, rows = parser.parse_args().most, list[Row]()
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder)) as (found, exporter, pid):
        for size in (size for size in SIZES if size <= most):
            found.copy_ended(size)
            rows.append(found.measure(exporter, pid))
            sys.stderr.write(f"{rows[-1]}\n")
    table = Table(*(TITLES[one.name] for one in fields(Row)), box=box.MARKDOWN)
    for row in rows:
        values = (getattr(row, one.name) for one in fields(Row))
        table.add_row(*(f"{value:,}" if isinstance(value, int) else f"{value:,.3g}" for value in values))
    Console(width=200).print(table)
    load_1, *_ = os.getloadavg()
    Console().print(f"load {load_1:.0f} on {os.cpu_count()} cores, {time.strftime('%d %B %Y')}")
    draw(rows)


if __name__ == "__main__":
    main()
