"""A seat keeps the lease of a lot whose printer works longer than planned, and begins nothing after the lease."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, cast

import pytest

from lembur.domain.errors import LedgerError
from lembur.domain.seats import StationCode
from lembur.ledger.types import Lot
from workers.devices.lease import Lease

if TYPE_CHECKING:
    from lembur.ledger import Ledger

LEASE_MS: Final = 1_000_000
"""So long that no test outlives half of it."""


class Renewing:
    """A ledger that renews a lease or has lost it, or gives no answer; it notes when it was asked."""

    def __init__(self, answer: bool | None) -> None:  # noqa: FBT001
        self.answer = answer
        self.asked_s: list[float] = []

    def renew(self, lot: Lot, *, lease_ms: int) -> bool:  # noqa: ARG002
        """Answer as given."""
        self.asked_s.append(time.monotonic())
        if self.answer is None:
            raise LedgerError("away")
        return self.answer


def lease_of(ledger: Renewing, *, left_s: float) -> Lease:
    """Give a lease that ends in some seconds."""
    lot = Lot("lot", StationCode("hall"), 0, 0, (), (), held_until_s=time.monotonic() + left_s)
    return Lease(cast("Ledger", ledger), lot, LEASE_MS)


def test_a_lease_is_renewed_in_its_second_half_only() -> None:
    """With 600 of 1,000 seconds left the ledger is not asked; with 400 left it is."""
    early, late = Renewing(answer=True), Renewing(answer=True)

    assert not lease_of(early, left_s=600).renew_when_due()
    assert lease_of(late, left_s=400).renew_when_due()
    assert (len(early.asked_s), len(late.asked_s)) == (0, 1)


def test_a_renewed_lease_counts_from_before_the_question() -> None:
    """The answer may come late, so the new end is a whole lease after the moment before the question."""
    ledger = Renewing(answer=True)
    lease, before_s = lease_of(ledger, left_s=1), time.monotonic()

    lease.renew_when_due()

    assert before_s + LEASE_MS / 1000 <= lease.until_s <= ledger.asked_s[0] + LEASE_MS / 1000
    assert not lease.is_over


def test_a_lost_lease_is_over_at_once() -> None:
    """Others may settle the lot already."""
    lease = lease_of(Renewing(answer=False), left_s=400)

    assert not lease.renew_when_due()
    assert lease.is_over


@pytest.mark.parametrize(("left_s", "is_over"), [(400, False), (-1, True)])
def test_without_an_answer_the_lease_runs_on_to_its_end(left_s: float, is_over: bool) -> None:  # noqa: FBT001
    """It is neither longer nor shorter."""
    lease = lease_of(Renewing(answer=None), left_s=left_s)
    until_s = lease.until_s

    assert not lease.renew_when_due()
    assert lease.until_s == until_s
    assert lease.is_over is is_over
