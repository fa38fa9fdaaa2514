"""A card's record: one text that the scripts write, with all facts about the card."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from lembur.domain.card import CAME_OUT, CardId, Status, card_id
from lembur.domain.seats import CENTRE, StationCode
from lembur.domain.time import NEVER_MS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lembur.ledger.schema.keys import Keys
    from lembur.ledger.types import Enrolment

CODES: Final = {
    Status.BIO_CAPTURED: "b",
    Status.SENT_FOR_ENROLLMENT: "s",
    Status.DUPLICATE_RECORD: "d",
    Status.ADJUDICATE_RECORD: "a",
    Status.ENROLL_FAILURE_AT_CENTRAL: "e",
    Status.SEARCH_FAILURE_AT_CENTRAL: "f",
    Status.PRINT_READY_RECORD: "r",
    Status.SENT_FOR_CARD_PRINTING: "p",
    Status.PRINT_UNCONFIRMED: "u",
    Status.CARD_PRINTED: "c",
    Status.CARD_SHIPPED: "t",
    Status.CARD_ISSUED: "i",
    Status.HELD: "h",
}
"""One small letter for each status in a history."""
NOTES: Final = {"expedited": "X", "blank": "B", "spoiled blank": "W", "reprinted": "R", "interim letter": "L"}
"""One capital letter for each entry that changes no status."""
NAMES: Final = {code: str(name) for name, code in (CODES | NOTES).items()}
IN_HAND: Final = {
    Status.BIO_CAPTURED: Status.SENT_FOR_ENROLLMENT,
    Status.PRINT_READY_RECORD: Status.SENT_FOR_CARD_PRINTING,
}
"""The status of a card in a lot, by the status before, because a claim touches no record."""
TO_COLLECT: Final = CAME_OUT - {Status.CARD_ISSUED}
"""Statuses of a printed card that waits for its person."""
CLASS_STEP: Final = 10**13
"""Factor of the class in a waiting card's score; the due moment is added. So the classes go one after the other."""
REPRINT_OF: Final = re.compile(r"reprint of (\d{8}): ")
REPRINTED_AS: Final = re.compile(r"as (\d{8}): ")


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a card's history."""

    at_ms: int
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Record:
    """A card as it is kept, its fields in order. The last packed entry may be a claim, which is in no record yet."""

    priority: int
    due_ms: int
    recorded_ms: int
    station: StationCode
    kelurahan: str
    stream: str
    mask: str
    entries: tuple[str, ...]

    @property
    def status(self) -> Status:
        """The latest status in the history."""
        return Status(NAMES[next(entry[0] for entry in reversed(self.entries) if entry[0].islower())])

    @property
    def history(self) -> tuple[Moment, ...]:
        """The history, oldest entry first."""
        return tuple(self._moment(entry) for entry in self.entries)

    @property
    def blank(self) -> str:
        """The serial of the blank that became this card; '' when none is noted."""
        return next((one.why for one in reversed(self.history) if one.what == "blank"), "")

    @property
    def letter_ms(self) -> int:
        """The moment of the latest interim letter; long ago when there was none."""
        return max((one.at_ms for one in self.history if one.what == "interim letter"), default=-NEVER_MS)

    @property
    def reprint_of(self) -> str:
        """The card that this one is a reprint of; '' for an original."""
        found = REPRINT_OF.match(self.history[0].why)
        return found[1] if found else ""

    @property
    def reprinted_as(self) -> str:
        """The card that this one was reprinted as; '' when it was not."""
        text = next((one.why for one in self.history if one.what == "reprinted"), "")
        found = REPRINTED_AS.match(text)
        return found[1] if found else ""

    @property
    def is_uncollected(self) -> bool:
        """Return True if the card is printed and its person may still collect it."""
        return self.status in TO_COLLECT and not self.reprinted_as

    def _moment(self, entry: str) -> Moment:
        at, _, why = entry[1:].partition(" ")
        return Moment(int(at), NAMES[entry[0]], unquote(why) if why else self._station_of(entry[0]))

    def _station_of(self, code: str) -> str:
        # A card is sent to the centre, and to its printer, without a reason.
        if code == CODES[Status.SENT_FOR_ENROLLMENT]:
            return CENTRE
        printer = code in {CODES[Status.SENT_FOR_CARD_PRINTING], CODES[Status.CARD_PRINTED]}
        return self.station if printer else ""


def encode(text: str) -> str:
    """Return a text without bars, because a bar separates the fields of a record."""
    return text.replace("%", "%25").replace("|", "%7C")


def first_status(card: Enrolment) -> Status:
    """Return the status in which a card begins: a first issue waits for the centre, any other for its printer."""
    return Status.BIO_CAPTURED if card.first_issue else Status.PRINT_READY_RECORD


def first_record(card: Enrolment) -> str:
    """Return the record of a new card, with its first entry."""
    head = f"{int(card.priority)}|{card.due_ms}|{card.ready_ms}|{card.station}"
    rest = "|".join(map(encode, (card.kelurahan, card.stream, card.mask)))
    since_ms = card.ready_ms if card.verified_ms is None else card.verified_ms
    return f"{head}|{rest}|{CODES[first_status(card)]}{since_ms}"


def parse_record(text: str, claimed_ms: str | None = None) -> Record:
    """Parse a record. The time of the claim is given for a card in a lot."""
    priority, due_ms, recorded_ms, station, kelurahan, stream, mask, *entries = text.split("|")
    head = unquote(kelurahan), unquote(stream), unquote(mask)
    found = Record(int(priority), int(due_ms), int(recorded_ms), StationCode(station), *head, tuple(entries))
    if claimed_ms is None:
        return found
    claimed = IN_HAND.get(found.status, Status.SENT_FOR_CARD_PRINTING)  # No legal move; reconcile reports it.
    claim = f"{CODES[claimed]}{claimed_ms}"
    return Record(found.priority, found.due_ms, found.recorded_ms, found.station, *head, (*entries, claim))


def read_records(ledger: Keys, cards: Sequence[CardId]) -> list[Record | None]:
    """Read some cards at one moment; None for a card that does not exist."""
    if not cards:
        return []
    pipe = ledger.server.pipeline(transaction=True)
    pipe.hmget(ledger.key("cards"), *cards)
    pipe.hgetall(ledger.key("lots"))
    pipe.execute_command("ZMSCORE", ledger.key("asked"), *cards)
    texts, lots, asked = pipe.execute()
    claimed = _claims(cards, lots)
    claimed |= {card: f"{float(since):.0f}" for card, since in zip(cards, asked, strict=True) if since is not None}
    return [parse_record(text, claimed.get(card)) if text else None for card, text in zip(cards, texts, strict=True)]


def _claims(cards: Sequence[CardId], lots: Mapping[str, str]) -> dict[str, str]:
    """Return when each card that is in a lot began, as planned. A card begins at the end of the one before it."""
    asked_for, found = set(cards), dict[str, str]()
    for text in lots.values():
        _, start, in_lot, ends = text.split("|")
        numbers = json.loads(in_lot)
        if not asked_for.isdisjoint(numbers):
            found.update(zip(numbers, [start, *json.loads(ends)], strict=False))
    return found


def card_pages(last: int, size: int, *, after: int = 0) -> Iterator[list[CardId]]:
    """Yield the cards whose numbers are above `after`, up to `last`, some at a time."""
    for first in range(after + 1, last + 1, size):
        yield [card_id(number) for number in range(first, min(first + size, last + 1))]
