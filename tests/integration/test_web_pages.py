"""The pages at their edges: rights that differ, refused forms, ended sessions, an office without anything."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from lembur.accounts import Scope
from lembur.domain.errors import LedgerError
from lembur.domain.seats import StationCode
from lembur.domain.time import DAY_MS, HOUR_MS
from lembur.ledger.queries.actions import read_actions
from support.web_console import PASSWORD, Client, Served, open_morning, order, serve_console
from web.language import Formats, words_of
from web.pages import reports
from web.planning import StillComputingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(300)

JEBRES = StationCode("jebres")
CHANGE = 'href="/orders?station='
SEEN = 3
"""Drawings of each open page that are compared."""


@pytest.fixture
def served(valkey_url: str, office: str, tmp_path: Path) -> Iterator[Served]:
    """Give the console of an office without cards, with a head, a lead of Jebres, and a viewer."""
    open_morning(valkey_url, office)
    with serve_console(valkey_url, office, tmp_path) as found:
        found.add_people()
        yield found


def chosen(client: Client, page: str, code: str) -> str:
    """Press the button of a language on a page, as a browser does; the page that follows."""
    (back,) = re.findall(r'name="back" value="([^"]*)"', page)
    answer = client.http.post("/language", data={"code": code, "back": unescape(back)})
    assert answer.status_code == 200, answer.text
    return answer.text


def options(page: str, name: str) -> list[str]:
    """List the values to choose from in each field of this name."""
    fields = re.findall(rf'<select name="{name}">(.*?)</select>', page, re.DOTALL)
    return [value for field in fields for value in re.findall(r'<option value="([^"]*)"', field)]


def next_part(lines: Iterator[str]) -> str:
    """Read a stream until the next part of a page is whole."""
    while True:
        found = "\n".join(iter(lambda: next(lines), ""))
        if "data:" in found:
            return found


def test_an_open_page_links_to_seats_only_where_its_visitor_may_change_them(served: Served) -> None:
    """Head, lead and viewer follow the same readings; each keeps the links of their own rights."""
    links: dict[str, set[int]] = {}
    clients = {login: served.log_in(login) for login in ("sri", "budi", "tamu")}
    streams = {login: client.http.stream("GET", "/live/now") for login, client in clients.items()}
    try:
        lines = {login: stream.__enter__().iter_lines() for login, stream in streams.items()}
        for _ in range(SEEN):
            for login, found in lines.items():
                links.setdefault(login, set()).add(next_part(found).count(CHANGE))
    finally:
        for stream in streams.values():
            stream.__exit__(None, None, None)

    assert links == {"sri": {len(served.office.setup.stations)}, "budi": {1}, "tamu": {0}}


@pytest.mark.parametrize(
    ("form", "fields", "page"),
    [
        ("/orders/99/end", {}, "/orders"),
        ("/plan/cheapest", {"deadline": "x"}, "/plan"),
        ("/plan/letter", {"number": "1", "office": "x"}, "/plan"),
        ("/stock/spoiled", {"station": "jebres"}, "/stock"),
        ("/cards/find", {"card": "99"}, "/cards"),
        ("/cards/find-blank", {"serial": "SN-1"}, "/cards"),
        ("/users", {"login": "?"}, "/users"),
        ("/users/budi", {"role": "?"}, "/users"),
        ("/users/nobody", {"role": "lead"}, "/"),
    ],
)
def test_the_language_is_chosen_on_the_page_of_a_refused_form(
    served: Served, form: str, fields: dict[str, str], page: str
) -> None:
    """The address of a form cannot be opened, so the button leads back to the page of the form."""
    client = served.log_in("sri")
    client.open("/orders")

    refused = client.send(form, **fields)
    assert refused.status_code >= 400
    assert unescape(re.findall(r'name="back" value="([^"]*)"', refused.text)[0]) == page
    assert '<html lang="en">' in chosen(client, refused.text, "en")


def test_the_language_is_chosen_without_losing_the_list(served: Served) -> None:
    """What a page was asked for stays: a state of cards, a day of a report."""
    client = served.log_in("sri")

    page = chosen(client, client.open("/cards?status=HELD").text, "en")

    assert re.search(r'status=HELD" aria-current="true"', page)


def test_a_session_that_ended_is_named_at_the_login(served: Served) -> None:
    """A page leads to the login and back; a form that was sent too late is not accepted, and the login shows it."""
    client = served.log_in("budi")
    client.open("/orders")
    served.office.accounts.set_password("budi", "another correct horse")
    served.add_user("ani", "Ani", next(iter(served.office.accounts.users())).role)

    page = client.open("/cards?status=HELD")
    assert page.url.path == "/login"
    assert "Sesi Anda sudah berakhir. Silakan masuk lagi." in page.text
    late = client.send("/orders", station="jebres", seats="2", until="2016-08-25T20:00", reason="antrean")
    assert late.url.path == "/login"
    assert "formulir Anda tidak diterima" in late.text
    assert served.office.ledger.orders() == []
    back = client.send("/login", login="ani", password=PASSWORD, next="/cards?status=HELD")
    assert (back.status_code, str(back.url).removeprefix(served.address)) == (200, "/cards?status=HELD")
    assert "Sesi Anda" not in served.client().open("/").text


def test_a_report_file_that_is_not_ready_leads_back_to_the_report(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow or refused file is a page with a sentence, never a page saved under the name of the file."""
    client = served.log_in("tamu")

    def late(*_: object) -> bytes:
        raise StillComputingError("the answer is still being computed: ask once more")

    monkeypatch.setattr(reports, "ask_report_file", late)
    page = client.http.get("/reports/pdf?day=2016-08-25&shift=1")
    assert (page.url.path, page.url.params["day"], page.url.params["shift"]) == ("/reports", "2016-08-25", "1")
    assert "Berkas sedang dibuat: minta lagi beberapa detik lagi." in page.text
    assert "content-disposition" not in page.headers

    def refused(*_: object) -> bytes:
        raise LedgerError("the planner's process ended: ask once more")

    monkeypatch.setattr(reports, "ask_report_file", refused)
    assert client.http.get("/reports/xlsx").url.path == "/reports"
    assert " download" not in client.open("/reports").text


