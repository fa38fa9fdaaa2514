"""The office on the screen while it works: a table drawn anew, or a line now and then where there is no terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from console.report.model import jakarta
from console.ui.circuit import told
from lembur.domain.card import SHELVES, Status
from lembur.domain.seats import CENTRE

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import RenderableType

    from lembur.ledger.queries import Board, StationView
    from lembur.office import OfficeSetup

LINE_EVERY_S: Final = 5.0
"""Where there is no terminal (a log, CI), so often a line."""
BAR: Final = 48
SEAT_BUSY, SEAT_OPEN, SEAT_CLOSED = "■", "□", "·"
MOST_SEATS: Final = 12
"""More printers than this are told as numbers only."""

STEPS: Final = (
    ("recorded", (Status.BIO_CAPTURED,)),
    ("at the centre", (Status.SENT_FOR_ENROLLMENT,)),
    ("ready to print", (Status.PRINT_READY_RECORD,)),
    ("in a printer", (Status.SENT_FOR_CARD_PRINTING,)),
    ("printed", (Status.CARD_PRINTED, Status.CARD_SHIPPED, Status.CARD_ISSUED)),
    ("on a shelf", tuple(sorted(SHELVES))),
)
"""A card's way as one row of figures."""


class Screen:
    """Shows one board after the other; `expected` cards are all there will be, if that is known."""

    def __init__(
        self, setup: OfficeSetup, *, quiet: bool = False, expected: int = 0, console: Console | None = None
    ) -> None:
        self._setup = setup
        self._expected = expected
        self._console = console or Console()
        self._quiet = quiet
        self._live: Live | None = None
        self._last: Board | None = None
        self._told_at = 0.0

    def __enter__(self) -> Self:
        """Take the terminal, if there is one."""
        if not self._quiet and self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was, with the last line told."""
        if self._live:
            self._live.stop()
        elif self._last and not self._quiet:
            self._console.print(line(self._last, expected=self._expected), highlight=False, soft_wrap=True)

    def __call__(self, board: Board) -> None:
        """Show a board."""
        self._last = board
        if self._live:
            self._live.update(table(board, self._setup, expected=self._expected), refresh=True)
        elif not self._quiet and time.monotonic() - self._told_at >= LINE_EVERY_S:
            self._told_at = time.monotonic()
            self._console.print(line(board, expected=self._expected), highlight=False, soft_wrap=True)
            self._last = None


def line(board: Board, *, expected: int = 0) -> str:
    """Say a board in one plain line."""
    done, all_cards = progress(board, expected)
    seats = [view for view in board.stations if view.code != CENTRE]
    return (
        f"{clock(board)}  {done:,} of {all_cards:,} cards done, "
        f"{sum(view.seats_busy for view in seats)} of {sum(view.seats_open for view in seats)} seats busy, "
        f"{sum(view.waiting for view in seats):,} wait for a printer, "
        f"{sum(view.stock.blank for view in seats):,} blanks left"
    )


def table(board: Board, setup: OfficeSetup, *, expected: int = 0) -> RenderableType:
    """Draw a board: clock and progress, the cards' way, the stations, the centre."""
    trouble = told(board.circuit)
    rows = (Text(trouble, style="bold red"), "") if trouble else ()
    return Group(_top(board, setup, expected), "", _way(board), "", *rows, _stations(board, setup))


def progress(board: Board, expected: int = 0) -> tuple[int, int]:
    """Count the cards with which no machine has to do anything more, and all there are or will be."""
    return board.enrolled - board.open_cards, max(board.enrolled, expected)


def clock(board: Board) -> str:
    """Tell virtual time as people in Solo read it."""
    return f"{jakarta(board.now_ms):%a %-d %b %H:%M}"


def _top(board: Board, setup: OfficeSetup, expected: int) -> RenderableType:
    done, all_cards = progress(board, expected)
    pace = "as fast as it goes" if board.speed == 0 else f"{board.speed:,.0f} times real time"
    share = done / all_cards if all_cards else 0.0
    said = Text.assemble(
        (f"{jakarta(board.now_ms):%A %-d %B %H:%M}", "bold cyan"), f"   {setup.scenario.name}", (f"   {pace}", "dim")
    )
    bar = Table.grid(padding=(0, 2))
    bar.add_row(
        ProgressBar(total=max(1, all_cards), completed=done, width=BAR), f"{done:,} of {all_cards:,}, {share:.0%}"
    )
    return Group(said, bar)


def _way(board: Board) -> Table:
    way = Table(box=None, pad_edge=False, header_style="dim")
    for name, _ in STEPS:
        way.add_column(name, justify="right", min_width=len(name))
    way.add_row(*(f"{sum(board.counts.get(status, 0) for status in statuses):,}" for _, statuses in STEPS))
    return way


def _stations(board: Board, setup: OfficeSetup) -> Table:
    rows = Table(box=None, pad_edge=False, header_style="dim", show_footer=True, footer_style="bold")
    printing = [view for view in board.stations if view.code != CENTRE]
    busy, seats = sum(view.seats_busy for view in printing), sum(view.seats_open for view in printing)
    rows.add_column("station", "all", min_width=14)
    rows.add_column("seats", "", min_width=6)
    rows.add_column("busy/open", f"{busy}/{seats}", justify="right")
    rows.add_column("waiting", f"{sum(view.waiting for view in printing):,}", justify="right", min_width=7)
    rows.add_column("printed", f"{sum(view.stock.used for view in printing):,}", justify="right", min_width=7)
    rows.add_column("spoiled", f"{sum(view.stock.spoiled for view in printing):,}", justify="right")
    rows.add_column("blanks left", f"{sum(view.stock.blank for view in printing):,}", justify="right")
    for view in board.stations:
        _row(rows, view, printers=setup.printers(view.code))
    return rows


def _row(rows: Table, view: StationView, *, printers: int) -> None:
    name, busy = str(view.code), f"{view.seats_busy}/{view.seats_open}"
    if view.code == CENTRE:
        rows.add_row("the centre", _seats(view, printers), busy, f"{view.waiting:,}", "", "", "", end_section=True)
        return
    stock = view.stock
    left = Text(f"{stock.blank:,}", style="bold red" if stock.blank == 0 else "")
    rows.add_row(name, _seats(view, printers), busy, f"{view.waiting:,}", f"{stock.used:,}", f"{stock.spoiled:,}", left)


def _seats(view: StationView, printers: int) -> Text:
    if printers > MOST_SEATS:
        return Text("")
    idle = max(0, view.seats_open - view.seats_busy)
    closed = max(0, printers - view.seats_busy - idle)
    return Text.assemble(
        (SEAT_BUSY * min(view.seats_busy, printers), "green"), (SEAT_OPEN * idle, ""), (SEAT_CLOSED * closed, "dim")
    )
