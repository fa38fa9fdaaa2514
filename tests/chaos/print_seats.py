"""Our seats on a real print server under faults, with a person who settles the cards in doubt."""

from __future__ import annotations

import sys
import time
from threading import Event, Thread
from typing import TYPE_CHECKING

from chaos.print_server import QUEUES, Breaker, BreakingQueue, DeathError, Tally, outcomes, run_seats
from console.runtime.embedded_server import valkey_binary
from lembur.domain.card import Status
from lembur.domain.seats import CENTRE, Step
from lembur.domain.time import NEVER_MS
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.schema import count_prints, moves_of, read_records
from lembur.ledger.types import Finding
from support.cups import OWNER_NAME, PrintServer, job_log, wall_ms
from support.servers import running
from support.small_office import HALL, WING, identity, opened
from workers import printing, sweep
from workers.claiming import LotClaims
from workers.devices.ipp.journal import FenceJournal
from workers.devices.ipp.page import Pages
from workers.devices.ipp.printer import IppPrinter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lembur.domain.card import CardId

LEASE_MS = 4_000
LIMIT_S = 1_200.0
PAUSE_S = 0.1
RIBBON = 500
"""Cards of a full ribbon; each printer here begins with one, which is the ledger's too."""


def ours(folder: Path, faults: Sequence[str]) -> Tally:
    """Print a card for each fault through the ledger, the fence and its journal."""
    began, found = time.monotonic(), Tally(cards=len(faults))
    (folder / "ledger").mkdir(parents=True)
    with (
        running(valkey_binary(), folder / "ledger") as url,
        connect(url) as connection,
        PrintServer(folder / "cups") as server,
    ):
        office = PrintOffice(Ledger(connection, office="9001"), server, faults, folder / "printers")
        office.play(began + LIMIT_S)
        office.judge(found)
    found.seconds = time.monotonic() - began
    return found


class PrintOffice:
    """Four seats with four printers, a sweep, and a person who looks at cards in doubt."""

    def __init__(self, ledger: Ledger, server: PrintServer, faults: Sequence[str], folder: Path) -> None:
        now, cards = wall_ms(), len(faults)
        self.ledger, self.server, self.todo = ledger, server, list(faults)
        self.breaker, self.stopping, self.settled = Breaker(server), Event(), 0
        self.blanks = 3 * cards
        opened(
            ledger,
            started=False,
            steps=(Step(0, QUEUES),),
            printers=QUEUES,
            blanks=self.blanks,
            ribbon=RIBBON * QUEUES + 10 * cards,
        )
        ledger.set_clock(virtual_ms=now, speed=1, ends_ms=now + 10**9, exact=False)
        ledger.enrol([identity(n, ready_ms=now - 1_000, due_ms=now + 10**9) for n in range(cards)])
        ledger.advance([CENTRE, HALL, WING], fed_ms=NEVER_MS)
        self.queues = [BreakingQueue(server.add_queue(f"card{n}"), self.breaker) for n in range(QUEUES)]
        self.journal = FenceJournal(server.journal)
        self.printer = IppPrinter(
            ledger,
            self.queues,
            station=HALL,
            journal=self.journal,
            log=job_log(folder),
            typical_ms=500,
            lease_ms=LEASE_MS,
            ribbon_cards=RIBBON,
            pages=Pages(folder / "page.toml"),
        )
        self.claims = LotClaims(ledger, lambda _: None, 1, LEASE_MS, OWNER_NAME, self.stopping)

    def play(self, until_s: float) -> None:
        """Work until every card is printed."""
        keeper = Thread(target=self._keep)
        keeper.start()

        def work() -> bool:
            self._work_once()
            return self.ledger.counts().get(Status.CARD_PRINTED) != len_cards and time.monotonic() < until_s

        len_cards = len(self.todo)
        run_seats(QUEUES, work)
        self.stopping.set()
        keeper.join()

    def _work_once(self) -> None:
        fault = self.todo.pop() if self.todo else ""
        self.breaker.expect(fault)
        try:
            printing.next_lot(self.claims, HALL, self.printer)
        except DeathError:
            return
        if left := getattr(self.breaker.here, "fault", ""):
            self.todo.append(left)  # no card was there to meet it
            time.sleep(PAUSE_S)

    def _keep(self) -> None:
        """Sweep, and settle what only a person can know by a look at the printer."""
        while not self.stopping.is_set():
            sweep.sweep(self.claims, [HALL], {HALL: self.printer})
            for card, _ in queries.unconfirmed_cards(self.ledger):
                if not self._is_in_a_printer(card):
                    self.ledger.confirm(card, finding=self._look_for(card), by="a person")
                    self.settled += 1
            self.stopping.wait(PAUSE_S)

    def _is_in_a_printer(self, card: CardId) -> bool:
        """Look whether a printer still works on a card; a person waits for its end."""
        for queue in self.queues:
            ends = [line.rsplit(" ", 1)[-1] for line in self.server.record(queue.name) if f"/{card} " in line]
            if ends.count("begin") > len(ends) / 2 and self.journal.is_at_work(queue.name):
                return True
        return False

    def _look_for(self, card: CardId) -> Finding:
        """Look into the tray and the waste: a blank there that the ledger has not counted was spoiled this time."""
        lines = [line for queue in self.queues for line in self.server.record(queue.name) if f"/{card} " in line]
        out, begun = (sum(line.endswith(what) for line in lines) for what in (" out", " begin"))
        (record,) = read_records(self.ledger, [card])
        known = sum(counted["spoiled"] for counted in count_prints(moves_of(record))) if record else 0
        return Finding.PRINTED if out else Finding.SPOILED if begun > known else Finding.UNTOUCHED

    def judge(self, found: Tally) -> None:
        """Compare the ledger with the printers' own records."""
        good, _, failed, unended = outcomes(self.server, self.queues)
        counts = self.ledger.counts()
        stock = self.ledger.server.hgetall(self.ledger.prefix + "stock:hall")
        found.printed = counts.get(Status.CARD_PRINTED, 0)
        found.lost = found.cards - len(good)
        found.doubled = sum(out > 1 for out in good.values())
        differences = {
            "used": int(stock["used"]) - good.total(),
            "spoiled": int(stock["spoiled"]) - failed - unended,
            "reserved": int(stock["reserved"]),
            **{f"{one.invariant}: {one.where}": 1 for one in reconcile(self.ledger, [HALL, WING])},
        }
        found.blanks_unaccounted = sum(map(abs, differences.values()))
        if found.blanks_unaccounted:
            sys.stderr.write(f"chaos-printers: blanks unaccounted for: {differences}\n")
        found.for_a_person = self.settled
        found.faults = self.breaker.met
        for queue in self.queues:
            queue.close()
