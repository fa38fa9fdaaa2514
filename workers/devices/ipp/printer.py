"""A station's card printers behind a print server: one job for each card. The fence's journal has its result."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Final

from lembur.domain.card import CardId, parse_serial
from lembur.domain.errors import CardError, LedgerError, LemburError
from lembur.ledger.audit import LoggedJob, PrintLogs, settle_by_logs
from lembur.ledger.types import Lot, PrinterState
from workers.devices import Print
from workers.devices.ipp.page import PDF, PageError
from workers.devices.ipp.queue import JobState, PrintServerError
from workers.devices.lease import Lease

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from threading import Event

    from lembur.domain.seats import StationCode
    from lembur.ledger import Ledger
    from lembur.ledger.types import Offer
    from workers.devices.ipp.journal import FenceJournal, JobRecord
    from workers.devices.ipp.page import Pages
    from workers.devices.ipp.queue import PrinterStatus, PrintQueue
    from workers.devices.job_log import JobLog

LOOK_AT_PRINTER_S: Final = 2.0
"""Pause between two questions about the state of a printer at work."""
PAUSE_S: Final = 1.0
"""Pause of a seat after a fault of its print server, so that it does not claim again at once (assumed)."""
OVERDUE_TIMES: Final = 3
"""A job that takes this many times as long as a usual one waits for somebody, also for an old reason (assumed)."""
LOOK_AGAIN_S: Final = 0.25
"""Pause between two looks at the journal: a card takes a minute and more."""
HELD_BY: Final = "the printer"
ACTIVE: Final = frozenset({JobState.PENDING, JobState.PROCESSING, JobState.STOPPED})
"""States of a job that the printer works on, or waits with for a person."""
REASONS: Final = {
    "media-jam": "jam",
    "media-empty": "no blanks",
    "media-needed": "no blanks",
    "marker-supply-empty": "no ribbon",
    "cover-open": "cover open",
    "door-open": "cover open",
    "paused": "queue stopped",
}
"""Keywords of printer-state-reasons (RFC 8011, 5.4.12) in the office's words. Other keywords stay as they are."""

NO_SERVER: Final = "no print server"
"""A printer waits for this when its print server does not answer."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    """A card's job at one queue."""

    name: str
    queue: PrintQueue
    number: int
    place: int
    """Its rows in the journal stand behind this byte."""
    began_s: float = field(default_factory=time.monotonic)
    rest_s: float = 0.0
    """Time in which the seat waited for a printer, or the printer for a person."""


