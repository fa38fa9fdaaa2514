"""A seat with a real print server: one good card for each request, exact blanks, or a card for a person."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId, Status
from lembur.domain.seats import CENTRE, Step
from lembur.domain.time import NEVER_MS
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.counts import counters
from support.cups import OWNER_NAME, PrintServer, job_log, wall_ms
from support.small_office import HALL, WING, identity, opened
from support.waiting import eventually
from workers import printing, sweep
from workers.claiming import LotClaims
from workers.devices.ipp import fence
from workers.devices.ipp.journal import FenceJournal
from workers.devices.ipp.page import Pages
from workers.devices.ipp.printer import IppPrinter
from workers.devices.ipp.queue import PrintQueue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEASE_MS = 6_000
TYPICAL_MS = 1_000
KINDS = ("good", "spoiled")


@dataclass(slots=True)
class Seat:
    """One seat of the hall with one printer, and what it is measured by."""

    ledger: Ledger
    server: PrintServer
    queue: PrintQueue
    printer: IppPrinter
    claims: LotClaims
    stopping: Event

    def work(self) -> str:
        """Do the next lot."""
        return printing.next_lot(self.claims, HALL, self.printer)

    def sweep(self) -> int:
        """Settle ended leases once."""
        return sweep.sweep(self.claims, [HALL], {HALL: self.printer})

    def counts(self) -> dict[Status, int]:
        """Return the cards by status, without zeros."""
        return {status: count for status, count in self.ledger.counts().items() if count}

    def blanks(self) -> tuple[int, int, int]:
        """Return blanks reserved, used and spoiled."""
        stock = self.ledger.server.hgetall(self.ledger.prefix + "stock:hall")
        return int(stock["reserved"]), int(stock["used"]), int(stock["spoiled"])

    def out(self) -> int:
        """Return the cards that came out of the printer, by its own record."""
        return len(self.server.cards_out("card1"))


@pytest.fixture
def seat(valkey_url: str, office: str, tmp_path: Path) -> Iterator[Seat]:
    """Give a seat at the office's own pace, with two cards waiting."""
    with connect(valkey_url) as connection, PrintServer(tmp_path / "cups") as server:
        ledger, now = Ledger(connection, office=office), wall_ms()
        opened(ledger, started=False, steps=(Step(0, 2),), blanks=10, ribbon=10)
        ledger.set_clock(virtual_ms=now, speed=1, ends_ms=now + 10**9)
        ledger.enrol([identity(n, ready_ms=now - 1_000, due_ms=now + 10**7) for n in range(2)])
        ledger.advance([CENTRE, HALL, WING], fed_ms=NEVER_MS)
        queue, stopping = PrintQueue(server.add_queue("card1")), Event()
        journal, log = FenceJournal(server.journal), job_log(tmp_path / "printers")
        pages = Pages(tmp_path / "page.toml")
        printer = IppPrinter(
            ledger,
            [queue],
            station=HALL,
            journal=journal,
            log=log,
            typical_ms=TYPICAL_MS,
            lease_ms=LEASE_MS,
            ribbon_cards=10,
            pages=pages,
        )
        claims = LotClaims(ledger, lambda _: None, 1, LEASE_MS, OWNER_NAME, stopping)
        yield Seat(ledger, server, queue, printer, claims, stopping)
        assert reconcile(ledger, [HALL, WING]) == []
        queue.close()


def test_a_good_card(seat: Seat) -> None:
    """The card is printed, its blank used, and the printer's own record has one card."""
    assert seat.work() == "1 card"

    assert seat.counts() == {Status.CARD_PRINTED: 1, Status.PRINT_READY_RECORD: 1}
    assert (seat.blanks(), seat.out()) == ((0, 1, 0), 1)
    assert counters(seat.ledger)["printer_good", HALL, "card1"] == 1


@pytest.mark.parametrize(("told", "noted"), [("sn-77", "SN-77"), ("||", "")])
def test_a_printer_that_knows_the_blank_notes_its_serial(seat: Seat, told: str, noted: str) -> None:
    """The print server passes it on, the log and the ledger keep it; what is no serial costs no card."""
    seat.server.play("card1", blank=told)

    assert seat.work() == "1 card"

    assert seat.counts() == {Status.CARD_PRINTED: 1, Status.PRINT_READY_RECORD: 1}
    (card,) = [card for card, *_ in queries.uncollected_cards(seat.ledger)]
    assert queries.read_card(seat.ledger, card).blank == noted


