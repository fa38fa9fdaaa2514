"""The counter on pages and by REST: hand-over, serials of blanks, reprints, interim letters, minutes of destruction."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from lembur.accounts import Scope
from lembur.domain.card import CardId, Status
from lembur.domain.seats import CENTRE, StationCode
from lembur.domain.time import HOUR_MS, NEVER_MS
from lembur.ledger import queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.actions import read_actions
from lembur.ledger.types import Lot
from producers import RecordedPerson, enrol_people
from support.programs import program
from support.small_office import claim, printed
from support.waiting import eventually
from support.web_console import Served, serve_queue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2


JEBRES = StationCode("jebres")
OFFICE = "Dukcapil Kota Surakarta"
KEY = {"Idempotency-Key": "once"}


@pytest.fixture
def served(valkey_url: str, office: str, tmp_path: Path) -> Iterator[Served]:
    """The console of an office with people, on a Thursday morning under a long queue; all reconciles at the end."""
    with serve_queue(valkey_url, office, tmp_path) as found:
        yield found
    assert reconcile(found.office.ledger, found.office.setup.stations) == []


def print_card(served: Served, reason: str = "") -> CardId:
    """Print the next card of Jebres, or spoil its blank for a reason."""
    lot = claim(served.office.ledger, JEBRES)
    assert isinstance(lot, Lot)
    printed(served.office.ledger, lot, reason=reason)
    return lot.cards[0]


def card_of(served: Served, card: str) -> queries.CardView:
    """Read a card from the ledger."""
    return queries.read_card(served.office.ledger, CardId(card))


def acts(served: Served) -> list[str]:
    """List the acts of people but their logins."""
    return [act.what for act in read_actions(served.office.ledger) if act.what != "login"]


def text_of(pdf: bytes) -> str:
    """Read a PDF, each run of spaces as one."""
    done = subprocess.run([program("pdftotext"), "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_a_printed_card_is_carried_and_handed_over(served: Served) -> None:
    """A lead hands a printed card of her station over, once; until then it stands among the uncollected ones."""
    card = print_card(served)
    client, viewer = served.log_in("budi"), served.log_in("tamu")
    client.open("/orders")

    assert card in viewer.open("/cards/uncollected").text
    assert "/issue" not in viewer.open(f"/cards/{card}").text
    assert client.send(f"/cards/{card}/issue", to="stranger").status_code == 400
    assert client.send(f"/cards/{card}/ship", counter="Loket <3>").status_code == 200
    page = client.send(f"/cards/{card}/issue", to="family").text
    assert "kepada keluarga (Budi Santoso)" in page
    assert "Loket &lt;3&gt;" in page
    assert client.send(f"/cards/{card}/issue", to="holder").status_code == 400

    assert card_of(served, card).status is Status.CARD_ISSUED
    assert acts(served) == ["ship", "issue"]
    assert "kepada keluarga" in client.open("/log").text
    assert card not in client.open("/cards/uncollected").text


def test_a_serial_is_noted_shown_found_and_checked(served: Served) -> None:
    """The card's page shows its blank; the wrong card in the hand is refused, with all that was typed still there."""
    card, other = print_card(served), print_card(served)
    client = served.log_in("budi")
    client.open("/orders")

    refused = client.send(f"/cards/{card}/blank", serial="?", use="used")
    assert (refused.status_code, 'value="?"' in refused.text) == (400, True)
    assert "SN-5" in client.send(f"/cards/{card}/blank", serial="sn-5", use="used").text
    assert card_of(served, card).blank == "SN-5"
    wrong = client.send(f"/cards/{other}/issue", to="proxy", serial="SN-5")
    assert wrong.status_code == 400
    assert 'value="SN-5"' in wrong.text
    assert 'value="proxy" required checked' in wrong.text
    assert client.send(f"/cards/{card}/issue", to="holder", serial="SN-5").status_code == 200
    assert client.send(f"/cards/{other}/issue", to="holder", serial="SN-6").status_code == 200

    found = client.send("/cards/find-blank", serial="sn-6")
    assert found.url.path == f"/cards/{other}"
    assert "Blangko SN-6 menjadi kartu ini." in found.text
    assert client.send("/cards/find-blank", serial="SN-7").status_code == 404
    assert card_of(served, other).blank == "SN-6"


def test_a_reprint_is_a_new_card_and_the_first_is_void(served: Served) -> None:
    """The reason is needed; both pages name the other card; the first one has no form for a hand-over any more."""
    card = print_card(served)
    client = served.log_in("budi")
    client.open("/orders")

    assert client.send(f"/cards/{card}/reprint", reason=" ").status_code == 400
    page = client.send(f"/cards/{card}/reprint", reason="hilang <di jalan>")
    new = page.url.path.rpartition("/")[2]
    assert (card_of(served, card).reprinted_as, card_of(served, new).reprint_of) == (new, card)
    assert f'href="/cards/{card}"' in page.text
    assert f"cetak ulang dari {card}: hilang &lt;di jalan&gt; (Budi Santoso)" in page.text
    first = client.open(f"/cards/{card}").text
    assert f'href="/cards/{new}"' in first
    assert "/issue" not in first
    assert "/reprint" not in first
    assert new in client.send(f"/cards/{card}/issue", to="holder").text
    assert client.send(f"/cards/{card}/reprint", reason="lagi").status_code == 400

    assert acts(served) == ["reprint"]
    assert "hilang &lt;di jalan&gt;" in client.open("/log").text


