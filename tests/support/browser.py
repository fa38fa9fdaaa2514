"""A real browser without a screen: Debian's Chromium, driven as a person would use it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from lembur.domain.seats import StationCode
from lembur.ledger import queries
from support.programs import program
from support.runs import Lembur, open_day_and_night, small_scenario
from support.waiting import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lembur.ledger import Ledger

DINAS = StationCode("dinas")

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
)
"""It runs as root in CI, and asks nobody outside."""


@contextmanager
def browser(profile: Path) -> Iterator[Chrome]:
    """Give a browser with a new profile."""
    options = ChromeOptions()
    options.binary_location = program("chromium")
    for option in (*QUIET, f"--user-data-dir={profile}"):
        options.add_argument(option)
    found = Chrome(options, Service(program("chromedriver")))
    found.set_script_timeout(PATIENCE_S)
    try:
        yield found
    finally:
        found.quit()


@dataclass(frozen=True, slots=True)
class BrowsedOffice:
    """An office at work with its pages at an address, a browser, and the ledger beside it."""

    address: str
    chrome: Chrome
    ledger: Ledger
    run: Lembur

    def open(self, path: str) -> None:
        """Open a page."""
        self.chrome.get(f"{self.address}{path}")

    def seats_open(self) -> int:
        """Read the seats of the dinas in the ledger."""
        return queries.read_board(self.ledger, [DINAS]).stations[0].seats_open


@contextmanager
def busy_office(folder: Path, *options: str, more: str = "") -> Iterator[tuple[Lembur, Chrome]]:
    """Give an office at work, one seat open at the dinas under a long queue, and a browser.

    `more` is added to its scenario.
    """
    scenario = open_day_and_night(small_scenario(folder, cards=400, seats=1))
    with scenario.open("a") as file:
        file.write(more)
    with (
        Lembur(folder, ("up", scenario, "--data", folder / "data", *options)) as run,
        browser(folder / "profile") as chrome,
    ):
        yield run, chrome
