"""Solo with devices of its own: six private CUPS queues and a centre over HTTP, played by real processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.card import SHELVES, Status
from support.solo_devices import play

if TYPE_CHECKING:
    from pathlib import Path

SPEED = 60.0
"""A print takes about a second of the print server's."""
CARDS = 60
JAM_EACH = 9


def test_solo_on_a_print_server_and_a_centre_over_http(tmp_path: Path) -> None:
    """Every card comes out once or stands on a shelf, each printer's own record agrees, and all reconciles."""
    played = play(tmp_path, speed=SPEED, deadline_s=500, cards=CARDS, jam_each=JAM_EACH)
    statuses = {Status(name): count for name, count in played.report["cards"]["by_status"].items() if count}
    out = played.cards_out()

    assert statuses.keys() <= {Status.CARD_PRINTED, *SHELVES}
    assert sum(statuses.values()) == CARDS
    assert len(out) == len(set(out)) == statuses[Status.CARD_PRINTED] > CARDS / 2
    assert played.report["invariants"] == {"ok": True, "violations": []}
    spoiled = sum(played.count(station, "failed") for station in played.records)
    assert played.report["blanks"]["spoiled"] == spoiled > 0
    for station in played.records:
        assert any(
            line.startswith(f"{station}: {station}: ")
            and f"{played.count(station, 'out')} printed, {played.count(station, 'failed')} spoiled" in line
            for line in played.printers
        )
