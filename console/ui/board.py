"""The board: the office as a table that stays on the screen, or as a line in a log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Self

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from console.text import count, plural
from console.ui.circuit import describe_circuit, describe_oldest
from console.ui.rows import Rows
from console.ui.terminal import Terminal, open_terminal
from console.ui.times import times_of
from lembur.domain.card import CAME_OUT, SHELVES, Status
from lembur.domain.seats import CENTRE

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import RenderableType

    from console.ui.times import Times
    from lembur.ledger.queries import Board, StationView
    from lembur.ledger.types import PrinterState
    from lembur.office import OfficeSetup

LINE_EVERY_S: Final = 5.0
"""Seconds between two lines where there is no terminal (a log, CI)."""
BAR: Final = 48
SEAT_BUSY, SEAT_OPEN, SEAT_CLOSED = "■", "□", "·"
MOST_SEATS: Final = 12
"""A station with more printers shows figures only, no symbols."""

STEPS: Final = (
    ("recorded", (Status.BIO_CAPTURED,)),
    ("at the centre", (Status.SENT_FOR_ENROLLMENT,)),
    ("ready to print", (Status.PRINT_READY_RECORD,)),
    ("in a printer", (Status.SENT_FOR_CARD_PRINTING,)),
    ("printed", CAME_OUT),
    ("on a shelf", SHELVES),
)
"""The columns of the row that counts cards by progress."""


class Screen:
    """Shows one board after the other: in place on a terminal, elsewhere as a line every few seconds."""

    def __init__(self, *, quiet: bool = False, console: Terminal | None = None) -> None:
        self._console = console or open_terminal()
        self._quiet = quiet
        self._live: Live | None = None
        self._last: tuple[Board, OfficeSetup] | None = None
        self._line_at_s = 0.0

    def __enter__(self) -> Self:
        """Take the terminal, if there is one."""
        if not self._quiet and self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back. A log gets the last board as a line."""
        if self._live:
            self._live.stop()
        elif self._last and not self._quiet:
            self._print_line(*self._last)

    def __call__(self, board: Board, setup: OfficeSetup) -> None:
        """Show a board of the office."""
        self._last = board, setup
        if self._live:
            self._live.update(board_table(board, setup), refresh=True)
        elif not self._quiet and time.monotonic() - self._line_at_s >= LINE_EVERY_S:
            self._line_at_s = time.monotonic()
            self._print_line(board, setup)
            self._last = None

    def _print_line(self, board: Board, setup: OfficeSetup) -> None:
        self._console.print(board_line(board, times_of(setup.scenario)), soft_wrap=True)


def board_line(board: Board, times: Times) -> str:
    """Write a board as one plain line."""
    done, all_cards = progress(board)
    seats = [view for view in board.stations if view.code != CENTRE]
    return (
        f"{times.brief(board.now_ms)}  {count(done)} of {count(all_cards)} cards done, "
        f"{sum(view.seats_busy for view in seats)} of {sum(view.seats_open for view in seats)} seats busy, "
        f"{count(sum(view.waiting for view in seats))} wait for a printer, "
        f"{count(sum(view.stock.blank for view in seats))} blanks left"
        + "".join(f", {describe_wait(one, times)}" for one in board.waiting_printers)
        + (f", {describe_oldest(board.asked_since_ms, times)}" if board.asked_since_ms is not None else "")
    )


def describe_wait(printer: PrinterState, times: Times) -> str:
    """Write the waits of a real printer, and since when."""
    since = times.brief(printer.since_ms)
    return f"printer {printer.name} of {printer.station} waits since {since}: {', '.join(printer.waits)}"


def board_table(board: Board, setup: OfficeSetup) -> RenderableType:
    """Draw a board: clock and progress, cards by progress, the stations, the centre."""
    times = times_of(setup.scenario)
    troubles = [describe_circuit(board.circuit, times), *(describe_wait(one, times) for one in board.waiting_printers)]
    rows = [line for trouble in troubles if trouble for line in (Text(trouble, style="bold red"), "")]
    if oldest := describe_oldest(board.asked_since_ms, times):
        rows += [Text(oldest, style="dim"), ""]
    return Group(_top(board, setup, times), "", _progress_rows(board), "", *rows, _stations(board, setup))


def progress(board: Board) -> tuple[int, int]:
    """Count the cards that no machine works on any more, and all cards."""
    return board.enrolled - board.open_cards, board.enrolled


def _top(board: Board, setup: OfficeSetup, times: Times) -> RenderableType:
    done, all_cards = progress(board)
    pace = "as fast as it goes" if board.speed == 0 else f"{count(round(board.speed))} times real time"
    share = done / all_cards if all_cards else 0.0
    clock = Text.assemble((times.long(board.now_ms), "bold cyan"), f"   {setup.scenario.name}", (f"   {pace}", "dim"))
    bar = Table.grid(padding=(0, 2))
    cards = f"{count(done)} of {count(all_cards)}, {share:.0%}"
    bar.add_row(ProgressBar(total=max(1, all_cards), completed=done, width=BAR), cards)
    return Group(clock, bar)


def _progress_rows(board: Board) -> Rows:
    counts = (count(sum(board.counts.get(status, 0) for status in statuses)) for _, statuses in STEPS)
    return Rows(("", *(name for name, _ in STEPS)), [(plural(board.enrolled, "card"), *counts)])


def _stations(board: Board, setup: OfficeSetup) -> Rows:
    titles = ("station", "seats", "busy/open", "waiting", "printed", "spoiled", "blanks left")
    printing = [view for view in board.stations if view.code != CENTRE]
    total = (
        "all",
        "",
        f"{sum(view.seats_busy for view in printing)}/{sum(view.seats_open for view in printing)}",
        count(sum(view.waiting for view in printing)),
        count(sum(view.stock.used for view in printing)),
        count(sum(view.stock.spoiled for view in printing)),
        count(sum(view.stock.blank for view in printing)),
    )
    rows = [_cells(view, printers=setup.printers(view.code)) for view in board.stations]
    return Rows(titles, [*rows, total], words={"seats"}, bold=-1)


def _cells(view: StationView, *, printers: int) -> tuple[str | Text, ...]:
    seats, busy, waiting = _seats(view, printers), f"{view.seats_busy}/{view.seats_open}", count(view.waiting)
    if view.code == CENTRE:
        return ("the centre", seats, busy, waiting, "", "", "")
    stock = view.stock
    left = Text(count(stock.blank), style="bold red" if stock.blank == 0 else "")
    return (view.code, seats, busy, waiting, count(stock.used), count(stock.spoiled), left)


def _seats(view: StationView, printers: int) -> Text:
    if printers > MOST_SEATS:
        return Text("")
    idle = max(0, view.seats_open - view.seats_busy)
    closed = max(0, printers - view.seats_busy - idle)
    return Text.assemble(
        (SEAT_BUSY * min(view.seats_busy, printers), "green"), (SEAT_OPEN * idle, ""), (SEAT_CLOSED * closed, "dim")
    )
