"""Each page of the console, drawn in both languages, light and dark, on a screen and on a phone."""

from __future__ import annotations

import base64
import json
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By

from console.forecast import forecast_now, score_forecasts
from lembur.accounts import Role, Scope
from lembur.domain.card import CardId, Collector, Status, parse_serial
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import HOUR_MS, NEVER_MS
from lembur.ledger import queries
from lembur.ledger.queries import forecasts
from lembur.ledger.queries.live import list_cards
from lembur.ledger.types import Lot, PrinterState
from lembur.office import order_seats
from producers import RecordedPerson, enrol_people
from support.browser import browser
from support.small_office import claim, printed
from support.waiting import eventually
from support.web_console import PAGES, PASSWORD, Served, open_morning, serve_console

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

    from lembur.ledger import Ledger

EARLY = ("33.72.04.1001", "replacement", "2016-08-01T09:00:00")
"""People who have waited for three weeks are owed a letter, where blanks are missing."""
DINAS, JEBRES = StationCode("dinas"), StationCode("jebres")
STATES = (
    Status.PRINT_READY_RECORD,
    Status.PRINT_UNCONFIRMED,
    Status.CARD_PRINTED,
    Status.CARD_ISSUED,
    Status.HELD,
)
"""A card of each has a page with other forms."""
MISSING = "/cards/99999999"
MODES = [
    (language, scheme, width) for language in ("id", "en") for scheme in ("light", "dark") for width in (1024, 390)
]
SERIOUS = {"serious", "critical"}
AXE = """
const done = arguments[0];
axe.run().then((found) => done(JSON.stringify(found.violations)));
"""
WIDEST = """
for (const cell of document.querySelectorAll(".report td")) {
  if (["-", "never", "tidak pernah"].includes(cell.textContent)) cell.textContent = "Kam\u00a025\u00a0Agu 16.00";
}
"""
"""Fill the cells of a report that are not known yet."""
SIDEWAYS = "return [...document.querySelectorAll('.scroll')].some((one) => one.scrollWidth > one.clientWidth)"
COMPLETE = "return !document.querySelector('[data-pending]')"
HOSTS = "return performance.getEntriesByType('resource').map((one) => new URL(one.name).origin)"


@pytest.fixture
def served(valkey_url: str, office: str, tmp_path: Path) -> Iterator[Served]:
    """Give the console of an office at 08:00 in which something of everything has happened."""
    ledger = open_morning(valkey_url, office)
    with serve_console(valkey_url, office, tmp_path) as found:
        found.add_user("sri", "Sri Lestari", Role.HEAD)
        found.add_user("budi", "Budi Santoso", Role.LEAD, ["jebres", "laweyan"])
        found.add_user("tamu", "Tamu", Role.VIEWER)
        found.api(Scope.CARDS, stations=["jebres"])
        found.enrol_queue()
        people = [RecordedPerson(f"337201010101{n:04d}", *EARLY) for n in range(1, 20)]
        assert {outcome for outcome, _ in enrol_people(found.office, people)} == {"ENROLLED"}
        fill(found, ledger)
        yield found


def fill(found: Served, ledger: Ledger) -> None:
    """Let cards be printed, issued and in doubt, printers wait, leads collide, and forecasts be made."""
    ledger.advance(found.office.setup.all_stations, fed_ms=NEVER_MS)
    now_ms, evening_ms = ledger.time()[0], ledger.time()[0] + 10 * HOUR_MS
    for reason in ("", "failed_encode", ""):
        printed(ledger, claim(ledger, DINAS), reason=reason)
    first = queries.uncollected_cards(ledger)[0][0]
    ledger.issue(first, to=Collector.FAMILY, by="Budi Santoso", blank=parse_serial("SN-0012345"))
    ledger.reprint(first, due_ms=evening_ms, by="Budi Santoso", reason="hilang di jalan")
    doubt = claim(ledger, JEBRES)
    assert isinstance(doubt, Lot)
    ledger.unconfirm(doubt)
    ledger.note_printer(PrinterState("card1", JEBRES, ("cover open", "no ribbon")))
    for seats, by, until_ms in ((2, "Sri Lestari", evening_ms), (1, "Budi Santoso", evening_ms - HOUR_MS)):
        order_seats(ledger, SeatOrder(JEBRES, seats, now_ms, until_ms, by, "antrean panjang sejak Senin"))
    order_seats(ledger, SeatOrder(DINAS, 2, evening_ms, evening_ms + HOUR_MS, "Sri Lestari", "lembur"))
    ledger.hold(CardId("00000700"), by="Budi Santoso", reason="nama salah")
    ledger.receive(DINAS, blanks=500, ribbon_cards=500, minutes="BA/17/2016", by="Budi Santoso")
    blanks = queries.read_board(ledger, [JEBRES]).stations[0].stock.blank
    ledger.transfer(JEBRES, to=DINAS, blanks=blanks, ribbon_cards=0, minutes="BA/18/2016", by="Sri Lestari")
    for _ in range(2):
        forecasts.append(ledger, forecast_now(ledger, found.office.setup))
    forecasts.save_scores(ledger, score_forecasts(ledger, found.office.setup))


