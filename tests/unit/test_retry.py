"""Waiting for a ledger that is away: a call is repeated until it answers, and an outage is logged once."""

from __future__ import annotations

from threading import Event

import pytest

from lembur import retry
from lembur.domain.errors import LedgerError
from lembur.retry import Outage, repeat, retry_until_answered


class Stammer:
    """A ledger that is away for some calls and then answers."""

    def __init__(self, away: int) -> None:
        self.away = away
        self.calls = 0

    def __call__(self) -> str:
        """Answer, unless the ledger is still away."""
        self.calls += 1
        if self.calls <= self.away:
            raise LedgerError("connection refused")
        return "there"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what is logged, and shorten the pauses."""
    monkeypatch.setattr(retry, "SHORTEST_PAUSE_S", 0.001)
    return []


def test_a_call_is_repeated_until_the_ledger_answers(lines: list[str]) -> None:
    """Its answer is returned; the outage and its end are logged once each."""
    ledger = Stammer(3)

    reply = retry_until_answered(ledger, outage=Outage("seats wait", lines.append), stopping=Event())

    assert (reply, ledger.calls) == ("there", 4)
    assert lines == ["seats wait for the ledger: connection refused", "the ledger is back"]


def test_a_call_ends_at_once_when_the_process_stops(lines: list[str]) -> None:
    """A worker that is to stop does not wait for a server that may be away all night."""
    stopping, ledger = Event(), Stammer(1_000_000)
    stopping.set()

    with pytest.raises(LedgerError, match="connection refused"):
        retry_until_answered(ledger, outage=Outage("seats wait", lines.append), stopping=stopping)

    assert ledger.calls == 1


def test_steps_go_on_through_an_outage_until_stopped(lines: list[str]) -> None:
    """Two threads share one outage: it is logged once for both."""
    stopping, ledger, outage = Event(), Stammer(3), Outage("the feed waits", lines.append)
    outage.begin(LedgerError("connection refused"))

    def step() -> None:
        if ledger() and ledger.calls > 5:
            stopping.set()

    repeat(step, every_s=0.001, outage=outage, stopping=stopping)

    assert ledger.calls == 6
    assert lines == ["the feed waits for the ledger: connection refused", "the ledger is back"]
