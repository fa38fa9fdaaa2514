"""The verbs of lots: a seat asks for cards, takes them under a lease, and ends the lot."""

from __future__ import annotations

import logging
import time
import uuid
from typing import TYPE_CHECKING, Any

from lembur.domain.card import GIVEN_UP, VERDICTS, CardId, Status
from lembur.domain.circuit_breaker import IN_A_ROW, LONGEST_PAUSE_MS, PAUSE_MS, TRIES, Trouble
from lembur.domain.errors import CardError
from lembur.domain.seats import CENTRE, StationCode
from lembur.domain.time import NEVER_MS
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.core import Core, read_wakes
from lembur.ledger.schema import CODES
from lembur.ledger.types import Asking, ClaimRefusal, Heard, Lot, LotEnd, Offer, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

log = logging.getLogger(__name__)

AT_CENTRE = {"answer": True, "end_asking": True, "commit": False, "unconfirm": False}
"""Verbs that end only lots of the centre (True) or only lots of printers (False)."""


class Lots(Core):
    """Offers, claims and the ends of lots."""

    def offer(self, station: StationCode, *, most: int, woken: bool = True) -> Offer | ClaimRefusal:
        """Ask for the next start of a station, with at most `most` cards."""
        return _offer(station, most, self._scripts.run("offer", station=station, most=most, woken=woken))

    def claim(
        self, offer: Offer, *, ends_ms: Sequence[int], lease_ms: int, owner: str = ""
    ) -> Lot | Offer | ClaimRefusal:
        """Take the first `len(ends_ms)` cards of an offer.

        Return a newer offer or a refusal when it no longer holds.
        """
        before, after = _claim_moves(offer.station)
        asked_s = time.monotonic()  # Before the server's own clock begins to run for this lease.
        reply = self._scripts.run_once(
            "claim",
            None,
            ends_ms,
            station=offer.station,
            most=offer.most,
            lot=owner + uuid.uuid4().hex,
            position=offer.position,
            start=offer.start_ms,
            count=len(ends_ms),
            first=ends_ms[0],
            finish=ends_ms[-1],
            lease_ms=lease_ms,
            until=offer.until_ms,
            **{"from": before, "to": after},
        )
        if "lot" not in reply:
            return _offer(offer.station, offer.most, reply)
        return Lot(
            reply["lot"],
            offer.station,
            offer.position,
            offer.start_ms,
            tuple(reply["cards"]),
            tuple(ends_ms),
            read_wakes(reply),
            held_until_s=asked_s + reply["lease_ms"] / 1000,
            # The lease has the time on top that a lot still takes.
            is_over=reply["lease_ms"] == lease_ms and ends_ms[-1] < NEVER_MS,
        )

    def answer(self, lot: Lot, *, verdicts: Sequence[Status], next_most: int = 0) -> LotEnd | None:
        """Commit the centre's verdicts, one a card; None when the lease was lost and nothing was changed.

        With `next_most` the seat goes on with a lot of at most that many cards, if its station is to be woken.
        """
        _check_one_each(lot, verdicts)
        if unknown := set(verdicts) - VERDICTS:
            raise CardError(
                "lot %(lot)s: %(verdicts)s is no verdict: nothing is changed",
                lot=lot.name,
                verdicts=", ".join(sorted(unknown)),
            )
        reply = self._run_end(
            "answer",
            lot,
            verdicts="".join(CODES[verdict] for verdict in verdicts),
            next_most=next_most,
            ready=Status.PRINT_READY_RECORD,
        )
        return _read_end(lot, reply, next_most)

    def end_asking(self, lot: Lot) -> Asking | None:
        """Free the line of a lot whose cards a centre outside has taken; None when the lease was lost.

        The cards stay there until their verdicts are heard, in minutes or months.
        """
        reply = self._run_end("end_asking", lot)
        if "fenced" in reply:
            return None
        early = tuple(Verdict(CardId(card), attempt, verdict) for card, attempt, verdict in reply["early"])
        return Asking(read_wakes(reply), early)

    def hear(self, verdicts: Sequence[Verdict], *, after: str = "", cursor: str | None = None) -> Heard:
        """Commit verdicts of a centre outside, in any order. A verdict on another attempt changes nothing.

        With a `cursor` they were read from the centre's feed behind `after`. Then nothing is changed when another
        reader was quicker. The reply has the cursor of the next reading.
        """
        reply = self._scripts.run_once(
            "hear",
            rows=[(one.card, one.attempt, one.verdict) for one in verdicts],
            verdicts=sorted(VERDICTS),
            ready=Status.PRINT_READY_RECORD,
            **_send_again(Trouble.GARBAGE),
            **{"from": Status.SENT_FOR_ENROLLMENT},
            **({} if cursor is None else {"after": after, "cursor": cursor}),
        )
        return Heard(read_wakes(reply), reply["cursor"], int(reply["strays"]))

    def take_feed(self, node: str, *, lease_ms: int) -> bool:
        """Take or keep the lease of the one reader of the centre's feed; False while another process has it."""
        return bool(self._scripts.run("read_feed", node=node, lease_ms=lease_ms)["reads"])

    @translate_redis_errors
    def centre_cursor(self) -> str:
        """Return the cursor up to which the centre's feed was heard; '' before the first time."""
        return str(self.server.get(self.key("centre_cursor")) or "")

    @translate_redis_errors
    def attempts(self, cards: Sequence[CardId]) -> dict[CardId, int]:
        """Return the attempt of each card. A card that the centre failed or a person sends back gets a new attempt."""
        over = self.server.hmget(self.key("attempts"), *cards)
        return {card: 1 + int(n or 0) for card, n in zip(cards, over, strict=True)}

    def take_overdue(self, *, before_ms: int, most: int) -> dict[CardId, int]:
        """Return the cards that were last asked before a moment, with their attempts. They count as asked now."""
        rows = self._scripts.run_once("take_overdue", before=before_ms, most=most)
        return {CardId(card): int(attempt) for card, attempt in rows}

    def fail(self, lot: Lot, *, trouble: Trouble, outside: bool = False, pause_ms: int = 0) -> LotEnd | None:
        """Send the cards of a failed lot to the centre again, or shelve the cards that failed `TRIES` times.

        A circuit that opens pauses as long as the centre asked, if that is longer than its own pause. A centre
        `outside` fails now, and not at the planned end of the lot. None when the lease was lost.
        """
        return self._end(
            "fail",
            lot,
            outside=outside,
            late=trouble is Trouble.SILENT,
            centre=trouble.is_the_centres,
            in_a_row=IN_A_ROW,
            pause_ms=max(PAUSE_MS, pause_ms),
            longest_ms=max(LONGEST_PAUSE_MS, pause_ms),
            **_send_again(trouble),
        )

    def commit(
        self,
        lot: Lot,
        *,
        reasons: Sequence[str],
        ends_ms: Sequence[int],
        rest_ms: int = 0,
        printer: str = "",
        blanks: Sequence[str] = (),
        next_most: int = 0,
    ) -> LotEnd | None:
        """Commit prints: '' for a good card, else the reason of the spoiled blank; None when the lease was lost.

        For `rest_ms` of their time the printer rested or got a new ribbon. `printer` names a real printer, so that its
        good cards and spoiled blanks are counted. `blanks` are serials, '' for an unknown one. `next_most` is that of
        `answer`.
        """
        _check_one_each(lot, reasons)
        _check_one_each(lot, ends_ms)
        if blanks:
            _check_one_each(lot, blanks)
        reply = self._run_end(
            "commit",
            lot,
            ends_ms=ends_ms,
            rest_ms=rest_ms,
            next_most=next_most,
            printer=printer,
            printed=Status.CARD_PRINTED,
            ready=Status.PRINT_READY_RECORD,
            **{name: list(given) for name, given in (("reasons", reasons), ("blanks", blanks)) if any(given)},
        )
        warn_of_reused(reply)
        return _read_end(lot, reply, next_most)

    def renew(self, lot: Lot, *, lease_ms: int) -> bool:
        """Renew the lease of a lot whose printer is still at work, from now; False when the lease was lost."""
        return "renewed" in self._scripts.run_once("renew", lot=lot.name, lease_ms=lease_ms)

    def abandon(self, lot: Lot) -> LotEnd | None:
        """Give a lot back with all its cards; None when the lease was lost."""
        return self._end("abandon", lot, why=GIVEN_UP, to=_claim_moves(lot.station)[0])

    def unconfirm(self, lot: Lot) -> LotEnd | None:
        """Shelve a lot without a print result, for a person to look at; None when it was ended meanwhile."""
        return self._end("unconfirm", lot, to=Status.PRINT_UNCONFIRMED)

    def expired_lots(self, stations: Sequence[StationCode], *, since_ms: int = 0) -> list[Lot]:
        """List the lots in hand that lost their lease at least `since_ms` ago."""
        return [
            Lot(
                row["name"],
                StationCode(row["station"]),
                -1,
                int(row["start"]),
                tuple(CardId(card) for card in row["cards"]),
                tuple(int(end) for end in row["ends"]),
            )
            for row in self._scripts.run("expired", stations=list(stations), since_ms=since_ms)
        ]

    def _end(self, verb: str, lot: Lot, **more: Any) -> LotEnd | None:
        return _read_end(lot, self._run_end(verb, lot, **more))

    def _run_end(self, verb: str, lot: Lot, *, ends_ms: Sequence[int] = (), **more: Any) -> Mapping[str, Any]:
        at_centre = lot.station == CENTRE
        if AT_CENTRE.get(verb, at_centre) != at_centre:
            raise CardError(
                "lot %(lot)s of %(station)s cannot end by '%(verb)s': nothing is changed",
                lot=lot.name,
                station=lot.station,
                verb=verb,
            )
        before = _claim_moves(lot.station)[1]
        # A lot ends once, so a repeated request gets the first answer again.
        reply = self._scripts.run_once(verb, f"{verb}-{lot.name}", ends_ms, lot=lot.name, **more, **{"from": before})
        return dict(reply)