def log_in(chrome: Chrome, address: str) -> None:
    """Log in as the head."""
    chrome.get(f"{address}/login")
    chrome.find_element(By.NAME, "login").send_keys("sri")
    chrome.find_element(By.NAME, "password").send_keys(PASSWORD)
    chrome.find_element(By.CSS_SELECTOR, "main button").click()
    eventually(lambda: chrome.current_url == f"{address}/")


def set_mode(chrome: Chrome, address: str, language: str, scheme: str, width: int) -> None:
    """Choose a language, a colour scheme and a screen."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    size = {"width": width, "height": 768, "deviceScaleFactor": 1, "mobile": width < 1024}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    chrome.execute_cdp_cmd("Network.setCookie", {"name": "lembur_language", "value": language, "url": address})


def faults_of_page(chrome: Chrome, address: str, *, with_axe: bool) -> Iterator[object]:
    """Yield what is wrong with the page that is open: too wide, another host asked, or hard to read by axe.

    On a screen no table scrolls sideways, even when all figures of a report are known.
    """
    if chrome.execute_script("return document.documentElement.scrollWidth > innerWidth"):
        yield "is too wide"
    chrome.execute_script(WIDEST)
    if chrome.execute_script("return innerWidth >= 1024") and chrome.execute_script(SIDEWAYS):
        yield "has a table that scrolls sideways"
    yield from (host for host in chrome.execute_script(HOSTS) if host != address)
    if with_axe:
        chrome.execute_script((files("axe_core_python") / "axe.min.js").read_text("utf-8"))
        for one in json.loads(str(chrome.execute_async_script(AXE))):
            if one["impact"] in SERIOUS:
                yield one["id"], one["nodes"][0]["html"]


def photograph(chrome: Chrome, path: Path) -> None:
    """Keep a picture of the whole page, down to its end."""
    taken = chrome.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
    path.write_bytes(base64.b64decode(taken["data"]))


def console_errors(chrome: Chrome) -> list[object]:
    """Return the errors that the browser's console has shown since the last call, but the page that is missing."""
    rows = chrome.get_log("browser")  # type: ignore[no-untyped-call]
    return [one for one in rows if one["level"] == "SEVERE" and MISSING not in one["message"]]


def test_each_page_is_drawn_without_a_fault_in_every_mode(served: Served, tmp_path: Path) -> None:
    """In eight modes: no console error, no other host, nothing wider than the screen, nothing serious by axe.

    The pictures stay in the folder of the test. Words change nothing for axe: it looks at one language.
    """
    faults: list[object] = []
    with browser(tmp_path / "profile") as chrome:
        chrome.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
        log_in(chrome, served.address)
        console_errors(chrome)
        for language, scheme, width in MODES:
            set_mode(chrome, served.address, language, scheme, width)
            for path in (*PAGES, *card_pages(served), MISSING):
                chrome.get(f"{served.address}{path}")
                eventually(lambda: chrome.execute_script(COMPLETE))
                assert chrome.execute_script("return document.documentElement.lang") == language
                photograph(chrome, tmp_path / f"{language}-{scheme}-{width}{path.replace('/', '_')}.png")
                found = faults_of_page(chrome, served.address, with_axe=language == "id")
                faults += [(path, language, scheme, width, one) for one in found]
        faults += console_errors(chrome)

    assert faults == []


def card_pages(served: Served) -> list[str]:
    """List the page of a card in each state."""
    ledger = served.office.ledger
    return [f"/cards/{list_cards(ledger, status=one, after=0, most=1)[0][0].card}" for one in STATES]
