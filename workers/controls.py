"""Remote control of a worker: Grow and Shrink are seat orders, and every other change of the office is refused.

Flower's buttons and API, and `celery control`, all end in these commands. Celery keeps them in one registry by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery.worker.control import Panel, nok, ok

from lembur.domain.errors import LemburError

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSED = (
    "add_consumer",
    "autoscale",
    "cancel_consumer",
    "pool_restart",
    "rate_limit",
    "revoke",
    "revoke_by_stamped_headers",
    "shutdown",
    "terminate",
    "time_limit",
)
REFUSAL = "refused: seats are opened and closed by Grow and Shrink, everything else is done by the command 'lembur'"


def refuse(_state: Any, **_: Any) -> dict[str, str]:  # noqa: ANN401 - Celery's state has no type
    """Answer with the refusal; the office stays as it was."""
    return dict(nok(REFUSAL))


def order_by(sign: int, button: str) -> Callable[..., dict[str, str]]:
    """Return the command that opens or closes seats. The order names the login of the person who pressed the button."""

    def order(state: Any, n: int = 1, by: str = "", **_: Any) -> dict[str, str]:  # noqa: ANN401 - the same
        try:
            reason = f"{button} in Flower" if by else f"celery control pool_{button.lower()}"
            seats = state.consumer.pool.order(sign * n, by=by or "celery control", reason=reason)
        except (LemburError, TypeError) as fault:
            return dict(nok(str(fault)))
        return dict(ok(f"{seats} open until this evening: {reason}"))

    return order


def install() -> None:
    """Replace Celery's own commands by these, with the same arguments."""
    Panel.data.update(dict.fromkeys(REFUSED, refuse))
    Panel.data.update(pool_grow=order_by(1, "Grow"), pool_shrink=order_by(-1, "Shrink"))
