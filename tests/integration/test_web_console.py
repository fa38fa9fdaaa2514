"""The web console: who may do what, that each act is in the log, and that every page works by plain forms."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
from collections import Counter
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from console.plan import find_letter
from lembur.accounts import Role
from lembur.domain.card import CardId, Status
from lembur.domain.observation import FIRST_DAY, LATER, Forecast, Score, StationForecast
from lembur.domain.scenario import load
from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import HOUR_MS
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.queries import forecasts
from lembur.ledger.queries.actions import read_actions
from lembur.ledger.queries.snapshot import expected_deliveries, take_snapshot
from lembur.ledger.types import PrinterState
from lembur.office import OfficeSetup, open_office, order_seats, read_dated_scenarios
from planner.question import Sliders
from support.waiting import PATIENCE_S, eventually
from support.web_console import PAGES, PASSWORD, Served, open_morning, order, serve_console
from web.planning import StillComputingError, answer_sliders, asking

if TYPE_CHECKING:
    from collections.abc import Iterator


JEBRES, DINAS = StationCode("jebres"), StationCode("dinas")
NIK = "3372014505900000"
SIGNS = "[/] {{ 7 * 7 }} {% raw %} <script>alert(1)</script> &amp; %s {0} $x$ \"'` 印 👍🏽"
"""Signs that some language obeys."""
DAYS = {25: "Kam 25 Agu", 26: "Jum 26 Agu"}
ROW = re.compile(
    r'<tr><th scope="row">([^<]+)</th><td class="words">([^<]+)</td><td>(\d+)</td><td>([^<]+)</td><td>Rp\s([\d.]+)</td>'
)
"""An order of the plan: date, station, seats, hours, rupiah."""
READINGS = 5
PEOPLE = f"nik,kelurahan_code,stream,recorded_at\n{NIK},33.72.04.1001,replacement,2016-08-24T09:00:00\n1,2,3,4\n"


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Ledger:
    """An open office without cards at Thursday 25 August 2016, 08:00."""
    return open_morning(valkey_url, office)


@pytest.fixture
def served(ledger: Ledger, valkey_url: str, office: str, tmp_path: Path) -> Iterator[Served]:
    """The console of that office, with a head, a lead of one station, and a viewer."""
    assert ledger.orders() == []
    with serve_console(valkey_url, office, tmp_path) as found:
        found.add_people()
        yield found


def test_two_consoles_of_one_machine_keep_their_logins(ledger: Ledger, served: Served, tmp_path: Path) -> None:
    """A browser has one set of cookies for a host, whatever the port: a login at one ends no session at the other."""
    open_morning(served.office.settings.redis_url, "9999")
    with serve_console(served.office.settings.redis_url, "9999", tmp_path / "other") as other:
        other.add_user("sri", "Sri Lestari", Role.HEAD)
        browser, logs = served.log_in("sri"), [f"{one.address}/log" for one in (served, other)]

        browser.send(f"{other.address}/login", login="sri", password=PASSWORD)
        assert [str(browser.open(log).url) for log in logs] == logs
        browser.send(f"{other.address}/logout")
        assert [str(browser.open(log).url) for log in logs] == [logs[0], f"{other.address}/login?next=%2Flog"]
    assert ledger.orders() == []


def test_the_first_start_has_no_password_but_a_link_for_one_use(ledger: Ledger, served: Served) -> None:
    """A one-time link lets a user choose a password; it is dead afterwards, and a false one never lived."""
    served.office.accounts.add_user("ani", "Ani", Role.LEAD)
    secret = served.office.accounts.make_link("ani")
    client = served.client()

    assert client.send(f"/welcome/{secret}", password="short").status_code == 400
    assert "Ani" in client.send(f"/welcome/{secret}", password=PASSWORD).text
    assert client.open(f"/welcome/{secret}").status_code == 400
    assert client.open("/welcome/guess").status_code == 400
    assert [(act.what, act.by) for act in read_actions(ledger)] == [("login", "Ani")]


def test_an_order_is_given_by_a_plain_form_and_ended(ledger: Ledger, served: Served) -> None:
    """A lead opens seats at her station and ends the order; the ledger and its log name her."""
    client = served.log_in("budi")

    assert order(client) == 200
    assert ledger.seats_at(JEBRES, ledger.time()[0]) == 2
    page = client.open("/orders").text
    assert "Budi Santoso" in page
    assert "20.00" in page
    client.send("/orders/1/end", reason="cukup")

    assert ledger.seats_at(JEBRES, ledger.time()[0]) == 1
    acts = [(act.what, act.by, act.reason) for act in read_actions(ledger)]
    assert acts[1:] == [("order", "Budi Santoso", "antrean"), ("cancel", "Budi Santoso", "cukup")]


def test_the_server_decides_who_may_act(ledger: Ledger, served: Served) -> None:
    """A viewer and a lead of another station are refused; so is a form without the session's token."""
    assert order(served.log_in("tamu")) == 403
    assert order(served.log_in("budi"), station="dinas") == 403
    assert order(served.log_in("budi"), station="all") == 403
    assert served.log_in("budi").open("/users").status_code == 403
    client = served.log_in("budi")
    client.open("/orders")
    assert client.send("/orders", form_token="of another page", station="jebres", seats="2").status_code == 403

    assert ledger.orders() == []


