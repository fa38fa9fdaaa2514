"""The console as different people use it: on a phone, in the dark, by keyboard, with a bad connection, and in haste."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from lembur.accounts import Accounts
from lembur.ledger.queries.actions import read_actions
from support.page_audit import audit, focused
from support.site import Site, open_site
from support.waiting import PATIENCE_S, eventually
from support.web_console import PAGES, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

pytestmark = [
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc"),
]

MOST_STOPS = 60
"""More than the stops of the Tab key on any page here."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give an office at work under a queue of a day, and the browser of its head."""
    with open_site(tmp_path_factory.mktemp("site"), "--speed", "10") as found:
        found.choose_language("en")
        yield found


def show(chrome: Chrome, width: int, scheme: str) -> None:
    """Give the browser another width, and a light or dark screen."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def connect(chrome: Chrome, *, cut: bool) -> None:
    """Cut the connection of the browser, or mend it."""
    chrome.execute_cdp_cmd("Network.enable", {})
    speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    chrome.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": cut, **speed})


def press_tab(chrome: Chrome) -> None:
    """Go on to the next stop of the keyboard."""
    ActionChains(chrome).send_keys(Keys.TAB).perform()


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("id", 390, "light"), ("en", 1024, "dark"), ("id", 1280, "light")]
)
def test_every_page_can_be_read(site: Site, language: str, width: int, scheme: str) -> None:
    """Each text has contrast, each field a name; nothing is cut off or wider than the screen."""
    site.open("/")
    site.choose_language(language)
    show(site.chrome, width, scheme)
    faults: dict[str, list[str]] = {}
    for path in (*PAGES, "/cards/00000001", "/nothing", "/plan?"):
        site.open(path)
        if path == "/plan?":
            eventually(lambda: site.words("#answer .tiles"), PATIENCE_S)
        if found := audit(site.chrome):
            faults[path] = found
    site.open("/")
    site.choose_language("en")
    show(site.chrome, 1280, "light")

    assert faults == {}


def test_an_order_by_keyboard_alone(site: Site) -> None:
    """Tab leads through the page in its order, each stop is seen, and the answer of a form has the focus."""
    site.open("/orders")
    stops = []
    for _ in range(MOST_STOPS):
        press_tab(site.chrome)
        stop = focused(site.chrome)
        if stop is None:
            break
        assert stop["outline"], stop
        assert stop["shown"], stop
        stops.append(stop["name"])
    assert stops[0] == "a #main"
    fields = ["select station", "input seats", "input from", "input until", "input reason"]
    assert [one for one in dict.fromkeys(stops) if one in fields] == fields

    site.open("/orders?station=dinas")
    site.chrome.find_element(By.NAME, "seats").send_keys("2")
    site.chrome.find_element(By.CSS_SELECTOR, "form.card [name=reason]").send_keys("tanpa tetikus", Keys.ENTER)
    eventually(lambda: "The order is given." in site.words("main"), PATIENCE_S)
    eventually(lambda: site.words(":focus") == "✓ The order is given.", PATIENCE_S)


def test_a_form_without_an_answer_stays_as_it_was_typed(site: Site) -> None:
    """The connection is cut under a form: a note stands below it, and the same press works when it is mended."""
    site.open("/stock")
    for name, text in (("blanks", "5"), ("minutes", "BA/77")):
        site.chrome.find_element(By.CSS_SELECTOR, f"form[action='/stock'] [name={name}]").send_keys(text)
    connect(site.chrome, cut=True)
    site.press("form[action='/stock'] button")
    eventually(lambda: "No answer came." in site.words("form[action='/stock'] .lost"), PATIENCE_S)
    assert site.chrome.find_element(By.NAME, "minutes").get_property("value") == "BA/77"
    assert "receive" not in [act.what for act in read_actions(site.ledger)]

    connect(site.chrome, cut=False)
    site.press("form[action='/stock'] button")
    eventually(lambda: "The movement is booked." in site.words("main"), PATIENCE_S)
    assert [act.what for act in read_actions(site.ledger)].count("receive") == 1


def test_a_double_click_sends_once(site: Site, tmp_path: Path) -> None:
    """A new user is added once and the link is shown; a login is one login."""
    site.open("/users")
    for name, text in (("login", "wati"), ("name", "Wati")):
        site.chrome.find_element(By.CSS_SELECTOR, f"form[action='/users'] [name={name}]").send_keys(text)
    button = site.chrome.find_element(By.CSS_SELECTOR, "form[action='/users'] button")
    ActionChains(site.chrome).double_click(button).perform()
    eventually(lambda: "/welcome/" in site.words("main .notice"), PATIENCE_S)
    assert not site.words("#fault")
    assert [act.what for act in read_actions(site.ledger)].count("add user") == 1

    before = [act.what for act in read_actions(site.ledger)].count("login")
    with site.person(tmp_path, "budi") as lead:
        lead.open("/login")
        lead.chrome.find_element(By.NAME, "login").send_keys("budi")
        lead.chrome.find_element(By.NAME, "password").send_keys(PASSWORD)
        lead.chrome.execute_script("const all = document.querySelector('main button'); all.click(); all.click();")
        eventually(lambda: lead.chrome.current_url == f"{site.address}/", PATIENCE_S)
    assert [act.what for act in read_actions(site.ledger)].count("login") == before + 2


@pytest.mark.parametrize("path", ["/", "/wall", "/orders"])
def test_an_open_page_shows_the_end_of_its_session(site: Site, tmp_path: Path, path: str) -> None:
    """A page that follows the office leads to the login by itself, with the reason, and back after it."""
    with site.person(tmp_path, "budi") as lead:
        lead.open(path)
        Accounts(site.run.data / "console").set_password("budi", PASSWORD)

        eventually(lambda: "You are no longer logged in." in lead.words("main .fault"), PATIENCE_S)
        lead.chrome.find_element(By.NAME, "login").send_keys("budi")
        lead.chrome.find_element(By.NAME, "password").send_keys(PASSWORD, Keys.ENTER)
        eventually(lambda: lead.chrome.current_url == f"{site.address}{path}", PATIENCE_S)


def test_a_new_cause_of_a_delay_is_read_aloud(site: Site) -> None:
    """The region for screen readers gets the sentence about the office, and keeps it while only figures change."""
    site.open("/")
    eventually(lambda: site.words("#news"), PATIENCE_S)
    heard = site.words("#news")
    first = site.waiting()

    eventually(lambda: site.waiting() < first, PATIENCE_S)
    assert site.words("#news") == heard
