"""Cards a second through both stages with real workers, and what it costs to have every change on the disk first.

Run by `make bench`: the flood (200,000 cards) at full speed, then a tenth of it with and without durable changes in
turns, so that both meet the same machine.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent))
from console.runtime.embedded_server import valkey_binary
from console.runtime.office import lot_cards, run_clock, start_office, watch
from lembur.domain.scenario import Backlog, load
from lembur.ledger import queries
from lembur.ledger.audit import reconcile
from lembur.office import OfficeSetup
from producers.feed import QUIET_S
from support.servers import running

if TYPE_CHECKING:
    from collections.abc import Sequence

FLOOD = str(Path(__file__).with_name("flood.toml"))
SMALL = 20_000
TURNS = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """One play of the flood."""

    cards: int
    enrol_s: float
    work_s: float
    violations: int
    unfinished: int

    @property
    def cards_per_s(self) -> float:
        """Cards through both stages, from the first claim to the last commit."""
        return self.cards / self.work_s


def measure(cards: int, *, appendonly: str = "yes", appendfsync: str = "always") -> Measured:
    """Play the flood with so many cards on a server of its own."""
    scenario = load(FLOOD)
    scenario = scenario.model_copy(
        update={"backlog": Backlog(cards=cards, status=scenario.backlog.status, recorded_over_days=30)}
    )
    play = OfficeSetup(scenario, scenario.seed, lot_cards(0, 200_000), speed=0)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(valkey_binary(), Path(folder), appendonly=appendonly, appendfsync=appendfsync) as url,
    ):
        started = time.monotonic()
        opened = start_office(data=Path(folder) / "data", redis_url=url, play=play, fresh=True, unsafe=True)
        with opened as played, run_clock(played, jumps=False) as over:
            began = time.monotonic()
            watch(played, over, lambda *_: None)
            work_s = time.monotonic() - began - QUIET_S
            board = queries.read_board(played.ledger, play.all_stations)
            violations = len(reconcile(played.ledger, play.stations))
        return Measured(board.enrolled, began - started, work_s, violations, board.open_cards)


def tell(title: str, rows: Sequence[tuple[str, Sequence[Measured]]]) -> None:
    """Print a table with the ratio to its first row."""
    table = Table("", "cards", "seconds", "cards/s", "ratio", "lost", "violations", title=title, box=None)
    first = median(one.cards_per_s for one in rows[0][1])
    for name, found in rows:
        speed = median(one.cards_per_s for one in found)
        table.add_row(
            name,
            f"{found[0].cards:,}",
            f"{median(one.work_s for one in found):.1f}",
            f"{speed:,.0f}",
            f"{speed / first:.2f}",
            str(sum(one.unfinished for one in found)),
            str(sum(one.violations for one in found)),
        )
    Console().print(table)


def main() -> None:
    """Measure and tell."""
    tell("the flood, every change on the disk", [("verify and print", [measure(200_000)])])
    durable, memory = [], []
    for _ in range(TURNS):
        durable.append(measure(SMALL))
        memory.append(measure(SMALL, appendonly="no"))
    tell("what durability costs, in turns", [("in memory only", memory), ("on the disk first", durable)])


if __name__ == "__main__":
    main()
