"""What a card costs the ledger, counted and never timed: more work than these bounds is a step back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from lembur.domain.card import Collector, Status
from lembur.domain.seats import CENTRE, Step
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.history import count_recorded
from lembur.ledger.types import Lot, Offer
from support.servers import redis_of
from support.small_office import HALL, WING, answered, claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lembur.ledger.audit import Violation
    from lembur.ledger.types import LotEnd

# A node of a cluster counts what it sends to its replica as sent to clients.
pytestmark = pytest.mark.parametrize("server_url", ["valkey", "redis"], indirect=True)

CARDS = 600
LOT = 60
OF_CONNECTIONS = frozenset({"info", "config", "ping", "auth", "hello", "client", "select", "function"})
"""Commands that no card needs."""


@dataclass(frozen=True, slots=True)
class Work:
    """Work of a run: scripts called, Redis calls inside of them, bytes to the server and from it."""

    scripts: int
    calls: int
    received: int
    sent: int


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """An office with one printer, which takes large lots."""
    with connect(server_url) as server:
        found = opened(Ledger(server, office=office), steps=[Step(0, 1)], blanks=CARDS, ribbon=CARDS)
        found.set_clock(virtual_ms=0, speed=0, ends_ms=10**12)
        yield found


def counted(ledger: Ledger, work: Callable[[], object]) -> Work:
    """Count what a piece of work costs, besides the counting: the first two readings show its cost."""
    first, before = read_counters(ledger), read_counters(ledger)
    work()
    after = read_counters(ledger)
    return Work(*(after[name] - 2 * before[name] + first[name] for name in ("scripts", "calls", "received", "sent")))


def read_counters(ledger: Ledger) -> dict[str, int]:
    """Read the server's own counters."""
    stats: dict[str, Any] = ledger.server.info("commandstats")
    calls = {name.removeprefix("cmdstat_").partition("|")[0]: 0 for name in stats}
    for name, row in stats.items():
        calls[name.removeprefix("cmdstat_").partition("|")[0]] += int(row["calls"])
    scripts = sum(calls.pop(name, 0) for name in ("fcall", "fcall_ro"))
    network = ledger.server.info("stats")
    return {
        "scripts": scripts,
        "calls": sum(n for name, n in calls.items() if name not in OF_CONNECTIONS),
        "received": int(network["total_net_input_bytes"]),
        "sent": int(network["total_net_output_bytes"]),
    }


def enrol(ledger: Ledger) -> None:
    """Enrol all cards in one call."""
    ledger.enrol([identity(number, first_issue=True, due_ms=10**10 + number) for number in range(CARDS)])


def verify_and_print(ledger: Ledger) -> int:
    """Take all cards through both stages; return the number of lots."""
    lots = 0
    for station, end in ((CENTRE, answered), (HALL, printed)):
        while isinstance(lot := claim(ledger, station, most=LOT), Lot):
            end(ledger, lot)
            lots += 1
    return lots


def kept(ledger: Ledger) -> int:
    """Return the bytes of all keys, but for replies, which live for two minutes, and the log of events."""
    keys = [key for key in redis_of(ledger.server).scan_iter(ledger.prefix + "*") if ":reply:" not in key]
    return sum(int(redis_of(ledger.server).memory_usage(key, samples=0)) for key in keys if not key.endswith(":events"))


def test_enrolment_is_a_few_calls_however_many_cards(ledger: Ledger) -> None:
    """One script for all cards, and no call for a single card."""
    work = counted(ledger, lambda: enrol(ledger))

    assert work.scripts == 1
    assert work.calls <= 39
    assert work.received <= 92 * CARDS
    assert work.sent <= 13 * CARDS


def test_recorded_people_are_counted_in_a_few_calls(ledger: Ledger) -> None:
    """The visits' schedule needs every card, and reads a thousand in one round trip."""
    ledger.enrol([identity(number, first_issue=True)._replace(stream="first_issue") for number in range(CARDS)])
    found: list[int] = []

    work = counted(ledger, lambda: found.append(sum(count_recorded(ledger, 0).values())))

    assert found == [CARDS]
    assert work.scripts + work.calls <= 10


