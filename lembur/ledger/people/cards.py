"""The verbs of people on cards: each keeps the person and the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lembur.domain.card import CAME_OUT, MOVES, RELEASABLE, BlankSerial, BlankUse, CardId, Priority, Status, Stream
from lembur.domain.errors import CardError, Sentence
from lembur.ledger.core import Core, read_wakes
from lembur.ledger.lots import warn_of_reused
from lembur.ledger.people.text import check_text
from lembur.ledger.schema import count_spoiled, parse_record, read_records
from lembur.ledger.types import Finding
from lembur.typed_text import fold_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lembur.domain.card import Collector
    from lembur.ledger.types import Wakes

DONE: Final = {
    "hold": Sentence("held"),
    "release": Sentence("released"),
    "expedite": Sentence("expedited"),
    "ship": Sentence("shipped"),
    "issue": Sentence("issued"),
    "reprint": Sentence("reprinted"),
    "note": Sentence("noted with a blank"),
    "letter": Sentence("given an interim letter"),
}


class CardVerbs(Core):
    """Actions of a person on cards."""

    def hold(self, card: CardId, *, by: str, reason: str) -> Wakes:
        """Take a waiting card out of the queue until it is released."""
        return self._handle("hold", card, by, reason, _may_move_to(Status.HELD))

    def release(self, card: CardId, *, by: str, reason: str) -> Wakes:
        """Return a held or shelved card to the queue of the printer or of the centre."""
        return self._handle("release", card, by, reason, RELEASABLE)

    def expedite(self, card: CardId, *, by: str, reason: str) -> Wakes:
        """Put a waiting card before all others."""
        return self._handle("expedite", card, by, reason, _may_move_to(Status.HELD))

    def ship(self, card: CardId, *, to: str, by: str) -> None:
        """Note that a printed card is carried to another counter."""
        self._hand_over("ship", card, by=by, to=to, status=Status.CARD_SHIPPED)

    def issue(self, card: CardId, *, to: Collector, by: str, blank: BlankSerial | None = None) -> None:
        """Note that a card was handed over; `by` looked at the identity of the collector.

        With the serial on the card the ledger checks that it is the right card.
        """
        self._hand_over("issue", card, by=by, to=to, status=Status.CARD_ISSUED, blank=blank)

    def reprint(self, card: CardId, *, due_ms: int, by: str, reason: str) -> tuple[CardId, Wakes]:
        """Ask for a card once more, by a new request that is linked to the first; return the new card.

        The first card is no original any more. It can neither be handed over nor reprinted again.
        """
        reply = self._scripts.run_once(
            "reprint",
            card=card,
            by=check_text(by, Sentence("who asks for the reprint"), CardError),
            reason=check_text(reason, Sentence("why the card is reprinted"), CardError),
            allowed=sorted(CAME_OUT),
            due=due_ms,
            stream=Stream.REPLACEMENT,
            ready=Status.PRINT_READY_RECORD,
            **{"class": int(Priority.REPLACEMENT)},
        )
        self._check_moved("reprint", card, reply)
        return CardId(reply["card"]), read_wakes(reply)

    def note_blank(self, card: CardId, blank: BlankSerial, *, by: str) -> None:
        """Note the serial of the blank that became a card. Until the hand-over it replaces an earlier serial."""
        self._note_blank(card, blank, by, use=BlankUse.USED, spoiled=0)

    def note_spoiled_blank(self, card: CardId, blank: BlankSerial, *, by: str) -> None:
        """Note the serial of a blank that a card spoiled."""
        (record,) = read_records(self, [card])
        self._note_blank(card, blank, by, use=BlankUse.SPOILED, spoiled=count_spoiled(record) if record else 0)

    def give_letter(self, card: CardId, *, number: str, by: str) -> None:
        """Note the number of an interim letter for the owner of a card that waits for a printer."""
        text = check_text(number, Sentence("the number of the letter"), CardError)
        reply = self._scripts.run_once(
            "note_letter",
            card=card,
            number=text,
            by=check_text(by, Sentence("who signs the letter"), CardError),
            reason=f"letter {text}",
            reference="letter|" + fold_number(text),
            allowed=[Status.PRINT_READY_RECORD],
        )
        if "used" in reply:
            raise CardError(
                "letter %(number)s was given for card %(card)s: take the next number",
                number=text,
                card=reply["used"]["card"],
            )
        self._check_moved("letter", card, reply)

    def restore(self, card: CardId, record: str, *, by: str, reason: str) -> None:
        """Bring an archived card back, with its record in the archive."""
        uncollected = int(parse_record(record).is_uncollected)
        reply = self._scripts.run_once(
            "restore", card=card, record=record, uncollected=uncollected, by=by, reason=reason
        )
        if not reply["restored"]:
            raise CardError("card %(card)s is in the ledger: there is nothing to restore", card=card)

    def confirm(self, card: CardId, *, finding: Finding, by: str) -> Wakes:
        """Settle an unconfirmed card as the person `by` found it at the printer.

        A second person corrects a wrong finding in the same way, before anything else happens to the card.
        """
        reply = self._scripts.run_once(
            "confirm",
            card=card,
            finding=finding,
            by=check_text(by, Sentence("who looked at the printer"), CardError),
            unconfirmed=Status.PRINT_UNCONFIRMED,
            printed=Status.CARD_PRINTED,
            ready=Status.PRINT_READY_RECORD,
        )
        if "wakes" not in reply:
            raise CardError.of(_why_not_confirmed(card, reply) or self._why_unknown(card))
        return read_wakes(reply)

    def enter_prints(self, card: CardId, prints: Sequence[Mapping[str, Any]], *, before: Status) -> None:
        """Enter prints of a card that the ledger lacks, each with its moves from the status `before` on."""
        reply = self._scripts.run_once(
            "enter_prints",
            card=card,
            prints=prints,
            ready=Status.PRINT_READY_RECORD,
            unconfirmed=Status.PRINT_UNCONFIRMED,
            **{"from": before},
        )
        warn_of_reused(reply)

    def _handle(self, verb: str, card: CardId, by: str, reason: str, allowed: frozenset[Status]) -> Wakes:
        reply = self._scripts.run_once(
            verb,
            card=card,
            by=check_text(by, Sentence("who lets the card be %(done)s", done=DONE[verb]), CardError),
            reason=check_text(reason, Sentence("why the card is %(done)s", done=DONE[verb]), CardError),
            allowed=sorted(allowed),
            held=Status.HELD,
            fresh=Status.BIO_CAPTURED,
            **{"class": int(Priority.EXPEDITED)},
        )
        self._check_moved(verb, card, reply)
        return read_wakes(reply)

    def _hand_over(
        self, what: str, card: CardId, *, by: str, to: str, status: Status, blank: BlankSerial | None = None
    ) -> None:
        self._check_moved(
            what,
            card,
            self._scripts.run_once(
                "hand_over",
                card=card,
                what=what,
                by=check_text(by, Sentence("who lets the card be %(done)s", done=DONE[what]), CardError),
                reason="to " + check_text(to, Sentence("where the card goes"), CardError),
                allowed=sorted(_may_move_to(status)),
                to=status,
                issued=Status.CARD_ISSUED,
                **({"blank": blank} if blank else {}),
            ),
            blank,
        )

    def _note_blank(self, card: CardId, blank: BlankSerial, by: str, *, use: BlankUse, spoiled: int) -> None:
        reply = self._scripts.run_once(
            "note_blank",
            card=card,
            blank=blank,
            use=use,
            spoiled=spoiled,
            by=check_text(by, Sentence("who notes the blank"), CardError),
            reason=f"blank {blank}",
            allowed=sorted(CAME_OUT if use is BlankUse.USED else Status),
            final=Status.CARD_ISSUED,
        )
        if "full" in reply:
            raise CardError(
                "card %(card)s has spoiled %(num)s blank, whose serial is noted: %(blank)s is not that one",
                "card %(card)s has spoiled %(num)s blanks, and the serial of each is noted: %(blank)s is no such one",
                card=card,
                num=spoiled,
                blank=blank,
            )
        self._check_moved("note", card, reply, blank)

    def _check_moved(self, verb: str, card: CardId, reply: Mapping[str, Any], blank: BlankSerial | None = None) -> None:
        if reply.get("refused") == "":
            raise CardError.of(self._why_unknown(card))
        if "refused" in reply:
            raise CardError(
                "card %(card)s is %(status)s: it cannot be %(done)s now",
                card=card,
                status=Status(reply["refused"]),
                done=DONE[verb],
            )
        if "reprinted" in reply:
            raise CardError(
                "card %(card)s was reprinted as %(new)s: only that one is valid", card=card, new=reply["reprinted"]
            )
        if "taken" in reply:
            raise CardError(
                "blank %(blank)s is noted for card %(card)s already: look at both", blank=blank, card=reply["taken"]
            )
        if "noted" in reply:
            raise CardError(
                "card %(card)s was printed on blank %(right)s, not on %(blank)s: look for the right card",
                card=card,
                right=reply["noted"],
                blank=blank,
            )

    def _why_unknown(self, card: CardId) -> Sentence:
        if int(card) > self.serial():
            return Sentence("there is no card %(card)s", card=card)
        return Sentence("card %(card)s is archived: `lembur archive restore %(card)s` brings it back", card=card)


def _may_move_to(status: Status) -> frozenset[Status]:
    return frozenset(before for before, after in MOVES.items() if status in after)


def _why_not_confirmed(card: CardId, reply: Mapping[str, Any]) -> Sentence | None:
    if "settled" in reply:
        finding, by = reply["settled"]
        return Sentence(
            "card %(card)s is settled as %(finding)s by %(by)s: only another person can correct it, by another finding",
            card=card,
            finding=Finding(finding),
            by=by,
        )
    if "short" in reply:
        return Sentence(
            "card %(card)s: its untouched blank was used meanwhile, so the finding cannot be corrected any more",
            card=card,
        )
    if not reply["refused"]:
        return None
    status, needed = Status(reply["refused"]), Status.PRINT_UNCONFIRMED
    return Sentence(
        "card %(card)s is %(status)s, not %(needed)s: there is nothing to confirm",
        card=card,
        status=status,
        needed=needed,
    )