def test_an_empty_office_leads_to_what_to_do(served: Served) -> None:
    """Without a card the list leads to intake, and without a forecast the page names what makes one."""
    client = served.log_in("sri")
    english = {"accept-language": "en"}

    cards = client.http.get("/cards", headers=english).text
    assert "There is no card yet." in cards
    assert '<a href="/intake">' in cards
    assert "No card of this state here." in client.http.get("/cards?status=HELD", headers=english).text
    assert "'lembur forecast --watch'" in client.http.get("/forecasts", headers=english).text
    assert "no forecast yet" in client.http.get("/", headers=english).text


def test_a_person_chooses_among_their_own_stations(served: Served) -> None:
    """A form lists only stations where its visitor may act, by their names; a transfer may go anywhere."""
    head, lead = served.log_in("sri"), served.log_in("budi")
    everywhere = list(served.office.setup.stations)

    assert options(head.open("/orders").text, "station") == ["all", *everywhere]
    assert options(lead.open("/orders").text, "station") == ["jebres"]
    assert options(lead.open("/stock").text, "station") == ["jebres", "jebres"]
    assert options(lead.open("/stock").text, "to") == ["", *everywhere]
    assert "Kecamatan Jebres" in lead.open("/account").text
    assert "<summary>Kecamatan Jebres</summary>" in head.open("/users").text
    assert order(lead) == 200


def test_every_act_has_a_name_in_the_log(served: Served) -> None:
    """The archive is kept by a command; its act stands on the page in the words of the page."""
    served.office.ledger.note_action("archive", by="Sri Lestari", before="2016-08-20")

    page = served.log_in("tamu").open("/log").text

    assert {act.what for act in read_actions(served.office.ledger)} == {"archive", "login"}
    assert "arsipkan" in page
    assert "sebelum 2016-08-20" in " ".join(page.split())


@pytest.mark.parametrize(
    ("seconds", "english", "indonesian"),
    [
        (14 * DAY_MS / 1000, "14 days or more", "14 hari atau lebih"),
        (14 * DAY_MS / 1000 - 1, "13 days", "13 hari"),
        (47.9 * HOUR_MS / 1000, "47 hours", "47 jam"),
        (1.9 * HOUR_MS / 1000, "1 hour", "1 jam"),
        (0, "0 hours", "0 jam"),
    ],
)
def test_a_stock_lasts_as_the_command_writes_it(seconds: float, english: str, indonesian: str, served: Served) -> None:
    """Rounded down, and beyond the horizon of a forecast only a lower bound is known."""
    zone = served.office.setup.scenario.zone

    assert Formats("en", words_of("en"), zone).runway(seconds) == english
    assert Formats("id", words_of("id"), zone).runway(seconds) == indonesian


@pytest.mark.parametrize(
    ("method", "path", "body", "sentence"),
    [
        ("POST", "/cards", b'{"nik": 1', "body: is not JSON, from character 9 on"),
        ("POST", "/cards", b'{"nik": "\xff"}', "the body cannot be read: send JSON in UTF-8"),
        (
            "POST",
            "/orders",
            b'{"station": "jebres", "seats": 2, "reason": " "}',
            "body.reason: must be one line of text, and not empty",
        ),
        (
            "POST",
            "/orders",
            b'{"station": "jebres", "seats": 2, "reason": ""}',
            "body.reason: must have at least 1 letter",
        ),
        (
            "POST",
            "/orders",
            b'{"station": "jebres", "seats": 2.5, "reason": "x"}',
            "body.seats: must be a whole number",
        ),
        ("POST", "/cards/batch", b'{"cards": []}', "body.cards: must have at least 1 entry"),
        ("POST", "/cards/1/hold", b'{"reason": "x"}', "path.number: must be the number of a card, 8 digits"),
        ("POST", "/cards/lookup", b'{"nik": "337201450590000x"}', "body.nik: must be a NIK, 16 digits"),
        (
            "POST",
            "/cards/00000001/blank",
            b'{"serial": "SN-1", "spoiled": "perhaps"}',
            "body.spoiled: must be true or false",
        ),
        ("GET", "/report?day=yesterday", b"", "query.day: must be a day like 2016-08-25"),
        ("GET", "/cards/uncollected?after=x", b"", "query.after: must be the `next` of the page before"),
        ("GET", "/nothing", b"", "there is no such address: /api/v1/openapi.json lists them"),
        ("PUT", "/cards", b"{}", "this address takes another method: /api/v1/openapi.json lists them"),
    ],
)
def test_a_wrong_request_is_answered_with_one_sentence(
    served: Served, method: str, path: str, body: bytes, sentence: str
) -> None:
    """The detail names the field and the rule for a person to read; a pattern is for programs."""
    api = served.api(*(set(Scope) - {Scope.USERS}))

    answer = api.request(method, path, content=body, headers={"content-type": "application/json"})

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == sentence