def spend_blanks(served: Served) -> None:
    """Carry all blanks of Jebres away, so that its people wait for want of one."""
    ledger = served.office.ledger
    blanks = queries.read_board(ledger, [JEBRES]).stations[0].stock.blank
    ledger.transfer(JEBRES, to=StationCode("dinas"), blanks=blanks, ribbon_cards=0, minutes="BA 1", by="Bu Sri")


def enrol_early(served: Served) -> tuple[CardId, CardId]:
    """Enrol people who were recorded three weeks ago until two of them wait at Jebres; return their cards."""
    found: list[CardId] = []
    for number in range(1, 30):
        person = RecordedPerson(f"33720101010100{number:02d}", "33.72.04.1001", "replacement", "2016-08-01T09:00:00")
        assert enrol_people(served.office, [person])[0][0] == "ENROLLED"
        card = CardId(f"{served.office.ledger.serial():08d}")
        if card_of(served, card).station == JEBRES:
            found.append(card)
        if len(found) == 2:
            break
    first, second = found
    return first, second


def test_who_is_owed_a_letter_gets_it_as_pdf(served: Served) -> None:
    """The list names the card; its page writes the letter, signed by the lead, and the card leaves the list."""
    card, other = enrol_early(served)
    client = served.log_in("budi")

    eventually(lambda: "Tidak ada yang menunggu" in client.open("/cards/letters").text)
    spend_blanks(served)
    eventually(lambda: card in client.open("/cards/letters").text)
    client.open(f"/cards/{card}")
    assert client.send(f"/cards/{card}/letter", number="", office=OFFICE).status_code == 400
    letter = client.send(f"/cards/{card}/letter", number="470/12", office=OFFICE)
    assert letter.headers["content-type"] == "application/pdf"
    text = text_of(letter.content)
    for words in (
        "SURAT KETERANGAN Nomor: 470/12",
        OFFICE,
        f"Nomor permohonan : {card}",
        "Nama : ____",
        "Budi Santoso",
    ):
        assert words in text, words
    again = client.send(f"/cards/{other}/letter", number="470/12", office=OFFICE)
    assert (again.status_code, card in again.text, 'value="470/12"' in again.text) == (400, True, True)

    assert acts(served) == ["transfer", "letter"]
    assert "470/12 (Budi Santoso)" in client.open(f"/cards/{card}").text
    eventually(lambda: other in client.open("/cards/letters").text and card not in client.open("/cards/letters").text)


def test_spoiled_blanks_are_destroyed_by_minutes_for_two_signatures(served: Served) -> None:
    """The spoiled blank has its serial in the paper; nothing is destroyed twice, and unknown minutes are refused."""
    card = print_card(served, "failed_encode")
    client = served.log_in("budi")
    client.open("/stock")
    assert client.send(f"/cards/{card}/blank", serial="SN-9", use="spoiled").status_code == 200
    fields = {"station": "jebres", "minutes": "BA 7/2016", "witness": "Pak Joko"}

    assert client.send("/stock/spoiled", **{**fields, "witness": ""}).status_code == 400
    assert client.send("/stock/spoiled", **{**fields, "station": "dinas"}).status_code == 403
    page = client.send("/stock/spoiled", **fields)
    assert "1 blangko rusak dimusnahkan" in page.text
    assert 'name="number" required maxlength="200" value="BA 7/2016"' in page.text
    again = client.send("/stock/spoiled", **{**fields, "minutes": "BA 8/2016"})
    assert (again.status_code, "Pak Joko" in again.text) == (400, True)
    paper = client.http.get("/stock/minutes", params={"number": "ba 7/2016", "letterhead": OFFICE})
    text = text_of(paper.content)
    for words in ("BERITA ACARA PEMUSNAHAN", "SN-9", OFFICE, "Budi Santoso", "Pak Joko"):
        assert words in text, words
    assert client.http.get("/stock/minutes", params={"number": "BA 9", "letterhead": OFFICE}).status_code == 400

    assert acts(served) == ["note blank", "destroy spoiled"]
    assert "BA 7/2016" in client.send("/cards/find-blank", serial="SN-9").text


