"""The circuit to the centre: opened by failures in a row, tried by one lot at a time, closed line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId, Status
from lembur.domain.circuit_breaker import IN_A_ROW, LONGEST_PAUSE_MS, PAUSE_MS, TRIES, CircuitState, Trouble
from lembur.domain.seats import CENTRE
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.circuit import read_circuit
from lembur.ledger.queries.live import await_events, last_event_id
from lembur.ledger.types import ClaimRefusal, Lot
from support.small_office import ENDS_MS, HALL, WING, answered, claim, failed, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Iterator

STILL = 1e-6
"""A speed at which the clock stands where a test puts it."""
LINES = 8


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """An office with eight lines to the centre and forty people for it; whatever the centre does, it must add up."""
    with connect(server_url) as server:
        found = opened(Ledger(server, office=office), lines=LINES)
        found.enrol([identity(number, first_issue=True, due_ms=number) for number in range(40)])
        yield found
        assert reconcile(found, [HALL, WING]) == []


def at(ledger: Ledger, now_ms: int) -> None:
    """Put the clock to a moment."""
    ledger.set_clock(virtual_ms=now_ms, speed=STILL, ends_ms=ENDS_MS)


def lots(ledger: Ledger, count: int, *, takes_ms: int = 100) -> list[Lot]:
    """As many lots of one card as the lines take, up to a number, all at the centre at the same time."""
    found = [claim(ledger, CENTRE, takes_ms=takes_ms) for _ in range(count)]
    return [lot for lot in found if isinstance(lot, Lot)]


def opened_circuit(ledger: Ledger, trouble: Trouble = Trouble.REFUSED) -> int:
    """Let the centre fail until the circuit opens; the end of its pause."""
    at(ledger, 10_000)
    for lot in lots(ledger, IN_A_ROW):
        failed(ledger, lot, trouble)
    found = read_circuit(ledger)
    assert found.state is CircuitState.OPEN
    return found.until_ms


def with_poison(ledger: Ledger, poison: CardId, trouble: Trouble) -> int:
    """Let the centre answer every lot but those with one card, until nothing waits; how often it was asked."""
    asked = 0
    while isinstance(lot := claim(ledger, CENTRE), Lot):
        asked += 1
        if poison in lot.cards:
            failed(ledger, lot, trouble)
        else:
            answered(ledger, lot)
    return asked


def test_a_centre_that_never_failed_leaves_no_circuit(ledger: Ledger) -> None:
    """Closed without a key of its own: what does not fail pays nothing for the breaker."""
    for lot in lots(ledger, 3):
        answered(ledger, lot)

    assert read_circuit(ledger).state is CircuitState.CLOSED
    assert read_circuit(ledger).up
    assert not ledger.server.exists(ledger.prefix + "circuit", ledger.prefix + "tries")


def test_failures_in_a_row_open_the_circuit(ledger: Ledger) -> None:
    """One fewer does not, and an answer between them begins the row anew."""
    *most, last = lots(ledger, IN_A_ROW)
    for lot in most:
        failed(ledger, lot)
    answered(ledger, last)
    *most, last = lots(ledger, IN_A_ROW)
    for lot in most:
        failed(ledger, lot)
    assert read_circuit(ledger).state is CircuitState.CLOSED

    failed(ledger, last)

    found = read_circuit(ledger)
    assert (found.state, found.failures, found.pause_ms, found.up) == (CircuitState.OPEN, IN_A_ROW, PAUSE_MS, False)


def test_nobody_asks_an_open_circuit_and_one_lot_probes_it_after_the_pause(ledger: Ledger) -> None:
    """Before the pause is over every line is refused; after it, all but one."""
    until = opened_circuit(ledger)

    at(ledger, until - 1)
    assert [claim(ledger, CENTRE) for _ in range(LINES)] == [ClaimRefusal.OUTAGE] * LINES
    assert ledger.advance([CENTRE, HALL, WING]).wakes == {}
    at(ledger, until)
    assert ledger.advance([CENTRE, HALL, WING]).wakes == {CENTRE: 1}

    assert len(lots(ledger, LINES)) == 1
    assert claim(ledger, CENTRE) is ClaimRefusal.OUTAGE
    assert read_circuit(ledger).state is CircuitState.HALF_OPEN
    assert not read_circuit(ledger).up


def test_the_pause_doubles_with_every_failed_probe_up_to_its_bound(ledger: Ledger) -> None:
    """30 s, 1, 2, 4, 8 and then ten minutes for ever: in a day some 150 questions, whatever waits."""
    until = opened_circuit(ledger)
    pauses = []

    for _ in range(7):
        at(ledger, until)
        (probe,) = lots(ledger, LINES)
        failed(ledger, probe, Trouble.REFUSED)
        pauses.append(read_circuit(ledger).pause_ms)
        until = read_circuit(ledger).until_ms

    assert pauses == [2 * PAUSE_MS, 4 * PAUSE_MS, 8 * PAUSE_MS, 16 * PAUSE_MS, *[LONGEST_PAUSE_MS] * 3]


def test_the_lines_come_back_step_by_step(ledger: Ledger) -> None:
    """Each answer frees its line and allows one more, until all are back: no stampede on a centre that is back."""
    at(ledger, opened_circuit(ledger))
    together = []

    while read_circuit(ledger).state is not CircuitState.CLOSED:
        there = lots(ledger, LINES)
        together.append(len(there))
        for lot in there:
            answered(ledger, lot)

    assert together == [1, 2, 4]
    at(ledger, read_circuit(ledger).since_ms)
    assert len(lots(ledger, 2 * LINES, takes_ms=10_000)) == LINES
    assert read_circuit(ledger).failures == 0


def test_wake_ups_are_metered_too(ledger: Ledger) -> None:
    """As many lines as may work are woken, though forty cards wait and all lines are idle."""
    until = opened_circuit(ledger)
    assert [claim(ledger, CENTRE) for _ in range(LINES)] == [
        ClaimRefusal.OUTAGE
    ] * LINES  # no wake-up is under way any more
    at(ledger, until)

    assert answered(ledger, claim(ledger, CENTRE)) == {CENTRE: 2}


def test_a_failure_while_it_comes_back_opens_it_again(ledger: Ledger) -> None:
    """The pause is the next longer one."""
    at(ledger, opened_circuit(ledger))
    answered(ledger, claim(ledger, CENTRE))
    first, second = lots(ledger, LINES)

    failed(ledger, first)
    answered(ledger, second)

    assert (read_circuit(ledger).state, read_circuit(ledger).pause_ms) == (CircuitState.OPEN, 2 * PAUSE_MS)


def test_what_was_sent_before_the_outage_says_nothing_of_the_centre_after_it(ledger: Ledger) -> None:
    """An answer on its way when the circuit opened does not close it, and a failure makes no pause longer."""
    at(ledger, 0)
    before = lots(ledger, LINES)
    for lot in before[:IN_A_ROW]:
        failed(ledger, lot)
    opened_at = read_circuit(ledger)

    answered(ledger, before[-1])
    failed(ledger, before[-2])
    assert read_circuit(ledger) == opened_at
    at(ledger, opened_at.until_ms)
    (probe,) = lots(ledger, LINES)
    failed(ledger, before[-3])

    assert read_circuit(ledger).state is CircuitState.HALF_OPEN
    assert answered(ledger, probe) is not None


def test_printers_work_on_while_the_circuit_is_open(ledger: Ledger) -> None:
    """They need not wait for a centre that will not answer before the pause is over."""
    until = opened_circuit(ledger)
    ledger.enrol([identity(100, ready_ms=until - 1_000)])
    at(ledger, until - 1_000)

    assert printed(ledger, claim(ledger)) is not None


def test_a_probe_that_was_given_back_leaves_the_way_free_for_the_next(ledger: Ledger) -> None:
    """A worker stopped while it probed blocks nobody."""
    at(ledger, opened_circuit(ledger))
    (probe,) = lots(ledger, LINES)

    ledger.abandon(probe)

    assert len(lots(ledger, LINES)) == 1


def test_a_centre_that_refuses_costs_no_card_a_try(ledger: Ledger) -> None:
    """A card that never left the office waits in the queue, however long the outage."""
    until = opened_circuit(ledger)
    for _ in range(3 * TRIES):
        at(ledger, until)
        failed(ledger, claim(ledger, CENTRE), Trouble.REFUSED)
        until = read_circuit(ledger).until_ms

    assert ledger.counts().get(Status.SEARCH_FAILURE_AT_CENTRAL, 0) == 0
    assert queries.counters(ledger)["retry", CENTRE, "refused"] == IN_A_ROW + 3 * TRIES


@pytest.mark.parametrize("trouble", [Trouble.HANGING, Trouble.GARBAGE, Trouble.SILENT])
def test_a_card_the_centre_cannot_bear_is_shelved_and_holds_nobody_up(ledger: Ledger, trouble: Trouble) -> None:
    """Failed so often it waits for a person; every other card is answered meanwhile, though it was due first."""
    poison = CardId("00000001")

    asked = with_poison(ledger, poison, trouble)

    assert queries.read_card(ledger, poison).status is Status.SEARCH_FAILURE_AT_CENTRAL
    assert queries.read_card(ledger, poison).history[-1].why == trouble
    assert ledger.counts()[Status.PRINT_READY_RECORD] == 39
    assert asked == 39 + TRIES


def test_a_card_that_failed_is_sent_alone(ledger: Ledger) -> None:
    """What the centre cannot bear takes none of its lot with it to the shelf."""
    first = claim(ledger, CENTRE, most=10)
    failed(ledger, first, Trouble.GARBAGE)

    sizes = []
    while isinstance(lot := claim(ledger, CENTRE, most=10), Lot):
        sizes.append(len(lot.cards))
        answered(ledger, lot)

    assert sizes == [10, 10, 10, *[1] * 10]


def test_a_shelved_card_can_be_sent_again(ledger: Ledger) -> None:
    """Released by a person, it has all its tries again."""
    with_poison(ledger, CardId("00000001"), Trouble.GARBAGE)

    ledger.release(CardId("00000001"), by="Bu Sri", reason="the centre was mended")

    assert ledger.server.hgetall(ledger.prefix + "tries") == {}
    assert answered(ledger, claim(ledger, CENTRE)) is not None


def test_late_and_doubled_answers_change_nothing(ledger: Ledger) -> None:
    """A lot that was given up is nobody's: its answer, its second answer and its second failure are all refused."""
    first, second = lots(ledger, 2)
    failed(ledger, first)
    answered(ledger, second)
    before = queries.read_board(ledger, [CENTRE, HALL]), read_circuit(ledger), queries.tally(ledger)

    assert answered(ledger, first) is None
    assert failed(ledger, second) is None
    assert answered(ledger, second, Status.DUPLICATE_RECORD) is not None  # it is answered as it was the first time
    assert (queries.read_board(ledger, [CENTRE, HALL]), read_circuit(ledger), queries.tally(ledger)) == before


def test_a_lost_worker_says_nothing_of_the_centre(ledger: Ledger) -> None:
    """Leases that run out open no circuit."""
    for lot in lots(ledger, LINES):
        failed(ledger, lot, Trouble.SILENT)

    assert read_circuit(ledger).state is CircuitState.CLOSED
    assert read_circuit(ledger).failures == 0


def test_a_failed_lot_is_an_event(ledger: Ledger) -> None:
    """The stream of events has one entry for it, with its cards and the trouble."""
    (lot,) = lots(ledger, 1)
    before = last_event_id(ledger)

    failed(ledger, lot, Trouble.GARBAGE)

    (event,) = await_events(ledger, before, wait_ms=1_000)
    assert event.kind == "failed"
    assert event.data == {"lot": lot.name, "cards": list(lot.cards), "why": Trouble.GARBAGE}
