"""The ledger against the printers' own logs: each way in which they can disagree is found, and nothing else is."""

from __future__ import annotations

import json
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId, Status
from lembur.domain.seats import Step
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import AbsentLog, PrintLogs, absent_logs, reconcile
from lembur.ledger.types import Finding, Lot, Offer
from support.small_office import HALL, WING, identity, opened
from support.waiting import eventually
from workers.devices import Print
from workers.devices.job_log import JobLog, owner_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STATIONS = [HALL, WING]
ABSENT = CardId("00000099")


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """A ledger with eight cards."""
    with connect(server_url) as server:
        found = opened(Ledger(server, office=office), steps=[Step(0, 3)])
        found.enrol([identity(number) for number in range(8)])
        yield found


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Where the printers of this machine log."""
    return tmp_path / "here"


def taken(ledger: Ledger, folder: Path) -> Lot:
    """The next card, taken by a seat whose printers log into a folder."""
    offer = ledger.offer(HALL, most=1)
    while isinstance(offer, Offer):
        claimed = ledger.claim(offer, ends_ms=[offer.start_ms + 100], lease_ms=60_000, owner=owner_of(folder))
        if isinstance(claimed, Lot):
            return claimed
        assert isinstance(claimed, Offer)
        offer = claimed
    raise AssertionError(offer)


def logged(lot: Lot, folder: Path, *, reason: str = "", confirmed: bool = True) -> None:
    """A job comes out of the printer."""
    assert JobLog(folder / "hall.jsonl").write(lot, [Print(lot.ends_ms[0], reason)], confirmed=confirmed)


def printed(ledger: Ledger, folder: Path, *, reason: str = "") -> CardId:
    """A card is printed, logged and committed."""
    lot = taken(ledger, folder)
    logged(lot, folder, reason=reason)
    assert ledger.commit(lot, reasons=[reason], ends_ms=lot.ends_ms) is not None
    return lot.cards[0]


def told(ledger: Ledger, *folders: Path) -> dict[str, list[str]]:
    """What reconcile finds with the logs of some folders, by invariant."""
    found: dict[str, list[str]] = {}
    for violation in reconcile(ledger, STATIONS, logs=PrintLogs(folders)):
        found.setdefault(violation.invariant, []).append(violation.where)
    return found


def rows(folder: Path) -> list[str]:
    """The rows of the hall's log."""
    return (folder / "hall.jsonl").read_text().splitlines(keepends=True)


def test_an_office_of_which_all_is_logged_adds_up(ledger: Ledger, here: Path) -> None:
    """A good card, a spoiled one, one in a printer, one logged and not yet committed, one given up, and a jam."""
    printed(ledger, here)
    printed(ledger, here, reason="damaged")
    ledger.abandon(taken(ledger, here))
    jam = taken(ledger, here)
    logged(jam, here, reason="jam", confirmed=False)
    ledger.unconfirm(jam)
    taken(ledger, here)
    logged(taken(ledger, here), here)

    assert told(ledger, here) == {}
    ledger.confirm(jam.cards[0], finding=Finding.SPOILED, by="Bu Sri")
    assert told(ledger, here) == {}
    assert absent_logs(ledger, PrintLogs([here])) == []


def good(card: str) -> str:
    """A row of a log that says that a card came out."""
    return json.dumps({"lot": "x", "cards": [card], "ends": [1], "reasons": [""], "rests": [0]}) + "\n"


def spoiled(card: str) -> str:
    """A row of a log that says that a blank was spoiled."""
    return json.dumps({"lot": "x", "cards": [card], "ends": [1], "reasons": ["damaged"], "rests": [0]}) + "\n"


DAMAGES: tuple[tuple[str, Callable[[list[str]], list[str]], str], ...] = (
    ("what a printer logs as good is good in the ledger", lambda log: [*log, good("00000005")], "00000005"),
    ("what a printer logs as spoiled is spoiled in the ledger", lambda log: [*log, spoiled("00000005")], "00000005"),
    ("what is good in the ledger is good in a printer's log", lambda log: log[1:], "00000001"),
    ("what is spoiled in the ledger is spoiled in a printer's log", lambda log: log[:1], "00000002"),
    ("no printer gives out a card twice", lambda log: [*log, good("00000001")], "00000001"),
    ("every card a printer knows is enrolled", lambda log: [*log, good(ABSENT)], ABSENT),
)
"""What may be wrong in a log, and where it is told."""


@pytest.mark.parametrize(("invariant", "damage", "where"), DAMAGES, ids=[row[0] for row in DAMAGES])
def test_a_log_that_says_something_else_is_found(
    ledger: Ledger, here: Path, invariant: str, damage: Callable[[list[str]], list[str]], where: str
) -> None:
    """Sound before; after each kind of damage the card is named."""
    printed(ledger, here)
    printed(ledger, here, reason="damaged")
    assert told(ledger, here) == {}

    (here / "hall.jsonl").write_text("".join(damage(rows(here))))

    assert told(ledger, here)[invariant] == [where]


