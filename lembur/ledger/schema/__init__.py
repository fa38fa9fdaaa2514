"""The layout of a ledger: the names of its keys, the record of a card, and the way from an older schema."""

from lembur.ledger.schema.keys import HOURLY_DAYS, KEYS, SCHEMA, prefix
from lembur.ledger.schema.migration import migrate
from lembur.ledger.schema.records import (
    CODES,
    EXPEDITED,
    IN_HAND,
    Moment,
    Record,
    card_numbers,
    encode,
    parse_record,
    read_records,
)

__all__ = [
    "CODES",
    "EXPEDITED",
    "HOURLY_DAYS",
    "IN_HAND",
    "KEYS",
    "SCHEMA",
    "Moment",
    "Record",
    "card_numbers",
    "encode",
    "migrate",
    "parse_record",
    "prefix",
    "read_records",
]
