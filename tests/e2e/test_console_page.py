"""`lembur up`: the console in a real browser, as a shift lead, a viewer and a person without JavaScript use it.

All journeys share one office at work. The first one needs its whole queue, so the order of the tests counts.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By

from lembur.accounts import Accounts, Scope
from lembur.domain.time import HOUR_MS
from lembur.ledger import queries
from lembur.ledger.queries.actions import read_actions
from support.site import FLOWER, Site, open_site
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc"),
]

NIK = "3372014505900000"
PEOPLE = f"nik,kelurahan_code,stream,recorded_at\n{NIK},33.72.04.1001,replacement,2016-08-24T09:00:00\n1,2,3,4\n"
JAM = """
[[printing.script]]
station = "jebres"
fate = "jam"
prints = [2]
"""
"""The third print of Jebres is stuck, and its result unknown."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give an office at work under a queue of a day, with Flower, and the browser of its head."""
    with open_site(tmp_path_factory.mktemp("site"), "--speed", "10", "--monitoring", more=JAM) as found:
        found.choose_language("en")
        yield found


def flower_seats(chrome: Chrome, site: Site) -> int:
    """Read the seats of the dinas from Flower's page; 0 while Flower does not answer."""
    ((server, user, password),) = eventually(lambda: FLOWER.findall(site.run.said))
    try:
        chrome.get(f"http://{user}:{password}@{server}/worker/print@dinas")
        rows = chrome.execute_script("return [...document.querySelectorAll('#tab-pool tr')].map(one => one.innerText)")
    except WebDriverException:
        return 0
    found = [row.split()[-1] for row in rows if row.lower().startswith("max concurrency")]
    return int(found[0]) if found else 0


def test_a_lead_clears_the_evening(site: Site, tmp_path: Path) -> None:
    """A lead sees the queue fall, asks the planner, orders its cheapest plan, and sees the seats everywhere."""
    with site.person(tmp_path, "budi") as lead:
        first = eventually(lead.waiting)
        lead.chrome.execute_script("window.untouched = true")
        eventually(lambda: lead.waiting() < first)
        assert lead.chrome.execute_script("return window.untouched")

        lead.open("/plan")
        before = eventually(lambda: lead.words("#answer .tiles"))
        lead.move("seats", "4")
        eventually(lambda: lead.words("#answer .tiles") not in {"", before})

        lead.move("deadline", "2016-08-25T13:00")  # without its break, the one seat needs until 13:13
        lead.move("chance", "80")
        lead.press("form[action='/plan/cheapest'] button")
        eventually(lambda: "Dinas" in lead.words("table.orders"))
        assert site.ledger.orders() == []
        lead.press("form[action='/plan/apply'] button")
        eventually(lambda: "The plan is ordered." in lead.words("main"))
        assert {order.by for order in site.ledger.orders()} == {"Budi Santoso"}

        eventually(lambda: site.seats_open() == 2)
        lead.open("/")
        eventually(lambda: lead.words("#now-stations td.seats").endswith("/2"))
        lead.open("/log")
        assert "Budi Santoso" in lead.words("main tbody tr")
        assert "plan" in lead.words("main tbody tr")
        eventually(lambda: flower_seats(lead.chrome, site) == 2)


