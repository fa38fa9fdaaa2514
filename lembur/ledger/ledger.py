"""The ledger's verbs: one method a script, values in and values out."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lembur.domain.card import GIVEN_UP, MOVES, SHELVES, VERDICTS, CardId, Priority, Status
from lembur.domain.circuit_breaker import IN_A_ROW, LONGEST_PAUSE_MS, PAUSE_MS, TRIES, Trouble
from lembur.domain.errors import CardError, StockError
from lembur.domain.observation import DURATION_S, WAIT_S
from lembur.domain.seats import CENTRE, SeatOrder, SeatPlan, StationCode, Step
from lembur.domain.time import HOUR_MS, NEVER_MS
from lembur.ledger.connection import Durability, read_durability, translate_redis_errors
from lembur.ledger.keys import prefix
from lembur.ledger.scripts import Scripts
from lembur.ledger.types import ClaimRefusal, Enrolment, Finding, Lot, Offer, Pulse, StationSetup, Wakes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lembur.ledger.connection import Server


DONE = {"hold": "held", "release": "released", "expedite": "expedited"}
AT_CENTRE = {"answer": True, "commit": False, "unconfirm": False}
"""Where a way of ending a lot belongs; a lot is given back anywhere."""


class Ledger:
    """Every card, blank and seat of one office; each method is one atomic script."""

    def __init__(self, server: Server, *, office: str) -> None:
        self.server = server
        self.prefix = prefix(office)
        self.durability = read_durability(server)
        self._scripts = Scripts(server, self.prefix, waits_for_disk=self.durability == Durability.WAITAOF)

    def open(self, *, office: Mapping[str, Any], stations: Sequence[StationSetup], starts_ms: int = 0) -> bool:
        """Open the office's ledger once; its seats start nothing before `starts_ms`. False when it was open already."""
        rows = [
            {
                "code": station.code,
                "printers": station.printers,
                "steps": _pairs(station.steps),
                "blank": station.blanks,
                "ribbon": station.ribbon_cards,
                "promised": list(station.promised),
                "plan": _plan(station.plan),
            }
            for station in stations
        ]
        return bool(self._scripts.run("open", office=json.dumps(office), starts=starts_ms, stations=rows)["opened"])

    def set_clock(self, *, virtual_ms: int | None, speed: float, ends_ms: int, exact: bool = True) -> int:
        """Start virtual time (None: go on from where it stands) at this speed, 0 meaning as fast as work allows."""
        given: dict[str, Any] = {} if virtual_ms is None else {"virtual": virtual_ms}
        return int(self._scripts.run("clock", speed=speed, exact=exact, ends=ends_ms, **given)["now"])

    def time(self) -> tuple[int, float]:
        """Virtual time now, and its speed."""
        said = self._scripts.query("clock")
        return int(said["now"]), float(said["speed"])

    def query(self, verb: str, /, **arguments: Any) -> Any:  # noqa: ANN401 - JSON, as the script answers
        """Run a script that only reads; the server refuses any write in it."""
        return self._scripts.query(verb, **arguments)

    @translate_redis_errors
    def office(self) -> dict[str, Any]:
        """What was given when the office was opened; empty when it never was."""
        text = self.server.get(self.prefix + "office")
        return dict(json.loads(str(text))) if text else {}

    def enrol(self, cards: Sequence[Enrolment]) -> tuple[list[CardId | None], Wakes]:
        """Enrol a lot of identities; None where the NIK is known already."""
        rows = [
            {
                "nik": card.nik,
                "mask": card.mask,
                "stream": card.stream,
                "class": int(card.priority),
                "due": card.due_ms,
                "ready": card.ready_ms,
                "station": card.station,
                "kelurahan": card.kelurahan,
                "first": card.first_issue,
            }
            for card in cards
        ]
        said = self._scripts.run_once("enrol", cards=rows, fresh=Status.BIO_CAPTURED, ready=Status.PRINT_READY_RECORD)
        return [CardId(number) if number else None for number in said["cards"]], _wakes(said)

    def offer(self, station: StationCode, *, most: int, woken: bool = True) -> Offer | ClaimRefusal:
        """Ask what the station would start next, at most `most` cards."""
        return _offer(station, most, self._scripts.run("offer", station=station, most=most, woken=woken))

    def claim(
        self, offer: Offer, *, ends_ms: Sequence[int], lease_ms: int, owner: str = ""
    ) -> Lot | Offer | ClaimRefusal:
        """Take the first `len(ends_ms)` cards of an offer; a newer offer or a refusal when it no longer holds."""
        before, after = _claim_moves(offer.station)
        asked_s = time.monotonic()  # before the server's own clock began to run for this lease
        said = self._scripts.run_once(
            "claim",
            station=offer.station,
            most=offer.most,
            lot=owner + uuid.uuid4().hex,
            position=offer.position,
            start=offer.start_ms,
            ends=list(ends_ms),
            lease_ms=lease_ms,
            until=offer.until_ms,
            **{"from": before, "to": after},
        )
        if "lot" not in said:
            return _offer(offer.station, offer.most, said)
        return Lot(
            said["lot"],
            offer.station,
            offer.position,
            offer.start_ms,
            tuple(CardId(card) for card in said["cards"]),
            tuple(ends_ms),
            _wakes(said),
            held_until_s=asked_s + said["lease_ms"] / 1000,
        )

    def answer(self, lot: Lot, *, verdicts: Sequence[Status]) -> Wakes | None:
        """Commit the centre's verdicts, one a card; None when the lease was lost and nothing was changed."""
        _one_each(lot, verdicts)
        if strange := set(verdicts) - VERDICTS:
            raise CardError(f"lot {lot.name}: {', '.join(sorted(strange))} is no verdict: nothing is changed")
        return self._end(
            "answer",
            lot,
            verdicts=list(verdicts),
            ends=list(lot.ends_ms),
            edges=DURATION_S,
            ready=Status.PRINT_READY_RECORD,
        )

    def fail(self, lot: Lot, *, trouble: Trouble) -> Wakes | None:
        """Send the cards of a lot again that the centre failed, or shelve them when that was tried often enough.

        None when the lease was lost.
        """
        return self._end(
            "fail",
            lot,
            why=trouble,
            late=trouble is Trouble.SILENT,
            cards=trouble.may_be_the_cards,
            centre=trouble.is_the_centres,
            tries=TRIES,
            in_a_row=IN_A_ROW,
            pause_ms=PAUSE_MS,
            longest_ms=LONGEST_PAUSE_MS,
            to=Status.BIO_CAPTURED,
            shelf=Status.SEARCH_FAILURE_AT_CENTRAL,
        )

    def commit(self, lot: Lot, *, reasons: Sequence[str], ends_ms: Sequence[int], rest_ms: int = 0) -> Wakes | None:
        """Commit prints: '' for a good card, else why its blank was spoiled; None when the lease was lost.

        So much of their time the printer rested or got a new ribbon.
        """
        _one_each(lot, reasons)
        _one_each(lot, ends_ms)
        return self._end(
            "commit",
            lot,
            reasons=list(reasons),
            ends=list(ends_ms),
            rest_ms=rest_ms,
            edges=DURATION_S,
            wait_edges=WAIT_S,
            printed=Status.CARD_PRINTED,
            ready=Status.PRINT_READY_RECORD,
        )

    def abandon(self, lot: Lot) -> Wakes | None:
        """Give a lot back whose cards were not touched; None when the lease was lost."""
        return self._end("abandon", lot, why=GIVEN_UP, to=_claim_moves(lot.station)[0])

    def unconfirm(self, lot: Lot) -> Wakes | None:
        """Shelve a lot nobody can answer for: a person looks at the printer; None when it was ended meanwhile."""
        return self._end("unconfirm", lot, to=Status.PRINT_UNCONFIRMED)

    def expired_lots(self, stations: Sequence[StationCode], *, since_ms: int = 0) -> list[Lot]:
        """Lots whose lease has been over for so long and which nobody has ended."""
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

    def advance(
        self, stations: Sequence[StationCode], *, fed_ms: int | None = None, coming_ms: int = NEVER_MS, jump_ms: int = 0
    ) -> Pulse:
        """Mark that all arrivals up to `fed_ms` are in and the next is `coming_ms`, and ring the bells that are due.

        Time jumps over idle stretches longer than `jump_ms` (0: never).
        """
        given = {} if fed_ms is None else {"fed": fed_ms, "coming": coming_ms}
        said = self._scripts.run("advance", stations=list(stations), jump_ms=jump_ms, **given)
        return Pulse(_wakes(said), int(said["now"]), int(said["next"]), int(said["busy"]), int(said["waiting"]))

    @translate_redis_errors
    def fed_ms(self) -> int:
        """Up to when all arrivals are enrolled; 0 when nothing was fed yet."""
        return int(self.server.get(self.prefix + "fed") or 0)

    @translate_redis_errors
    def counts(self) -> dict[Status, int]:
        """How many cards have each status."""
        return {Status(name): int(n) for name, n in self.server.hgetall(self.prefix + "counts").items()}

    @translate_redis_errors
    def serial(self) -> int:
        """The last card number given."""
        return int(self.server.get(self.prefix + "serial") or 0)

    @translate_redis_errors
    def count_refused(self, rows: int) -> None:
        """Count rows of a file that were refused at intake."""
        hour = self.time()[0] // HOUR_MS
        self.server.hincrby(self.prefix + "tally", f"refused|intake|{hour}", rows)

    @translate_redis_errors
    def send_heartbeat(self, node: str, stations: Sequence[StationCode] = ()) -> None:
        """Tell that a worker is up and whom it serves, at the server's time: a worker's own may be wrong."""
        self.server.hset(self.prefix + "crew", node, f"{self.real_ms()}|{','.join(stations)}")

    @translate_redis_errors
    def real_ms(self) -> int:
        """Real time by the server's clock, the only one that all share, milliseconds UTC."""
        seconds, microseconds = self.server.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    @translate_redis_errors
    def last_seen(self) -> dict[str, int]:
        """When each worker was last seen, real milliseconds UTC."""
        return {node: int(row.partition("|")[0]) for node, row in self.server.hgetall(self.prefix + "crew").items()}

    def resend_wakeups(self, stations: Sequence[StationCode], *, silence_ms: int) -> tuple[Wakes, int]:
        """Wake stations that have work but heard nothing for `silence_ms`; also how many wake-ups were lost."""
        said = self._scripts.run("resend_wakeups", stations=list(stations), silence_ms=silence_ms)
        return _wakes(said), int(said["lost"])

    def order(
        self, order: SeatOrder, *, known: int, steps: Sequence[Step], plan: Sequence[SeatPlan] = ()
    ) -> Wakes | None:
        """Let a seat order take effect; None when other orders came since the `known` ones the steps were made from."""
        said = self._scripts.run_once(
            "order",
            station=order.station,
            order=json.dumps(asdict(order)),
            known=known,
            steps=_pairs(steps),
            plan=_plan(plan),
        )
        return None if "stale" in said else _wakes(said)

    @translate_redis_errors
    def seats_at(self, station: StationCode, at_ms: int) -> int:
        """Seats open at a station at a moment."""
        found = self.server.zrevrangebyscore(f"{self.prefix}steps:{station}", at_ms, "-inf", start=0, num=1)
        return int(found[0].rpartition("|")[2]) if found else 0

    @translate_redis_errors
    def orders(self) -> list[SeatOrder]:
        """All seat orders ever given, oldest first."""
        return [SeatOrder(**json.loads(text)) for text in self.server.lrange(self.prefix + "orders", 0, -1)]

    def receive(self, station: StationCode, *, blanks: int, ribbon_cards: int, minutes: str) -> Wakes:
        """Put a delivery on the station's shelf."""
        return self._stock("receive", station, blanks, ribbon_cards, minutes=minutes)

    def transfer(self, station: StationCode, *, to: StationCode, blanks: int, ribbon_cards: int, minutes: str) -> Wakes:
        """Carry stock from one station to another."""
        return self._stock("transfer", station, blanks, ribbon_cards, to=to, minutes=minutes)

    def destroy(self, station: StationCode, *, blanks: int, minutes: str) -> Wakes:
        """Destroy blanks by the minutes with this number."""
        return self._stock("destroy", station, blanks, 0, minutes=minutes)

    def _stock(self, verb: str, station: StationCode, blanks: int, ribbon_cards: int, **more: str) -> Wakes:
        if blanks < 0 or ribbon_cards < 0 or blanks + ribbon_cards == 0:
            raise StockError(f"{verb} at {station}: the number must be above zero")
        said = self._scripts.run_once("stock", verb=verb, station=station, blank=blanks, ribbon=ribbon_cards, **more)
        if "short" in said:
            raise StockError(f"{verb} at {station}: only {said['blank']} blanks on the shelf, {blanks} asked for")
        return _wakes(said)

    def hold(self, card: CardId, *, why: str) -> Wakes:
        """Take a waiting card out of the queue until it is released."""
        return self._handle("hold", card, why, _may_move_to(Status.HELD))

    def release(self, card: CardId, *, why: str) -> Wakes:
        """Let a held or shelved card go on: to the printer it waited for, or to the centre once more."""
        return self._handle("release", card, why, SHELVES - {Status.PRINT_UNCONFIRMED})

    def expedite(self, card: CardId, *, why: str) -> Wakes:
        """Let a waiting card go before all others."""
        return self._handle("expedite", card, why, _may_move_to(Status.HELD))

    def confirm(self, card: CardId, *, finding: Finding, by: str) -> Wakes:
        """Settle an unconfirmed card as the person `by` found it at the printer."""
        said = self._scripts.run_once(
            "confirm",
            card=card,
            verdict=finding,
            by=by,
            wait_edges=WAIT_S,
            printed=Status.CARD_PRINTED,
            ready=Status.PRINT_READY_RECORD,
            **{"from": Status.PRINT_UNCONFIRMED},
        )
        if "refused" in said:
            raise CardError(
                f"card {card} is {said['refused']}, not {Status.PRINT_UNCONFIRMED}: there is nothing to confirm"
                if said["refused"]
                else f"there is no card {card}"
            )
        return _wakes(said)

    def _handle(self, verb: str, card: CardId, why: str, allowed: frozenset[Status]) -> Wakes:
        said = self._scripts.run_once(
            "handle",
            card=card,
            verb=verb,
            why=why,
            allowed=sorted(allowed),
            held=Status.HELD,
            fresh=Status.BIO_CAPTURED,
            ready=Status.PRINT_READY_RECORD,
            **{"class": int(Priority.EXPEDITED)},
        )
        if said.get("refused") == "":
            raise CardError(f"there is no card {card}")
        if "refused" in said:
            raise CardError(f"card {card} is {said['refused']}: it cannot be {DONE[verb]} now")
        return _wakes(said)

    def _end(self, verb: str, lot: Lot, **more: Any) -> Wakes | None:
        at_centre = lot.station == CENTRE
        if AT_CENTRE.get(verb, at_centre) != at_centre:
            raise CardError(f"lot {lot.name} of {lot.station} cannot end by '{verb}': nothing is changed")
        before = _claim_moves(lot.station)[1]
        # A lot ends once: who says it again is answered as before.
        said = self._scripts.run_once(verb, f"{verb}-{lot.name}", lot=lot.name, **more, **{"from": before})
        return None if "fenced" in said else _wakes(said)


