"""The sentence about the centre on the board and in the doctor."""

from __future__ import annotations

from console.ui import Times, describe_circuit
from lembur.domain import circuit_breaker
from lembur.ledger.queries.circuit import CircuitView
from support.zones import JAKARTA

TEN_MS, MINUTE_MS = 1_472_094_000_000, 60_000


def describe(circuit: CircuitView) -> str:
    """Describe a circuit in Jakarta's time."""
    return describe_circuit(circuit, Times(JAKARTA))


def test_of_a_centre_that_answers_nothing_is_said() -> None:
    """No line of the board is taken by what is as it should be."""
    assert describe(CircuitView()) == ""


def test_an_open_circuit_says_since_when_why_and_until_when() -> None:
    """In the office's time."""
    found = CircuitView(circuit_breaker.CircuitState.OPEN, TEN_MS, TEN_MS + 4 * MINUTE_MS, 1, 8, 4 * MINUTE_MS)

    assert describe(found) == (
        "the centre fails: not asked since Thu 25 Aug 10:00, after 8 failures in a row; "
        "one lot tries it at Thu 25 Aug 10:04"
    )


def test_a_circuit_that_is_closing_says_how_many_lines_are_back() -> None:
    """One at first."""
    assert "since Thu 25 Aug 10:00: 1 line may ask it" in describe(
        CircuitView(circuit_breaker.CircuitState.HALF_OPEN, TEN_MS, lines=1)
    )
    assert ": 4 lines may ask it" in describe(CircuitView(circuit_breaker.CircuitState.HALF_OPEN, TEN_MS, lines=4))