def test_a_card_without_its_record_waits_for_a_person(seat: Seat, tmp_path: Path) -> None:
    """The next card is printed meanwhile; no blank is used for a page that cannot be drawn."""
    (tmp_path / "page.toml").write_text('records = "records.csv"')
    (tmp_path / "records.csv").write_text("card,name\n00000002,Siti\n")

    for _ in range(2):  # the first claim may have been for the card that was held meanwhile
        seat.work()

    assert seat.counts() == {Status.CARD_PRINTED: 1, Status.HELD: 1}
    assert [name.rpartition("/")[2] for name in seat.server.cards_out("card1")] == ["00000002"]
    assert seat.blanks() == (0, 1, 0)


def test_a_jam_spoils_the_blank(seat: Seat) -> None:
    """A backend that fails after it began costs the blank; the card is ready again, with the reason in the totals."""
    seat.server.play("card1", code=1, state="media-jam-error")

    assert seat.work() == "1 card"

    assert seat.counts() == {Status.PRINT_READY_RECORD: 2}
    assert (seat.blanks(), seat.out()) == ((0, 0, 1), 0)
    assert seat.ledger.server.hget(seat.ledger.prefix + "counters", "spoiled|hall|jam") == "1"
    assert counters(seat.ledger)["printer_spoiled", HALL, "card1"] == 1


def test_a_printer_that_waits_for_a_person_keeps_its_seat(seat: Seat) -> None:
    """A ribbon that is changed only after several leases costs nothing: the lease is renewed, one card comes out."""
    seat.server.play("card1", waits="marker-supply-empty-error")
    work = Thread(target=seat.work)
    work.start()
    eventually(lambda: seat.server.record("card1"))
    over = time.monotonic() + 2 * LEASE_MS / 1000 + TYPICAL_MS / 1000
    eventually(lambda: time.monotonic() > over)

    assert seat.sweep() == 0
    assert seat.counts()[Status.SENT_FOR_CARD_PRINTING] == 1
    (state,) = eventually(seat.ledger.printers)
    assert (state.name, state.station, state.waits, state.ribbon_percent) == ("card1", HALL, ("no ribbon",), 80)
    seat.server.play("card1")
    work.join()

    assert [one.waits for one in seat.ledger.printers()] == [()]
    assert seat.counts() == {Status.CARD_PRINTED: 1, Status.PRINT_READY_RECORD: 1}
    assert (seat.blanks(), seat.out()) == ((0, 1, 0), 1)
    found = counters(seat.ledger)
    assert found["lost", HALL, "rest"] >= LEASE_MS  # its cause is known: somebody was waited for
    assert found.get(("lost", HALL, "fault"), 0) < found["lost", HALL, "rest"]  # the time until the commit
    assert found["busy", HALL] >= 0


@pytest.mark.parametrize("overdue_times", [1_000, 0])
def test_a_reason_that_the_driver_leaves_standing_is_a_wait_only_of_an_overdue_card(
    seat: Seat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, overdue_times: int
) -> None:
    """After a jam the reason stays at the queue. A good card is no wait on the board, or each would look like a jam."""
    monkeypatch.setattr("workers.devices.ipp.printer.OVERDUE_TIMES", overdue_times)
    seat.server.play("card1", code=1, state="media-jam-error")
    assert seat.work() == "1 card"
    caplog.clear()
    seat.server.play("card1", s=1)

    assert seat.work() == "1 card"
    assert ("printer card1 waits: jam" in caplog.messages) is (overdue_times == 0)


def test_cancelled_at_the_panel_the_card_still_counts(seat: Seat) -> None:
    """The server reports a cancelled job while the card comes out: the journal is believed."""
    seat.server.play("card1", s=0.8)
    work = Thread(target=seat.work)
    work.start()
    eventually(lambda: seat.server.record("card1"))
    for job in seat.queue.find_jobs(""):
        seat.queue.cancel(job)
    work.join()

    assert seat.counts() == {Status.CARD_PRINTED: 1, Status.PRINT_READY_RECORD: 1}
    assert (seat.blanks(), seat.out()) == ((0, 1, 0), 1)


def test_a_print_server_that_dies_in_mid_card_doubles_nothing(seat: Seat) -> None:
    """The backend goes on without its server; the seat commits what the journal has."""
    seat.server.play("card1", s=0.8)
    work = Thread(target=seat.work)
    work.start()
    eventually(lambda: seat.server.record("card1"))
    seat.server.kill()
    seat.server.start()
    work.join()

    assert seat.counts() == {Status.CARD_PRINTED: 1, Status.PRINT_READY_RECORD: 1}
    assert (seat.blanks(), seat.out()) == ((0, 1, 0), 1)


def test_after_a_power_cut_a_person_looks(seat: Seat) -> None:
    """Server, fence and printer end at once: the card is unconfirmed, its blank reserved, and never printed again."""
    seat.server.play("card1", s=30)
    work = Thread(target=seat.work)
    work.start()
    eventually(lambda: seat.server.record("card1"))
    seat.server.cut_power()
    seat.server.start()
    work.join()

    assert seat.counts() == {Status.PRINT_UNCONFIRMED: 1, Status.PRINT_READY_RECORD: 1}
    assert (seat.blanks(), seat.out()) == ((1, 0, 0), 0)