class IppPrinter:
    """The queues of one station; a seat takes an idle one for each card."""

    def __init__(
        self,
        ledger: Ledger,
        queues: Sequence[PrintQueue],
        *,
        station: StationCode,
        journal: FenceJournal,
        log: JobLog,
        typical_ms: int,
        lease_ms: int,
        ribbon_cards: int,
        pages: Pages,
    ) -> None:
        self._ledger = ledger
        self._queues = list(queues)
        self._journal = journal
        self._log = log
        self._typical_ms = typical_ms
        self._lease_ms = lease_ms
        self._station = station
        self._taken: set[str] = set()
        self._lock = Lock()
        self._ribbon_cards = ribbon_cards
        self._pages = pages
        self._reports: dict[str, PrinterState] = {}
        self._stale: dict[str, frozenset[str]] = {}
        self._entered = False
        self._fault = ""

    def adopt(self, queues: Sequence[PrintQueue], *, typical_ms: int, ribbon_cards: int) -> None:
        """Go on with the queues of a changed office. A card in a printer that left the office ends there."""
        with self._lock:
            before = {queue.url: queue for queue in self._queues}
            self._queues = [before.get(queue.url, queue) for queue in queues]
            self._typical_ms, self._ribbon_cards = typical_ms, ribbon_cards
            for name in self._reports.keys() - {queue.name for queue in self._queues}:
                del self._reports[name]

    def plan(self, offer: Offer) -> list[Print]:
        """Plan one card: a real printer takes one at a time. A card whose page cannot be drawn waits for a person."""
        if fault := self._pages.find_fault(offer.cards[0]):
            log.warning("card %s is held: %s", offer.cards[0], fault)
            with suppress(CardError):
                self._ledger.hold(offer.cards[0], by=HELD_BY, reason=fault)
        return [Print(offer.start_ms + self._typical_ms, "")]

    def print(self, lot: Lot, planned: Sequence[Print], stopping: Event) -> Iterator[Sequence[Print]]:
        """Print the card and yield its result; yield nothing where only the journal knows it."""
        del planned
        lease, began_s = Lease(self._ledger, lot, self._lease_ms), time.monotonic()
        queue = self._await_queue(lease, stopping)
        if queue is None:
            return
        waited_s = time.monotonic() - began_s
        prints = None
        try:
            job = self._submit(lot, queue, lease)
            prints = self._await_end(job, lease, stopping) if job else None
            if job and prints:
                prints = [self._with_rest(one, lot, waited_s + job.rest_s) for one in prints]
                self._log.write_once(lot, prints)
                self._note_end(queue)
        except (PrintServerError, PageError, OSError) as fault:
            log.warning("card %s has no result: %s", lot.cards[0], fault)
            stopping.wait(PAUSE_S)
            return
        finally:
            self._give_back(queue)
        if prints:
            yield prints

    def find_fault(self) -> str:
        """Return the reason why journal or print log cannot be used, or the template not be read, or ''."""
        if fault := self._log.find_fault():
            return fault
        fault = self._journal.find_fault() or self._pages.find_fault() or self._enter_older_prints()
        if fault != self._fault:
            self._fault = fault
            log.warning("%s", fault or f"the printers of {self._station} can be used again")
        return fault

    def is_at_work(self, lot: Lot) -> bool:
        """Return True if a printer still has a card of this lot, so that its result will come."""
        try:
            records = [self._journal.read(_job_name(lot, card)) for card in lot.cards]
            return any(one.has_begun and not one.end and self._journal.is_at_work(one.printer) for one in records)
        except OSError:  # Its result cannot be read when it comes.
            return False

    def call_off(self, lot: Lot) -> list[Print] | None:
        """Return the prints of a lot; empty when none came out or will come out, None when only a person can know."""
        if not self._log.is_own(lot):
            return None
        try:
            records = [self._journal.call_off(_job_name(lot, card)) for card in lot.cards]
            found = [self._print_of(one) for one in records if one.has_begun]
            known = [one for one in found if one is not None]
            if known:
                self._log.write_once(lot, known)
        except OSError as fault:
            log.warning("the journal of printed cards cannot be used: %s", fault)
            return None
        self._cancel_jobs(lot)
        return known if len(known) == len(found) else None

    def _enter_older_prints(self) -> str:
        """Enter the prints that only the journal knows, before the first card; return the reason if that is impossible.

        A worker may have died before it wrote them into the print log, and an older ledger may have been restored.
        """
        with self._lock:
            if not self._entered:
                try:
                    open_jobs = self._complete_log()
                    found = settle_by_logs(self._ledger, [self._station], PrintLogs([self._log.folder]), open_jobs)
                except (OSError, LemburError) as fault:
                    return f"the journal of printed cards cannot be entered: {fault}"
                if found.unknown:
                    return f"printed cards from {found.unknown[0]} are not in this ledger: read docs/backup.md"
                self._entered = True
        return ""

    def _complete_log(self) -> list[LoggedJob]:
        """Write the ends of jobs that the print log lacks; return the jobs without an end."""
        known, open_jobs = self._log.lots(), []
        for name, record in self._journal.begun_jobs().items():
            lot = _lot_of(name, self._station, self._virtual_ms(record.begun_ms))
            if lot.name in known or not self._log.is_own(lot):
                continue
            if found := self._print_of(record):
                self._log.write_once(lot, [found])
            else:
                open_jobs.append(_open_job(lot))
        return open_jobs

    def _await_queue(self, lease: Lease, stopping: Event) -> PrintQueue | None:
        """Wait until a queue is idle; its printer may need a person first.

        The lease is kept, because nothing has begun.
        """
        while not stopping.is_set() and not lease.is_over:
            if queue := self._take_queue():
                return queue
            lease.renew_when_due()
            stopping.wait(LOOK_AGAIN_S)
        return None

    def _take_queue(self) -> PrintQueue | None:
        with self._lock:
            for queue in self._queues:
                if queue.name not in self._taken and self._is_idle(queue):
                    self._taken.add(queue.name)
                    return queue
        return None

    def _give_back(self, queue: PrintQueue) -> None:
        with self._lock:
            self._taken.discard(queue.name)

    def _is_idle(self, queue: PrintQueue) -> bool:
        with suppress(PrintServerError):
            status = self._look(queue)
            self._stale[queue.name] = frozenset(status.reasons)
            return status.idle and not self._journal.is_at_work(queue.name)
        return False

    def _submit(self, lot: Lot, queue: PrintQueue, lease: Lease) -> _Job | None:
        """Send a card and hold the job first: it begins only when it is whole, and while the lease runs."""
        name, page = _job_name(lot, lot.cards[0]), self._pages.draw(lot.cards[0], lot.name)
        place = self._journal.size()
        number = queue.create_held(name)
        try:
            queue.send(number, page, PDF)
            if not queue.is_ready(number) or not self._journal.allow(name, until_s=lease.until_s):
                queue.cancel(number)
                return None
        except (PrintServerError, OSError):
            with suppress(PrintServerError):
                queue.cancel(number)
            raise
        with suppress(PrintServerError):  # The journal will show whether it was released.
            queue.release(number)
        return _Job(name, queue, number, place)

    def _await_end(self, job: _Job, lease: Lease, stopping: Event) -> list[Print] | None:
        """Wait until the journal knows the end. Keep the lease while the printer works, or waits for a person."""
        looked_s = time.monotonic() - LOOK_AT_PRINTER_S
        while True:
            record = self._journal.read(job.name, behind=job.place)
            if record.end:
                found = self._print_of(record)
                return [found] if found else None
            if record.is_refused or lease.is_over or (stopping.is_set() and not record.has_begun):
                return None
            if (passed_s := time.monotonic() - looked_s) >= LOOK_AT_PRINTER_S:
                looked_s += passed_s
                with suppress(PrintServerError):
                    old = self._old_reasons(job)
                    is_waiting = set(self._look(job.queue, old).reasons) - old
                    job.rest_s += passed_s if is_waiting else 0
            if self._is_active(job, record) and lease.renew_when_due() and not record.has_begun:
                self._journal.allow(job.name, until_s=lease.until_s)
            time.sleep(LOOK_AGAIN_S)

    def _old_reasons(self, job: _Job) -> frozenset[str]:
        """Return the reasons from before this job: the driver forgot to take them back, unless the job is overdue."""
        old = self._stale.get(job.queue.name, frozenset())
        with suppress(LedgerError):
            typical_s = self._typical_ms / 1000 / (self._ledger.time()[1] or 1.0) if old else 0.0
            if time.monotonic() - job.began_s > OVERDUE_TIMES * typical_s:
                return frozenset()
        return old

    def _is_active(self, job: _Job, record: JobRecord) -> bool:
        if record.has_begun:
            return self._journal.is_at_work(record.printer)
        with suppress(PrintServerError):
            return job.queue.job_state(job.number) in ACTIVE
        return False

    def _print_of(self, record: JobRecord) -> Print | None:
        """Return the print of a job that ended; None when nobody can know whether a good card came out."""
        end = record.end
        if end is None:
            return None
        at_ms, blank = self._virtual_ms(int(str(end["at"]))), _serial_in(end)
        if end["code"] != 0:
            return Print(at_ms, _reason_of(end), printer=record.printer, blank=blank)
        return Print(at_ms, "", printer=record.printer, blank=blank) if end["pages"] else None

    def _with_rest(self, one: Print, lot: Lot, rest_s: float) -> Print:
        rest_ms = round(rest_s * 1000 * (self._ledger.time()[1] or 1.0))
        return one._replace(rest_ms=max(0, min(rest_ms, one.end_ms - lot.start_ms)))

    def _virtual_ms(self, wall_ms: int) -> int:
        now_ms, speed = self._ledger.time()
        return round(now_ms - (time.time() * 1000 - wall_ms) * (speed or 1.0))

    def _cancel_jobs(self, lot: Lot) -> None:
        """Remove the jobs that the fence refuses from the queues."""
        for queue in self._queues:
            with suppress(PrintServerError):
                for number in queue.find_jobs(f"{lot.name}/"):
                    queue.cancel(number)

    def _look(self, queue: PrintQueue, old: frozenset[str] = frozenset()) -> PrinterStatus:
        """Ask a printer for its state: its waits, and the ribbon and blanks in it. Keep a change of it in the ledger.

        An idle printer waits for nobody, and an old reason is no wait, because drivers leave reasons standing.
        """
        before = self._reports.get(queue.name, PrinterState(queue.name, self._station))
        try:
            status = queue.status()
        except PrintServerError:
            self._note(replace(before, waits=(NO_SERVER,)))
            raise
        reasons = {_office_word(one) for one in status.reasons if not one.endswith("-report") and one not in old}
        # One percent less, because the printer rounds.
        percent = status.ribbon_percent
        ribbon_cards = None if percent is None else max(0, percent - 1) * self._ribbon_cards // 100
        waits = () if status.idle else tuple(sorted(reasons))
        self._note(PrinterState(queue.name, self._station, waits, percent, ribbon_cards, status.blanks))
        return status

    def _note_end(self, queue: PrintQueue) -> None:
        """Note that a printer waits for nobody, because its card ended. Without a next card nobody looks at it."""
        if before := self._reports.get(queue.name):
            self._note(replace(before, waits=()))

    def _note(self, report: PrinterState) -> None:
        before = self._reports.get(report.name)
        if report == before or all(report.name != queue.name for queue in self._queues):
            return
        with suppress(LedgerError):
            self._ledger.note_printer(report)
            self._reports[report.name] = report
        if report.waits != (before.waits if before else ()):
            news = f"waits: {', '.join(report.waits)}" if report.waits else "goes on"
            log.warning("printer %s %s", report.name, news)


def _job_name(lot: Lot, card: str) -> str:
    return f"{lot.name}/{card}"


def _lot_of(job: str, station: StationCode, at_ms: int) -> Lot:
    """Return the lot of a job by its name."""
    name, _, card = job.rpartition("/")
    return Lot(name, station, -1, at_ms, (CardId(card),), (at_ms,))


def _open_job(lot: Lot) -> LoggedJob:
    return LoggedJob(lot=lot.name, cards=lot.cards, ends=lot.ends_ms, reasons=("",), rests=(0,), unconfirmed=True)


def _office_word(keyword: str) -> str:
    for suffix in ("-error", "-warning", "-report"):
        keyword = keyword.removesuffix(suffix)
    return REASONS.get(keyword, keyword)


def _serial_in(end: Mapping[str, object]) -> str:
    """Return the serial that the printer reported; one that is none is left out, for the card is out all the same."""
    with suppress(CardError):
        return parse_serial(str(end.get("blank", "")))
    return ""


def _reason_of(end: object) -> str:
    states = end["states"] if isinstance(end, dict) else []
    return _office_word(str(states[-1])) if states else "failed"
