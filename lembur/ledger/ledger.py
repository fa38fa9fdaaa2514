"""The ledger of one office: the office itself, its clock, its cards, and reads of one call."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from lembur.domain.card import CardId, Status
from lembur.domain.errors import LedgerError
from lembur.domain.seats import CENTRE, StationCode
from lembur.domain.time import HOUR_MS, hours_ahead
from lembur.ledger.clock import OfficeClock
from lembur.ledger.connection import translate_redis_errors
from lembur.ledger.core import read_wakes, seat_rows
from lembur.ledger.lots import Lots
from lembur.ledger.people import People
from lembur.ledger.schema import CLASS_STEP, HOURLY_DAYS, SCHEMA, first_record, first_status
from lembur.ledger.scripts import delete_others, other_libraries
from lembur.ledger.types import HEARTBEAT_TIMEOUT_MS, read_orders, read_printers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from lembur.domain.seats import SeatOrder
    from lembur.ledger.types import Enrolment, PrinterState, StationSetup, Wakes

KIND = ("status", "class", "station", "queue", "hour")
"""By these the cards of an enrolment are counted."""


class Ledger(OfficeClock, Lots, People):
    """Every card, blank and seat of one office; each verb is one atomic script."""

    def open(self, *, office: Mapping[str, Any], stations: Sequence[StationSetup], starts_ms: int = 0) -> bool:
        """Open the office's ledger once; no card starts before `starts_ms`. Return False when it was open already."""
        given = {"office": json.dumps(office), "schema": str(SCHEMA), "starts": starts_ms}
        return bool(self._scripts.run("open", stations=_station_rows(stations), **given)["opened"])

    def change(
        self,
        *,
        office: Mapping[str, Any],
        stations: Sequence[StationSetup],
        ends_ms: int,
        changes: int,
        orders: int,
        expects_others: bool,
        changed: str,
        by: str,
        reason: str,
    ) -> Wakes | None:
        """Change the open office from now on, and keep it as it was before.

        None when others came since these `changes` and `orders`, from which the stations were computed. With other
        hours or arrivals the office `expects_others` than before: forecasts compare the people who come from now on.
        """
        reply = self._scripts.run_once(
            "change",
            office=json.dumps(office),
            stations=_station_rows(stations),
            ends=ends_ms,
            changes=changes,
            orders=orders,
            expects_others=expects_others,
            changed=changed,
            by=by,
            reason=reason,
        )
        return None if "stale" in reply else read_wakes(reply)

    @translate_redis_errors
    def changes(self) -> int:
        """Return the number of changes of the office since its opening."""
        return int(self.server.hget(self.key("clock"), "changes") or 0)

    @translate_redis_errors
    def earlier_offices(self) -> list[tuple[int, dict[str, Any]]]:
        """List the office as it was before each change, with the moment of the change; the oldest first."""
        rows = (row.partition("|") for row in self.server.lrange(self.key("earlier_offices"), 0, -1))
        return [(int(until_ms), json.loads(text)) for until_ms, _, text in rows]

    @translate_redis_errors
    def office(self) -> dict[str, Any]:
        """Return the office, with the number of its changes; empty when it was never opened. Refuse another schema."""
        changes = self.changes()  # First, because a change that comes between the two is then noticed later.
        text = self.check_schema()
        return {**json.loads(text), "changes": changes} if text else {}

    @translate_redis_errors
    def check_schema(self) -> str:
        """Refuse an office of another schema; return its description, as it is kept."""
        pipe = self.server.pipeline(transaction=True)
        pipe.get(self.key("office"))
        pipe.hget(self.key("clock"), "schema")
        text, schema = pipe.execute()
        if text and schema != SCHEMA:
            raise LedgerError(
                "this office was stored by another version of Lembur (schema %(there)s, this one reads "
                "%(schema)s): stop its processes and run `lembur migrate`",
                there=schema or "-",
                schema=str(SCHEMA),
            )
        return str(text or "")

    def enrol(self, cards: Sequence[Enrolment]) -> tuple[list[CardId | None], Wakes]:
        """Enrol a lot of identities; the card is None where the NIK is known already."""
        kinds: dict[tuple[Any, ...], int] = {}
        kind_of = [kinds.setdefault(_kind(card), len(kinds) + 1) for card in cards]
        reply = self._scripts.run_once(
            "enrol",
            niks=[card.nik for card in cards],
            records=list(map(first_record, cards)),
            ready=[str(card.ready_ms) for card in cards],
            orders=[str(card.priority * CLASS_STEP + card.due_ms) for card in cards],
            kind_of=kind_of,
            kinds=[dict(zip(KIND, kind, strict=True)) for kind in kinds],
        )
        return [number or None for number in reply["cards"]], read_wakes(reply)

    @translate_redis_errors
    def other_versions(self) -> int:
        """Count the other versions whose functions are in the server."""
        return len(other_libraries(self.server))

    @translate_redis_errors
    def delete_other_versions(self) -> int:
        """Delete the functions of other versions; return the number of versions.

        Nothing is deleted while a process of this office works, or another office is on the server: they may need them.
        """
        at_work = any(at > self.real_ms() - HEARTBEAT_TIMEOUT_MS for at in self.last_seen().values())
        return 0 if at_work else delete_others(self.server, self.prefix)

    @translate_redis_errors
    def counts(self) -> dict[Status, int]:
        """Count the cards by status."""
        return {Status(name): int(n) for name, n in self.server.hgetall(self.key("counts")).items()}

    def archive(self, records: Mapping[CardId, str]) -> int:
        """Let cards leave the ledger that a file of the archive has.

        Return the number that left, because a card may have changed.
        """
        reply = self._scripts.run_once("archive", cards=list(records), records=list(records.values()))
        return int(reply["archived"])

    @translate_redis_errors
    def count_refused(self, rows: int) -> None:
        """Count the rows of a file that intake refused."""
        hour = self.time()[0] // HOUR_MS
        self.server.hincrby(self.key("hourly_counts"), f"refused|intake|{hour}", rows)

    def fold_hours(self, zone: tzinfo, *, starts_ms: int) -> int:
        """Fold hourly counts of old days into daily counts, once a day; return the number of folded counts.

        Counts from after the office's start stay after it.
        """
        zone_h = hours_ahead(starts_ms, zone)
        return int(
            self._scripts.run("fold_hours", days=HOURLY_DAYS, zone_h=zone_h, starts_h=starts_ms // HOUR_MS)["folded"]
        )

    @translate_redis_errors
    def note_printer(self, printer: PrinterState) -> None:
        """Keep a real printer's own report. Only a change of `waits` changes its time."""
        before = next((one for one in self.printers() if one.name == printer.name), None)
        since_ms = before.since_ms if before and before.waits == printer.waits else self.time()[0]
        keys = [f"printer_{kind}|{printer.station}|{printer.name}" for kind in ("good", "spoiled")]
        prints = sum(int(n or 0) for n in self.server.hmget(self.key("counters"), *keys))
        row = json.dumps(asdict(replace(printer, since_ms=since_ms, prints=prints)))
        self.server.hset(self.key("printers"), printer.name, row)

    @translate_redis_errors
    def keep_printers(self, station: StationCode, names: Sequence[str]) -> None:
        """Forget the reports of the printers that a station does not have any more."""
        for one in self.printers():
            if one.station == station and one.name not in names:
                self.server.hdel(self.key("printers"), one.name)

    @translate_redis_errors
    def printers(self) -> list[PrinterState]:
        """List the real printers of the office by name; empty where printers are simulated."""
        return read_printers(self.server.hgetall(self.key("printers")))

    @translate_redis_errors
    def send_heartbeat(self, node: str, stations: Sequence[StationCode] = ()) -> None:
        """Note that a worker is up, and its stations, at the server's time: a worker's own clock may be wrong."""
        self.server.hset(self.key("heartbeats"), node, f"{self.real_ms()}|{','.join(stations)}")

    @translate_redis_errors
    def last_seen(self) -> dict[str, int]:
        """Return the time of each worker's last heartbeat, real milliseconds UTC."""
        return {node: int(row.partition("|")[0]) for node, row in self.server.hgetall(self.key("heartbeats")).items()}

    @translate_redis_errors
    def worker_heartbeats(self) -> dict[StationCode, int]:
        """Return the time of the last heartbeat of a worker of each station, real milliseconds UTC."""
        found: dict[StationCode, int] = {}
        for row in self.server.hgetall(self.key("heartbeats")).values():
            at, _, codes = row.partition("|")
            found |= {StationCode(code): max(int(at), found.get(StationCode(code), 0)) for code in codes.split(",")}
        return found

    @translate_redis_errors
    def seats_at(self, station: StationCode, at_ms: int) -> int:
        """Return the seats open at a station at a moment."""
        found = self.server.zrevrangebyscore(self.key("open_seats", station), at_ms, "-inf", start=0, num=1)
        return int(found[0].rpartition("|")[2]) if found else 0

    @translate_redis_errors
    def orders(self) -> list[SeatOrder]:
        """List all seat orders, the oldest first."""
        return read_orders(self.server.lrange(self.key("orders"), 0, -1))


def _kind(card: Enrolment) -> tuple[Any, ...]:
    queue = CENTRE if card.first_issue else card.station
    return first_status(card), int(card.priority), card.station, queue, card.ready_ms // HOUR_MS


def _station_rows(stations: Sequence[StationSetup]) -> list[dict[str, Any]]:
    return [
        {
            "code": station.code,
            "printers": station.printers,
            "blank": station.blanks,
            "ribbon": station.ribbon_cards,
            "promised": list(station.promised),
            **seat_rows(station.steps, station.plan),
        }
        for station in stations
    ]
