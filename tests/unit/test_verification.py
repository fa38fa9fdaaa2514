"""An answer of the centre is taken whole, in whatever order it comes, or refused whole."""

from __future__ import annotations

import pytest

from lembur.domain.card import CardId, Status
from lembur.domain.circuit_breaker import Trouble
from lembur.domain.seats import CENTRE
from lembur.ledger.types import Lot
from workers.devices import CentreFailedError, CentreReply
from workers.verification import verdicts

ONE, TWO = CardId("00000001"), CardId("00000002")
LOT = Lot("lot", CENTRE, 0, 0, (ONE, TWO), (1, 2))
READY, TWIN = Status.PRINT_READY_RECORD, Status.DUPLICATE_RECORD


@pytest.mark.parametrize(
    "replies",
    [[(ONE, READY), (TWO, TWIN)], [(TWO, TWIN), (ONE, READY)], [(ONE, READY), (TWO, TWIN), (ONE, READY)]],
    ids=["in order", "out of order", "one twice"],
)
def test_order_and_repeats_do_not_matter(replies: list[tuple[str, str]]) -> None:
    """The verdicts come in the order of the lot's cards."""
    assert verdicts(LOT, [CentreReply(*one) for one in replies]) == [READY, TWIN]


@pytest.mark.parametrize(
    "replies",
    [
        [],
        [(ONE, READY)],
        [(ONE, READY), (TWO, TWIN), ("00000003", READY)],
        [(ONE, READY), (TWO, TWIN), (ONE, TWIN)],
        [(ONE, TWIN), (TWO, TWIN), (ONE, READY)],
        [(ONE, READY), (TWO, "MAYBE")],
        [(ONE, READY), (TWO, Status.CARD_PRINTED)],
        [(ONE, READY), (TWO, "")],
    ],
    ids=[
        "none",
        "one too few",
        "a card of another lot",
        "contradicted",
        "contradicted first",
        "unknown",
        "no verdict",
        "",
    ],
)
def test_an_answer_that_is_wrong_in_one_place_is_refused_whole(replies: list[tuple[str, str]]) -> None:
    """The rest of such an answer cannot be trusted."""
    with pytest.raises(CentreFailedError) as failed:
        verdicts(LOT, [CentreReply(*one) for one in replies])

    assert failed.value.trouble is Trouble.GARBAGE
