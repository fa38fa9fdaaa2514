"""Draws the pictures of docs/pictures by the program itself: runs of Solo with real workers, a plan, the visits.

The first run follows the overtime of the scenario. The second follows the plan, and gives its letter and the report of
its second day. The third has no overtime yet, and goes on in real time for the pages of the console. Run by
`make pictures`. The picture of the twin comes from ten such runs: `make bench-twin` draws it.
"""

from __future__ import annotations

import io
import subprocess
import tempfile
import time
from contextlib import chdir, contextmanager, redirect_stdout
from dataclasses import replace
from datetime import datetime
from os import environ
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Final

from PIL import Image
from rich.console import Console
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.ui import WebDriverWait
from typer.main import get_command

from console.charts import INK, LINE_LETTERS, PAPER, make_figure
from console.cli import app
from console.commands.run import setup_of
from console.context import DATA
from console.forecast import forecast_now
from console.plan import SavedPlan, find_letter, load_plan, print_visits, save_applied, write_letter
from console.report import PeriodChoice, build_period, build_report, describe_period, plots, write_pdf
from console.report.headline import headline
from console.runtime import run_clock, start_office, stop_on_signals, watch
from console.ui import Language, board_table, times_of
from lembur.accounts import Role
from lembur.domain.scenario import load
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import HOUR_MS, moment_ms
from lembur.ledger.audit import PrintLogs, reconcile
from lembur.ledger.queries import forecasts
from lembur.office import order_seats, read_dated_scenarios
from producers import plan_visits, suppose_visits
from support.browser import browser
from support.waiting import PATIENCE_S, eventually
from support.web_console import PASSWORD, serve_console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from selenium.webdriver import Chrome

    from console.report.model import Report
    from console.runtime import RunningOffice
    from lembur.ledger.queries import Board
    from lembur.office import OfficeSetup

COMMAND: Final = get_command(app)
PICTURES: Final = Path(__file__).parents[1] / "docs" / "pictures"
SCENARIO: Final = "solo-2016"
BOARD_MS: Final = moment_ms(datetime.fromisoformat("2016-08-25T15:00:00+07:00"))
"""The board is drawn at this moment of the first afternoon, with all seats open."""
EVENING_MS: Final = BOARD_MS + 5 * HOUR_MS
BOARD_WIDTH: Final = 100
PLAN: Final = ("plan", SCENARIO, "--by", "Friday 21:00", "--max-hours", "6")
"""The plan of the README."""
HEAD: Final = "Kepala Dinas"
"""The person who orders the plan; invented, as everybody here."""
SECOND_DAY: Final = "2016-08-26"
PAPER_DPI: Final = 80
PUBLIC: Final = 0o644
VISIT_LINES: Final = 22
"""Lines of the visits that their picture shows."""
VISITS_WIDTH: Final = 120
PAGE_WIDTH: Final = 1280
PAGE_MARGIN: Final = 12
WALL_SIZE: Final = (1280, 720)
PHONE_SIZE: Final = (390, 844)
COLOURS: Final = 64
SEARCH: Final = {"deadline": "2016-08-27T18:00", "max_hours": "6"}
"""The question to the page Plan: on Thursday afternoon, Friday evening is out of reach."""


class BoardPicture:
    """Draws the first board at or after a moment."""

    def __init__(self) -> None:
        self._is_drawn = False

    def __call__(self, board: Board, setup: OfficeSetup) -> None:
        """Draw the board when its moment has come."""
        if self._is_drawn or board.now_ms < BOARD_MS:
            return
        self._is_drawn = True
        console = Console(record=True, width=BOARD_WIDTH, file=io.StringIO(), force_terminal=True)
        console.print(board_table(board, setup))
        console.save_svg(str(PICTURES / "board.svg"), title="lembur board")


@contextmanager
def play(
    setup: OfficeSetup, show: Callable[[Board, OfficeSetup], None], plan: SavedPlan | None = None
) -> Iterator[RunningOffice]:
    """Play a setup to its end with real workers, by a plan if there is one, and give the office before it is closed."""
    with (
        tempfile.TemporaryDirectory() as folder,
        stop_on_signals(),
        start_office(data=Path(folder), redis_url="", play=setup, fresh=True) as running,
    ):
        if plan:
            order_seats(running.ledger, *(replace(order, by=HEAD, reason=plan.reason) for order in plan.orders))
            save_applied(plan, running.settings.data)
        with run_clock(running, jumps=True) as over:
            watch(running, over, show)
        yield running


