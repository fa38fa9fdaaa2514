"""The archive of one office: its ended cards in Parquet, a file a month, for any program that reads Parquet."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lembur.domain.card import CardId, card_id
from lembur.domain.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

FILE: Final = "cards.parquet"
DRAFT: Final = ".cards.draft"
PAGE: Final = 10_000
"""Rows read at once."""


class ArchivedCard(NamedTuple):
    """A row of the archive. `record` is the text that the ledger kept; the other columns are for queries."""

    card: CardId
    station: str
    kelurahan: str
    stream: str
    priority: int
    status: str
    due_ms: int
    recorded_ms: int
    ended_ms: int
    record: str
    blank: str | None = None


COLUMNS: Final = {
    "card": "INTEGER",
    "station": "VARCHAR",
    "kelurahan": "VARCHAR",
    "stream": "VARCHAR",
    "class": "TINYINT",
    "status": "VARCHAR",
    "due": "TIMESTAMPTZ",
    "recorded": "TIMESTAMPTZ",
    "ended": "TIMESTAMPTZ",
    "record": "VARCHAR",
    "blank": "VARCHAR",
}
"""The columns of a file: the fields of a row in their order, moments as UTC."""

READ: Final = "FROM read_parquet(?, hive_partitioning = false, union_by_name = true)"
"""Files that an older version wrote lack a column: it is empty then."""
FIND: Final = f"""
SELECT card, record {READ} WHERE ? OR card IN (FROM wanted)
QUALIFY row_number() OVER (PARTITION BY card ORDER BY ended DESC) = 1 ORDER BY card
"""
"""A restored card that ended again in another month is in both files: the later row counts."""
STRANGER: Final = """
SELECT min(f.card) FROM fresh f JOIN kept k USING (card)
WHERE (f.recorded, f.due, f.station, f.kelurahan) != (k.recorded, k.due, k.station, k.kelurahan)
"""


@dataclass(frozen=True, slots=True)
class Archive:
    """The folder of an office's archive.

    A card that the ledger has is not archived, even if a file has a copy of it: files are written before the ledger
    changes, and a restored card's row stays where it is.
    """

    folder: Path

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep the archive for this process alone."""
        _make_folder(self.folder)
        with (self.folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as fault:
                raise ArchiveError(
                    "%(folder)s is in use by another 'lembur archive': wait for its end", folder=self.folder
                ) from fault
            yield

    def write(self, month: str, cards: Sequence[ArchivedCard]) -> None:
        """Put cards into the file of a month, beside the cards that it has.

        A new file takes the place of the old one only when it is on the disk, read back and counted.
        """
        place = self.folder / f"month={month}"
        _make_folder(place)
        draft, file = place / DRAFT, place / FILE
        draft.unlink(missing_ok=True)  # of an interrupted writing
        with _connect() as base:
            _load(base, cards)
            base.execute("CREATE TABLE kept AS FROM fresh LIMIT 0")
            if file.exists():
                base.execute(f"INSERT INTO kept BY NAME {READ}", [str(file)])
                _refuse_strangers(base, self.folder)
            base.execute("CREATE VIEW merged AS FROM fresh UNION ALL (FROM kept ANTI JOIN fresh USING (card))")
            base.execute(f"COPY (FROM merged ORDER BY card) TO {_quote(draft)} (FORMAT parquet, COMPRESSION zstd)")
            draft.chmod(0o600)
            _sync(draft)
            _check_written(base, draft)
        draft.replace(file)
        _sync(place)

    def read(self, cards: Sequence[CardId] | None = None) -> Iterator[tuple[CardId, str]]:
        """Yield the records of some cards, or of all, by number; a card that no file has is left out."""
        if not any(self.folder.glob(f"month=*/{FILE}")):
            return
        with _connect() as base:
            base.execute("CREATE TABLE wanted AS SELECT unnest(?::INTEGER[]) AS card", [cards or []])
            base.execute(FIND, [str(self.folder / "month=*" / FILE), cards is None])
            while rows := base.fetchmany(PAGE):
                yield from ((card_id(card), record) for card, record in rows)


@contextmanager
def _connect() -> Iterator[DuckDBPyConnection]:
    """Open an empty base in memory. An identity office's program fetches no extension from elsewhere."""
    import duckdb  # here, because no other command should wait for it

    try:
        with duckdb.connect(config={"autoinstall_known_extensions": False}) as base:
            yield base
    except duckdb.Error as fault:
        raise ArchiveError(
            "the archive cannot be read or written: %(fault)s", fault=str(fault).splitlines()[0]
        ) from fault


def _load(base: DuckDBPyConnection, cards: Sequence[ArchivedCard]) -> None:
    base.execute(f"CREATE TABLE fresh ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
    moments = "to_timestamp(unnest(?::BIGINT[]) / 1000)"
    values = [moments if kind == "TIMESTAMPTZ" else f"unnest(?::{kind}[])" for kind in COLUMNS.values()]
    base.execute(f"INSERT INTO fresh SELECT {', '.join(values)}", [list(column) for column in zip(*cards, strict=True)])


def _refuse_strangers(base: DuckDBPyConnection, folder: Path) -> None:
    # Numbers begin anew in a new ledger: its cards must not replace those of the one before.
    if found := _row(base, STRANGER)[0]:
        raise ArchiveError(
            "%(folder)s has another card with the number %(card)s, of an earlier ledger: move it away first",
            folder=folder,
            card=card_id(found),
        )


def _check_written(base: DuckDBPyConnection, draft: Path) -> None:
    base.execute(f"CREATE TABLE written AS {READ}", [str(draft)])
    wanted, found = _row(base, "SELECT (SELECT count(*) FROM merged), (SELECT count(*) FROM written)")
    lost = _row(base, "SELECT count(*) FROM (FROM merged EXCEPT ALL FROM written)")[0]
    if wanted != found or lost:
        raise ArchiveError(
            "%(draft)s was read back with %(found)s cards, %(wanted)s were written: no card left the ledger",
            draft=draft,
            found=found,
            wanted=wanted,
        )


def _row(base: DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    return base.execute(query).fetchone() or ()


def _quote(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _make_folder(folder: Path) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)
        _sync(one.parent)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
