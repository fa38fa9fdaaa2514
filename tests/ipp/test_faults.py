"""Every fault of a print server once: no card lost, none doubled, every blank accounted for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos.print_seats import ours
from chaos.print_server import FAULTS, ordinary

if TYPE_CHECKING:
    from pathlib import Path


def test_every_fault_once(tmp_path: Path) -> None:
    """Each card meets one fault, and every fault meets a card."""
    found = ours(tmp_path, FAULTS)

    assert (found.printed, found.lost, found.doubled, found.blanks_unaccounted) == (len(FAULTS), 0, 0, 0)
    assert set(found.faults) == set(FAULTS)


def test_the_ordinary_way_doubles_cards(tmp_path: Path) -> None:
    """The same print server, with its word for what was printed: a card comes out twice."""
    found = ordinary(tmp_path, ["print server killed", "cancelled at the panel", "answer lost: release"])

    assert found.doubled > 0, found