def draw_run() -> None:
    """Draw the board of the first afternoon, and the two charts of the report that the README begins with."""
    setup, began_s = setup_of(SCENARIO, None, None, []), time.monotonic()
    with play(setup, BoardPicture()) as running:
        violations = reconcile(running.ledger, running.setup.stations, logs=PrintLogs((running.settings.printers,)))
        wall_s = time.monotonic() - began_s
        draw_report(build_report(running.ledger, setup, speed=setup.speed, wall_s=wall_s, violations=violations))


def draw_report(report: Report) -> None:
    """Draw the flow of cards and the prints by hour."""
    figure = make_figure(2)
    for axes, name in zip(figure.subplots(2), ("flow", "per_hour"), strict=True):
        plots.draw_plot(axes, report, name)
        axes.set_title(plots.PLOTS[name][0], loc="left", color=INK, pad=28)
    title = fill(headline(report), LINE_LETTERS)
    figure.suptitle(title + "\n", x=0.01, ha="left", color=INK, fontsize=14, fontweight="bold")
    figure.savefig(PICTURES / "solo-2016.png", dpi=110, facecolor=PAPER)


def draw_plan() -> SavedPlan:
    """Draw the plan, and return it."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        COMMAND([*PLAN, "--plot", str(PICTURES / "plan.png")], standalone_mode=False)
        return load_plan(DATA)


def draw_papers(plan: SavedPlan) -> None:
    """Play the plan, and draw its letter and the report of its second day."""
    found = setup_of(SCENARIO, "max", None, [])
    scenario = found.scenario.model_copy(update={"overtime": ()})
    setup = replace(found, scenario=scenario)
    with play(setup, lambda *_: None, plan) as running:
        folder, ledger = running.settings.data, running.ledger
        office = "Dinas Kependudukan dan Pencatatan Sipil Kota Surakarta"
        begun_ms = moment_ms(scenario.starts)
        dated, number = read_dated_scenarios(ledger, setup), "800/1234/VIII/2016"
        letter = find_letter(dated, ledger.orders(), folder, number, office, now_ms=begun_ms, english=False)
        write_letter(letter, folder / "letter.pdf")
        draw_pages_of(folder / "letter.pdf", 2, "letter")
        report, language = build_period(ledger, folder, PeriodChoice(SECOND_DAY)), Language(english=True)
        write_pdf(report, folder / "day.pdf", language, describe_period(report, language, shift=None))
        draw_page(folder / "day.pdf", 1, "day-prints")
        draw_page(folder / "day.pdf", 3, "day-plan")


def draw_pages_of(paper: Path, pages: int, name: str) -> None:
    """Draw the first pages of a paper side by side."""
    for page in range(1, pages + 1):
        draw_page(paper, page, f"{name}-{page}")
    parts = [PICTURES / f"{name}-{page}.png" for page in range(1, pages + 1)]
    sheets = [Image.open(part) for part in parts]
    whole = Image.new("RGB", (sum(one.width for one in sheets), sheets[0].height), "white")
    for place, one in enumerate(sheets):
        whole.paste(one, (place * one.width, 0))
    whole.save(PICTURES / f"{name}.png")
    for part in parts:
        part.unlink()


def draw_page(paper: Path, page: int, name: str) -> None:
    """Draw one page of a paper, with poppler's program."""
    words = ["-png", "-singlefile", "-r", str(PAPER_DPI), "-f", str(page), str(paper), str(PICTURES / name)]
    subprocess.run(["pdftoppm", *words], check=True)  # noqa: S603, S607 - both papers are our own
    (PICTURES / f"{name}.png").chmod(PUBLIC)


def draw_console() -> None:
    """Draw pages of the console, on the first afternoon of an office that has no overtime yet."""
    setup = setup_of(SCENARIO, None, None, [])
    setup = replace(setup, scenario=setup.scenario.model_copy(update={"overtime": ()}))
    with (
        tempfile.TemporaryDirectory() as folder,
        stop_on_signals(),
        start_office(data=Path(folder), redis_url="", play=setup, fresh=True) as running,
    ):
        with run_clock(running, jumps=False):
            eventually(lambda: running.ledger.time()[0] >= BOARD_MS)
        running.ledger.set_clock(virtual_ms=None, speed=1, ends_ms=setup.ends_ms)
        order_seats(
            running.ledger, SeatOrder(StationCode("jebres"), 2, BOARD_MS, EVENING_MS, "Budi Santoso", "antrean")
        )
        forecasts.append(running.ledger, forecast_now(running.ledger, running.setup))
        settings = running.settings
        with (
            serve_console(settings.redis_url, settings.office, settings.data) as served,
            browser(Path(folder) / "browser") as chrome,
        ):
            served.add_user("sri", "Sri Lestari", Role.HEAD)
            draw_pages(chrome, served.address)


