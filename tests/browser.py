"""A real browser without a screen: Debian's Chromium, driven as a person would use it."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

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


@contextmanager
def browser(profile: Path) -> Iterator[Chrome]:
    """Give a browser with a new profile."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        if "CI" in os.environ:
            pytest.fail("Chromium is not installed, and CI must test the page: see .ci/run")
        pytest.skip("Chromium and its driver are not installed (Debian: chromium, chromium-driver)")
    options = ChromeOptions()
    options.binary_location = chromium
    for option in (*QUIET, f"--user-data-dir={profile}"):
        options.add_argument(option)
    found = Chrome(options, Service(driver))
    try:
        yield found
    finally:
        found.quit()
