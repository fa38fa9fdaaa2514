"""`lembur up --monitoring`: Flower's page in a real browser, as a shift lead uses it, and Prometheus beside it."""

from __future__ import annotations

import json
import re
import sys
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.by import By

from lembur import bus
from lembur.settings import read_settings
from support.browser import DINAS, BrowsedOffice, browser, busy_office
from support.programs import program
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc"),
]

FLOWER = re.compile(r"flower +http://(\S+) +\(user (\w+), password (\S+)\)")


@dataclass(frozen=True, slots=True)
class Page(BrowsedOffice):
    """A browser that has logged in to Flower, and the ledger beside it."""

    def words(self, where: str) -> list[str]:
        """Read the parts of the page that a CSS selector names, in the order of the alphabet."""
        # In one step: the page renews its tables by itself.
        script = "return [...document.querySelectorAll(arguments[0])].map(one => one.textContent)"
        found: list[str] = self.chrome.execute_script(script, where)
        return sorted(" ".join(text.split()) for text in found)

    def seats_shown(self) -> int:
        """Load the page of the dinas again and read its seats."""
        self.chrome.refresh()
        (row,) = (row for row in self.words("#tab-pool tr") if row.lower().startswith("max concurrency"))
        return int(row.split()[-1])

    def seats_exported(self) -> float:
        """Read the seats as Prometheus would."""
        (address,) = re.findall(r"metrics +(http://\S+)", self.run.said)
        (seats,) = re.findall(r'^lembur_seats_open{office="3372",station="dinas"} (\S+)$', _get(address), re.MULTILINE)
        return float(seats)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Give an office at work, one seat open at the dinas under a long queue, and a browser logged in to Flower."""
    with busy_office(tmp_path_factory.mktemp("page"), "--speed", "30", "--monitoring") as (run, chrome):
        ledger = run.ledger()
        ((server, user, password),) = eventually(lambda: FLOWER.findall(run.said))
        found = Page(f"http://{server}", chrome, ledger, run)
        eventually(lambda: _logged_in(chrome, f"http://{user}:{password}@{server}/"))
        yield found


def test_without_the_login_nothing_is_shown(page: Page, tmp_path: Path) -> None:
    """Who does not log in sees no worker."""
    with browser(tmp_path / "stranger") as chrome:
        chrome.get(page.address)

        assert "print@" not in chrome.page_source


def test_the_nodes_have_the_names_of_the_office(page: Page) -> None:
    """The workers are listed as stations and as the centre."""
    page.open("/workers")

    eventually(
        lambda: page.words("#workers-table td:first-child a") == ["print@dinas", "print@jebres", "verify@centre"]
    )


def test_grow_opens_a_seat_on_the_page_in_the_ledger_and_in_the_metrics(page: Page) -> None:
    """After one press on Grow the page, the ledger and the exporter have a seat more."""
    page.open("/worker/print@dinas")
    eventually(lambda: page.seats_shown() == page.seats_open() == page.seats_exported() == 1)

    page.chrome.find_element(By.ID, "worker-pool-grow").click()

    eventually(lambda: page.seats_open() == page.seats_exported() == 2)
    eventually(lambda: page.seats_shown() == 2)


def test_a_task_says_what_came_of_it(page: Page) -> None:
    """The list of tasks shows the cards of a lot, or why a seat got none: here a wake-up that nobody needed."""
    # At this speed a seat may print further cards in one turn.
    eventually(lambda: _is_told(page, r"'(\d+ lots, the last one: )?1 card'"))

    page.open("/worker/print@dinas")
    page.chrome.find_element(By.ID, "worker-pool-shrink").click()
    eventually(lambda: page.seats_open() == 1)
    address = (page.run.data / "address").read_text()
    bus.sender(read_settings(redis_url=address, data=page.run.data))({DINAS: 1})

    eventually(lambda: _is_told(page, "'no lot: NO_SEAT'"))


def test_prometheus_keeps_the_figures_and_knows_the_rules(page: Page) -> None:
    """A Prometheus of the machine scrapes the office and keeps its figures. Its alerts link to their steps."""
    program("prometheus")
    (address,) = eventually(lambda: re.findall(r"alerts +(http://\S+)  \(no login", page.run.said))
    query = f"{address}/api/v1/query?query=lembur_seats_open"

    eventually(lambda: '"station":"dinas"' in _get(query))
    rules = json.loads(_get(f"{address}/api/v1/rules?type=alert"))["data"]["groups"]
    assert "LemburWatchdog" in {rule["name"] for group in rules for rule in group["rules"]}
    assert (page.run.data / "prometheus" / "data").is_dir()
    link = eventually(lambda: next(_firing(address, "info")))["annotations"]["runbook_url"]
    eventually(lambda: f'<h2 id="{link.partition("#")[2]}">' in _get(link))


def _is_told(page: Page, result: str) -> bool:
    page.open("/tasks")
    rows = eventually(lambda: [row for row in page.words("#tasks-table tbody tr") if "Loading" not in row])
    return any(re.search(f"SUCCESS{result}", row) for row in rows)


def _firing(address: str, severity: str) -> Iterator[dict[str, Any]]:
    alerts = json.loads(_get(f"{address}/api/v1/alerts"))["data"]["alerts"]
    return (alert for alert in alerts if alert["labels"]["severity"] == severity)


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - on this machine
        return str(answer.read().decode())


def _logged_in(chrome: Chrome, address: str) -> bool:
    chrome.get(address)
    return "Flower" in chrome.title