def draw_pages(chrome: Chrome, address: str) -> None:
    """Log in, and draw the page Now, the page Plan with the cheapest plan, the Wall at night, and Now on a phone."""
    chrome.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    chrome.get(f"{address}/login")
    fill_form(chrome, "main form", {"login": "sri", "password": PASSWORD})
    chrome.find_element(By.CSS_SELECTOR, "button[name=code][value=en]").click()
    chrome.get(address)
    draw_screen(chrome, "console-now", "main")
    chrome.get(f"{address}/plan")

    def find_plan() -> bool:
        fill_form(chrome, "form[action='/plan/cheapest']", SEARCH)
        return bool(chrome.find_elements(By.CSS_SELECTOR, "form[action='/plan/apply']"))

    eventually(find_plan)
    eventually(lambda: not chrome.find_elements(By.CSS_SELECTOR, "[data-pending]"))
    draw_screen(chrome, "console-plan", "section.card")
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    resize(chrome, *WALL_SIZE)
    chrome.get(f"{address}/wall")
    save_screen(chrome, "console-wall")
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    resize(chrome, *PHONE_SIZE)
    chrome.get(address)
    page = chrome.find_element(By.TAG_NAME, "html")
    chrome.find_element(By.CSS_SELECTOR, "button[name=code][value=id]").click()
    WebDriverWait(chrome, PATIENCE_S).until(staleness_of(page))
    save_screen(chrome, "console-phone")


def fill_form(chrome: Chrome, where: str, fields: dict[str, str]) -> None:
    """Fill a form in and send it, without the page's own script: the answer is the next page."""
    script = """
    const form = document.querySelector(arguments[0]);
    for (const [name, value] of Object.entries(arguments[1])) form.elements[name].value = value;
    form.submit();
    """
    page = chrome.find_element(By.TAG_NAME, "html")
    chrome.execute_script(script, where, fields)
    WebDriverWait(chrome, PATIENCE_S).until(staleness_of(page))


def draw_screen(chrome: Chrome, name: str, last: str) -> None:
    """Draw what the browser shows, down to the end of one part of the page."""
    place = chrome.find_element(By.CSS_SELECTOR, last).rect
    height = round(place["y"] + place["height"]) + PAGE_MARGIN
    resize(chrome, PAGE_WIDTH, height)
    save_screen(chrome, name)


def resize(chrome: Chrome, width: int, height: int) -> None:
    """Give the browser a screen of this size; a narrow one is a phone."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < PAGE_WIDTH}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def save_screen(chrome: Chrome, name: str) -> None:
    """Save what the browser shows, in few colours: a third of the size, and nothing to see of it."""
    path = PICTURES / f"{name}.png"
    with Image.open(io.BytesIO(chrome.get_screenshot_as_png())) as taken:
        few = taken.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
    path.chmod(PUBLIC)


def draw_visits() -> None:
    """Draw the beginning of the visits, and their end under three what-ifs."""
    scenario, text = load(SCENARIO), io.StringIO()
    now_ms = moment_ms(scenario.starts)
    supposed = [(what, plan_visits(suppose_visits(scenario, what), now_ms, {})) for what in ("places 3", "teams 2")]
    environ["COLUMNS"] = str(VISITS_WIDTH)
    with redirect_stdout(text):
        print_visits(plan_visits(scenario, now_ms, {}), supposed, times_of(scenario))
    lines = text.getvalue().strip().splitlines()
    ends = next(place for place, line in enumerate(lines) if line.startswith("what if"))
    console = Console(record=True, width=VISITS_WIDTH, file=io.StringIO(), force_terminal=True)
    for line in (*lines[:VISIT_LINES], "...", "", *lines[ends : ends + 4]):
        console.print(line, markup=False, highlight=False, overflow="crop", no_wrap=True)
    console.save_svg(str(PICTURES / "visits.svg"), title=f"lembur visits {SCENARIO}")


if __name__ == "__main__":
    draw_visits()
    draw_papers(draw_plan())
    draw_run()
    draw_console()
