"""Pages of a list of cards that is ordered by time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CURSOR: Final = r"^([0-9]{1,15}-[0-9]{8})?$"
"""The moment and the card of the last row of a page; '' for the first page."""

Row = TypeVar("Row")


def page_after(
    rows: Sequence[Row], after: str, most: int, place: Callable[[Row], tuple[int, str]]
) -> tuple[list[Row], str]:
    """Return the rows after a cursor, and the cursor of the next page; '' at the end.

    A cursor is a moment and a card. So no row is passed over when an earlier one leaves the list meanwhile.
    """
    at_ms, _, card = after.partition("-")
    rest = [row for row in rows if place(row) > (int(at_ms), card)] if after else list(rows)
    shown = rest[:most]
    return shown, "{}-{}".format(*place(shown[-1])) if len(rest) > most else ""
