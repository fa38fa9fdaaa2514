"""The circuit to the centre in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain import circuit_breaker
from lembur.domain.time import brief

if TYPE_CHECKING:
    from lembur.ledger.queries.circuit import CircuitView


def told(circuit: CircuitView) -> str:
    """Say what the office has to know of a centre that failed, and '' when there is nothing to say."""
    if circuit.state is circuit_breaker.CircuitState.OPEN:
        return (
            f"the centre fails: not asked since {brief(circuit.since_ms)}, after {circuit.failures} failures in a row; "
            f"one lot tries it at {brief(circuit.until_ms)}"
        )
    if circuit.state is circuit_breaker.CircuitState.HALF_OPEN:
        lines = "one line" if circuit.lines == 1 else f"{circuit.lines} lines"
        return f"the centre is tried since {brief(circuit.since_ms)}: {lines} may ask it, one more with every answer"
    return ""