def test_two_leads_who_change_the_same_station_both_learn_of_it(ledger: Ledger, served: Served) -> None:
    """The second sees the first's order before hers counts; the first sees that hers was replaced."""
    first, second = served.log_in("budi"), served.log_in("sri")
    second.open("/orders")

    assert order(first) == 200
    late = second.send(
        "/orders", station="jebres", seats="0", seen="0", until="2016-08-25T19:00", reason="mati listrik"
    )
    assert late.status_code == 409
    assert "Budi Santoso" in late.text
    assert order(second, seats="0", seen="1") == 200

    assert ledger.seats_at(JEBRES, ledger.time()[0]) == 0
    assert re.search(r'class="fault" role="alert">.*Sri Lestari', first.open("/orders").text)


def test_a_fault_keeps_what_was_typed(served: Served) -> None:
    """A refused form comes back with its values and one sentence on top."""
    client = served.log_in("sri")
    client.open("/orders")

    page = client.send("/orders", station="jebres", seats="99", until="2016-08-25T20:00", reason="<b>banyak</b>")

    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert "&lt;b&gt;banyak&lt;/b&gt;" in page.text
    assert "<b>banyak" not in page.text


def test_a_file_is_taken_in_and_its_card_found_by_nik_and_held(ledger: Ledger, served: Served) -> None:
    """Upload, refused rows, look-up by NIK in a form, hold and release; the NIK stands on no page."""
    client = served.log_in("sri")
    client.open("/intake")

    result = client.send("/intake", files={"file": ("orang.csv", PEOPLE.encode(), "text/csv")})
    assert "NIK terdiri atas 16 angka, yang ini 1" in result.text
    page = client.send("/cards/find", card=NIK)
    assert page.url.path == "/cards/00000001"
    assert client.send("/cards/00000001/hold", reason="salah nama").status_code == 200
    assert queries.read_card(ledger, CardId("00000001")).status is Status.HELD
    assert client.send("/cards/00000001/release", reason="benar").status_code == 200

    assert [act.what for act in read_actions(ledger)] == ["login", "intake", "hold", "release"]
    for text in (result.text, page.text, client.open("/cards").text, client.open("/log").text):
        assert NIK not in text


def test_stock_moves_by_minutes_once(ledger: Ledger, served: Served) -> None:
    """A delivery is booked; the same minutes a second time are refused."""
    client = served.log_in("budi")
    client.open("/stock")
    fields = {"verb": "receive", "station": "jebres", "blanks": "1.000", "minutes": "BA/17/2016"}
    before = queries.read_board(ledger, [JEBRES]).stations[0].stock.blank

    assert client.send("/stock", **fields).status_code == 200
    assert client.send("/stock", **fields).status_code == 400

    assert queries.read_board(ledger, [JEBRES]).stations[0].stock.blank == before + 1000


