"""Every figure that a wide terminal shows is whole in a narrow one: no digit is cut, and none is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.report import build_report
from console.report.terminal import render_terminal
from console.ui import Rows, open_terminal
from lembur.domain.scenario import load
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import HOUR_MS
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, open_office, order_seats
from support.cli import Desk

if TYPE_CHECKING:
    from pathlib import Path

FIGURE = re.compile(r"[0-9][0-9.,:/%-]*[0-9%]|[0-9]")
WIDTHS = (60, 80)


def figures(text: str) -> set[str]:
    """Collect the figures of a text."""
    return set(FIGURE.findall(text))


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Ledger:
    """Solo with its stock, an order with a long reason, and a cancelled one."""
    found, setup = Ledger(connect(valkey_url), office=office), OfficeSetup(load("solo-2016"), 1, 1)
    open_office(found, setup)
    found.set_clock(virtual_ms=setup.starts_ms + HOUR_MS // 2, speed=1e-6, ends_ms=setup.ends_ms)
    now, reason = found.time()[0], "people came from three kelurahan in the morning of the visit by the regent"
    order_seats(found, SeatOrder(StationCode("pasar-kliwon"), 2, now, now + 7 * HOUR_MS, "Bu Sri Wahyuni", reason))
    return found


@pytest.mark.parametrize("words", [("board",), ("orders",), ("stock",), ("log",), ("forecast",)])
def test_a_page_keeps_its_figures(
    ledger: Ledger, valkey_url: str, office: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """At 60 and 80 columns each line fits, and the figures are those of a wide terminal."""
    assert len(ledger.orders()) == 1
    wide = Desk(valkey_url, office, tmp_path, columns=300).do(*words)
    for columns in WIDTHS:
        narrow = Desk(valkey_url, office, tmp_path, columns=columns).do(*words)

        assert figures(wide) <= figures(narrow)  # a paragraph repeats the titles
        assert max(map(len, narrow.splitlines())) <= max(columns, _longest_sentence(wide))


def _longest_sentence(wide: str) -> int:
    # Sentences are left to the terminal, which wraps them.
    return max((len(line) for line in wide.splitlines() if "  " not in line), default=0)


def test_the_report_keeps_its_figures(ledger: Ledger) -> None:
    """So does the report at the end of a run."""
    report = build_report(ledger, OfficeSetup(load("solo-2016"), 1, 1), speed=1, wall_s=1, violations=[])
    shown = {}
    for width in (*WIDTHS, 300):
        terminal = open_terminal(width=width)
        with terminal.capture() as captured:
            terminal.print(render_terminal(report))
        shown[width] = captured.get()

    assert figures(shown[60]) == figures(shown[80]) == figures(shown[300])
    assert all(max(map(len, shown[width].splitlines())) <= width for width in WIDTHS)


cells = st.text("abc 0123456789,.", min_size=1, max_size=12).map(str.strip).filter(bool)


@given(
    rows=st.integers(1, 6).flatmap(lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), min_size=1)),
    width=st.integers(20, 90),
)
def test_rows_of_any_size_stay_whole(rows: list[list[str]], width: int) -> None:
    """Whatever the width, each word of each cell is there and unbroken."""
    terminal = open_terminal(width=width)
    with terminal.capture() as captured:
        terminal.print(Rows([f"t{place}" for place in range(len(rows[0]))], rows))

    shown = captured.get()
    words = {word for row in rows for cell in row for word in cell.split()}
    assert all(word in shown for word in words)
    assert max(map(len, shown.splitlines())) <= width
