"""A console of an office at work, and the browsers of its people."""

from __future__ import annotations

import os
import re
import signal
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from lembur.accounts import Accounts, Role
from support.browser import BrowsedOffice, browser, busy_office
from support.waiting import eventually
from support.web_console import PASSWORD
from support.zones import JAKARTA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

LINK = re.compile(r"console +(http://\S+)/welcome/(\S+)")
FLOWER = re.compile(r"flower +http://(\S+) +\(user (\w+), password (\S+)\)")
WAITING = "#now-tiles .tile:first-child dd"


@dataclass(frozen=True, slots=True)
class Site(BrowsedOffice):
    """A console of an office at work, with the browser of one of its people."""

    def press(self, where: str) -> None:
        """Press a button, in one step: the page renews itself."""
        self.chrome.execute_script("document.querySelector(arguments[0]).click()", where)

    def move(self, name: str, value: str) -> None:
        """Move a slider of the plan, or fill a field of its forms."""
        script = """
        for (const field of document.querySelectorAll(`main form [name=${arguments[0]}]`)) {
          field.value = arguments[1];
          field.dispatchEvent(new Event("input", {bubbles: true}));
        }
        """
        self.chrome.execute_script(script, name, value)

    def choose_language(self, code: str) -> None:
        """Choose the language of the pages by the button on top."""
        self.press(f"button[name=code][value={code}]")
        eventually(lambda: self.chrome.execute_script("return document.documentElement.lang") == code)

    def words(self, where: str) -> str:
        """Read a part of the page, in one step: the page renews itself."""
        script = "return document.querySelector(arguments[0])?.textContent ?? ''"
        return " ".join(str(self.chrome.execute_script(script, where)).split())

    def waiting(self) -> int:
        """Read the number of waiting cards from the page Now."""
        return int(re.sub("[.,]", "", self.words(WAITING)))

    def status(self, path: str, fields: dict[str, str], *, token: str | None = None) -> int:
        """Send what a person could write by hand, as a form or, with a token, to the API; the status of the answer."""
        script = """
        const [path, fields, token] = arguments;
        const key = document.querySelector("[name=form_token]").value;
        const form = {body: new URLSearchParams({...fields, form_token: key})};
        const headers = {"content-type": "application/json", authorization: `Bearer ${token}`};
        const act = token === null ? form : {headers, body: JSON.stringify(fields)};
        return fetch(path, {method: "POST", ...act}).then((answer) => answer.status);
        """
        return int(str(self.chrome.execute_script(script, path, fields, token)))

    def order(self, seats: int, reason: str, *, lasts_ms: int = 0) -> None:
        """Order seats at the dinas by the form of the page, until this evening or for a time."""
        self.open("/orders")
        Select(self.chrome.find_element(By.NAME, "station")).select_by_value("dinas")
        self.chrome.find_element(By.NAME, "seats").send_keys(str(seats))
        self.chrome.find_element(By.CSS_SELECTOR, "form.card [name=reason]").send_keys(reason)
        if lasts_ms:
            until_s = (self.ledger.time()[0] + lasts_ms) / 1000
            self.move("until", f"{datetime.fromtimestamp(until_s, JAKARTA):%Y-%m-%dT%H:%M}")
        self.chrome.find_element(By.CSS_SELECTOR, "form.card button.main").click()

    def console(self) -> int | None:
        """Find the process of the console."""
        return next((pid for pid, command in self.run.alive().items() if " -m web " in command), None)

    def kill_console(self) -> int:
        """Kill the console, and wait until it is dead; `lembur up` starts another one."""
        killed = self.run.pid_of(r"-m web ")
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: self.console() != killed)
        return killed

    def planners(self) -> set[int]:
        """Find the processes of the planner."""
        return {pid for pid, command in self.run.alive().items() if "multiprocessing.spawn" in command}

    @contextmanager
    def person(self, folder: Path, login: str, *, scripts: bool = True) -> Iterator[Site]:
        """Give the same console in another browser, in which this user has logged in, with or without JavaScript."""
        with browser(folder / login) as chrome:
            if not scripts:
                chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
            chrome.get(f"{self.address}/login")
            chrome.find_element(By.NAME, "login").send_keys(login)
            chrome.find_element(By.NAME, "password").send_keys(PASSWORD)
            chrome.find_element(By.CSS_SELECTOR, "main button").click()
            eventually(lambda: chrome.current_url == f"{self.address}/")
            yield replace(self, chrome=chrome)


@contextmanager
def open_site(folder: Path, *options: str, more: str = "") -> Iterator[Site]:
    """Give an office at work, and a browser in which its head chose a password by the link of the first start."""
    with busy_office(folder, *options, more=more) as (run, chrome):
        ledger = run.ledger()
        ((address, secret),) = eventually(lambda: LINK.findall(run.said))
        eventually(lambda: _is_served(chrome, f"{address}/login"))
        chrome.get(f"{address}/welcome/{secret}")
        for name, text in (("name", "Sri Lestari"), ("login", "sri"), ("password", PASSWORD)):
            chrome.find_element(By.NAME, name).send_keys(text)
        chrome.find_element(By.CSS_SELECTOR, "main button").click()
        eventually(lambda: chrome.current_url == f"{address}/")
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
