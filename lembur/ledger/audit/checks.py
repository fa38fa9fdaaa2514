"""Every invariant of the ledger, checked on the live system: no card is lost or doubled, and every blank is known."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import filterfalse
from typing import TYPE_CHECKING, Any, TypeVar

from lembur.domain.card import CAME_OUT, Status, card_id
from lembur.domain.seats import CENTRE
from lembur.ledger.audit.courses import read_course, strip_records
from lembur.ledger.audit.log_audit import LogAudit
from lembur.ledger.audit.print_logs import PrintLogs
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.queries.board import stock_of
from lembur.ledger.schema import card_pages
from lembur.ledger.types import read_printers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lembur.domain.card import CardId
    from lembur.domain.seats import StationCode
    from lembur.ledger.ledger import Ledger
    from lembur.ledger.queries.archive import ArchiveReader
    from lembur.ledger.queries.board import Stock
    from lembur.ledger.types import PrinterState

Page = TypeVar("Page")

CARD_PAGE = 500
"""Cards checked at one moment. The server does nothing else for some milliseconds then."""
HASH_PAGE = 1_000
"""Entries of a large hash that are read at once."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken invariant, with the card or station where it shows."""

    invariant: str
    where: str


@dataclass(frozen=True, slots=True)
class _Moves:
    """State that every move of a card changes: the latest event, the next position of each station, the counts."""

    event: str
    positions: tuple[str | None, ...]
    counts: dict[str, str]


@translate_redis_errors
def reconcile(
    ledger: Ledger,
    stations: Sequence[StationCode],
    *,
    logs: PrintLogs | None = None,
    archive: ArchiveReader | None = None,
) -> list[Violation]:
    """List all violations; the office may work meanwhile.

    The given print logs are compared card by card. Those of other machines are compared by their number.
    """
    return [
        *_totals(ledger, stations),
        *_blanks(ledger, stations),
        *_cards(ledger, stations, LogAudit(ledger, stations, logs or PrintLogs()), archive),
        *_niks(ledger),
    ]


def _totals(ledger: Ledger, stations: Sequence[StationCode]) -> Iterator[Violation]:
    yield from (Violation(what, where) for what, where in _audit(ledger, stations)["wrong"])


def _audit(ledger: Ledger, stations: Sequence[StationCode], **cards: int) -> Any:  # noqa: ANN401 - JSON, as the script answers
    # The counts, or a range of cards, each at one moment.
    return ledger.query(
        "audit",
        stations=list(stations),
        fresh=Status.BIO_CAPTURED,
        sent=Status.SENT_FOR_ENROLLMENT,
        ready=Status.PRINT_READY_RECORD,
        printing=Status.SENT_FOR_CARD_PRINTING,
        unconfirmed=Status.PRINT_UNCONFIRMED,
        good=sorted(CAME_OUT),
        issued=Status.CARD_ISSUED,
        **cards,
    )


def _blanks(ledger: Ledger, stations: Sequence[StationCode]) -> Iterator[Violation]:
    pipe = ledger.server.pipeline(transaction=True)
    for code in stations:
        pipe.hgetall(ledger.key("stock", code))
    pipe.hgetall(ledger.key("printers"))
    pipe.hgetall(ledger.key("counters"))
    *rows, printers, totals = pipe.execute()
    stocks = {code: stock_of(row) for code, row in zip(stations, rows, strict=True)}
    for code, stock in stocks.items():
        if stock.difference:
            yield Violation("blanks add up to what was received", f"{code}: difference {stock.difference}")
    if moved := sum(stock.moved for stock in stocks.values()):
        yield Violation("what one station sends another receives", f"difference {moved}")
    yield from _in_printers(stocks, read_printers(printers), totals)


def _in_printers(
    stocks: Mapping[StationCode, Stock], printers: Sequence[PrinterState], totals: Mapping[str, str]
) -> Iterator[Violation]:
    # Part of the stock lies in a cupboard, so the printers of a station may hold less than the ledger, but never more.
    for code, stock in stocks.items():
        left = [_left_in(printer, totals) for printer in printers if printer.station == code]
        for item, in_printers in (("blanks", sum(one[0] for one in left)), ("ribbon", sum(one[1] for one in left))):
            known = (stock.blank if item == "blanks" else stock.ribbon) + stock.reserved
            if in_printers > known:
                where = f"{code}: {item} for {in_printers} cards in its printers, for {known} in the ledger"
                yield Violation("printers hold no more than the ledger", where)