def warn_of_reused(reply: Mapping[str, Any]) -> None:
    """Log the serials that other cards have already. The cards are out, so their prints count all the same.

    A serial was read wrongly, or two blanks have the same one.
    """
    for card, serial, other in reply.get("reused", ()):
        log.warning("blank %s of card %s is card %s's already: it is not noted", serial, card, other)


def _check_one_each(lot: Lot, given: Sequence[object]) -> None:
    # A script that stops half-way has made half of its changes, so a device's answers are counted before.
    if len(given) != len(lot.cards):
        raise CardError(
            "lot %(lot)s: %(answers)s answers for %(cards)s cards: nothing is changed",
            lot=lot.name,
            answers=len(given),
            cards=len(lot.cards),
        )


def _claim_moves(station: StationCode) -> tuple[Status, Status]:
    if station == CENTRE:
        return Status.BIO_CAPTURED, Status.SENT_FOR_ENROLLMENT
    return Status.PRINT_READY_RECORD, Status.SENT_FOR_CARD_PRINTING


def _send_again(trouble: Trouble) -> dict[str, Any]:
    """Return how the script sends a card of a failed lot to the centre again, and when it gives up."""
    return {
        "why": trouble,
        "cards": trouble.may_be_the_cards,
        "anew": trouble.ends_the_attempt,
        "tries": TRIES,
        "to": Status.BIO_CAPTURED,
        "shelf": Status.SEARCH_FAILURE_AT_CENTRAL,
    }


def _offer(station: StationCode, most: int, reply: Mapping[str, Any]) -> Offer | ClaimRefusal:
    if "refused" in reply:
        return ClaimRefusal(reply["refused"])
    start_ms, until_ms = int(reply["start"]), int(reply["until"])
    return Offer(station, int(reply["position"]), start_ms, until_ms, tuple(reply["cards"]), most)


def _read_end(lot: Lot, reply: Mapping[str, Any], next_most: int = 0) -> LotEnd | None:
    if "fenced" in reply:
        return None
    offer = _offer(lot.station, next_most, reply["next"]) if "next" in reply else None
    return LotEnd(read_wakes(reply), offer if isinstance(offer, Offer) else None)
