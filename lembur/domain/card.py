"""A card: its statuses, and the one table of legal moves."""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum
from typing import Final, NewType

from lembur.domain.errors import CardError

CardId = NewType("CardId", str)
"""A running number of eight digits. It shows nothing of the person."""
BlankSerial = NewType("BlankSerial", str)
"""The number that the maker has put on a blank, in capitals."""

CARD_DIGITS: Final = 8
SERIAL: Final = re.compile(r"[0-9A-Z][0-9A-Z./:-]{2,39}")


def card_id(number: int) -> CardId:
    """Return the id of a card by its number."""
    return CardId(f"{number:0{CARD_DIGITS}d}")


class Status(StrEnum):
    """The status of a record or its card (docs/figures.md, statuses: record A, card B)."""

    BIO_CAPTURED = "BIO_CAPTURED"
    SENT_FOR_ENROLLMENT = "SENT_FOR_ENROLLMENT"
    DUPLICATE_RECORD = "DUPLICATE_RECORD"
    ADJUDICATE_RECORD = "ADJUDICATE_RECORD"
    ENROLL_FAILURE_AT_CENTRAL = "ENROLL_FAILURE_AT_CENTRAL"
    SEARCH_FAILURE_AT_CENTRAL = "SEARCH_FAILURE_AT_CENTRAL"
    PRINT_READY_RECORD = "PRINT_READY_RECORD"
    SENT_FOR_CARD_PRINTING = "SENT_FOR_CARD_PRINTING"
    PRINT_UNCONFIRMED = "PRINT_UNCONFIRMED"
    CARD_PRINTED = "CARD_PRINTED"
    CARD_SHIPPED = "CARD_SHIPPED"
    CARD_ISSUED = "CARD_ISSUED"
    HELD = "HELD"


MOVES: dict[Status, frozenset[Status]] = {
    Status.BIO_CAPTURED: frozenset({Status.SENT_FOR_ENROLLMENT, Status.HELD}),
    Status.SENT_FOR_ENROLLMENT: frozenset(
        {
            Status.BIO_CAPTURED,
            Status.PRINT_READY_RECORD,
            Status.DUPLICATE_RECORD,
            Status.ADJUDICATE_RECORD,
            Status.ENROLL_FAILURE_AT_CENTRAL,
            Status.SEARCH_FAILURE_AT_CENTRAL,
        }
    ),
    Status.DUPLICATE_RECORD: frozenset({Status.BIO_CAPTURED}),
    Status.ADJUDICATE_RECORD: frozenset({Status.BIO_CAPTURED}),
    Status.ENROLL_FAILURE_AT_CENTRAL: frozenset({Status.BIO_CAPTURED}),
    Status.SEARCH_FAILURE_AT_CENTRAL: frozenset({Status.BIO_CAPTURED}),
    Status.PRINT_READY_RECORD: frozenset({Status.SENT_FOR_CARD_PRINTING, Status.HELD, Status.PRINT_UNCONFIRMED}),
    Status.SENT_FOR_CARD_PRINTING: frozenset(
        {Status.PRINT_READY_RECORD, Status.CARD_PRINTED, Status.PRINT_UNCONFIRMED}
    ),
    Status.PRINT_UNCONFIRMED: frozenset({Status.CARD_PRINTED, Status.PRINT_READY_RECORD}),
    Status.CARD_PRINTED: frozenset({Status.CARD_SHIPPED, Status.CARD_ISSUED, Status.PRINT_UNCONFIRMED}),
    Status.CARD_SHIPPED: frozenset({Status.CARD_ISSUED}),
    Status.CARD_ISSUED: frozenset(),
    Status.HELD: frozenset({Status.BIO_CAPTURED, Status.PRINT_READY_RECORD}),
}
"""Every legal move, once. The ledger's scripts get the allowed statuses from this table."""

GIVEN_UP = "given up"
"""Reason of a card that is ready again because its lot was never begun. All other reasons belong to spoiled blanks."""

SHELVES = frozenset(
    {
        Status.DUPLICATE_RECORD,
        Status.ADJUDICATE_RECORD,
        Status.ENROLL_FAILURE_AT_CENTRAL,
        Status.SEARCH_FAILURE_AT_CENTRAL,
        Status.PRINT_UNCONFIRMED,
        Status.HELD,
    }
)
"""Statuses in which a card waits for a person, not for a machine."""

RELEASABLE = SHELVES - {Status.PRINT_UNCONFIRMED}
"""Statuses from which a person can send a card on. The print of an unconfirmed one must be looked up first."""

CAME_OUT = frozenset({Status.CARD_PRINTED, Status.CARD_SHIPPED, Status.CARD_ISSUED})
"""Statuses of a card that its printer has given out."""

VERDICTS = frozenset(
    {
        Status.PRINT_READY_RECORD,
        Status.DUPLICATE_RECORD,
        Status.ADJUDICATE_RECORD,
        Status.ENROLL_FAILURE_AT_CENTRAL,
        Status.SEARCH_FAILURE_AT_CENTRAL,
    }
)
"""The answers that the centre may give."""


class Stream(StrEnum):
    """The reason for a card. The centre checks a first issue; a replacement is printed without the centre (B)."""

    FIRST_ISSUE = "first_issue"
    REPLACEMENT = "replacement"


class Priority(IntEnum):
    """The classes of the ministry's order of 2020 (A). Inside a class the earliest due date goes first."""

    EXPEDITED = 0
    FIRST_TIME = 1
    DISASTER = 2
    PRINT_READY = 3
    REPLACEMENT = 4


CLASS_OF: Final = {Stream.FIRST_ISSUE: Priority.FIRST_TIME, Stream.REPLACEMENT: Priority.REPLACEMENT}
"""The class of a card by the stream in which it is recorded."""


class Collector(StrEnum):
    """The person who collects a card. No name is kept: the office checks the identity, and keeps the checker's name."""

    HOLDER = "holder"
    FAMILY = "family"
    PROXY = "proxy"


def parse_serial(text: str) -> BlankSerial:
    """Return the serial of a blank as it is kept, from the text that a person typed or a scanner read."""
    serial = "".join(text.split()).upper()
    if not SERIAL.fullmatch(serial):
        raise CardError(
            "'%(text)s' is no serial of a blank: 3 to 40 letters and digits, with - . / : between", text=text
        )
    return BlankSerial(serial)


class BlankUse(StrEnum):
    """The use of a blank with a noted serial."""

    USED = "used"
    SPOILED = "spoiled"
    DESTROYED = "destroyed"


class Outcome(StrEnum):
    """The result of enrolling one identity."""

    ENROLLED = "ENROLLED"
    KNOWN = "KNOWN"