def check_orders_of_plan(page: str, served: Served, given: list[SeatOrder]) -> None:
    """The page showed the plan's orders by date and station, with seats, hours and the rupiah of the letter."""
    scenario = served.office.setup.scenario
    names = {station.code: station.name for station in scenario.stations}
    rows = ROW.findall(page)

    def local(at_ms: int) -> datetime:
        return datetime.fromtimestamp(at_ms / 1000, scenario.zone)

    def hours(one: SeatOrder) -> str:
        return f"{local(one.from_ms):%H.%M} - {local(one.until_ms):%H.%M}"

    expected = [(DAYS[local(one.from_ms).day], names[one.station], str(one.seats), hours(one)) for one in given]
    assert sorted(row[:4] for row in rows) == sorted(expected)
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=list(DAYS.values()).index)

    shown: Counter[tuple[str, str]] = Counter()
    for day, station, _, _, rupiah in rows:
        shown[day, station] += int(rupiah.replace(".", ""))
    dated = read_dated_scenarios(served.office.ledger, served.office.setup)
    letter = find_letter(dated, given, served.office.settings.data, "1", "Dinas", now_ms=0, english=False)
    paid: Counter[tuple[str, str]] = Counter()
    for line in letter.lines:
        paid[DAYS[line.day.day], line.station.name] += round(line.rupiah)
    assert +shown == pytest.approx(dict(paid), abs=2)
    assert re.search(rf'class="total".*Rp\s{sum(shown.values()):,}<'.replace(",", "[.]"), page)


def test_the_cheapest_plan_is_looked_at_ordered_once_and_written_as_a_letter(ledger: Ledger, served: Served) -> None:
    """The sliders answer beside today's course; the plan is shown, then ordered by name; a viewer cannot order it."""
    served.enrol_queue()
    client, deadline = served.log_in("sri"), "2016-08-26T20:00"
    client.open("/plan")

    def ask(path: str, sign: str, **fields: str) -> re.Match[str] | None:
        return re.search(sign, client.send(path, deadline=deadline, **fields).text)

    eventually(lambda: ask("/plan", "<polyline", seats="12", hours="2", speed="100", blanks="0"))
    search = {"chance": "50", "max_hours": "4", "max_seats": "12"}
    found = eventually(lambda: ask("/plan/cheapest", r'name="name" value="(\w+)"', **search))
    assert found
    shown, name = found.string, found[1]
    doubted = "Menurut keadaan kantor pada Kam 25 Agu 08.00. Catatan: baru sedikit cetakan yang terlihat"
    assert shown.count(doubted) >= 1
    usual = eventually(lambda: ask("/plan", "<polyline", hours="0", speed="100", blanks="0"))
    assert usual is not None
    assert doubted in usual.string
    assert re.search(r"tidak ada kursi yang diperintahkan di \w+[^.]* sampai \d+ kartu tertinggal", usual.string)
    assert ledger.orders() == []
    viewer = served.log_in("tamu")
    viewer.open("/plan")
    assert viewer.send("/plan/apply", name=name).status_code == 403
    assert client.send("/plan/apply", name="another").status_code == 400
    assert client.send("/plan/apply", name=name).status_code == 200
    assert client.send("/plan/apply", name=name).status_code == 400  # once

    given = ledger.orders()
    assert {(order.by, order.reason) for order in given} == {("Sri Lestari", f"plan {name}")}
    check_orders_of_plan(shown, served, given)
    letter = client.send("/plan/letter", number="800/17/2016", office="Dinas Dukcapil")
    assert letter.content.startswith(b"%PDF")