@pytest.mark.parametrize(("place", "kind"), [("used", "good"), ("spoiled", "spoiled")])
def test_blanks_that_no_card_took_are_found(ledger: Ledger, here: Path, place: str, kind: str) -> None:
    """A blank written off without a print: the cards know of one fewer."""
    printed(ledger, here)
    printed(ledger, here, reason="damaged")
    ledger.server.hincrby(f"{ledger.prefix}stock:{HALL}", place, 1)
    ledger.server.hincrby(f"{ledger.prefix}stock:{HALL}", "blank", -1)

    assert told(ledger, here)[f"blanks are {kind} as the cards show"] == [f"{HALL}: 2, not 1"]


def test_a_person_who_says_something_else_than_the_log_is_found(ledger: Ledger, here: Path) -> None:
    """It came out, and was settled as not printed: it would come out again."""
    lot = taken(ledger, here)
    logged(lot, here, confirmed=False)
    ledger.unconfirm(lot)
    assert told(ledger, here) == {}

    ledger.confirm(lot.cards[0], finding=Finding.UNTOUCHED, by="Bu Sri")

    assert told(ledger, here) == {"what a printer logs as good is good in the ledger": [lot.cards[0]]}


def test_a_person_may_know_what_a_log_does_not_say(ledger: Ledger, here: Path) -> None:
    """Its row was torn by a power cut; the card lay in the printer."""
    lot = taken(ledger, here)
    logged(lot, here)
    (here / "hall.jsonl").write_text(rows(here)[0][:-5] + "\n")
    ledger.unconfirm(lot)

    ledger.confirm(lot.cards[0], finding=Finding.PRINTED, by="Bu Sri")

    assert told(ledger, here) == {}


def test_logs_of_another_machine_are_said_to_be_missing(ledger: Ledger, here: Path, tmp_path: Path) -> None:
    """Not guessed: how much they must hold is known, and no more than that is missing here."""
    there = tmp_path / "there"
    printed(ledger, here)
    printed(ledger, there)
    printed(ledger, there, reason="damaged")

    assert told(ledger, here) == {}
    assert absent_logs(ledger, PrintLogs([here])) == [AbsentLog(owner_of(there), HALL, good=1, spoiled=1)]
    assert told(ledger, here, there) == {}
    assert absent_logs(ledger, PrintLogs([here, there])) == []

    (here / "hall.jsonl").write_text("")
    assert told(ledger, here) == {
        "what is good in the ledger is good in a printer's log": [
            f"{HALL}: 2 not in the logs here, but 1 in those elsewhere"
        ]
    }


def test_a_system_at_work_gives_no_false_alarm(server_url: str, office: str, here: Path, tmp_path: Path) -> None:
    """Four seats print, spoil and jam as fast as they can, two of them for another machine, while it is looked at."""
    with connect(server_url) as server:
        ledger = opened(Ledger(server, office=office), blanks=10_000, ribbon=10_000, printers=4)
        ledger.enrol([identity(number) for number in range(1_500)])
        stopping, done = Event(), list[int]()

        def work(folder: Path) -> None:
            with connect(server_url) as own:
                mine = Ledger(own, office=office)
                while not stopping.is_set():
                    turn(mine, folder)

        threads = [
            Thread(target=work, args=(folder,)) for folder in (here, here, tmp_path / "there", tmp_path / "there")
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in range(4):
                done.append(ledger.counts().get(Status.CARD_PRINTED, 0))
                assert told(ledger, here) == {}
                assert told(ledger, here, tmp_path / "there") == {}
            eventually(lambda: ledger.counts().get(Status.CARD_PRINTED, 0) > done[0])  # it is at work meanwhile
        finally:
            stopping.set()
            for thread in threads:
                thread.join()

        assert told(ledger, here) == {}


def turn(ledger: Ledger, folder: Path) -> None:
    """One job of a seat: mostly good, some spoiled, some given up, some jammed and settled at once."""
    offer = ledger.offer(HALL, most=2)
    if not isinstance(offer, Offer):
        return
    ends = [offer.start_ms + 100 * (place + 1) for place in range(len(offer.cards))]
    lot = ledger.claim(offer, ends_ms=ends, lease_ms=60_000, owner=owner_of(folder))
    if not isinstance(lot, Lot):
        return
    chance = lot.position % 7
    prints = [Print(end, "damaged" if chance == 1 else "") for end in lot.ends_ms]
    if chance == 2:
        ledger.abandon(lot)
    elif chance == 3:
        JobLog(folder / "hall.jsonl").write(lot, [Print(lot.ends_ms[0], "jam")], confirmed=False)
        ledger.unconfirm(lot)
        for place, card in enumerate(lot.cards):
            ledger.confirm(card, finding=Finding.UNTOUCHED if place else Finding.SPOILED, by="Bu Sri")
    else:
        JobLog(folder / "hall.jsonl").write(lot, prints)
        ledger.commit(lot, reasons=[one.reason for one in prints], ends_ms=lot.ends_ms)
