"""A real browser without a screen: Debian's Chromium, driven as a person would use it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from support.programs import program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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

PATIENCE_S = 240.0
"""A page on two busy cores: no limit of a test, only the end of its waiting."""


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