def test_sessions_end_with_the_password_and_the_account(served: Served) -> None:
    """A changed password ends the other sessions; a closed account ends all of them."""
    one, other = served.log_in("budi"), served.log_in("budi")
    one.open("/account")
    assert one.send("/account", old_password="wrong", password="another long one").status_code == 400
    assert one.send("/account", old_password=PASSWORD, password="another long one").status_code == 200
    assert 'name="password"' in other.open("/").text
    assert one.open("/").url.path == "/"

    head = served.log_in("sri")
    head.open("/users")
    head.send("/users/budi", role="lead", stations="jebres")

    assert one.open("/").url.path == "/login"
    assert head.send("/users/sri", role="viewer", active="1").status_code == 400  # the last head


def test_logins_are_limited(served: Served) -> None:
    """After five wrong passwords even the right one has to wait."""
    client = served.client()
    for _ in range(5):
        assert client.send("/login", login="budi", password="guess").status_code == 401

    assert client.send("/login", login="budi", password=PASSWORD).status_code == 429


def test_a_session_is_closed_to_scripts_and_other_pages(served: Served) -> None:
    """The cookie is HttpOnly and SameSite strict; the policy allows our own files only; other hosts are refused."""
    client = served.client()
    answer = client.http.post("/login", data={"login": "sri", "password": PASSWORD}, follow_redirects=False)

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert client.http.get("/login", headers={"host": "evil.example"}).status_code == 400
    away = client.http.post(
        "/login", data={"login": "sri", "password": PASSWORD, "next": "//evil.example"}, follow_redirects=False
    )
    assert away.headers["location"] == "/"


def test_pages_follow_the_ledger_through_one_stream(ledger: Ledger, served: Served) -> None:
    """An open page hears of an order that somebody gave elsewhere."""
    client = served.log_in("tamu")
    with client.http.stream("GET", "/live/orders") as stream:
        lines = stream.iter_lines()
        first = next(line for line in lines if line.startswith("data:"))
        assert first
        now_ms = ledger.time()[0]
        order_seats(ledger, SeatOrder(DINAS, 2, now_ms, now_ms + HOUR_MS, "Elsewhere", "by hand"))
        assert any("Elsewhere" in line for line in lines)


def test_a_printer_that_waits_is_named_with_its_cause(ledger: Ledger, served: Served) -> None:
    """The page Now shows each real printer that waits for a person, what for, and since when, in the page's words."""
    ledger.note_printer(PrinterState("card1", JEBRES, ("cover open", "no ribbon")))
    ledger.note_printer(PrinterState("card2", DINAS, ("jam",)))
    client = served.log_in("tamu")
    served.office.live.refresh()
    page = client.http.get("/", headers={"accept-language": "id"}).text

    assert "Pencetak card1 di Kecamatan Jebres menunggu sejak Kam 25 Agu 08.00: tutup terbuka, pita habis." in page
    assert "Pencetak card2 di Dinas Kependudukan dan Pencatatan Sipil menunggu" in page


def calls_a_reading(ledger: Ledger, served: Served) -> float:
    """Count the commands of the server while the console reads the office some times, for each reading."""

    def read() -> tuple[int, int]:
        return served.office.live.newest().number, int(ledger.server.info("stats")["total_commands_processed"])

    first, calls_before = read()
    eventually(lambda: served.office.live.newest().number >= first + READINGS)
    last, calls = read()
    return (calls - calls_before) / (last - first)


def test_many_pages_share_one_connection_and_one_reading(ledger: Ledger, served: Served) -> None:
    """Twenty open pages cost the server no connection and no command more than one page."""
    clients = [served.log_in("tamu") for _ in range(2)]
    eventually(lambda: served.office.live.newest().number > 0)
    connections = ledger.server.info("clients")["connected_clients"]
    alone = calls_a_reading(ledger, served)
    streams = [clients[number % 2].http.stream("GET", "/live/now") for number in range(20)]
    try:
        opened = [stream.__enter__() for stream in streams]
        assert all(next(one.iter_lines()) for one in opened)
        assert ledger.server.info("clients")["connected_clients"] <= connections
        assert calls_a_reading(ledger, served) <= 1.5 * alone
    finally:
        for stream in streams:
            stream.__exit__(None, None, None)


