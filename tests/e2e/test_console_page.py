"""`lembur up`: the console in a real browser, as a shift lead, a viewer and a person without JavaScript use it."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from lembur.accounts import Accounts, Role
from lembur.ledger.queries.actions import read_actions
from support.browser import PATIENCE_S, BrowsedOffice, browser, busy_office
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome


pytestmark = [
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc"),
]

PASSWORD = "correct horse battery"
LINK = re.compile(r"console +(http://\S+)/welcome/(\S+)")
PAGES = (
    "/",
    "/plan",
    "/orders",
    "/cards",
    "/cards/00000001",
    "/intake",
    "/stock",
    "/reports",
    "/reports?day=2016-08-25&shift=1",
    "/forecasts",
    "/log",
    "/users",
    "/wall",
    "/account",
)
MODES = (("id", "light", 1024), ("en", "dark", 1024), ("id", "dark", 390), ("en", "light", 390))
SERIOUS = {"serious", "critical"}


@dataclass(frozen=True, slots=True)
class Site(BrowsedOffice):
    """A console of an office at work, with a browser of its head."""

    def press(self, where: str) -> None:
        """Press a button, in one step: the page renews itself."""
        self.chrome.execute_script("document.querySelector(arguments[0]).click()", where)

    def move(self, name: str, value: str) -> None:
        """Move a slider of the plan."""
        script = """
        const slider = document.querySelector(`form[data-sliders] [name=${arguments[0]}]`);
        slider.value = arguments[1];
        slider.dispatchEvent(new Event("input", {bubbles: true}));
        """
        self.chrome.execute_script(script, name, value)

    def words(self, where: str) -> str:
        """Read a part of the page, in one step: the page renews itself."""
        script = "return document.querySelector(arguments[0])?.textContent ?? ''"
        return " ".join(str(self.chrome.execute_script(script, where)).split())

    def console(self) -> int | None:
        """Find the process of the console."""
        return next((pid for pid, command in self.run.alive().items() if " -m web " in command), None)

    def kill_console(self) -> int:
        """Kill the console, and wait until it is dead; `lembur up` starts another one."""
        killed = self.run.pid_of(r"-m web ")
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: self.console() != killed, PATIENCE_S)
        return killed

    def planners(self) -> set[int]:
        """Find the processes of the planner."""
        return {pid for pid, command in self.run.alive().items() if "multiprocessing.spawn" in command}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give an office at work under a long queue, and a browser in which its head chose a password by the link."""
    with busy_office(tmp_path_factory.mktemp("site"), "--speed", "10") as (run, chrome):
        ledger = run.ledger()
        ((address, secret),) = eventually(lambda: LINK.findall(run.said), PATIENCE_S)
        eventually(lambda: _is_served(chrome, f"{address}/login"), PATIENCE_S)
        chrome.get(f"{address}/welcome/{secret}")
        for name, text in (("name", "Sri Lestari"), ("login", "sri"), ("password", PASSWORD)):
            chrome.find_element(By.NAME, name).send_keys(text)
        chrome.find_element(By.CSS_SELECTOR, "main button").click()
        eventually(lambda: chrome.current_url == f"{address}/", PATIENCE_S)
        _choose_language(chrome, "en")
        accounts = Accounts(run.data / "console")
        for login, name, role in (("budi", "Budi Santoso", Role.LEAD), ("tamu", "Tamu", Role.VIEWER)):
            accounts.add_user(login, name, role)
            accounts.set_password(login, PASSWORD)
        yield Site(address, chrome, ledger, run)


def _is_served(chrome: Chrome, address: str) -> bool:
    try:
        chrome.get(address)
    except WebDriverException:
        return False
    return bool(chrome.find_elements(By.NAME, "password"))


def _choose_language(chrome: Chrome, code: str) -> None:
    chrome.find_element(By.CSS_SELECTOR, f"button[name=code][value={code}]").click()
    eventually(lambda: chrome.execute_script("return document.documentElement.lang") == code, PATIENCE_S)


@contextmanager
def person(site: Site, folder: Path, login: str, *, scripts: bool = True) -> Iterator[Chrome]:
    """Give another browser in which this user has logged in, with or without JavaScript."""
    with browser(folder / login) as chrome:
        if not scripts:
            chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        chrome.get(f"{site.address}/login")
        chrome.find_element(By.NAME, "login").send_keys(login)
        chrome.find_element(By.NAME, "password").send_keys(PASSWORD)
        chrome.find_element(By.CSS_SELECTOR, "main button").click()
        eventually(lambda: chrome.current_url == f"{site.address}/", PATIENCE_S)
        yield chrome


def order(chrome: Chrome, address: str, seats: int, reason: str) -> None:
    """Order seats at the dinas until this evening, by the form of the page."""
    chrome.get(f"{address}/orders")
    Select(chrome.find_element(By.NAME, "station")).select_by_value("dinas")
    chrome.find_element(By.NAME, "seats").send_keys(str(seats))
    chrome.find_element(By.CSS_SELECTOR, "form.card [name=reason]").send_keys(reason)
    chrome.find_element(By.CSS_SELECTOR, "form.card button.main").click()


def test_the_page_follows_the_run(site: Site) -> None:
    """The number of waiting cards falls on an open page, which nobody touches."""
    site.open("/")
    first = int(site.words("#now-tiles .tile:first-child dd").replace(".", ""))
    site.chrome.execute_script("window.untouched = true")

    eventually(lambda: int(site.words("#now-tiles .tile:first-child dd").replace(".", "")) < first, PATIENCE_S)

    assert site.chrome.execute_script("return window.untouched")


