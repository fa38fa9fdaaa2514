"""Text that people type is shown as they typed it: no terminal, page, picture or program obeys it."""

from __future__ import annotations

import ast
import json
import unicodedata
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.table import Table

from console.report import build_report, html
from console.report.period.model import NumberedOrder
from console.text import visible
from console.ui import open_terminal
from lembur.domain.scenario import load
from lembur.domain.time import HOUR_MS
from lembur.domain.world import overtime_orders
from lembur.ledger import Ledger, connect
from lembur.office import OfficeSetup, open_office
from support.cli import Desk
from support.servers import redis_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.report.model import Report

ROOT: Final = Path(__file__).parents[2]
SPECIAL: Final = (
    "antrean [/]",
    "[shift B]",
    "[bold]x[/bold] [link=file:///etc]y",
    ":smile: :warning:",
    "$x_1$ and $\\frac{a}{b}",
    "<script>alert(1)</script> &amp; \"'`",
    "{{ 7 * 7 }} {% raw %} %s {0}",
    "=HYPERLINK(1) +1 -1 @x",
    "\\n \\x1b[0m C:\\temp\\",
    'a|b@c;d,e="f"',
    "antrean\u00a0panjang",
    "Ny. Ʃarah 印刷 👍🏽",
    "--by --help",
)
typed = st.text(max_size=60) | st.sampled_from(SPECIAL)
fixtures_stay = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def every_special(test: Callable[..., None]) -> Callable[..., None]:
    """Run a property on each special text as well."""
    for text in SPECIAL:
        test = example(text=text)(test)
    return test


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Ledger:
    """An open office without cards at Thursday 25 August 2016, 08:00."""
    found, setup = Ledger(connect(valkey_url), office=office), OfficeSetup(load("solo-2016"), 1, 1)
    open_office(found, setup)
    found.set_clock(virtual_ms=setup.starts_ms + HOUR_MS // 2, speed=1e-6, ends_ms=setup.ends_ms)
    return found


@pytest.fixture
def desk(ledger: Ledger, valkey_url: str, office: str, tmp_path: Path) -> Desk:
    """The command line of this office, in a window wide enough for any reason."""
    assert ledger.serial() == 0
    return Desk(valkey_url, office, tmp_path, columns=1000)


@pytest.fixture
def report(ledger: Ledger) -> Report:
    """Its report at that moment."""
    return build_report(ledger, OfficeSetup(load("solo-2016"), 1, 1), speed=1, wall_s=1, violations=[])


def may_be_kept(text: str) -> bool:
    """Return whether a text is one line of characters that a terminal only shows."""
    line = text.strip()
    return 0 < len(line) <= 200 and all(one.isprintable() or unicodedata.category(one) == "Zs" for one in line)


@fixtures_stay
@every_special
@given(text=typed)
def test_a_reason_is_listed_as_it_was_typed(desk: Desk, ledger: Ledger, text: str) -> None:
    """In the table and in JSON; a text that a terminal would obey is refused in a sentence, and nothing is ordered."""
    redis_of(ledger.server).delete(ledger.prefix + "orders")
    order = ("seats", "jebres", "2", f"--by={text}", f"--reason={text}")

    if not may_be_kept(text):
        assert desk.be_refused(*order).startswith("--by ")
        assert ledger.orders() == []
        return
    line = text.strip()
    assert f"by order of {line}\n" in desk.do(*order)
    assert desk.do("orders").splitlines()[-1].count(line) >= 2
    assert json.loads(desk.do("orders", "--json"))[-1]["reason"] == line


@fixtures_stay
@every_special
@given(text=typed)
def test_a_reason_of_the_report_is_shown_as_it_was_typed(report: Report, text: str) -> None:
    """On the page, where only HTML's own signs are escaped; control characters are written as their escapes."""
    order = replace(overtime_orders(load("solo-2016"))[0], by=text, reason=text)
    period = replace(report.period, orders=(NumberedOrder(1, order, cancelled=False),))

    page = html.fill_page(replace(report, title=text, period=period), {})

    assert unescape(page).count(visible(text)) >= 3
    assert "<script" not in page


@given(text=typed.filter(lambda text: "\n" not in text))
def test_a_cell_of_a_table_is_shown_as_it_was_typed(text: str) -> None:
    """Rich reads neither markup nor emoji in it, and the terminal gets no control character."""
    terminal = open_terminal(width=1000)
    table = Table("a", box=None)
    table.add_row(text)

    with terminal.capture() as captured:
        terminal.print(table)

    _, shown = captured.get().split("\n", 1)
    assert "".join(shown.split()) == "".join(visible(text).split())
    assert visible(shown.replace("\n", "")) == shown.replace("\n", "")


@given(text=st.text())
def test_visible_text_holds_no_character_that_a_terminal_obeys(text: str) -> None:
    """Printable text stays as it is."""
    assert all(one.isprintable() or unicodedata.category(one) == "Zs" for one in visible(text))
    assert visible(text) == text or not may_be_kept(f"x{text}x")


def test_only_the_terminal_and_echo_write_to_people() -> None:
    """No module of the console prints in another way, so that none forgets."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "console").rglob("*.py"))
        if path.name not in {"terminal.py", "text.py"} or path.parent.name == "report"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Console", "print", "typer.echo", "rich.print"}
    ]

    assert found == []