def test_every_alert_links_to_its_steps(served: Served) -> None:
    """The link of each alert opens the runbook at its heading, without a login; so does each link on that page."""
    rules = (Path(__file__).parents[2] / "monitoring" / "prometheus" / "rules" / "alerts.yml").read_text("utf-8")
    links = re.findall(r"runbook_url: '\{\{ \$externalLabels\.console \}\}(\S+)'", rules)
    page = served.client().open("/runbook").text
    anchors = set(re.findall(r'<h2 id="(\w+)">', page))
    inner = re.findall(r'<a href="([^"]+)">', page.partition("<article")[2].partition("</article>")[0])

    assert len(links) == rules.count("- alert: ") > 15
    assert {link.partition("#")[0] for link in links} == {"/runbook"}
    assert {link.partition("#")[2] for link in (*links, *inner)} == anchors
    assert {link[0] for link in inner} == {"#"}


@pytest.mark.parametrize(
    ("language", "words"),
    [("id", ("Sekarang", "Menunggu pencetak", "08.00")), ("en", ("Now", "Waiting for a printer", "08:00"))],
)
def test_every_page_is_there_in_both_languages(served: Served, language: str, words: tuple[str, ...]) -> None:
    """A person chooses the language, which has its own way to write times."""
    client = served.log_in("sri")
    client.send("/language", code=language, back="/")

    for path in PAGES:
        answer = client.open(path)
        assert answer.status_code == 200, path
        assert f'<html lang="{language}">' in answer.text
        assert "<script>" not in answer.text
        assert " style=" not in answer.text
    page = client.open("/").text
    assert all(word in page for word in words)
    assert "WIB" in page


SCORED = ((FIRST_DAY, 10, 0.7), (LATER, 1200, 0.75))
"""Judged forecasts of the office's queue, and the share within the band."""


def test_a_forecast_stands_beside_the_queue_that_came(ledger: Ledger, served: Served) -> None:
    """A later forecast knows the queue of its own moment; inside or outside the band is a word, not only a sign."""
    made_ms = ledger.time()[0]
    for hours, waiting in ((0, 700), (4, 596), (24, 900)):
        backlog = {0: (waiting, waiting, waiting), 4: (588.0, 597.0, 606.0), 24: (399.0, 410.0, 432.0)}
        station = StationForecast(backlog, (made_ms, made_ms, made_ms), (0.0, 1.0, 2.0), None)
        runway = dict.fromkeys(("blank", "ribbon"), (1.0, 2.0, 3.0))
        forecasts.append(ledger, Forecast(made_ms + hours * HOUR_MS, 0.1, {"all": station}, runway))
    scores = [Score("backlog 4 h", "all", made, n, 2, share, 3.0) for made, n, share in SCORED]
    forecasts.save_scores(ledger, scores)
    client = served.log_in("tamu")
    client.send("/language", code="en", back="/")

    page = client.open("/forecasts").text
    oldest = " ".join(re.sub(r"<[^>]+>", " ", page.rpartition("<tr>")[2]).split())
    assert "588-606 596 ✓ within the band 399-432 900 ✕ outside the band" in oldest
    assert "Queue after 4 hours" in page
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "80% of what comes lies within it" in words
    assert "This office 70% of 10 75% of 1,200" in words
    assert "Solo: offices off by up to 30 % 85% 80%" in words