def test_an_order_opens_seats_and_the_log_names_its_giver(site: Site) -> None:
    """The head orders two seats without leaving the page: ledger, pages and log follow; she ends it there."""
    order(site.chrome, site.address, 2, "antrean panjang")

    eventually(lambda: site.seats_open() == 2, PATIENCE_S)
    eventually(lambda: "in force" in site.words("#orders-list"), PATIENCE_S)
    eventually(lambda: site.words("#orders-stations td.seats").endswith("/2"), PATIENCE_S)
    site.open("/log")
    assert "Sri Lestari" in site.words("main table")
    assert "antrean panjang" in site.words("main table")
    site.open("/orders")
    site.press("#orders-list button")

    eventually(lambda: site.seats_open() == 1, PATIENCE_S)


def test_the_answer_follows_a_slider(site: Site) -> None:
    """A moved slider brings another answer, without a press of a button."""
    site.open("/plan")
    eventually(lambda: site.words("#answer .tiles"), PATIENCE_S)
    before = site.words("#answer .tiles")
    site.move("seats", "4")

    eventually(lambda: site.words("#answer .tiles") not in {"", before}, PATIENCE_S)


def test_a_lost_answer_is_asked_for_again(site: Site) -> None:
    """The console is killed under a moved slider: the page shows that the answer is missing, and it comes by itself."""
    site.open("/plan")
    eventually(lambda: site.words("#answer .tiles"), PATIENCE_S)
    script = """
    const place = document.getElementById("answer");
    new MutationObserver(() => { window.missing ||= Boolean(place.querySelector(".fault")); })
      .observe(place, {childList: true});
    """
    site.chrome.execute_script(script)
    planners = site.planners()
    site.kill_console()
    site.move("hours", "3")

    eventually(lambda: site.chrome.execute_script("return window.missing"), PATIENCE_S)
    eventually(lambda: site.words("#answer .tiles"), PATIENCE_S)
    eventually(lambda: not planners & site.planners(), PATIENCE_S)


def test_a_viewer_sees_and_cannot_act(site: Site, tmp_path: Path) -> None:
    """The page shows a viewer no form, and the server refuses the one that the viewer makes."""
    given = len(site.ledger.orders())
    with person(site, tmp_path, "tamu") as chrome:
        chrome.get(f"{site.address}/orders")
        assert not chrome.find_elements(By.NAME, "seats")
        script = """
        const body = new URLSearchParams({station: "dinas", seats: "3", reason: "x", until: "2016-08-25T20:00",
          form_token: document.querySelector("[name=form_token]").value});
        return fetch("/orders", {method: "POST", body}).then((answer) => answer.status);
        """
        assert chrome.execute_script(script) == 403

    assert len(site.ledger.orders()) == given


def test_an_order_without_javascript(site: Site, tmp_path: Path) -> None:
    """A browser that runs no script gives an order by the plain form."""
    with person(site, tmp_path, "budi", scripts=False) as chrome:
        order(chrome, site.address, 3, "tanpa skrip")

        eventually(lambda: site.seats_open() == 3, PATIENCE_S)
        assert "Budi Santoso" in chrome.page_source

    assert read_actions(site.ledger)[-1].by == "Budi Santoso"


def test_the_page_goes_on_when_the_console_was_killed(site: Site) -> None:
    """The console is killed and comes back: an open page shows later figures by itself, and the session holds."""
    site.open("/")
    site.chrome.execute_script("window.untouched = true")
    killed = site.kill_console()
    before = site.words("#now-top time")

    eventually(lambda: site.words("#now-top time") > before, PATIENCE_S)
    assert site.console() not in {None, killed}
    assert site.chrome.execute_script("return window.untouched")


def _console_errors(chrome: Chrome) -> list[object]:
    """Return the errors that the browser's console has shown since the last call."""
    rows = chrome.get_log("browser")  # type: ignore[no-untyped-call]
    return [one for one in rows if one["level"] == "SEVERE"]


def test_each_page_is_drawn_without_a_fault_in_every_mode(site: Site, tmp_path: Path) -> None:
    """In both languages, light, dark and on a phone: no console error, no other host, nothing wider than the screen."""
    chrome = site.chrome
    axe = (files("axe_core_python") / "axe.min.js").read_text("utf-8")
    faults: list[object] = []
    _console_errors(chrome)
    for language, scheme, width in MODES:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        size = {"width": width, "height": 768, "deviceScaleFactor": 1, "mobile": width < 1024}
        chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        site.open("/account")
        _choose_language(chrome, language)
        for path in PAGES:
            site.open(path)
            eventually(lambda: chrome.execute_script("return !document.querySelector('[data-pending]')"), PATIENCE_S)
            chrome.execute_script(axe)
            found = chrome.execute_async_script(
                "const done = arguments[0]; axe.run().then((one) => done(JSON.stringify(one.violations)));"
            )
            faults += [
                (path, scheme, width, one["id"], one["nodes"][0]["html"])
                for one in json.loads(found)
                if one["impact"] in SERIOUS
            ]
            wide = chrome.execute_script("return document.documentElement.scrollWidth > innerWidth")
            hosts = chrome.execute_script(
                "return performance.getEntriesByType('resource').map((one) => new URL(one.name).origin)"
            )
            faults += [(path, width, "is too wide")] if wide else []
            faults += [(path, host) for host in hosts if host != site.address]
            chrome.save_screenshot(str(tmp_path / f"{language}-{scheme}-{width}{path.replace('/', '_')}.png"))
    faults += _console_errors(chrome)

    assert faults == []
