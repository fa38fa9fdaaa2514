"""Draws the pictures of docs/pictures by the program itself: a run of Solo with real workers, and a plan.

Run by `make pictures`. The picture of the twin comes from ten such runs: `make bench-twin` draws it.
"""

from __future__ import annotations

import io
import tempfile
import time
from datetime import datetime
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Final

from rich.console import Console
from typer.main import get_command

from console.charts import INK, LINE_LETTERS, PAPER, make_figure
from console.cli import app
from console.commands.run import setup_of
from console.report import build_report, plots
from console.report.headline import headline
from console.runtime import run_clock, start_office, stop_on_signals, watch
from console.ui import board_table
from lembur.domain.time import moment_ms
from lembur.ledger.audit import PrintLogs, reconcile

if TYPE_CHECKING:
    from console.report.model import Report
    from lembur.ledger.queries import Board
    from lembur.office import OfficeSetup

COMMAND: Final = get_command(app)
PICTURES: Final = Path(__file__).parents[1] / "docs" / "pictures"
SCENARIO: Final = "solo-2016"
BOARD_MS: Final = moment_ms(datetime.fromisoformat("2016-08-25T15:00:00+07:00"))
"""The board is drawn at this moment of the first afternoon, with all seats open."""
BOARD_WIDTH: Final = 100
PLAN: Final = ("plan", SCENARIO, "--by", "Friday 21:00", "--max-hours", "6")
"""The plan of the README."""


class BoardPicture:
    """Draws the first board at or after a moment."""

    def __init__(self, setup: OfficeSetup) -> None:
        self._setup = setup
        self._is_drawn = False

    def __call__(self, board: Board) -> None:
        """Draw the board when its moment has come."""
        if self._is_drawn or board.now_ms < BOARD_MS:
            return
        self._is_drawn = True
        console = Console(record=True, width=BOARD_WIDTH, file=io.StringIO(), force_terminal=True)
        console.print(board_table(board, self._setup))
        console.save_svg(str(PICTURES / "board.svg"), title="lembur board")


def play() -> Report:
    """Play the scenario with real workers, draw its board on the way, and return its report."""
    setup, began_s = setup_of(SCENARIO, None, None, []), time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        stop_on_signals(),
        start_office(data=Path(folder), redis_url="", play=setup, fresh=True) as running,
    ):
        with run_clock(running, jumps=True) as over:
            watch(running, over, BoardPicture(running.setup))
        violations = reconcile(running.ledger, running.setup.stations, logs=PrintLogs((running.settings.printers,)))
        wall_s = time.monotonic() - began_s
        return build_report(running.ledger, running.setup, speed=setup.speed, wall_s=wall_s, violations=violations)


def draw_report(report: Report) -> None:
    """Draw the two charts of the report that the README begins with."""
    figure = make_figure(2)
    for axes, name in zip(figure.subplots(2), ("flow", "per_hour"), strict=True):
        plots.draw_plot(axes, report, name)
        axes.set_title(plots.PLOTS[name][0], loc="left", color=INK, pad=28)
    title = fill(headline(report), LINE_LETTERS)
    figure.suptitle(title + "\n", x=0.01, ha="left", color=INK, fontsize=14, fontweight="bold")
    figure.savefig(PICTURES / "solo-2016.png", dpi=110, facecolor=PAPER)


if __name__ == "__main__":
    draw_report(play())
    COMMAND([*PLAN, "--plot", str(PICTURES / "plan.png")])