def test_a_journal_that_cannot_be_read_is_a_card_for_a_person(seat: Seat) -> None:
    """It is lost while the printer works; the sweep goes on, and the seat claims nothing until it is back."""
    journal = seat.server.journal
    seat.server.play("card1", s=10)
    work = Thread(target=seat.work)
    work.start()
    eventually(lambda: seat.server.record("card1"))
    away = journal.rename(journal.with_suffix(".away"))
    journal.mkdir()
    work.join()

    assert seat.counts() == {Status.PRINT_UNCONFIRMED: 1, Status.PRINT_READY_RECORD: 1}
    assert seat.blanks() == (1, 0, 0)
    assert seat.work().startswith("no lot: the journal")
    assert seat.sweep() == 0
    eventually(lambda: not seat.server.backends())
    assert seat.out() == 1
    journal.rmdir()
    away.replace(journal)
    seat.server.play("card1")
    assert seat.work() == "1 card"


def test_the_sweep_settles_a_lot_whose_journal_cannot_be_read(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its worker died too: the card waits for a person, and the sweep is not stopped by it."""

    def die(*_: object) -> None:
        raise Death

    monkeypatch.setattr(seat.queue, "release", die)
    with pytest.raises(Death):
        seat.work()
    seat.server.journal.unlink()
    seat.server.journal.mkdir()

    eventually(lambda: seat.sweep() == 1)

    assert seat.counts() == {Status.PRINT_UNCONFIRMED: 1, Status.PRINT_READY_RECORD: 1}
    assert seat.blanks() == (1, 0, 0)


def test_a_seat_takes_the_queue_that_is_idle(seat: Seat) -> None:
    """The first printer waits for a ribbon; the next card goes to the second, and each printer counts its own."""
    second = PrintQueue(seat.server.add_queue("card2"))
    seat.printer._queues.append(second)
    seat.server.play("card1", waits="marker-supply-empty-error", code=1, state="media-jam-error")
    seat.server.play("card2", ribbon=40, s=2.6)
    first = Thread(target=seat.work)
    first.start()
    eventually(lambda: seat.server.record("card1"))

    assert seat.work() == "1 card"
    assert len(seat.server.cards_out("card2")) == 1
    seat.server.play("card1")
    first.join()

    found = counters(seat.ledger)
    assert [found.get((f"printer_{kind}", HALL, name), 0) for name in ("card1", "card2") for kind in KINDS] == [
        0,
        1,
        1,
        0,
    ]
    ribbons = {one.name: one.ribbon_percent for one in seat.ledger.printers()}
    assert ribbons == {"card1": 80, "card2": 40}
    second.close()


def test_a_printer_is_replaced_while_it_prints(seat: Seat) -> None:
    """Its card ends there and counts, the next one goes to the new printer, and the old report is gone."""
    seat.server.play("card1", s=2.6)
    first = Thread(target=seat.work)
    first.start()
    eventually(lambda: seat.server.record("card1"))
    second = PrintQueue(seat.server.add_queue("card2"))

    seat.ledger.keep_printers(HALL, [second.name])
    seat.printer.adopt([second], typical_ms=TYPICAL_MS, ribbon_cards=10)
    assert seat.work() == "1 card"
    first.join()

    assert seat.counts() == {Status.CARD_PRINTED: 2}
    assert [len(seat.server.cards_out(name)) for name in ("card1", "card2")] == [1, 1]
    assert (seat.blanks(), seat.sweep()) == ((0, 2, 0), 0)
    assert [one.name for one in seat.ledger.printers()] == ["card2"]
    second.close()


@pytest.mark.parametrize("why", ["no server", "queue taken"])
def test_a_seat_without_a_printer_waits_and_costs_no_blank(seat: Seat, why: str) -> None:
    """The seat keeps its card over several leases; when the worker stops, the card is given back untouched."""
    if why == "no server":
        seat.server.kill()
    else:
        seat.printer._taken.add("card1")
    done: list[str] = []
    work = Thread(target=lambda: done.append(seat.work()))
    work.start()
    over = time.monotonic() + 2 * LEASE_MS / 1000 + TYPICAL_MS / 1000
    eventually(lambda: time.monotonic() > over)
    assert seat.sweep() == 0
    assert [one.waits for one in seat.ledger.printers()] == ([("no print server",)] if why == "no server" else [])
    seat.stopping.set()
    work.join()

    assert done == ["no answer: settled by the print log"]
    assert seat.counts() == {Status.PRINT_READY_RECORD: 2}
    assert (seat.blanks(), seat.out()) == ((0, 0, 0), 0)


def test_a_seat_goes_on_when_its_print_server_is_back(seat: Seat) -> None:
    """A print server that was away costs time, and no card."""
    seat.server.kill()
    work = Thread(target=seat.work)
    work.start()
    eventually(lambda: [one.waits for one in seat.ledger.printers()] == [("no print server",)])
    seat.server.start()
    work.join()

    assert [one.waits for one in seat.ledger.printers()] == [()]

    assert seat.counts() == {Status.CARD_PRINTED: 1, Status.PRINT_READY_RECORD: 1}
    assert (seat.blanks(), seat.out()) == ((0, 1, 0), 1)


@pytest.mark.parametrize("ended", [True, False], ids=["ended", "no end"])
def test_a_card_that_only_the_journal_knows_is_not_printed_again(seat: Seat, *, ended: bool) -> None:
    """Its worker died before it wrote the print log, and an older ledger was restored, which knows no such lot."""
    job = f"{OWNER_NAME}{1:032x}/00000001"
    with fence.lock(seat.server.journal) as file:
        fence.append(file, job, "begun", printer="card1")
        if ended:
            fence.append(file, job, "ended", code=0, pages=1, states=[], blank="SN-1")

    assert seat.work() == "1 card"

    first = Status.CARD_PRINTED if ended else Status.PRINT_UNCONFIRMED
    assert seat.ledger.counts()[first] == (2 if ended else 1)
    assert queries.read_card(seat.ledger, CardId("00000001")).blank == ("SN-1" if ended else "")
    assert [name.rpartition("/")[2] for name in seat.server.cards_out("card1")] == ["00000002"]
    assert seat.blanks() == ((0, 2, 0) if ended else (1, 1, 0))


def test_a_printed_card_that_the_ledger_does_not_have_stops_its_seats(seat: Seat) -> None:
    """Its number would be given to another person; the seat claims nothing, and names the page to read."""
    with fence.lock(seat.server.journal) as file:
        fence.append(file, f"{OWNER_NAME}{1:032x}/00000099", "begun", printer="card1")

    assert "docs/backup.md" in seat.work()
    assert seat.counts() == {Status.PRINT_READY_RECORD: 2}


class Death(BaseException):
    """A worker ends here."""


@pytest.mark.parametrize("step", ["create_held", "send", "is_ready", "release"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_seat_that_dies_at_any_step(seat: Seat, monkeypatch: pytest.MonkeyPatch, step: str, *, after: bool) -> None:
    """Whatever step a worker dies at, the sweep settles its lot: one card, or the card is ready again."""
    whole = getattr(seat.queue, step)

    def die(*words: object) -> None:
        if after:
            whole(*words)
        raise Death

    monkeypatch.setattr(seat.queue, step, die)
    with pytest.raises(Death):
        seat.work()
    monkeypatch.undo()

    eventually(lambda: seat.sweep() == 1)

    released = step == "release" and after
    assert seat.out() == released
    assert seat.counts().get(Status.CARD_PRINTED, 0) == released
    assert seat.blanks() == (0, int(released), 0)
    for job in seat.queue.find_jobs(""):
        seat.queue.release(job)
    eventually(lambda: seat.queue.find_jobs("") == [])
    assert seat.out() == released


@pytest.mark.parametrize("step", ["create_held", "send", "is_ready", "release"])
def test_an_answer_that_is_lost_doubles_nothing(seat: Seat, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The server did what it was asked, and its answer was lost: at most one card, exact blanks."""
    from workers.devices.ipp.queue import PrintServerError

    whole = getattr(seat.queue, step)

    def lose(*words: object) -> None:
        whole(*words)
        raise PrintServerError("the answer was lost")

    monkeypatch.setattr(seat.queue, step, lose)
    seat.work()
    monkeypatch.undo()

    assert seat.out() == (step == "release")
    assert seat.counts().get(Status.CARD_PRINTED, 0) == seat.out()
    assert seat.blanks() == (0, seat.out(), 0)


def test_a_card_in_the_printer_outlives_its_seat(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker dies while its printer works: the sweep keeps the lot until the card is out, and commits it."""
    seat.server.play("card1", s=2 * LEASE_MS / 1000)

    def die(*_: object) -> None:
        raise Death

    monkeypatch.setattr(seat.printer, "_await_end", die)
    with pytest.raises(Death):
        seat.work()
    monkeypatch.undo()

    def settle() -> bool:
        seat.sweep()
        assert Status.PRINT_UNCONFIRMED not in seat.counts()
        return Status.CARD_PRINTED in seat.counts()

    eventually(settle)

    assert (seat.blanks(), seat.out()) == ((0, 1, 0), 1)
