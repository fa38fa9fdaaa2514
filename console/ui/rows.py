"""Rows of figures: a table, or one paragraph for each row where the terminal is too narrow for the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.text import Text

GAP: Final = 2
NARROWEST: Final = 20
"""Width at which words may still be wrapped. Figures are never wrapped."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows under titles: words stand to the left and may wrap, figures stand to the right and stay whole.

    The first column names its row. `bold` is the number of a row that stands out: -1 is a row of totals.
    """

    titles: Sequence[str]
    rows: Sequence[Sequence[str | Text]]
    words: Collection[str] = ()
    bold: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Draw the table, or each row as 'name: title figure, title figure'."""
        if self._width() <= options.max_width:
            yield self._table()
        else:
            yield from (self._paragraph(row) for row in self.rows)

    def _width(self) -> int:
        columns = zip(self.titles, *self.rows, strict=True)
        return sum(self._width_of(*column) for column in columns) + GAP * (len(self.titles) - 1)

    def _width_of(self, title: str, *cells: str | Text) -> int:
        widest = max(cell_len(str(cell)) for cell in (title, *cells))
        return min(widest, NARROWEST) if title in self.words else widest

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
        for place, title in enumerate(self.titles):
            left = place == 0 or title in self.words
            table.add_column(
                title, justify="left" if left else "right", no_wrap=title not in self.words, overflow="fold"
            )
        chosen = None if self.bold is None else range(len(self.rows))[self.bold]
        for place, row in enumerate(self.rows):
            table.add_row(*row, style="bold" if place == chosen else None)
        return table

    def _paragraph(self, row: Sequence[str | Text]) -> str:
        name, *figures = (str(cell) for cell in row)
        pairs = (f"{title} {figure}" for title, figure in zip(self.titles[1:], figures, strict=True) if figure)
        return f"{name}: {', '.join(pairs)}"
