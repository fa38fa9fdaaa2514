"""Enter the prints that only the print logs here know, for example after an older copy of the ledger was restored."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lembur.domain.card import CAME_OUT, SHELVES, CardId, Status
from lembur.domain.seats import CENTRE
from lembur.domain.time import NEVER_MS
from lembur.ledger.queries.cards import read_card
from lembur.ledger.schema import count_prints, drop_corrected, moves_of, read_records
from lembur.ledger.types import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lembur.domain.seats import StationCode
    from lembur.ledger.audit.print_logs import LoggedJob, PrintLogs
    from lembur.ledger.ledger import Ledger
    from lembur.ledger.schema import Record
    from lembur.ledger.types import Lot

BY = "the print log"
BATCH = 2_000
LOT_DIGITS = 32
"""A lot's name ends in this number of digits. The name of the machine whose printers took it stands before them."""


class PrintOutcome(StrEnum):
    """The result of a print by its log."""

    GOOD = "good"
    SPOILED = "spoiled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LoggedPrint:
    """One print of a card by a log: its end, its result, the reason of a spoiled blank, and the machine.

    `printer` names a real printer, and `blank` is the serial that it knew; '' for unknown ones.
    """

    at: int
    outcome: PrintOutcome
    reason: str
    owner: str
    printer: str = ""
    blank: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """Cards entered as printed, blanks entered as spoiled, and printed cards that this ledger does not have.

    `unconfirmed` cards began to print, and no log has their end: a person looks.
    """

    printed: int
    spoiled: int
    unknown: tuple[CardId, ...]
    unconfirmed: int = 0


def settle_by_logs(
    ledger: Ledger, stations: Sequence[StationCode], logs: PrintLogs, open_jobs: Sequence[LoggedJob] = ()
) -> Settlement:
    """Enter the prints that only the logs know. Call it before any seat may claim; a second call changes nothing.

    `open_jobs` are jobs that real printers began and that have no end in a print log.
    """
    jobs, prints = _read(logs)
    serial = ledger.serial()
    lots = _lots_in_hand(ledger, stations)
    in_hand = {lot.name for lot in lots}
    for begun in open_jobs:
        if begun.lot not in in_hand:  # The sweep ends a lot in hand: its printer may still work.
            _add_prints(prints, begun)
    unknown = tuple(sorted(card for card, known in prints.items() if int(card) > serial and _may_be_out(known)))
    for lot in lots:
        if job := jobs.get(lot.name):
            _end_as_logged(ledger, lot, job)
    missing = _missing(ledger, {card: known for card, known in prints.items() if int(card) <= serial})
    for lot in lots:
        if not missing.keys().isdisjoint(lot.cards) and lot.name not in jobs:
            (ledger.abandon if lot.station == CENTRE else ledger.unconfirm)(lot)
    entered = [one.outcome for card, known in missing.items() for one in _enter(ledger, card, known)]
    good, spoiled, doubtful = (entered.count(one) for one in PrintOutcome)
    return Settlement(good, spoiled, unknown, doubtful)


def _read(logs: PrintLogs) -> tuple[dict[str, LoggedJob], dict[CardId, list[LoggedPrint]]]:
    jobs: dict[str, LoggedJob] = {}
    prints: dict[CardId, list[LoggedPrint]] = defaultdict(list)
    for _, job in logs.new_jobs():
        jobs.setdefault(job.lot, job)
        _add_prints(prints, job)
    return jobs, prints


def _add_prints(prints: dict[CardId, list[LoggedPrint]], job: LoggedJob) -> None:
    blanks = job.blanks or ("",) * len(job.cards)
    for card, end_ms, reason, blank in zip(job.cards, job.ends, job.reasons, blanks, strict=True):
        known = PrintOutcome.SPOILED if reason else PrintOutcome.GOOD
        outcome = PrintOutcome.UNKNOWN if job.unconfirmed else known
        prints[card].append(LoggedPrint(end_ms, outcome, reason, job.lot[:-LOT_DIGITS], job.printer, blank))


def _is_good(prints: Iterable[LoggedPrint]) -> bool:
    return any(one.outcome is PrintOutcome.GOOD for one in prints)


def _may_be_out(prints: Iterable[LoggedPrint]) -> bool:
    return any(one.outcome is not PrintOutcome.SPOILED for one in prints)


def _lots_in_hand(ledger: Ledger, stations: Sequence[StationCode]) -> list[Lot]:
    return ledger.expired_lots((CENTRE, *stations), since_ms=-NEVER_MS)  # Also lots whose lease still runs.