def test_both_stages_are_a_few_calls_a_lot_however_many_cards(ledger: Ledger) -> None:
    """Three scripts a lot, one round trip each; no Redis call is made for a single card."""
    enrol(ledger)
    lots: list[int] = []

    work = counted(ledger, lambda: lots.append(verify_and_print(ledger)))

    assert lots[0] <= 3 * CARDS // LOT
    assert work.scripts == 3 * lots[0] + 2  # two questions are refused: no card is left
    assert work.calls <= 86 * lots[0]
    assert work.received <= 60 * CARDS
    assert work.sent <= 53 * CARDS


def test_reconcile_reads_each_card_once_and_names_none(ledger: Ledger) -> None:
    """One script a lot of cards, which answers with their records; the NIKs are read in pages."""
    enrol(ledger)
    verify_and_print(ledger)
    found: list[Violation] = []

    work = counted(ledger, lambda: found.extend(reconcile(ledger, [HALL, WING])))

    assert found == []
    assert work.scripts == 2 + 1  # two lots of cards, and the totals
    assert work.calls <= 88
    assert work.received <= 5 * CARDS
    assert work.sent <= 130 * CARDS


def verify_and_print_in_turns(ledger: Ledger) -> int:
    """Take all cards through both stages by one seat each, which goes on with the offer at the end of its lot."""
    lots = 0
    for station, end in ((CENTRE, answer_and_go_on), (HALL, commit_and_go_on)):
        offer: object = ledger.offer(station, most=LOT)
        while isinstance(offer, Offer):
            ends = [offer.start_ms + 100 * (place + 1) for place in range(len(offer.cards))]
            lot = ledger.claim(offer, ends_ms=ends, lease_ms=60_000)
            assert isinstance(lot, Lot)
            found = end(ledger, lot)
            offer = found.offer if found and found.offer else ledger.offer(station, most=LOT)
            lots += 1
    return lots


def answer_and_go_on(ledger: Ledger, lot: Lot) -> LotEnd | None:
    """Answer a lot of the centre, and ask for the next one."""
    return ledger.answer(lot, verdicts=[Status.PRINT_READY_RECORD] * len(lot.cards), next_most=LOT)


def commit_and_go_on(ledger: Ledger, lot: Lot) -> LotEnd | None:
    """Commit a print lot, and ask for the next one."""
    return ledger.commit(lot, reasons=[""] * len(lot.cards), ends_ms=lot.ends_ms, next_most=LOT)


def test_a_seat_that_goes_on_needs_two_scripts_a_lot(ledger: Ledger) -> None:
    """The next offer comes with the end of the lot before, but at the begin of each stage and around its last lot."""
    enrol(ledger)
    lots: list[int] = []

    work = counted(ledger, lambda: lots.append(verify_and_print_in_turns(ledger)))

    assert lots[0] <= 3 * CARDS // LOT
    assert work.scripts <= 2 * lots[0] + 7
    assert work.calls <= 78 * lots[0]


def test_a_printed_card_is_kept_in_few_bytes(ledger: Ledger) -> None:
    """Its record with a whole history, and the hash of its NIK."""
    before = kept(ledger)
    enrol(ledger)
    verify_and_print(ledger)

    assert kept(ledger) - before <= 222 * CARDS


def test_the_uncollected_cards_are_read_and_no_others(ledger: Ledger) -> None:
    """The cost follows the cards that wait for their people, not those that were ever printed."""
    enrol(ledger)
    verify_and_print(ledger)
    printed_cards = queries.uncollected_cards(ledger)
    for card, *_ in printed_cards[3:]:
        ledger.issue(card, to=Collector.HOLDER, by="Bu Sri")
    left: list[object] = []

    work = counted(ledger, lambda: left.extend(queries.uncollected_cards(ledger)))

    assert len(printed_cards) == CARDS
    assert len(left) == 3
    assert work.scripts == 2  # the page, and the end
    assert work.calls <= 10
    assert work.sent <= 10_000  # most of it the counters of this test; all cards are 60,000