def test_stock_on_its_way_is_shown(valkey_url: str, office: str, tmp_path: Path) -> None:
    """Each promised delivery with its moment, its station and what it brings, the earliest first."""
    setup = OfficeSetup(load("jayapura-2016").model_copy(update={"overtime": ()}), 1, 1)
    ledger = Ledger(connect(valkey_url), office=office)
    open_office(ledger, setup)
    ledger.set_clock(virtual_ms=setup.starts_ms, speed=1e-6, ends_ms=setup.ends_ms)
    expected = expected_deliveries(ledger, setup.stations)
    snapshot = take_snapshot(ledger, setup.scenario, setup.seed)

    assert {state.code: state.promised for state in snapshot.stations} == expected
    assert any(expected.values())
    with serve_console(valkey_url, office, tmp_path) as served:
        served.add_user("sri", "Sri Lestari", Role.HEAD)
        page = served.log_in("sri").open("/stock").text
    assert page.count("Rab 9 Nov 10.00") == sum(map(len, expected.values()))
    assert "1.140" in page


def test_a_question_to_the_planner_is_joined_and_never_lost(served: Served) -> None:
    """A page opens before its answer is there; the same question joins the one under way, and gets its answer."""
    settings = served.office.settings
    evening = served.office.ledger.time()[0] + 36 * HOUR_MS
    question = Sliders(deadline_ms=evening, seats=2, hours=1.0, centre_speed=1.0, more_blanks=0)

    def under_way() -> int:
        return sum(question in key for key in asking._under_way)

    with pytest.raises(StillComputingError):
        answer_sliders(settings, question, wait_s=0)
    with pytest.raises(StillComputingError):
        answer_sliders(settings, question, wait_s=0)
    assert under_way() == 1

    assert answer_sliders(settings, question, wait_s=PATIENCE_S).changed.seat_hours > 0
    assert under_way() == 0


def test_a_planner_that_was_killed_is_started_again(served: Served) -> None:
    """A question whose process is killed is refused as 503, so that the page asks again; the next one is answered."""
    client = served.log_in("sri")
    client.open("/plan")
    for process in eventually(multiprocessing.active_children):
        os.kill(process.pid or 0, signal.SIGKILL)
    fields = {"deadline": "2016-08-26T20:00", "hours": "2", "speed": "100", "blanks": "0"}

    def answered() -> bool:
        page = client.send("/plan", **fields)
        assert page.status_code in {200, 503}
        return "<polyline" in page.text

    eventually(answered)


def test_a_report_is_shown_and_downloaded(served: Served) -> None:
    """Reports of a shift and a day are on the page, as PDF and spreadsheet; wrong days are refused."""
    client = served.log_in("tamu")

    def opened(path: str, sign: bytes) -> bool:
        return sign in client.http.get(path).content

    eventually(lambda: opened("/reports", b"Blangko rusak menurut sebab"))
    eventually(lambda: opened("/reports?day=2016-08-25&shift=1", b"Laporan sif 1"))
    eventually(lambda: opened("/reports?day=2016-08-25&until=2016-08-24", b"sebelum hari pertama 25 Agustus 2016"))
    eventually(lambda: opened("/reports/pdf", b"%PDF"))
    eventually(lambda: opened("/reports/xlsx?day=2016-08-25", b"xl/workbook.xml"))
    eventually(lambda: opened("/reports?day=2016-09-30", b"30 September 2016 bukan hari kantor ini"))
    assert client.http.get("/reports/exe").status_code == 404


def test_what_people_typed_is_shown_as_typed(ledger: Ledger, served: Served) -> None:
    """A name and a reason with the signs of HTML, scripts and templates: on the pages, and as they are in REST."""
    served.add_user("aneh", f"Ny. {SIGNS}", Role.HEAD)
    client = served.log_in("aneh")

    client.open("/orders")
    given = {"station": "jebres", "seats": "2", "until": "2016-08-25T20:00", "reason": SIGNS}
    assert client.send("/orders", **given).status_code == 200

    for path in ("/orders", "/log"):
        page = client.open(path).text
        assert unescape(page).count(SIGNS) >= 2, path
        assert "<script>alert" not in page
    shown = served.api().get("/orders").json()[-1]
    assert (shown["by"], shown["reason"]) == (f"Ny. {SIGNS}", SIGNS)
    assert ledger.orders()[0].reason == SIGNS
