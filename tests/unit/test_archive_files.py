"""The files of the archive: what is written is read back, whatever was there before."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import duckdb
import pytest

from lembur.archive import Archive, ArchivedCard
from lembur.domain.card import CardId, card_id
from lembur.domain.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

AUGUST, SEPTEMBER = "2016-08", "2016-09"
RECORDED_MS = 1_472_086_800_123


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """The archive of an office, empty."""
    return Archive(tmp_path / "it's an archive" / "office=3372")


def card(number: int, *, ended_ms: int = RECORDED_MS + 86_400_000, tail: str = "") -> ArchivedCard:
    """A card that was printed a day after it was recorded."""
    name = card_id(number)
    due_ms = RECORDED_MS + 3_600_000
    record = f"1|{due_ms}|{RECORDED_MS}|jebres|Kadipiro %7C 3|first_issue|3372********0001|c{ended_ms}{tail}"
    place = ("jebres", "Kadipiro | 3", "first_issue")
    return ArchivedCard(name, *place, 1, "CARD_PRINTED", due_ms, RECORDED_MS, ended_ms, record)


def test_cards_are_read_back_by_number_with_their_records(archive: Archive) -> None:
    """A file gives each card with the very text that it was given, and only the cards that are asked for."""
    cards = [card(number) for number in (7, 3, 12_345_678)]
    archive.write(AUGUST, cards)
    assert list(archive.read()) == sorted((one.card, one.record) for one in cards)
    assert list(archive.read([CardId("00000003"), CardId("00000099")])) == [(cards[1].card, cards[1].record)]
    assert list(archive.read([])) == []


def test_an_archive_without_a_file_has_no_card(archive: Archive) -> None:
    """Before the first card is archived there is no folder, and nothing is found."""
    assert list(archive.read()) == []


def test_a_month_that_is_written_again_keeps_its_cards(archive: Archive) -> None:
    """The second writing of a month adds cards, and replaces those that it brings once more."""
    archive.write(AUGUST, [card(1), card(2)])
    again = card(2, tail=" found by Bu Sri")
    archive.write(AUGUST, [again, card(3)])
    assert dict(archive.read()) == {one.card: one.record for one in (card(1), again, card(3))}


def test_a_card_that_ended_twice_counts_once_by_its_later_end(archive: Archive) -> None:
    """A restored card that ends again in another month is in two files; its later record is read."""
    later = card(1, ended_ms=RECORDED_MS + 30 * 86_400_000)
    archive.write(SEPTEMBER, [later])
    archive.write(AUGUST, [card(1)])
    assert list(archive.read()) == [(later.card, later.record)]


def test_a_card_of_another_ledger_is_not_replaced(archive: Archive) -> None:
    """Numbers begin anew in a new ledger: its card with the same number is refused, and the file stays as it was."""
    archive.write(AUGUST, [card(1)])
    with pytest.raises(ArchiveError, match="another card with the number 00000001"):
        archive.write(AUGUST, [card(1)._replace(recorded_ms=RECORDED_MS + 1)])
    assert list(archive.read()) == [(card(1).card, card(1).record)]


def test_any_program_reads_the_columns(archive: Archive) -> None:
    """A file has a column for what people ask about, with moments in UTC, and the month is in its path."""
    archive.write(AUGUST, [card(1), card(2)])
    found = duckdb.execute(
        "SELECT station, kelurahan, class, status, epoch_ms(recorded), epoch_ms(ended), month, office, count(*) "
        "FROM read_parquet(?) GROUP BY ALL",
        [str(archive.folder / "*" / "*.parquet")],
    )
    ended_ms = RECORDED_MS + 86_400_000
    assert found.fetchall() == [("jebres", "Kadipiro | 3", 1, "CARD_PRINTED", RECORDED_MS, ended_ms, AUGUST, 3372, 2)]


def test_a_file_of_an_older_version_lacks_the_blanks_and_is_kept(archive: Archive) -> None:
    """It is read beside newer files, and written again with the column, which is empty for its cards."""
    for month, number in ((AUGUST, 1), (SEPTEMBER, 2)):
        archive.write(month, [card(number)._replace(blank=f"SN-{number}")])
    file = archive.folder / f"month={AUGUST}" / "cards.parquet"
    old = file.with_name("old")
    source, target = (str(path).replace("'", "''") for path in (file, old))
    kept = f"SELECT * EXCLUDE blank FROM read_parquet('{source}', hive_partitioning = false)"  # noqa: S608
    duckdb.execute(f"COPY ({kept}) TO '{target}' (FORMAT parquet)")
    old.replace(file)
    assert [one for one, _ in archive.read()] == ["00000001", "00000002"]

    archive.write(AUGUST, [card(3)._replace(blank="SN-3")])

    files = str(archive.folder / "*" / "*.parquet")
    found = duckdb.execute("SELECT card, blank FROM read_parquet(?) ORDER BY card", [files])
    assert found.fetchall() == [(1, None), (2, "SN-2"), (3, "SN-3")]


def test_files_are_private(archive: Archive) -> None:
    """Only the user of the office can read the archive."""
    archive.write(AUGUST, [card(1)])
    paths = [archive.folder, *archive.folder.rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in paths} == {0}
    assert not list(archive.folder.rglob("*draft*"))


def test_a_broken_file_is_one_sentence(archive: Archive) -> None:
    """A file that is no Parquet stops the reading, and the writing of its month; it is not replaced."""
    archive.write(AUGUST, [card(1)])
    file = next(archive.folder.glob("month=*/cards.parquet"))
    file.write_bytes(file.read_bytes()[:-9])
    torn = file.read_bytes()
    for use in (lambda: list(archive.read()), lambda: archive.write(AUGUST, [card(2)])):
        with pytest.raises(ArchiveError, match="cannot be read or written"):
            use()
    assert file.read_bytes() == torn


def test_two_archives_do_not_run_at_once(archive: Archive) -> None:
    """A second `lembur archive` on the same folder is refused while the first runs."""
    with archive.lock(), pytest.raises(ArchiveError, match="in use"), archive.lock():
        pass
