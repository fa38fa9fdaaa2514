"""Refusals in Indonesian: each kind is provoked by a plain form or by REST, and no English word of ours is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from lembur.accounts import Role, Scope
from lembur.domain.card import Status
from lembur.domain.errors import Sentence
from lembur.domain.seats import CENTRE
from support.waiting import eventually
from support.web_console import PASSWORD, Client, Served, open_morning, serve_console
from web.language import Formats, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx2

NIK = "3372014505900000"
HEADER = "nik,kelurahan_code,stream,recorded_at\n"
TYPED = "100% %(by)s {0} %s"
"""Signs that a template obeys."""
STATION = "jebres"
EVENING = "2016-08-25T20:00"


@dataclass(slots=True)
class Office:
    """An open office with one card that is ready to print, and a browser of each role."""

    served: Served
    head: Client
    viewer: Client
    stranger: Client
    formats: Formats


@pytest.fixture(scope="module")
def office(valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all refusals of this module: a refused act changes nothing."""
    ledger = open_morning(valkey_url, "3999")
    with serve_console(valkey_url, "3999", tmp_path_factory.mktemp("refusals")) as served:
        served.add_user("sri", "Sri Lestari", Role.HEAD)
        served.add_user("tamu", "Tamu", Role.VIEWER)
        head, viewer, stranger = served.log_in("sri"), served.log_in("tamu"), served.client()
        for client in (head, viewer):
            client.open("/account")
        row = f"{HEADER}{NIK},33.72.04.1001,replacement,2016-08-24T09:00:00\n"
        head.send("/intake", files={"file": ("orang.csv", row.encode(), "text/csv")})
        head.send("/stock", verb="receive", station=STATION, blanks="5", minutes="BA 1")
        ledger.advance([CENTRE, *served.office.setup.stations], fed_ms=ledger.time()[0])
        zone = served.office.setup.scenario.zone
        yield Office(served, head, viewer, stranger, Formats("id", words_of("id"), zone))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A form that is refused, and the sentence about it; the path of a form without fields is opened."""

    path: str
    sentence: Sentence
    fields: Mapping[str, str] = field(default_factory=dict)
    file: tuple[str, str] | None = None
    by: str = "head"


def refused(path: str, sentence: Sentence, by: str = "head", **fields: str) -> Refusal:
    """Write a refusal in one line."""
    return Refusal(path, sentence, fields, by=by)


def upload(name: str, content: str, sentence: Sentence) -> Refusal:
    """Write a refused file in one line."""
    return Refusal("/intake", sentence, file=(name, content))


def order(sentence: Sentence, **fields: str) -> Refusal:
    """Write a refused order of seats in one line."""
    given = {"station": STATION, "seats": "2", "until": EVENING, "reason": "antrean", **fields}
    return Refusal("/orders", sentence, given)


def stock(sentence: Sentence, **fields: str) -> Refusal:
    """Write a refused movement of stock in one line."""
    return Refusal("/stock", sentence, {"verb": "receive", "station": STATION, "minutes": "BA 9", **fields})


def nothing_enrolled(fault: Sentence, name: str = "upload.csv") -> Sentence:
    """Return the sentence about a file that cannot be read."""
    inner = Sentence("%(file)s: %(fault)s", file=name, fault=fault)
    return Sentence("%(fault)s; nothing was enrolled", fault=inner)


MINUTES = Sentence(
    "minutes %(number)s are booked already: %(movement)s",
    number="ba 1",
    movement=Sentence(
        "%(blanks)s received at %(station)s by %(by)s",
        blanks=Sentence("%(num)s blank", "%(num)s blanks", num=5),
        station=STATION,
        by="Sri Lestari",
    ),
)
EMPTY = "%(option)s is empty: it is kept in the log"
NOT_NOW = "card %(card)s is %(status)s: it cannot be %(done)s now"
CARD = {"card": "00000001", "status": Status.PRINT_READY_RECORD}
ROW = "33.72.04.1001,replacement,2016-08-24T09:00:00"
REFUSALS = (
    order(
        Sentence(
            "%(station)s has %(num)s printer: seats must be 0 or 1, not %(seats)s",
            "%(station)s has %(num)s printers: seats must be 0 to %(num)s, not %(seats)s",
            station=STATION,
            num=2,
            seats=99,
        ),
        seats="99",
    ),
    order(
        Sentence("no station has %(number)s printers: seats must be 0 to %(most)s", number=1234, most=3),
        station="all",
        seats="1234",
    ),
    order(Sentence("give the number of seats"), seats=""),
    order(Sentence("'%(text)s' is no number: write digits only", text=TYPED), seats=TYPED),
    order(Sentence(EMPTY, option=Sentence("Reason")), reason=" "),
    order(
        Sentence(
            "%(option)s has %(number)s characters: write at most %(most)s",
            option=Sentence("Reason"),
            number=1500,
            most=200,
        ),
        reason="a" * 1500,
    ),
    order(Sentence("the order begins or ends in the past: give later moments"), until="2016-08-24T20:00"),
    order(Sentence("the order ends before it begins: give a later end"), **{"from": EVENING}),
    order(Sentence("'%(text)s' is no date with a time: write it like 2016-08-26T21:00", text=TYPED), until=TYPED),
    order(Sentence("this form is from another session: load the page again"), form_token="of another page"),
    refused("/orders/7/end", Sentence("there is no seat order %(number)s", number=7), reason="cukup"),
    refused(
        "/orders",
        Sentence(
            "%(name)s may not do this%(where)s: ask the head of the office",
            name="Tamu",
            where=Sentence(" at %(stations)s", stations=STATION),
        ),
        by="viewer",
        station=STATION,
        seats="1",
    ),
    refused("/cards/find", Sentence("a card is named by its number, or by the 16 digits of a NIK"), card="Budi"),
    refused("/cards/find", Sentence("there is no card %(card)s", card="00099999"), card="99999"),
    refused("/cards/find", Sentence("there is no province %(code)s", code="99"), card="9972014505900000"),
    refused("/cards/find", Sentence("nobody with this NIK is enrolled"), card="3372014505910000"),
    refused("/cards/00000001/release", Sentence(NOT_NOW, **CARD, done=Sentence("released")), reason="benar"),
    refused("/cards/00000001/issue", Sentence(NOT_NOW, **CARD, done=Sentence("issued")), to="holder"),
    refused("/cards/00000001/issue", Sentence("choose who collects the card"), to="stranger"),
    refused("/cards/00000001/settle", Sentence("choose what lay in the printer")),
    refused(
        "/cards/00000001/settle",
        Sentence(
            "card %(card)s is %(status)s, not %(needed)s: there is nothing to confirm",
            **CARD,
            needed=Status.PRINT_UNCONFIRMED,
        ),
        finding="printed",
    ),
    refused("/cards/Budi", Sentence("a card's address has its number of digits only")),
    Refusal("/intake", Sentence("choose a file first"), {"check_only": "1"}),
    upload("orang.txt", "x", Sentence("the name must end in %(kinds)s", kinds=".csv, .jsonl, .xlsx")),
    upload("orang.csv", "", nothing_enrolled(Sentence("the file is empty"))),
    upload(
        "orang.csv",
        "nama\nBudi\n",
        nothing_enrolled(
            Sentence(
                "no column %(missing)s; the first row must name %(columns)s",
                missing="nik, kelurahan_code, stream, recorded_at",
                columns="nik, kelurahan_code, stream, recorded_at",
            )
        ),
    ),
    upload(
        "orang.xlsx",
        "x",
        nothing_enrolled(
            Sentence("not a readable XLSX workbook: open it and save it again as .xlsx, or as 'CSV UTF-8'"),
            "upload.xlsx",
        ),
    ),
    upload("orang.csv", f"{HEADER}1,{ROW}\n", Sentence("a NIK has 16 digits, this one has %(digits)s", digits="1")),
    upload("orang.csv", f"{HEADER}{NIK},{ROW}\n{NIK},{ROW}\n", Sentence("same NIK as row %(row)s", row="2")),
    upload(
        "orang.csv",
        f"{HEADER}{NIK},33.72.04.1001,x,y\n",
        Sentence("stream must be %(one)s or %(other)s", one="first_issue", other="replacement"),
    ),
    upload(
        "orang.csv", f"{HEADER}{NIK},33.72.04.1001,replacement,2017-01-01\n", Sentence("recorded_at is in the future")
    ),
    upload(
        "orang.csv", f"{HEADER}{NIK},1\n", Sentence("%(fields)s fields for %(columns)s columns", fields=2, columns=4)
    ),
    upload(
        "orang.jsonl",
        '{"nik": 1}\n',
        Sentence(
            "%(faults)s",
            faults=tuple(Sentence("no %(column)s", column=one) for one in ("kelurahan_code", "stream", "recorded_at")),
        ),
    ),
    stock(MINUTES, blanks="5", minutes="ba 1"),
    stock(Sentence("the number of blanks or ribbons must be above zero")),
    stock(Sentence(EMPTY, option=Sentence("Minutes")), blanks="1", minutes=""),
    stock(
        Sentence("%(number)s are more than any shelf holds: correct the number", number=2_000_000), blanks="2.000.000"
    ),
    stock(Sentence("choose what moves"), verb="eat"),
    stock(Sentence("only blanks are destroyed by minutes: leave the ribbons out"), verb="destroy", ribbons="1"),
    stock(
        Sentence("a transfer from %(station)s to itself moves nothing: give another station", station=STATION),
        verb="transfer",
        to=STATION,
        blanks="1",
    ),
    refused("/plan", Sentence("'%(text)s' is no number from 0 to 1000", text=TYPED), deadline=EVENING, hours=TYPED),
    refused("/plan", Sentence("give the deadline as a date with a time"), deadline="besok"),
    refused("/plan/letter", Sentence(EMPTY, option=Sentence("Number"))),
    refused("/cards/1/letter", Sentence(EMPTY, option=Sentence("Number"))),
    refused("/cards/1/letter", Sentence(EMPTY, option=Sentence("Office")), number="470/1"),
    refused("/stock/spoiled", Sentence(EMPTY, option=Sentence("Minutes")), station=STATION),
    refused("/stock/spoiled", Sentence(EMPTY, option=Sentence("Witness")), station=STATION, minutes="BA 7"),
    refused(
        "/users",
        Sentence("a login is 2 to 32 small letters, digits, dots and hyphens, and begins with a letter"),
        login="%s",
        name="Ani",
        role="lead",
    ),
    refused(
        "/users",
        Sentence("there is a user %(login)s or %(name)s already: choose another", login="sri", name=TYPED),
        login="sri",
        name=TYPED,
        role="lead",
    ),
    refused("/users", Sentence("choose a role"), login="ani", name="Ani", role="king"),
    refused("/users/sri", Sentence("this is the last head: name another one first"), role="viewer", active="1"),
    refused("/users/100%25s", Sentence("there is no user '%(login)s'", login="100%s"), role="viewer"),
    refused(
        "/users",
        Sentence("%(name)s may not do this%(where)s: ask the head of the office", name="Tamu", where=""),
        by="viewer",
        login="x",
    ),
    refused("/account", Sentence("the old password is wrong"), old_password="guess", password=PASSWORD),
    refused(
        "/account",
        Sentence("a password has %(least)s to %(most)s letters: choose another", least=10, most=200),
        old_password=PASSWORD,
        password="short",
    ),
    refused("/login", Sentence("Login or password is wrong."), by="stranger", login="sri", password="guess"),
    refused("/welcome/guess", Sentence("this link was used already or is too old: ask for a new one")),
    refused("/nowhere", Sentence("there is no such page")),
    refused("/log", Sentence("this page takes no such form"), x="1"),
    refused("/cards?after=x", Sentence("the address or the form has a value of a wrong kind: go back and correct it")),
    refused("/reports/exe", Sentence("a report is a pdf or an xlsx")),
)


def send(office: Office, one: Refusal) -> httpx2.Response:
    """Send the form, or open the page."""
    client: Client = getattr(office, one.by)
    if one.file:
        name, content = one.file
        return client.send(one.path, files={"file": (name, content.encode(), "text/plain")})
    posted = one.fields or one.path.endswith(("/settle", "/letter"))
    return client.send(one.path, **one.fields) if posted else client.open(one.path)


@pytest.mark.parametrize("one", REFUSALS, ids=lambda one: f"{one.path}: {one.sentence}"[:60])
def test_a_refusal_on_a_page_is_indonesian(office: Office, one: Refusal) -> None:
    """The page shows the sentence of the catalogue with the values as they are, and not its English source."""
    shown = unescape(send(office, one).text)

    assert office.formats.sentence(one.sentence) in shown
    assert one.sentence not in shown


def test_what_the_planner_refuses_is_indonesian(office: Office) -> None:
    """A refusal of another process keeps its language, with the date as it is written here."""
    client = office.head

    def shown(path: str) -> str:
        return unescape(client.open(path).text)

    eventually(lambda: "30 September 2016 bukan hari kantor ini" in shown("/reports?day=2016-09-30"))
    eventually(lambda: "tukar keduanya" in shown("/reports?day=2016-08-25&until=2016-08-24"))
    far = {"deadline": "2054-01-20T08:00"}
    eventually(lambda: "batas waktu terlalu jauh" in unescape(client.send("/plan", **far).text))
    assert "tidak ada rencana" in unescape(client.send("/plan/apply", name="x").text)


@dataclass(frozen=True, slots=True)
class Problem:
    """A request that is refused, the sentence about it, and the title of the answer."""

    method: str
    path: str
    detail: str
    title: str
    body: Mapping[str, Any] = field(default_factory=dict)


ORDER = {"station": STATION, "seats": 2, "reason": "antrean"}
PROBLEMS = (
    Problem("GET", "/cards/00099999", "tidak ada kartu 00099999", "Tidak ditemukan"),
    Problem("GET", "/nowhere", "alamat ini tidak ada: /api/v1/openapi.json memuat daftarnya", "Tidak ditemukan"),
    Problem(
        "DELETE",
        "/orders",
        "alamat ini memakai cara permintaan lain: /api/v1/openapi.json memuat daftarnya",
        "Cara permintaan tidak diizinkan",
    ),
    Problem("POST", "/orders/9/end", "tidak ada perintah kursi 9", "Tidak ditemukan", {"reason": "x"}),
    Problem(
        "POST",
        "/stock",
        f"ini memerlukan lingkup 'stock' di {STATION}",
        "Tidak diizinkan",
        {"verb": "receive", "station": STATION, "minutes": "1"},
    ),
    Problem(
        "POST",
        "/orders",
        f"{STATION} punya 2 pencetak: kursi harus 0 sampai 2, bukan 99",
        "Tidak sesuai keadaan kantor",
        {**ORDER, "seats": 99},
    ),
    Problem("POST", "/orders", "body.seats: tidak ada", "Isi permintaan salah", {"station": STATION, "reason": "x"}),
    Problem("POST", "/orders", "body.seats: harus 1.000 atau kurang", "Isi permintaan salah", {**ORDER, "seats": 1001}),
    Problem(
        "POST", "/orders", "body.seats: harus berupa bilangan bulat", "Isi permintaan salah", {**ORDER, "seats": "x"}
    ),
    Problem("POST", "/orders", "body.extra: bukan isian permintaan ini", "Isi permintaan salah", {**ORDER, "extra": 1}),
    Problem(
        "POST",
        "/orders",
        "body.begins: harus berupa waktu dengan zonanya, seperti 2016-08-25T16:00:00+07:00",
        "Isi permintaan salah",
        {**ORDER, "begins": "2016-08-25T20:00"},
    ),
    Problem(
        "POST",
        "/cards/00000001/issue",
        "body.to: harus salah satu dari 'holder', 'family', 'proxy'",
        "Isi permintaan salah",
        {"to": "x"},
    ),
    Problem("POST", "/cards/lookup", "body.nik: harus paling sedikit 16 huruf", "Isi permintaan salah", {"nik": "1"}),
)


@pytest.mark.parametrize("one", PROBLEMS, ids=lambda one: f"{one.method} {one.path} {one.detail}"[:60])
def test_problem_details_are_in_the_language_that_is_asked_for(office: Office, one: Problem) -> None:
    """A program that asks for Indonesian gets it, with the language in the answer; any other gets English."""
    api = office.served.api(Scope.SEATS, Scope.CARDS)
    asked = {"accept-language": "id-ID,id;q=0.9,en;q=0.8"}
    answer = api.request(one.method, one.path, json=dict(one.body) or None, headers=asked)
    english = api.request(one.method, one.path, json=dict(one.body) or None)

    assert (answer.json()["detail"], answer.json()["title"]) == (one.detail, one.title)
    assert (answer.headers["content-language"], english.headers["content-language"]) == ("id", "en")
    assert english.json()["detail"] != one.detail


def test_the_reasons_of_refused_people_are_in_the_language_that_is_asked_for(office: Office) -> None:
    """A batch by REST has the same reasons as a file."""
    api = office.served.api(Scope.CARDS)
    person = {
        "nik": "9972014505900000",
        "kelurahan_code": "33.72.04.1001",
        "stream": "replacement",
        "recorded_at": "2016-08-24T09:00:00+07:00",
    }

    answer = api.post("/cards/batch", json={"cards": [person]}, headers={"accept-language": "id"})

    assert answer.json()["results"] == [{"outcome": "REFUSED", "reason": "tidak ada provinsi 99"}]


def test_a_browser_in_english_is_answered_in_english(office: Office) -> None:
    """The same refusal in English has its source, with the state of the card in words."""
    client = office.served.log_in("sri")
    client.http.headers["accept-language"] = "en-GB,en;q=0.9,id;q=0.5"
    client.open("/account")

    shown = unescape(client.send("/cards/00000001/issue", to="holder").text)

    assert "card 00000001 is ready to print: it cannot be issued now" in shown