def _end_as_logged(ledger: Ledger, lot: Lot, job: LoggedJob) -> None:
    if job.called_off:
        ledger.abandon(lot)
    elif job.unconfirmed or job.cards != lot.cards:
        ledger.unconfirm(lot)
    else:
        rest_ms = sum(job.rests)
        ledger.commit(
            lot, reasons=job.reasons, ends_ms=job.ends, rest_ms=rest_ms, printer=job.printer, blanks=job.blanks
        )


def _missing(ledger: Ledger, prints: dict[CardId, list[LoggedPrint]]) -> dict[CardId, list[LoggedPrint]]:
    """Return the prints of each card that is not printed in the ledger, beyond those in its history."""
    found: dict[CardId, list[LoggedPrint]] = {}
    cards = list(prints)
    for first in range(0, len(cards), BATCH):
        batch = cards[first : first + BATCH]
        for card, record in zip(batch, read_records(ledger, batch), strict=True):
            if not record or record.status in CAME_OUT:
                continue
            if new := list(_new_prints(prints[card], record)):
                found[card] = new
    return found


def _new_prints(prints: Sequence[LoggedPrint], record: Record) -> Iterator[LoggedPrint]:
    """Yield the prints that the history of a card lacks. The card is not printed there, so each good one is lacking.

    Each print without a known end once made the card wait for a person. Any other time of waiting was for a log that
    could not be read then: what the person found as spoiled is a spoiled blank of the log.
    """
    moves = moves_of(record)
    by_printer, by_hand = count_prints(moves)
    waits = [status for status, _ in drop_corrected(moves)].count(Status.PRINT_UNCONFIRMED)
    doubts = [one.outcome for one in prints].count(PrintOutcome.UNKNOWN)
    known = {
        PrintOutcome.GOOD: 0,
        PrintOutcome.SPOILED: by_printer["spoiled"] + min(by_hand["spoiled"], max(0, waits - doubts)),
        PrintOutcome.UNKNOWN: waits,
    }
    for one in prints:
        known[one.outcome] -= 1
        if known[one.outcome] < 0:
            yield one


def _enter(ledger: Ledger, card: CardId, prints: list[LoggedPrint]) -> list[LoggedPrint]:
    """Enter the prints of one card; return the prints that were entered."""
    status = read_card(ledger, card).status
    if status is Status.SENT_FOR_CARD_PRINTING:
        return []  # The card may be in a printer of another machine.
    if status is Status.PRINT_UNCONFIRMED and not _is_good(prints):
        return []  # A person looks at it anyway.
    if status not in SHELVES:
        ledger.hold(card, by=BY, reason="the printers' log has a print that the ledger lacks")
        status = Status.HELD
    prints = list(_resolve_doubts(prints))
    ledger.enter_prints(card, list(_with_moves(status, prints)), before=status)
    return prints


def _resolve_doubts(prints: Sequence[LoggedPrint]) -> Iterator[LoggedPrint]:
    """Yield the prints of a card without doubts that are over.

    Before a later print somebody looked. Where the log has a reason, the blank was spoiled.
    """
    for place, one in enumerate(prints, 1):
        if one.outcome is not PrintOutcome.UNKNOWN or place == len(prints):
            yield one
        elif one.reason:
            yield replace(one, outcome=PrintOutcome.SPOILED)


def _with_moves(status: Status, prints: Sequence[LoggedPrint]) -> Iterator[dict[str, Any]]:
    """Yield each print with the legal moves to its end, from a shelf on."""
    verified = Status.PRINT_READY_RECORD, Status.SENT_FOR_CARD_PRINTING
    asked = Status.BIO_CAPTURED, Status.SENT_FOR_ENROLLMENT, *verified
    way: tuple[Status, ...] = {Status.PRINT_UNCONFIRMED: (), Status.HELD: verified}.get(status, asked)
    for one in prints:
        end, why = _end_of(one, is_finding=not way)
        yield {**asdict(one), "moves": [*((to, one.at, BY) for to in way), (end, one.at, why)]}
        way = (Status.SENT_FOR_CARD_PRINTING,)


def _end_of(one: LoggedPrint, *, is_finding: bool) -> tuple[Status, str]:
    """Return the status of a card after a print, and the reason in its history."""
    if one.outcome is PrintOutcome.UNKNOWN:
        return Status.PRINT_UNCONFIRMED, "no end of its print is known"
    if one.outcome is PrintOutcome.GOOD:
        return Status.CARD_PRINTED, f"{Finding.PRINTED}, found by {BY}" if is_finding else BY
    return Status.PRINT_READY_RECORD, f"{Finding.SPOILED}, found by {BY}" if is_finding else one.reason