def test_an_order_ends_by_itself(site: Site) -> None:
    """The head orders seats for some minutes without leaving the page: they rise, and fall without anybody's act."""
    planned = site.seats_open()
    site.order(3, "antrean panjang", lasts_ms=HOUR_MS // 6)

    eventually(lambda: site.seats_open() == 3)
    eventually(lambda: "in force" in site.words("#orders-list tbody tr"))
    eventually(lambda: site.words("#orders-stations td.seats").endswith("/3"))
    eventually(lambda: site.seats_open() == planned)
    eventually(lambda: site.words("#orders-stations td.seats").endswith(f"/{planned}"))
    eventually(lambda: "over" in site.words("#orders-list tbody tr"))
    assert [act.what for act in read_actions(site.ledger)].count("cancel") == 0


def test_two_leads_who_collide_are_both_told(site: Site, tmp_path: Path) -> None:
    """The second sees the first's order before her own counts; the first sees on her open page that hers was replaced.

    Then the head ends her order on the page.
    """
    site.open("/orders")
    seen = site.words("form.card [name=seen]")
    with site.person(tmp_path, "budi") as lead:
        lead.order(3, "kursi kosong")
        eventually(lambda: site.seats_open() == 3)
        assert site.words("form.card [name=seen]") == seen

        fill_order(site, 1, "mati listrik")
        eventually(lambda: "Budi Santoso ordered 3 seats" in site.words("#fault"))
        assert site.seats_open() == 3
        site.press("form.card button.main")
        eventually(lambda: site.seats_open() == 1)

        eventually(lambda: "Sri Lestari has changed the seats" in lead.words("#orders-top"))
    given = len(site.ledger.orders())
    site.open("/orders")
    site.press("#orders-list button")
    eventually(lambda: len(site.ledger.orders()) == given + 1)


def fill_order(site: Site, seats: int, reason: str) -> None:
    """Fill the form of a page that is open already, and send it."""
    site.chrome.find_element(By.NAME, "seats").send_keys(str(seats))
    site.chrome.find_element(By.CSS_SELECTOR, "form.card [name=reason]").send_keys(reason)
    site.press("form.card button.main")


def test_a_refused_form_keeps_the_address_and_back_shows_the_page_before(site: Site) -> None:
    """The address of a form cannot be opened, so it never stays; Back loads the page that its address names."""
    site.open("/stock")
    script = """
    const form = document.querySelector("form[action='/stock/spoiled']");
    form.elements.minutes.value = form.elements.witness.value = "nothing is spoiled at this station";
    form.querySelector("button").click();
    """

    def refused() -> bool:
        site.chrome.execute_script(script)  # what was spoiled before is destroyed by the first time
        return bool(site.words("#fault"))

    eventually(refused)
    assert site.chrome.current_url.partition("?")[0] == f"{site.address}/stock"

    site.open("/orders?station=dinas")
    fill_order(site, 2, "antrean")
    eventually(lambda: site.chrome.current_url == f"{site.address}/orders")
    site.chrome.execute_script("window.untouched = true")
    site.chrome.back()
    eventually(lambda: not site.chrome.execute_script("return window.untouched"))
    assert site.chrome.current_url == f"{site.address}/orders?station=dinas"


def test_a_viewer_sees_and_cannot_act(site: Site, tmp_path: Path) -> None:
    """The page shows a viewer no form, and the server refuses what the viewer writes by hand, on pages and by API."""
    given = len(site.ledger.orders())
    token = Accounts(site.run.data / "console").add_token("look", {Scope.READ})
    order = {"station": "dinas", "seats": "3", "reason": "x", "until": "2016-08-25T20:00"}
    with site.person(tmp_path, "tamu") as viewer:
        viewer.open("/orders")
        assert not viewer.chrome.find_elements(By.NAME, "seats")
        assert viewer.status("/orders", order) == 403
        assert viewer.status("/plan/cheapest", {"deadline": "2016-08-26T20:00"}) == 403
        assert viewer.status("/plan/apply", {"name": "any"}) in {400, 403}
        assert viewer.status("/api/v1/orders", order, token="") == 401
        assert viewer.status("/api/v1/orders", {"station": "dinas", "seats": "3", "reason": "x"}, token=token) == 403

    assert len(site.ledger.orders()) == given


def test_an_order_without_javascript(site: Site, tmp_path: Path) -> None:
    """A browser that runs no script gives an order by the plain form."""
    with site.person(tmp_path, "budi", scripts=False) as lead:
        lead.order(3, "tanpa skrip")

        eventually(lambda: site.seats_open() == 3)
        assert "Budi Santoso" in lead.chrome.page_source

    assert read_actions(site.ledger)[-1].by == "Budi Santoso"


def test_a_card_in_doubt_is_settled(site: Site) -> None:
    """The page Now leads to the card whose print result is unknown; a person settles it, and the log names her."""
    eventually(lambda: queries.unconfirmed_cards(site.ledger))
    site.open("/")
    eventually(lambda: "Settle cards in doubt" in site.words("#now-top"))
    site.press("#now-top a")
    eventually(lambda: site.words("#doubts tbody a"))
    card = site.words("#doubts tbody a")
    site.press("#doubts tbody a")
    eventually(lambda: card in site.words("h1"))
    site.press("[name=finding][value=spoiled]")
    site.press("form[action$='/settle'] button")

    eventually(lambda: "The card is settled." in site.words("main"))
    assert queries.unconfirmed_cards(site.ledger) == []
    assert ("confirm", "Sri Lestari") in [(act.what, act.by) for act in read_actions(site.ledger)]


def test_a_file_is_taken_in_by_upload(site: Site, tmp_path: Path) -> None:
    """The good row is enrolled, the bad one listed with its reason; the card is found by a NIK that stands nowhere."""
    path = tmp_path / "orang.csv"
    path.write_text(PEOPLE)
    site.open("/intake")
    site.chrome.find_element(By.NAME, "file").send_keys(str(path))
    site.press("form[action='/intake'] button")

    eventually(lambda: "a NIK has 16 digits" in site.words("main"))
    assert "Enrolled1" in site.words("dl.facts").replace(" ", "")
    site.open("/cards")
    site.chrome.find_element(By.NAME, "card").send_keys(NIK)
    site.press("form[action='/cards/find'] button")
    eventually(lambda: "337201" in site.words("dl.facts"))
    assert NIK not in site.chrome.page_source + site.chrome.current_url + site.chrome.title


def test_a_lost_answer_is_asked_for_again(site: Site) -> None:
    """The console is killed under a moved slider: the page shows that the answer is missing, and it comes by itself."""
    site.open("/plan")
    eventually(lambda: site.words("#answer .tiles"))
    script = """
    const place = document.getElementById("answer");
    new MutationObserver(() => { window.missing ||= Boolean(place.querySelector(".fault")); })
      .observe(place, {childList: true});
    """
    site.chrome.execute_script(script)
    planners = site.planners()
    site.kill_console()
    site.move("hours", "3")

    eventually(lambda: site.chrome.execute_script("return window.missing"))
    eventually(lambda: site.words("#answer .tiles"))
    eventually(lambda: not planners & site.planners())


@pytest.mark.parametrize("part", ["console", "server"])
def test_the_page_goes_on_when_a_part_was_killed(site: Site, part: str) -> None:
    """Console or server is killed and comes back: an open page shows later figures by itself, the session holds."""
    site.open("/")
    site.chrome.execute_script("window.untouched = true")
    before = site.words("#now-top time")
    if part == "console":
        site.kill_console()
    else:
        os.kill(site.run.pid_of(r"(valkey|redis)-server"), signal.SIGKILL)

    eventually(lambda: site.words("#now-top time") > before)
    assert site.chrome.execute_script("return window.untouched")
    first = site.waiting()
    eventually(lambda: site.waiting() < first)