def _one_each(lot: Lot, given: Sequence[object]) -> None:
    # A script that stops half-way has changed half: what a device says is counted before.
    if len(given) != len(lot.cards):
        raise CardError(f"lot {lot.name}: {len(given)} answers for {len(lot.cards)} cards: nothing is changed")


def _claim_moves(station: StationCode) -> tuple[Status, Status]:
    if station == CENTRE:
        return Status.BIO_CAPTURED, Status.SENT_FOR_ENROLLMENT
    return Status.PRINT_READY_RECORD, Status.SENT_FOR_CARD_PRINTING


def _may_move_to(status: Status) -> frozenset[Status]:
    return frozenset(before for before, after in MOVES.items() if status in after)


def _offer(station: StationCode, most: int, said: Mapping[str, Any]) -> Offer | ClaimRefusal:
    if "refused" in said:
        return ClaimRefusal(said["refused"])
    cards = tuple(CardId(card) for card in said["cards"])
    return Offer(station, int(said["position"]), int(said["start"]), int(said["until"]), cards, most)


def _pairs(steps: Sequence[Step]) -> list[tuple[int, int]]:
    return [(step.at_ms, step.seats) for step in steps]


def _plan(plan: Sequence[SeatPlan]) -> list[tuple[int, int, int]]:
    return [(step.at_ms, step.base, step.wanted) for step in plan]


def _wakes(said: Mapping[str, Any]) -> Wakes:
    # Lua's empty table is a list in JSON.
    return {StationCode(station): int(count) for station, count in dict(said["wakes"]).items()}
