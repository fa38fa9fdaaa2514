"""A centre outside: asking ends a lot, and verdicts are heard in any order, once each, after any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId, Status, card_id
from lembur.domain.circuit_breaker import TRIES, Trouble
from lembur.domain.seats import CENTRE, Step
from lembur.domain.time import DAY_MS
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.metrics import read_metrics
from lembur.ledger.types import Lot, Verdict
from support.servers import redis_of
from support.small_office import HALL, WING, claim, identity, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

READY, DUPLICATE = Status.PRINT_READY_RECORD, Status.DUPLICATE_RECORD
MONTH_MS = 30 * DAY_MS
CARDS = 6


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """Give an office with six first issues and one line, at its own pace; all reconciles at the end."""
    with connect(server_url) as server:
        found = opened(Ledger(server, office=office), lines=1, started=False, steps=(Step(0, 1),))
        found.set_clock(virtual_ms=1_000, speed=1, ends_ms=10**12)
        found.enrol([identity(number, first_issue=True) for number in range(CARDS)])
        yield found
        assert reconcile(found, [HALL, WING]) == []


def take(ledger: Ledger, cards: int = 1) -> Lot:
    """Take a lot to the centre."""
    lot = claim(ledger, CENTRE, most=cards)
    assert isinstance(lot, Lot)
    return lot


def ask(ledger: Ledger, cards: int = 1) -> tuple[CardId, ...]:
    """Take cards to the centre, which takes them."""
    lot = take(ledger, cards)
    assert ledger.end_asking(lot)
    return lot.cards


def statuses(ledger: Ledger, *cards: CardId) -> list[Status]:
    """Return the status of each card."""
    return [queries.read_card(ledger, card).status for card in cards]


def counts(ledger: Ledger) -> dict[Status, int]:
    """Return the cards by status, without zeros."""
    return {status: count for status, count in ledger.counts().items() if count}


def test_one_line_asks_for_all_cards_and_waits_for_none(ledger: Ledger) -> None:
    """The line is free as soon as the centre took its cards; they hold no lot and no lease, and reconcile meanwhile."""
    for _ in range(CARDS):
        ask(ledger)

    assert counts(ledger) == {Status.SENT_FOR_ENROLLMENT: CARDS}
    assert ledger.expired_lots([CENTRE], since_ms=-(10**9)) == []
    assert reconcile(ledger, [HALL, WING]) == []


def test_verdicts_come_in_any_order_and_twice(ledger: Ledger) -> None:
    """Each moves its card once; the queue of its station gets it, or the shelf of its verdict."""
    cards = ask(ledger, 4)
    rows = [Verdict(cards[2], 1, READY), Verdict(cards[0], 1, DUPLICATE), Verdict(cards[2], 1, DUPLICATE)]

    assert ledger.hear([*rows, rows[0]]).strays == 2
    assert ledger.hear(rows).strays == 3

    assert statuses(ledger, *cards) == [DUPLICATE, Status.SENT_FOR_ENROLLMENT, READY, Status.SENT_FOR_ENROLLMENT]


def test_an_answer_after_a_month_is_heard(ledger: Ledger) -> None:
    """The history shows when the card was asked and when the verdict came; its station is woken."""
    card = ask(ledger, CARDS)[0]
    ledger.set_clock(virtual_ms=MONTH_MS, speed=1, ends_ms=10**12)

    wakes = ledger.hear([Verdict(card, 1, READY)]).wakes

    assert wakes == {HALL: 1}
    _, sent, ready = queries.read_card(ledger, card).history
    assert (sent.what, ready.what) == (Status.SENT_FOR_ENROLLMENT, READY)
    assert sent.at_ms < MONTH_MS <= ready.at_ms


def test_a_verdict_of_another_attempt_changes_nothing(ledger: Ledger) -> None:
    """A person sends a card back after a verdict: what the centre repeats of the first attempt does not count again."""
    (card,) = ask(ledger)
    ledger.hear([Verdict(card, 1, DUPLICATE)])
    ledger.release(card, by="Bu Sri", reason="a test")
    assert ledger.attempts([card]) == {card: 2}
    while card not in ask(ledger):
        pass

    assert ledger.hear([Verdict(card, 1, DUPLICATE), Verdict(CardId("99999999"), 1, READY)]).strays == 2
    assert ledger.hear([Verdict(card, 2, READY)]).strays == 0
    assert statuses(ledger, card) == [READY]


def test_a_verdict_that_nobody_knows_is_asked_anew_and_then_shelved(ledger: Ledger) -> None:
    """Each time it is another attempt; after the last try a person must look."""
    (card,) = ask(ledger)
    for attempt in range(1, TRIES + 1):
        assert ledger.attempts([card]) == {card: attempt}
        ledger.hear([Verdict(card, attempt, "MAYBE")])
        while attempt < TRIES and card not in ask(ledger):
            pass

    assert statuses(ledger, card) == [Status.SEARCH_FAILURE_AT_CENTRAL]


def test_the_cursor_moves_with_its_verdicts_and_for_one_reader(ledger: Ledger) -> None:
    """Of two readers that heard the same, the slower one changes nothing and learns where to go on."""
    cards = ask(ledger, 2)
    ledger.hear([], after="", cursor="a")
    ledger.hear([Verdict(cards[0], 1, READY)], after="a", cursor="b")

    late = ledger.hear([Verdict(cards[0], 1, READY), Verdict(cards[1], 1, READY)], after="a", cursor="c")

    assert (late.cursor, late.strays, ledger.centre_cursor()) == ("b", 0, "b")
    assert statuses(ledger, *cards) == [READY, Status.SENT_FOR_ENROLLMENT]


def test_a_repeated_request_is_answered_again(ledger: Ledger) -> None:
    """A network that loses the answer to a hearing makes no second one of it."""
    (card,) = ask(ledger)
    request = ledger.with_token("a-token")

    first, again = (request.hear([Verdict(card, 1, READY)], after="", cursor="a") for _ in range(2))

    assert first == again
    assert first.strays == 0


def test_a_verdict_may_be_heard_before_its_line_notes_the_asking(ledger: Ledger) -> None:
    """A quick centre and a slow line: the verdict is kept for the line, and lost with no lot that fails."""
    lot = take(ledger, 2)
    assert ledger.hear([Verdict(lot.cards[0], 1, READY)], after="", cursor="a").strays == 1
    asking = ledger.end_asking(lot)
    assert asking
    assert asking.early == (Verdict(lot.cards[0], 1, READY),)

    ledger.hear(asking.early)

    assert statuses(ledger, *lot.cards) == [READY, Status.SENT_FOR_ENROLLMENT]


def test_a_line_that_dies_before_it_notes_the_asking_asks_the_same_attempt_again(ledger: Ledger) -> None:
    """The sweep gives its cards back; for the centre it is the same question. Garbage makes another one of it."""
    lot = take(ledger, 2)
    ledger.fail(lot, trouble=Trouble.SILENT)
    assert ledger.end_asking(lot) is None
    assert set(ledger.attempts(lot.cards).values()) == {1}

    again = take(ledger, 1)
    ledger.fail(again, trouble=Trouble.GARBAGE)
    assert set(ledger.attempts(again.cards).values()) == {2}


def test_the_board_and_the_metrics_show_since_when_the_oldest_card_is_out(ledger: Ledger) -> None:
    """To ask it again makes it no younger; an answer to it leaves the next one."""
    (first, second) = ask(ledger, 2)
    asked_ms = queries.read_board(ledger, [CENTRE]).asked_since_ms
    assert asked_ms is not None
    ledger.set_clock(virtual_ms=MONTH_MS, speed=1, ends_ms=10**12)
    assert len(ledger.take_overdue(before_ms=MONTH_MS - 60_000, most=10)) == 2

    assert queries.read_board(ledger, [CENTRE]).asked_since_ms == asked_ms
    metrics = read_metrics(ledger, [HALL, WING], ages_s=[1000], orders_from=0)
    assert metrics.asked_ms == asked_ms

    ledger.hear([Verdict(card, 1, READY) for card in (first, second)])
    assert queries.read_board(ledger, [CENTRE]).asked_since_ms is None


def test_overdue_cards_are_taken_once_to_be_asked_again(ledger: Ledger) -> None:
    """Whoever takes them counts as asking now: another reader finds none of them."""
    cards = ask(ledger, 3)
    now_ms, _ = ledger.time()
    assert ledger.take_overdue(before_ms=now_ms - 60_000, most=10) == {}
    ledger.set_clock(virtual_ms=MONTH_MS, speed=1, ends_ms=10**12)

    found = ledger.take_overdue(before_ms=MONTH_MS - 60_000, most=2)
    found |= ledger.take_overdue(before_ms=MONTH_MS - 60_000, most=2)

    assert found == dict.fromkeys(cards, 1)
    assert ledger.take_overdue(before_ms=MONTH_MS - 60_000, most=2) == {}


def test_cards_at_the_centre_are_in_forecasts_and_keep_the_clock_from_jumping(ledger: Ledger) -> None:
    """A snapshot has them with an unknown end, and a demonstration is not over while they are away."""
    cards = ask(ledger, CARDS)
    places = ledger.query("snapshot", stations=[CENTRE])["stations"]

    assert sorted(row[0] for row in places[CENTRE]["cards"]) == sorted(cards)
    assert ledger.advance([CENTRE, HALL, WING]).busy >= CARDS


@pytest.mark.parametrize("broken", ["asked and in a line", "asked and ready"])
def test_reconcile_finds_a_card_that_is_in_two_places(ledger: Ledger, broken: str) -> None:
    """The audit knows where a card at the centre may be."""
    card = take(ledger).cards[0] if broken == "asked and in a line" else card_id(CARDS)
    server = redis_of(ledger.server)
    server.zadd(ledger.key("asked"), {card: 1})

    found = {violation.invariant for violation in reconcile(ledger, [HALL, WING])}

    assert "a card that was asked is in no line" in found
    server.zrem(ledger.key("asked"), card)
