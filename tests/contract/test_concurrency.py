"""Many workers at once, in whatever order they come: the result is that of one worker alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from threading import Condition, Thread
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import Priority, Status
from lembur.domain.seats import CENTRE, StationCode, Step
from lembur.ledger import Ledger, connect
from lembur.ledger.audit import reconcile
from lembur.ledger.types import Lot, Offer
from support.small_office import HALL, WING, identity, opened, wakes_of
from support.waiting import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lembur.ledger.types import ClaimRefusal, Enrolment, LotEnd, Wakes

PLACES = [CENTRE, HALL, WING]
PEOPLE = 90
BACKLOG = 30
FED_EVERY_MS = 150
SEATS = [Step(0, 2), Step(400, 3), Step(900, 0), Step(1_500, 1)]
Outcome = dict[tuple[StationCode, int], tuple[str, int, int, str]]
"""Station and position -> card, start, end, and what came of it."""


def person(number: int) -> Enrolment:
    """Every third needs the centre, every seventh is in a hurry, one in five is of the small station."""
    return identity(
        number,
        ready_ms=0 if number < BACKLOG else 10 * number,
        due_ms=5_000 - number % 4,
        priority=Priority.EXPEDITED if number % 7 == 0 else Priority.PRINT_READY,
        first_issue=number % 3 == 0,
        station=WING if number % 5 == 0 else HALL,
    )


def takes_ms(lot: Offer, place: int) -> int:
    """Each position of each station has its own time."""
    return 3 + (lot.position + place) * 37 % 50 + 10 * len(lot.station)


def outcome(lot: Lot, place: int) -> str:
    """Some prints are bad, and some people are known to the centre already."""
    number = lot.position + place
    if lot.station == CENTRE:
        return Status.DUPLICATE_RECORD if number % 6 == 5 else Status.PRINT_READY_RECORD
    return "damaged" if number % 8 == 3 else ""


@dataclass(slots=True)
class Messages:
    """What is on its way to the workers, in no order; a worker may also find a lot that another began."""

    random: Random
    changed: Condition = field(default_factory=Condition)
    wakes: list[StationCode] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    at_work: int = 0
    over: bool = False

    def send(self, wakes: Wakes | None) -> None:
        """Put wake-ups on their way."""
        with self.changed:
            self.wakes += [station for station, count in (wakes or {}).items() for _ in range(count)]
            self.changed.notify_all()

    def take(self) -> StationCode | Lot | None:
        """The next thing to do; None when all is done."""
        with self.changed:
            while not (self.wakes or self.lots or self.over):
                self.changed.wait()
            if self.over:
                return None
            self.at_work += 1
            things: list[StationCode] | list[Lot] = self.wakes or self.lots
            if self.wakes and self.lots and self.random.random() < 0.5:
                things = self.lots
            return things.pop(self.random.randrange(len(things)))

    def done(self, lot: Lot | None = None) -> None:
        """One thing is done, and perhaps left a lot to commit."""
        with self.changed:
            self.at_work -= 1
            self.lots += [lot] if lot else []
            self.changed.notify_all()


def work(url: str, office: str, messages: Messages, most: int, next_most: int, found: Outcome) -> None:
    """A worker with a connection of its own: claims, and commits what it or another claimed some time ago.

    With `next_most` it goes on with the offer that comes with the end of a lot.
    """
    with connect(url) as server:
        ledger = Ledger(server, office=office)
        while thing := messages.take():
            offer: Offer | ClaimRefusal | None
            if isinstance(thing, Lot):
                end = ended(ledger, thing, found, next_most)
                messages.send(wakes_of(end))
                offer = end.offer if end else None
            else:
                offer = ledger.offer(thing, most=most)
            claimed = claim(ledger, offer) if offer else None
            lot = claimed if isinstance(claimed, Lot) else None
            messages.send(lot.wakes if lot else None)
            messages.done(lot)


def ended(ledger: Ledger, lot: Lot, found: Outcome, next_most: int) -> LotEnd | None:
    """Commit a lot and note what came of it."""
    told = [outcome(lot, place) for place in range(len(lot.cards))]
    starts = [lot.start_ms, *lot.ends_ms]
    for place, card in enumerate(lot.cards):
        known = found.setdefault(
            (lot.station, lot.position + place), (card, starts[place], lot.ends_ms[place], told[place])
        )
        assert known[0] == card
    if lot.station == CENTRE:
        return ledger.answer(lot, verdicts=[Status(one) for one in told], next_most=next_most)
    return ledger.commit(lot, reasons=told, ends_ms=lot.ends_ms, next_most=next_most)


def claim(ledger: Ledger, offer: Offer | ClaimRefusal) -> Lot | ClaimRefusal:
    """Take the offered lot, or a later one, as long as the stretch lasts."""
    said: Lot | Offer | ClaimRefusal = offer
    while isinstance(said, Offer):
        ends: list[int] = []
        while len(ends) < len(said.cards) and (at := ends[-1] if ends else said.start_ms) < said.until_ms:
            ends.append(at + takes_ms(said, len(ends)))
        said = ledger.claim(said, ends_ms=ends, lease_ms=60_000)
    return said


def feed(ledger: Ledger, messages: Messages) -> None:
    """Enrol who comes, a little at a time, while the others work; at last ring until nothing is left."""
    for fed_ms in range(FED_EVERY_MS, 10 * PEOPLE + FED_EVERY_MS, FED_EVERY_MS):
        coming = [person(number) for number in range(BACKLOG, PEOPLE)]
        _, wakes = ledger.enrol([one for one in coming if fed_ms - FED_EVERY_MS < one.ready_ms <= fed_ms])
        messages.send(wakes)
        messages.send(ledger.advance(PLACES, fed_ms=fed_ms).wakes)
    messages.send(ledger.advance(PLACES, fed_ms=10**8).wakes)
    with messages.changed:
        while messages.at_work or messages.wakes or messages.lots:
            assert messages.changed.wait(PATIENCE_S)
        messages.over = True
        messages.changed.notify_all()


def play(
    url: str, office: str, *, workers: int, seed: int, most: int, next_most: int = 0
) -> tuple[Outcome, dict[Status, int]]:
    """Let so many workers do everything, their messages in an order of their own."""
    messages = Messages(Random(seed))  # noqa: S311 - an order, not a secret
    found: Outcome = {}
    with connect(url) as server:
        ledger = opened(Ledger(server, office=office), steps=SEATS, blanks=70, ribbon=500, fed_ms=0)
        ledger.receive(WING, blanks=50, ribbon_cards=50, minutes="1", by="Bu Sri")
        messages.send(ledger.enrol([person(number) for number in range(BACKLOG)])[1])
        ledger.receive(HALL, blanks=50, ribbon_cards=0, minutes="2", by="Bu Sri")
        crew = [Thread(target=work, args=(url, office, messages, most, next_most, found)) for _ in range(workers)]
        started(crew)
        feed(ledger, messages)
        for thread in crew:
            thread.join()
        assert reconcile(ledger, PLACES[1:]) == []
        return found, ledger.counts()


def started(crew: Iterable[Thread]) -> None:
    """Begin."""
    for thread in crew:
        thread.start()


@pytest.mark.parametrize("goes_on", [False, True])
@pytest.mark.parametrize("most", [1, 4])
def test_the_result_is_that_of_one_worker_alone(server_url: str, office: str, most: int, *, goes_on: bool) -> None:
    """Three crews of four, each in another order: position by position the same card, start, end and outcome.

    It does not matter whether a seat waits for a message after its lot, or goes on with the next offer.
    """
    alone, counts = play(server_url, office, workers=1, seed=0, most=most)

    assert counts[Status.CARD_PRINTED] + counts[Status.DUPLICATE_RECORD] == PEOPLE
    for seed in (1, 2, 3):
        together, _ = play(server_url, f"{office}-{seed}", workers=4, seed=seed, most=most, next_most=most * goes_on)
        assert together == alone
    good = Counter(card for (station, _), (card, *_, what) in alone.items() if station != CENTRE and not what)
    assert set(good.values()) == {1}
