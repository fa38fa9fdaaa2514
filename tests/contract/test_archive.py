"""The archive: cards leave the ledger for files and are still found; what interrupts it loses and doubles nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lembur.archive import Archive, archive_cards, read_card, restore_card
from lembur.domain.card import CardId, Status
from lembur.domain.errors import ArchiveError, CardError
from lembur.domain.time import DAY_MS
from lembur.ledger import Ledger, connect, queries
from lembur.ledger.audit import reconcile
from lembur.ledger.queries.actions import read_actions
from lembur.ledger.queries.history import read_card_records
from support.small_office import HALL, WING, claim, identity, opened, printed

if TYPE_CHECKING:
    from collections.abc import Iterator

STATIONS = [HALL, WING]
FIRST, LAST = CardId("00000001"), CardId("00000007")
NOW_MS = 150 * DAY_MS
BEFORE_MS = 60 * DAY_MS


@pytest.fixture
def ledger(server_url: str, office: str) -> Iterator[Ledger]:
    """An office with six printed cards, which ended every sixth day, and one that waits."""
    with connect(server_url) as server:
        found = opened(Ledger(server, office=office))
        found.set_clock(virtual_ms=0, speed=0, ends_ms=2 * NOW_MS)
        found.enrol([identity(number, ready_ms=number) for number in range(7)])
        for reason in ("damaged", *[""] * 6):
            printed(found, claim(found, takes_ms=12 * DAY_MS), reason=reason)
        found.set_clock(virtual_ms=NOW_MS, speed=0, ends_ms=2 * NOW_MS)
        yield found


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty archive."""
    return Archive(tmp_path / "archive")


def test_a_card_leaves_the_ledger_and_is_found_again(ledger: Ledger, archive: Archive) -> None:
    """Its record, the counts, its NIK and the sums of reconcile stay as they were; only the ledger's record is gone."""
    before, counts = queries.read_card(ledger, FIRST), ledger.counts()
    records = read_card_records(ledger, STATIONS)

    moved = archive_cards(ledger, archive, before_ms=BEFORE_MS, zone=UTC)

    assert moved.total() > 2
    assert set(moved) == {"1970-01", "1970-02"}
    after = read_card(ledger, archive, FIRST)
    assert after.archived
    assert (after.status, after.history) == (before.status, before.history)
    assert ledger.counts() == counts
    assert ledger.enrol([identity(0)])[0] == [None]
    assert reconcile(ledger, STATIONS, archive=archive) == []
    again = read_card_records(ledger, STATIONS, archive)
    assert sorted(again.printed_ms) == sorted(records.printed_ms)
    assert len(again.spoiled) == len(records.spoiled) == 1
    with pytest.raises(CardError, match="is archived"):
        ledger.hold(FIRST, by="Bu Sri", reason="a test")


def test_a_restored_card_is_in_the_ledger_as_it_was(ledger: Ledger, archive: Archive) -> None:
    """The person and the reason are in the log; the card can be archived again, and is in the archive once."""
    text = ledger.server.hget(ledger.key("cards"), FIRST)
    archive_cards(ledger, archive, before_ms=BEFORE_MS, zone=UTC)

    restore_card(ledger, archive, FIRST, by="Bu Sri", reason="a complaint")

    assert ledger.server.hget(ledger.key("cards"), FIRST) == text
    assert not read_card(ledger, archive, FIRST).archived
    assert reconcile(ledger, STATIONS, archive=archive) == []
    action = read_actions(ledger)[-1]
    assert (action.what, action.by, action.details["card"]) == ("restore", "Bu Sri", FIRST)
    with pytest.raises(CardError, match="nothing to restore"):
        restore_card(ledger, archive, FIRST, by="Bu Sri", reason="once more")
    assert archive_cards(ledger, archive, before_ms=BEFORE_MS, zone=UTC).total() == 1
    assert [card for card, _ in archive.read()].count(FIRST) == 1
    assert reconcile(ledger, STATIONS, archive=archive) == []


def test_without_its_files_an_archived_card_is_missed(ledger: Ledger, archive: Archive, tmp_path: Path) -> None:
    """A folder without the files is no archive: reconcile names the cards, and no report is made of the rest."""
    archive_cards(ledger, archive, before_ms=BEFORE_MS, zone=UTC)
    elsewhere = Archive(tmp_path / "elsewhere")

    assert "no card is lost" in {one.invariant for one in reconcile(ledger, STATIONS, archive=elsewhere)}
    with pytest.raises(ArchiveError, match="act where"):
        read_card(ledger, elsewhere, FIRST)
    with pytest.raises(ArchiveError, match="act where"):
        read_card_records(ledger, STATIONS, elsewhere)
    with pytest.raises(CardError, match="there is no card 00000099"):
        read_card(ledger, archive, CardId("00000099"))


def test_a_card_that_changed_since_it_was_read_stays(ledger: Ledger) -> None:
    """The ledger lets go only of the very record that the file has."""
    assert ledger.archive({FIRST: "another record"}) == 0
    assert queries.read_card(ledger, FIRST).status is Status.CARD_PRINTED


def test_young_cards_stay(ledger: Ledger, archive: Archive) -> None:
    """A date within the last six weeks is refused: a finding may still be corrected."""
    with pytest.raises(ArchiveError, match="42 days"):
        archive_cards(ledger, archive, before_ms=NOW_MS - DAY_MS, zone=UTC)


def test_whatever_line_it_is_killed_at_nothing_is_lost_or_doubled(valkey_url: str, tmp_path: Path) -> None:
    """A real SIGKILL at every line of the archive's way; each time the cards add up, and a second run ends the work."""
    tests = Path(__file__).parents[1]
    ended = subprocess.run(
        [sys.executable, "-m", "support.dying_archive", valkey_url, str(tmp_path)],
        cwd=tests.parent,
        env={"PYTHONPATH": f"{tests.parent}:{tests}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    *wrong, last = ended.stdout.splitlines() or [ended.stderr]
    assert not wrong, wrong
    assert json.loads(last)["trials"] > 100, ended.stderr
