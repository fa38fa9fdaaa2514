"""The layout of a ledger: the names of its keys, the record of a card, and the way from an older schema."""

from lembur.ledger.schema.keys import HOURLY_DAYS, KEYS, SCHEMA, prefix
from lembur.ledger.schema.migration import migrate
from lembur.ledger.schema.prints import PENDING, count_prints, count_spoiled, drop_corrected, moves_of
from lembur.ledger.schema.records import (
    CLASS_STEP,
    CODES,
    IN_HAND,
    NOTES,
    Moment,
    Record,
    card_pages,
    first_record,
    first_status,
    parse_record,
    read_records,
)

__all__ = [
    "CLASS_STEP",
    "CODES",
    "HOURLY_DAYS",
    "IN_HAND",
    "KEYS",
    "NOTES",
    "PENDING",
    "SCHEMA",
    "Moment",
    "Record",
    "card_pages",
    "count_prints",
    "count_spoiled",
    "drop_corrected",
    "first_record",
    "first_status",
    "migrate",
    "moves_of",
    "parse_record",
    "prefix",
    "read_records",
]
