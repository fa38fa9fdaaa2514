"""Enter the prints that only the print logs here know, for example after an older copy of the ledger was restored."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from lembur.domain.card import SHELVES, CardId, Status
from lembur.domain.observation import WAIT_S
from lembur.domain.seats import CENTRE
from lembur.domain.time import NEVER_MS
from lembur.ledger.connection import Durability
from lembur.ledger.queries.cards import read_card
from lembur.ledger.schema import count_prints, moves_of, read_records
from lembur.ledger.scripts import Scripts
from lembur.ledger.types import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lembur.domain.seats import StationCode
    from lembur.ledger.audit.print_logs import LoggedJob, PrintLogs
    from lembur.ledger.ledger import Ledger
    from lembur.ledger.types import Lot

BY = "the print log"
OUT = frozenset({Status.CARD_PRINTED, Status.CARD_SHIPPED, Status.CARD_ISSUED})
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class LoggedPrint:
    """One print of a card by a log: its end, the reason of a spoiled blank ('' for a good card), and the machine."""

    at: int
    reason: str
    owner: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """Cards entered as printed, blanks entered as spoiled, and printed cards that this ledger does not have."""

    printed: int
    spoiled: int
    unknown: tuple[CardId, ...]


def settle_by_logs(ledger: Ledger, stations: Sequence[StationCode], logs: PrintLogs) -> Settlement:
    """Enter the prints that only the logs know. Call it before any seat may claim; a second call changes nothing."""
    jobs, prints = _read(logs)
    serial = ledger.serial()
    unknown = tuple(sorted(card for card, known in prints.items() if int(card) > serial and _is_good(known)))
    lots = _lots_in_hand(ledger, stations)
    for lot in lots:
        if job := jobs.get(lot.name):
            _end_as_logged(ledger, lot, job)
    missing = _missing(ledger, {card: known for card, known in prints.items() if int(card) <= serial})
    for lot in lots:
        if not missing.keys().isdisjoint(lot.cards) and lot.name not in jobs:
            (ledger.abandon if lot.station == CENTRE else ledger.unconfirm)(lot)
    entered = [one for card, known in missing.items() for one in _enter(ledger, card, known)]
    spoiled = sum(bool(one.reason) for one in entered)
    return Settlement(len(entered) - spoiled, spoiled, unknown)


LOT_DIGITS = 32
"""A lot's name ends in this number of digits. The name of the machine whose printers took it stands before them."""


def _read(logs: PrintLogs) -> tuple[dict[str, LoggedJob], dict[CardId, list[LoggedPrint]]]:
    jobs: dict[str, LoggedJob] = {}
    prints: dict[CardId, list[LoggedPrint]] = defaultdict(list)
    for _, job in logs.new_jobs():
        jobs.setdefault(job.lot, job)
        for card, end_ms, reason in zip(job.cards, job.ends, job.reasons, strict=True):
            prints[card].append(LoggedPrint(end_ms, reason, owner=job.lot[:-LOT_DIGITS]))
    return jobs, prints


def _is_good(prints: Iterable[LoggedPrint]) -> bool:
    return any(not one.reason for one in prints)


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
            if not record or record.status in OUT:
                continue
            if beyond := prints[card][sum(counted.total() for counted in count_prints(moves_of(record))) :]:
                found[card] = beyond
    return found


def _enter(ledger: Ledger, card: CardId, prints: list[LoggedPrint]) -> list[LoggedPrint]:
    """Enter the prints of one card; return the prints that were entered."""
    status = read_card(ledger, card).status
    if status is Status.PRINT_UNCONFIRMED:
        if not _is_good(prints):
            return []  # A person looks at it anyway.
        ledger.confirm(card, finding=Finding.PRINTED, by=BY)
        return prints[-1:]
    if status is Status.SENT_FOR_CARD_PRINTING:
        return []  # The card may be in a printer of another machine.
    if status not in SHELVES:
        ledger.hold(card, by=BY, reason="the printers' log has a print that the ledger lacks")
        status = Status.HELD
    waits_for_disk = ledger.durability == Durability.WAITAOF
    Scripts(ledger.server, ledger.prefix, waits_for_disk=waits_for_disk).run_once(
        "enter_prints",
        card=card,
        moves=_moves(status, prints),
        prints=[asdict(one) for one in prints],
        wait_edges=WAIT_S,
        printed=Status.CARD_PRINTED,
        ready=Status.PRINT_READY_RECORD,
        **{"from": status},
    )
    return prints


def _moves(status: Status, prints: list[LoggedPrint]) -> list[tuple[Status, int, str]]:
    """Return the legal moves from a shelf through each print."""
    verified = (Status.PRINT_READY_RECORD,)
    asked = (Status.BIO_CAPTURED, Status.SENT_FOR_ENROLLMENT)
    moves = [(to, prints[0].at, BY) for to in (*(() if status is Status.HELD else asked), *verified)]
    for one in prints:
        result = (Status.PRINT_READY_RECORD, one.at, one.reason) if one.reason else (Status.CARD_PRINTED, one.at, BY)
        moves += [(Status.SENT_FOR_CARD_PRINTING, one.at, BY), result]
    return moves