def _left_in(printer: PrinterState, totals: Mapping[str, str]) -> tuple[int, int]:
    """Return the blanks and the ribbon, in cards, that a printer holds at least: its report, less its later prints."""
    counts = (totals.get(f"printer_{kind}|{printer.station}|{printer.name}", 0) for kind in ("good", "spoiled"))
    since = sum(map(int, counts)) - printer.prints
    return max(0, (printer.blanks or 0) - since), max(0, (printer.ribbon_cards or 0) - since)


def _cards(
    ledger: Ledger, stations: Sequence[StationCode], audit: LogAudit, archive: ArchiveReader | None
) -> Iterator[Violation]:
    before = _moves(ledger, stations)
    last = ledger.serial()
    found: Counter[str] = Counter()
    missing: list[CardId] = []

    def read(cards: list[CardId]) -> tuple[list[CardId], Any]:
        return cards, _audit(ledger, stations, first=int(cards[0]), last=int(cards[-1]))

    for cards, reply in _read_ahead(map(read, card_pages(last, CARD_PAGE))):
        yield from (Violation(what, where) for what, where in reply["wrong"])
        records = {card: text for card, text in zip(cards, reply["texts"], strict=True) if text}
        missing += filterfalse(records.__contains__, cards)
        yield from _compare(records, set(reply["claimed"]), audit, found)
    # A card is in its file before it leaves the ledger, so the files are read last.
    archived = dict(archive.read(missing)) if archive and missing else {}
    yield from _compare(archived, set(), audit, found)
    yield from (Violation("no card is lost", card) for card in missing if card not in archived)
    yield from (Violation(what, where) for what, where in audit.compare_totals())
    # Cards move while they are counted. The counts are compared only if none moved. On a system at work the audit holds
    # the counts of all cards under way against their queues and seats, each at one moment.
    if before == _moves(ledger, stations):
        for name, count in before.counts.items():
            if found[name] != int(count):
                yield Violation("the counts are the cards", f"{name}: {count} counted, {found[name]} found")


def _read_ahead(pages: Iterator[Page]) -> Iterator[Page]:
    """Read the next page while one is compared: the server works on one, and this process on the other."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = reader.submit(next, pages, None)
            yield page


def _compare(
    records: Mapping[CardId, str], claimed: set[CardId], audit: LogAudit, found: Counter[str]
) -> Iterator[Violation]:
    """Compare cards with the logs, those of one course together, and count them by status."""
    good, spoiled = audit.logs.good.get, audit.logs.spoiled.get
    alike: defaultdict[tuple[str, str, bool, int, int], list[CardId]] = defaultdict(list)
    for card, (station, history) in zip(records, strip_records(list(records.values())), strict=True):
        alike[station, history, card in claimed, good(card, 0), spoiled(card, 0)].append(card)
    for (station, history, in_hand, *logged), cards in alike.items():
        course = read_course(history, in_hand)
        found[course.status] += len(cards)
        for what, where in course.faults:
            yield from (Violation(what, card + where) for card in cards)
        in_logs = (logged[0], logged[1])
        yield from (Violation(what, card) for what, card in audit.compare_cards(cards, station, course, in_logs))


def _moves(ledger: Ledger, stations: Sequence[StationCode]) -> _Moves:
    # Every verb that moves a card leaves an event. Only a claim leaves none; it takes the next positions of its line.
    pipe = ledger.server.pipeline(transaction=True)
    pipe.xrevrange(ledger.key("events"), count=1)
    for station in (CENTRE, *stations):
        pipe.hget(ledger.key("station", station), "position")
    pipe.hgetall(ledger.key("counts"))
    latest, *positions, counts = pipe.execute()
    return _Moves(latest[0][0] if latest else "", tuple(positions), counts)


def _niks(ledger: Ledger) -> Iterator[Violation]:
    last = ledger.serial()
    # A scan may give an entry twice, so the NIK of each card is remembered. That takes eight bytes for each card.
    owner = array("q", bytes(8 * (last + 1)))
    for niks in _read_ahead(_scan(ledger, "nik")):
        for digest, card in niks.items():
            number, nik = int(card), hash(digest)
            if 0 < number <= last:
                if owner[number] and owner[number] != nik:
                    yield Violation("a card is for one NIK", card)
                owner[number] = nik
    for reprints in _scan(ledger, "reprints"):
        for number in map(int, reprints.values()):
            owner[number] = owner[number] or -1
    yield from (Violation("a card is for one NIK", card_id(n)) for n in range(1, last + 1) if not owner[n])


def _scan(ledger: Ledger, name: str) -> Iterator[dict[str, str]]:
    """Yield the entries of a large hash, page by page. An entry may come twice."""
    cursor = 0
    while True:
        cursor, page = ledger.server.hscan(ledger.key(name), cursor, count=HASH_PAGE)
        yield page
        if not cursor:
            return