def test_the_centre_that_owes_an_answer_is_on_the_page(served: Served) -> None:
    """The page Now and the board of REST show since when the oldest card is at a centre outside."""
    ledger, client, api = served.office.ledger, served.log_in("tamu"), served.api()
    assert "belum menjawab sejak" not in client.open("/").text
    assert api.get("/board").json()["centre_asked"] is None
    person = RecordedPerson("3372010101010001", "33.72.04.1001", "first_issue", "2016-08-24T09:00:00")
    assert enrol_people(served.office, [person])[0][0] == "ENROLLED"
    ledger.advance(served.office.setup.all_stations, fed_ms=NEVER_MS)
    lot = claim(ledger, CENTRE)
    assert isinstance(lot, Lot)
    assert ledger.end_asking(lot)
    ledger.set_clock(virtual_ms=ledger.time()[0] + HOUR_MS, speed=1e-6, ends_ms=served.office.setup.ends_ms)
    served.office.live.refresh()

    assert "belum menjawab sejak 08.00" in client.open("/").text
    assert api.get("/board").json()["centre_asked"].startswith("2016-08-25T08:00:00")


def ask(api: httpx2.Client, path: str) -> dict[str, Any]:
    """Ask what takes long until it is answered: 202 first."""

    def answered() -> dict[str, Any]:
        answer = api.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return eventually(answered)


def test_a_program_hands_over_and_no_page_of_the_list_passes_a_card_over(served: Served) -> None:
    """The cursor names the last card, so one that leaves the list hides no other. A request is done once."""
    cards = [print_card(served) for _ in range(3)]
    api = served.api(Scope.CARDS, stations=["jebres"])

    first = api.get("/cards/uncollected", params={"limit": 1}).json()
    assert (first["total"], first["cards"][0]["card"], first["cards"][0]["station"]) == (3, cards[0], "jebres")
    assert api.post(f"/cards/{cards[0]}/ship", json={"to": "Loket 3"}).json() == {"done": True}
    for _ in range(2):
        assert api.post(f"/cards/{cards[0]}/issue", json={"to": "proxy"}, headers=KEY).status_code == 200
    assert api.post(f"/cards/{cards[0]}/issue", json={"to": "holder"}).status_code == 409
    rest = api.get("/cards/uncollected", params={"after": first["next"]}).json()
    assert ([one["card"] for one in rest["cards"]], rest["total"], rest["next"]) == (cards[1:], 2, None)
    assert api.get("/cards/uncollected", params={"after": "1"}).status_code == 422

    assert acts(served) == ["ship", "issue"]


def test_a_program_notes_blanks_reprints_and_destroys_once(served: Served) -> None:
    """Serial, hand-over with a serial, reprint and destruction; the same request with its key is done once."""
    spoiling, card = print_card(served, "failed_encode"), print_card(served)
    api = served.api(Scope.CARDS, Scope.STOCK)
    note = {"serial": "sn-9", "spoiled": True}
    destroy = {"station": "jebres", "minutes": "BA 7", "witness": "Pak Joko"}
    paper = {"number": "BA 7", "office": OFFICE, "english": "true"}

    for _ in range(2):
        assert api.post(f"/cards/{spoiling}/blank", json=note, headers=KEY).json() == {"done": True}
        assert api.post("/stock/spoiled", json=destroy, headers=KEY).json() == {"blanks": 1}
    assert api.get("/blanks", params={"serial": "SN-9"}).json() == {
        "serial": "SN-9",
        "card": spoiling,
        "use": "destroyed",
        "minutes": "BA 7",
    }
    assert api.get("/blanks", params={"serial": "SN-1"}).status_code == 404
    assert "SN-9" in text_of(api.get("/stock/minutes", params=paper).content)
    assert api.get("/stock/minutes", params={**paper, "number": "BA 8"}).status_code == 404
    new = {api.post(f"/cards/{card}/reprint", json={"reason": "hilang"}, headers=KEY).json()["card"] for _ in range(2)}
    assert new == {api.get(f"/cards/{card}").json()["reprinted_as"]}
    assert api.get(f"/cards/{new.pop()}").json()["reprint_of"] == card
    other = print_card(served)
    assert api.post(f"/cards/{other}/issue", json={"to": "holder", "blank": "SN-9"}).status_code == 409
    assert api.post(f"/cards/{other}/issue", json={"to": "holder", "blank": "SN-2"}).status_code == 200
    assert api.get(f"/cards/{other}").json()["blank"] == "SN-2"

    assert acts(served) == ["note blank", "destroy spoiled", "reprint", "issue"]


def test_a_program_gives_an_interim_letter(served: Served) -> None:
    """It reads the list page by page, and gets the letter as PDF, once for each number."""
    card, other = enrol_early(served)
    spend_blanks(served)
    api = served.api(Scope.CARDS, stations=["jebres"])
    letter = {"number": "470/1", "office": OFFICE, "english": True}

    owed = ask(api, "/letters/owed?limit=1")
    assert (owed["total"], owed["letters"][0]["card"]) == (2, card)
    rest = ask(api, f"/letters/owed?after={owed['next']}")
    assert ([one["card"] for one in rest["letters"]], rest["next"]) == ([other], None)
    for _ in range(2):
        answer = api.post(f"/cards/{card}/letter", json=letter, headers=KEY)
        assert "INTERIM LETTER" in text_of(answer.content)
    assert api.post(f"/cards/{other}/letter", json=letter).status_code == 409
    eventually(lambda: ask(api, "/letters/owed")["total"] == 1)

    assert acts(served) == ["transfer", "letter"]
