"""Interim letters and minutes of destruction: who is owed one, and what stands on the paper."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from lembur.domain.card import CardId, parse_serial
from lembur.domain.scenario import InterimLetter
from lembur.domain.time import DAY_MS
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.actions import read_actions
from lembur.ledger.queries.letters import owed_letters
from lembur.ledger.types import Lot
from support.cli import Desk
from support.programs import program
from support.servers import redis_of
from support.small_office import HALL, WING, claim, identity, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RULE = InterimLetter(after_days=14, valid_days=180)
NOW_MS = 20 * DAY_MS
GIVE = ("--number", "470/12", "--office", "Dukcapil Kota Surakarta", "--by", "Bu Sri")


@pytest.fixture
def ledger(valkey_url: str, office: str) -> Iterator[Ledger]:
    """An office with two blanks at the hall for four cards, on its 20th day; all reconciles at the end."""
    with connect(valkey_url) as server:
        found = opened(Ledger(server, office=office), blanks=2)
        days = (0, 1, 2, 10)
        found.enrol([identity(n, ready_ms=day * DAY_MS, due_ms=day * DAY_MS) for n, day in enumerate(days)])
        found.enrol([identity(9, station=WING)])
        found.set_clock(virtual_ms=NOW_MS, speed=0, ends_ms=10**12)
        yield found
        assert reconcile(found, [HALL, WING]) == []


@pytest.fixture
def desk(ledger: Ledger, valkey_url: str, office: str, tmp_path: Path) -> Desk:
    """A person at the counter of that office."""
    assert office in ledger.prefix
    return Desk(valkey_url, office, tmp_path)


def owed(ledger: Ledger) -> list[CardId]:
    """List the cards whose owners are owed a letter."""
    return [one.card for one in owed_letters(ledger, [HALL, WING], RULE)]


def text_of(file: Path) -> str:
    """Read a PDF, each run of spaces as one."""
    done = subprocess.run([program("pdftotext"), "-layout", file, "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


def test_a_letter_is_owed_to_who_waits_too_long_for_want_of_a_blank(ledger: Ledger) -> None:
    """The first two get the two blanks, the fourth has waited ten days; the wing has blanks enough."""
    assert owed(ledger) == [CardId("00000003")]

    redis_of(ledger.server).hset(ledger.key("stock", HALL), mapping={"blank": 0, "destroyed": 2})
    assert owed(ledger) == [CardId(f"{number:08d}") for number in (1, 2, 3)]

    ledger.receive(HALL, blanks=4, ribbon_cards=0, minutes="BA 1", by="Bu Sri")
    assert owed(ledger) == []


def test_who_has_a_letter_is_owed_the_next_when_it_has_run_out(ledger: Ledger) -> None:
    """Six months later the letter is no longer valid."""
    ledger.give_letter(CardId("00000003"), number="470/1", by="Bu Sri")
    assert owed(ledger) == []

    ledger.set_clock(virtual_ms=NOW_MS + 180 * DAY_MS, speed=0, ends_ms=10**12)
    assert CardId("00000003") in owed(ledger)


def test_a_letter_has_lines_to_fill_without_records(desk: Desk, ledger: Ledger, tmp_path: Path) -> None:
    """The ledger knows no name, so the letter names the request; its number is used once."""
    assert desk.do("letter", "owed").splitlines()[0].startswith("00000003  hall")
    assert [one["card"] for one in json.loads(desk.do("letter", "owed", "--json"))] == ["00000003"]
    file = tmp_path / "letter.pdf"

    desk.do("letter", "give", "3", *GIVE, "--pdf", str(file))

    text = text_of(file)
    for words in (
        "SURAT KETERANGAN Nomor: 470/12",
        "Dukcapil Kota Surakarta",
        "Nama : ____",
        "NIK : ____",
        "Nomor permohonan : 00000003",
        "blangko belum tersedia",
        "Berlaku sampai dengan",
        "Dasar: Surat Dirjen Dukcapil No. 471.13/10231/Dukcapil",
        "Bu Sri",
    ):
        assert words in text, words
    desk.do("letter", "give", "3", *GIVE, "--pdf", str(file))  # the same once more
    refused = desk.be_refused("letter", "give", "4", *GIVE, "--pdf", "x.pdf")
    assert "letter 470/12 was given for card 00000003" in refused
    assert [(one.what, one.by) for one in read_actions(ledger)] == [("letter", "Bu Sri")]
    assert "nobody waits that long" in desk.do("letter", "owed")


def test_a_letter_has_the_names_of_the_offices_own_records(desk: Desk, ledger: Ledger, tmp_path: Path) -> None:
    """They are on the paper and nowhere else: no key of the ledger has one."""
    (tmp_path / "page.toml").write_text('records = "records.csv"\n')
    (tmp_path / "records.csv").write_text("card,name,nik\n00000003,Siti Contoh,3372010101010001\n")
    file = tmp_path / "letter.pdf"

    desk.do("letter", "give", "3", *GIVE, "--english", "--pdf", str(file))

    text = text_of(file)
    assert "INTERIM LETTER" in text
    assert "Name : Siti Contoh" in text
    assert "NIK : 3372010101010001" in text
    assert "Address : ____" in text
    server = redis_of(ledger.server)
    kept = [server.dump(key) for key in server.scan_iter(ledger.prefix + "*")]
    assert not any(b"Siti" in dump for dump in kept)


def test_only_a_card_that_waits_for_a_printer_gets_a_letter(desk: Desk, ledger: Ledger, tmp_path: Path) -> None:
    """A printed card is collected instead."""
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    ledger.commit(lot, reasons=[""], ends_ms=lot.ends_ms)

    refused = desk.be_refused("letter", "give", lot.cards[0], *GIVE, "--pdf", str(tmp_path / "x.pdf"))

    assert "is CARD_PRINTED" in refused
    assert not (tmp_path / "x.pdf").exists()


def test_the_letter_of_a_reprint_has_the_day_on_which_its_person_was_recorded(
    desk: Desk, ledger: Ledger, tmp_path: Path
) -> None:
    """The reprint was asked for on 21 January, and its person was recorded on the first day."""
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    ledger.commit(lot, reasons=[""], ends_ms=lot.ends_ms)
    desk.do("reprint", lot.cards[0], "--by", "Bu Sri", "--reason", "lost on the way home")
    file = tmp_path / "letter.pdf"

    desk.do("letter", "give", "6", *GIVE, "--pdf", str(file))

    assert "Nomor permohonan : 00000006" in text_of(file)
    assert "pada tanggal Kamis, 1 Januari 1970" in text_of(file)


@pytest.mark.parametrize(("english", "title"), [(False, "BERITA ACARA PEMUSNAHAN"), (True, "MINUTES OF THE DESTR")])
def test_the_minutes_list_the_spoiled_blanks_for_two_signatures(
    desk: Desk, ledger: Ledger, tmp_path: Path, title: str, *, english: bool
) -> None:
    """Serials that were noted stand there, the others by number; they can be written again from the log."""
    for serial in ("SN-1", ""):
        lot = claim(ledger)
        assert isinstance(lot, Lot)
        ledger.commit(lot, reasons=["jam"], ends_ms=lot.ends_ms, blanks=[serial])
    file, again = tmp_path / "minutes.pdf", tmp_path / "again.pdf"
    paper = ("--office", "Dukcapil Kota Surakarta", *(["--english"] if english else []))

    people = ("--by", "Bu Sri", "--witness", "Pak Budi")
    desk.do("blank", "destroy", "hall", "--minutes", "BA 7", *people, *paper, "--pdf", str(file))
    desk.do("blank", "minutes", "ba 7", *paper, "--pdf", str(again))

    text = text_of(file)
    assert title in text
    for words in ("BA 7", "SN-1", "Hall", "Bu Sri", "Pak Budi", "470.13/11176/SJ"):
        assert words in text, words
    assert text.count("NIP: ____") == 2
    assert text_of(again) == text
    assert "destroyed by minutes BA 7, card" in desk.do("blank", "find", "sn-1")


def test_a_serial_is_noted_found_and_checked_by_the_command_line(desk: Desk, ledger: Ledger) -> None:
    """Noted at the counter, found by its serial, and held against the card that is handed over."""
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    ledger.commit(lot, reasons=[""], ends_ms=lot.ends_ms)
    card = lot.cards[0]
    issue = ("issue", card, "--to", "holder", "--by", "Pak Budi", "--blank")

    assert desk.do("blank", "note", card, "sn 5", "--by", "Bu Sri") == f"card {card}: blank SN5\n"
    assert desk.do("blank", "find", "SN5") == f"blank SN5: used, card {card}\n"
    assert f"blank     {'SN5'}" in desk.do("card", card)
    assert "was printed on blank SN5, not on SN6" in desk.be_refused(*issue, "SN6")
    assert "was never noted" in desk.be_refused("blank", "find", "SN6")
    desk.do(*issue, "SN5")
    assert queries.read_card(ledger, card).blank == parse_serial("SN5")


def test_a_reprint_is_shown_both_ways(desk: Desk, ledger: Ledger) -> None:
    """`card` of the first names its reprint, and the other way round; `log` has the reason."""
    lot = claim(ledger)
    assert isinstance(lot, Lot)
    ledger.commit(lot, reasons=[""], ends_ms=lot.ends_ms)
    card = lot.cards[0]

    done = desk.do("reprint", card, "--by", "Bu Sri", "--reason", "wrong photo")

    assert done == f"card {card}: reprinted as card 00000006, which waits for a printer\n"
    assert "reprint   00000006" in desk.do("card", card)
    desk.do("hold", "6", "--by", "Bu Sri", "--reason", "a held card needs no forecast")
    assert f"first     {card}" in desk.do("card", "6")
    assert "wrong photo" in desk.do("log")
    assert "was reprinted as 00000006" in desk.be_refused("reprint", card, "--by", "Bu Sri", "--reason", "again")
