"""The circuit to the centre, as people and the exporter see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lembur.domain import circuit_breaker
from lembur.ledger.connection import translate_redis_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lembur.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class CircuitView:
    """State of the circuit, when it began, and the failures that led to it; times are the office's."""

    state: circuit_breaker.CircuitState = circuit_breaker.CircuitState.CLOSED
    since_ms: int = 0
    until_ms: int = 0
    lines: int = 0
    failures: int = 0
    pause_ms: int = 0

    @property
    def up(self) -> bool:
        """True if the last finished request succeeded; a probe in flight does not count."""
        return self.state is circuit_breaker.CircuitState.CLOSED or (
            self.state is circuit_breaker.CircuitState.HALF_OPEN and self.lines > 1
        )


@translate_redis_errors
def read_circuit(ledger: Ledger) -> CircuitView:
    """Read the circuit; closed when the centre never failed."""
    return circuit_of(ledger.server.hgetall(ledger.key("circuit")))


def circuit_of(row: Mapping[str, str]) -> CircuitView:
    """Build the circuit from its hash."""
    return CircuitView(
        circuit_breaker.CircuitState(row.get("state", circuit_breaker.CircuitState.CLOSED)),
        *(int(row.get(name, 0)) for name in ("since", "until", "lines", "failures", "pause")),
    )
