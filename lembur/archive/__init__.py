"""The archive: cards that ended long ago leave the ledger for Parquet files, where they are still found."""

from lembur.archive.files import Archive, ArchivedCard
from lembur.archive.moves import OLD_DAYS, archive_cards, archive_of, read_card, restore_card

__all__ = ["OLD_DAYS", "Archive", "ArchivedCard", "archive_cards", "archive_of", "read_card", "restore_card"]
