"""Faults of the simulated centre: when a request ends under each, and which replies come."""

from __future__ import annotations

import pytest

from lembur.domain.card import CardId, Status
from lembur.domain.circuit_breaker import BOUND_MS, Trouble
from lembur.domain.scenario import Mishap
from lembur.domain.seats import CENTRE
from lembur.ledger.types import Lot
from workers.devices import CentreFailedError, CentreReply
from workers.devices.centre import ExpectedVerdict
from workers.devices.centre_faults import delay, deliver

START_MS = 1_000_000
READY = Status.PRINT_READY_RECORD
PLANNED = [ExpectedVerdict(START_MS + 400, READY), ExpectedVerdict(START_MS + 1_000, READY)]
REPLIES = [CentreReply("00000001", READY), CentreReply("00000002", READY)]


def lot_at(position: int) -> Lot:
    """A lot of two cards at the centre."""
    return Lot("lot", CENTRE, position, START_MS, (CardId("00000001"), CardId("00000002")), (1, 2))


@pytest.mark.parametrize(
    ("mishap", "ends_ms"),
    [
        (Mishap.REFUSE, [START_MS + 1_000, START_MS + 1_000]),
        (Mishap.HANG, [PLANNED[-1].end_ms + BOUND_MS, PLANNED[-1].end_ms + BOUND_MS]),
        (Mishap.SLOW, [START_MS + 2_000, START_MS + 5_000]),
        (Mishap.DUPLICATE, [START_MS + 400, START_MS + 1_000]),
        (Mishap.OUT_OF_ORDER, [START_MS + 400, START_MS + 1_000]),
        (Mishap.GARBAGE, [START_MS + 400, START_MS + 1_000]),
    ],
)
def test_a_mishap_moves_the_end_of_a_request(mishap: Mishap, ends_ms: list[int]) -> None:
    """A refusal is noticed after a second, silence at its bound, a slow answer after five times its time."""
    delayed = delay(mishap, START_MS, PLANNED)

    assert [one.end_ms for one in delayed] == ends_ms
    assert [one.verdict for one in delayed] == [READY, READY]


@pytest.mark.parametrize(("mishap", "trouble"), [(Mishap.REFUSE, Trouble.REFUSED), (Mishap.HANG, Trouble.HANGING)])
def test_a_centre_that_does_not_answer_names_its_trouble(mishap: Mishap, trouble: Trouble) -> None:
    """The ledger counts failures by trouble."""
    with pytest.raises(CentreFailedError) as failed:
        deliver(mishap, lot_at(0), REPLIES)

    assert failed.value.trouble is trouble


@pytest.mark.parametrize(
    ("mishap", "position", "replies"),
    [
        (Mishap.DUPLICATE, 0, [*REPLIES, *REPLIES]),
        (Mishap.OUT_OF_ORDER, 0, REPLIES[::-1]),
        (Mishap.SLOW, 0, REPLIES),
        (Mishap.GARBAGE, 3, [REPLIES[1], CentreReply("00000001", "MAYBE")]),
        (Mishap.GARBAGE, 4, [REPLIES[1], CentreReply("99999999", READY)]),
        (Mishap.GARBAGE, 5, [REPLIES[1]]),
    ],
)
def test_a_mishap_changes_the_replies(mishap: Mishap, position: int, replies: list[CentreReply]) -> None:
    """Garbage is an unknown verdict, another card, or a reply too few, in turn."""
    assert deliver(mishap, lot_at(position), list(REPLIES)) == replies
