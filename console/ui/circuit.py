"""The state of the circuit to the centre, as a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.text import plural
from lembur.domain import circuit_breaker

if TYPE_CHECKING:
    from console.ui.times import Times
    from lembur.ledger.queries.circuit import CircuitView


def describe_circuit(circuit: CircuitView, times: Times) -> str:
    """Describe a centre that fails; return '' while it answers."""
    since = times.brief(circuit.since_ms)
    if circuit.state is circuit_breaker.CircuitState.OPEN:
        return (
            f"the centre fails: not asked since {since}, after {circuit.failures} failures in a row; "
            f"one lot tries it at {times.brief(circuit.until_ms)}"
        )
    if circuit.state is circuit_breaker.CircuitState.HALF_OPEN:
        return f"the centre is tried since {since}: {plural(circuit.lines, 'line')} may ask it, one more per answer"
    return ""


def describe_oldest(asked_since_ms: int | None, times: Times) -> str:
    """Describe how long the oldest unanswered card is at a centre outside; '' without one."""
    return "" if asked_since_ms is None else f"the centre owes an answer since {times.brief(asked_since_ms)}"
