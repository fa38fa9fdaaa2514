"""Every key of the ledger: type, meaning, writer.

All keys carry the office's hash tag, `lembur:{3372}:`, so one city is one slot of a Redis Cluster
(`connection/cluster.py` finds its master). A script is routed by `KEYS[1]`, the clock. It builds the other keys from
the prefix in `ARGV[1]`, because it learns its stations and cards only while it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from lembur.ledger.connection import Server

HOURLY_DAYS: Final = 35
"""Days with hourly counts. Older days have daily counts."""
SCHEMA: Final = "4"
"""Version of the keys and of their contents. It rises with every change that older programs cannot read."""


@dataclass(frozen=True, slots=True)
class Key:
    """One row of the table of keys. `<...>` stands for a station, a card, a lot or a token."""

    name: str
    type: str
    meaning: str
    writer: str


# A table: one row, one line.
# fmt: off
KEYS = (
    Key("clock", "hash", "virtual and real time that belong together, speed (0 = max), exact, ends, schema, number of changes of the office, and since when it expects the present arrivals; the feed that keeps it, and until which real time; hour before which counts are daily", "open, clock, advance, fold_hours, change"),
    Key("office", "string", "the scenario being played, its seed and lot size, as JSON", "open, change"),
    Key("earlier_offices", "list", "the office before each change: time of the change|the office, as in the key before; the oldest first", "change"),
    Key("counts", "hash", "status -> cards that have it now", "enrol, claim, answer, fail, commit, hold, release, sweep, confirm, enter_prints"),
    Key("serial", "string", "the last card number given", "enrol, reprint"),
    Key("nik", "hash", "keyed hash of a NIK -> card", "enrol"),
    Key("nik_key", "string", "fingerprint of the key of the hashes: no other key is accepted", "load_nik_key"),
    Key("cards", "hash", "card -> its record, one text: class|due|recorded|station|kelurahan|stream|mask, then |<status><time> and a reason for each entry of its history", "every verb that moves a card, but claim; archive, restore"),
    Key("uncollected", "string", "one bit a card, by its number: 1 from the moment it came out until its person has it, or it is reprinted", "commit, confirm, enter_prints, hand_over, reprint, archive, restore"),
    Key("reprints", "hash", "card -> the card that it was reprinted as", "reprint"),
    Key("blanks", "hash", "serial of a blank -> card|used, card|spoiled or card|destroyed|number of the minutes; only serials that were noted", "commit, enter_prints, note_blank, hand_over, destroy_spoiled"),
    Key("spoiled_blanks:<station>", "set", "serials of spoiled blanks that are in no minutes of destruction yet", "commit, enter_prints, note_blank, destroy_spoiled"),
    Key("feed_reader", "string", "the process that reads the feed of the centre; it expires with its lease", "read_feed"),
    Key("archived", "string", "number of cards that only the files of the archive have", "archive, restore"),
    Key("held", "hash", "held card -> status before|when it would have been ready", "hold, release"),
    Key("scheduled:<station>", "zset", "cards by the time they become ready", "enrol, answer, fail, commit, release"),
    Key("ready:<station>", "zset", "ready cards by class and due time", "offer, claim"),
    Key("waiting_since:<station>", "zset", "cards that wait for a printer, by the time they were recorded", "enrol, answer, claim, commit, hold, release, sweep, confirm"),
    Key("at_centre:<station>", "zset", "cards of a station that wait for the centre or are there, by the time they were recorded", "enrol, answer, hold, release"),
    Key("open_seats:<station>", "zset", "open seats as a step function: member `at|seats`, score at", "open, order, change"),
    Key("planned_seats:<station>", "zset", "seats as planned, broken printers or not: member `at|by shifts|with orders`, score at", "open, order, change"),
    Key("station:<station>", "hash", "position of the next card, start of the last, end of the last good print, printers, the stretch of open seats that was asked for last (from|upto|seats), up to when the time of its seats is counted, most cards of its last lot, wake-ups under way, when last heard", "open, claim, commit, wake, change"),
    Key("seats:<station>", "zset", "lot -> end of its last card: the largest completions, as many as printers", "claim, commit, sweep, fail"),
    Key("in_flight:<station>", "zset", "lot -> end of its last card, not yet committed", "claim, commit, sweep, fail"),
    Key("lease:<station>", "zset", "lot -> real time at which the seat loses it", "claim, commit, sweep, fail"),
    Key("lots", "hash", "lot in hand -> one text: station|start|its cards|their ends, both as JSON. A card that could start and is in no queue is in one of them, or was asked about", "claim, renew, commit, sweep, fail"),
    Key("circuit", "hash", "may the centre be asked: state, since, until, lines, failures in a row, pause in ms; none before its first failure", "fail, answer, claim"),
    Key("asked", "zset", "cards that a centre outside was asked about and has not answered, by the time they were first asked", "end_asking, hear"),
    Key("ask_again", "zset", "the same cards by the time they were last asked: who waits longest is asked again first", "end_asking, hear, take_overdue"),
    Key("attempts", "hash", "card -> attempts at the centre that are over, but with no card to print", "fail, hear"),
    Key("early_verdicts", "hash", "card of a lot at the centre -> attempt|verdict that was heard before its line noted the asking", "hear, end_asking"),
    Key("centre_cursor", "string", "the place in the centre's feed behind the last verdicts that were heard", "hear"),
    Key("tries", "hash", "card -> how often the centre failed it in a row", "fail, answer"),
    Key("stock:<station>", "hash", "blanks: blank, reserved, received, moved, used, spoiled, destroyed; how many of the spoiled ones are destroyed; ribbon in cards; since when nothing is short, and what was", "open, change, receive, transfer, destroy, destroy_spoiled, claim, commit, abandon, confirm"),
    Key("hourly_counts", "hash", "what|station|hour or reason -> count", "count_refused, enrol, answer, fail, commit, confirm, receive, transfer, destroy"),
    Key("daily_counts", "hash", "the same of days long past: what|station|first hour of the day -> count", "fold_hours"),
    Key("counters", "hash", "what|station|which -> what was counted since the office opened, never less", "enrol, answer, commit, sweep, confirm, enter_prints, order"),
    Key("gauges", "hash", "waiting|station|class and in_hand|station -> cards now", "every verb that moves a card"),
    Key("lag", "hash", "milliseconds a commit came late, by bucket -> lots", "answer, commit"),
    Key("orders", "list", "seat orders as JSON, in the order given", "order"),
    Key("actions", "list", "what people did, as JSON, in the order done; never shortened", "change, hold, release, expedite, hand_over, reprint, note_blank, note_letter, confirm, receive, transfer, destroy, destroy_spoiled, order"),
    Key("references", "hash", "the number of minutes or of a letter, or a plan -> the action that used it, as JSON", "receive, transfer, destroy, destroy_spoiled, note_letter, order"),
    Key("forecasts", "list", "forecasts as JSON, in the order made", "keep"),
    Key("scores", "string", "the scores of the forecasts, as JSON", "keep"),
    Key("promised:<station>", "zset", "deliveries on their way, as JSON, by the time they arrive", "open, change, offer, claim"),
    Key("unconfirmed", "zset", "unconfirmed cards by the time they came there", "unconfirm, confirm, enter_prints"),
    Key("wake_timers", "zset", "station -> virtual time at which a wake-up opens work", "offer, claim, enrol"),
    Key("blocked", "set", "print stations whose next start waits for what comes before", "offer, claim"),
    Key("heartbeats", "hash", "worker -> real time it was last seen|stations it serves", "sweep"),
    Key("printers", "hash", "real printer -> its own report as JSON: station, what it waits for and since when, ribbon and blanks left", "note_printer"),
    Key("arrivals_watermark", "string", "virtual time up to which all arrivals are enrolled", "advance"),
    Key("events", "stream", "what happened, a lot an entry; a claim shows by the end of its lot", "change, enrol, answer, end_asking, hear, fail, commit, sweep, confirm, enter_prints, hold, release, expedite, hand_over, reprint, note_blank, note_letter, order, receive, transfer, destroy, destroy_spoiled"),
    Key("reply:<token>", "string", "the answer to a request, repeated when the request is", "every verb, for two minutes"),
)
# fmt: on
"""A test compares this table with the keys that a played scenario leaves in the server."""


STEMS: Final = {key.name.partition(":")[0]: key.name.partition("<")[0] for key in KEYS}
"""Each key without its part for one station, lot or request, such as `stock:`."""


class Keys(Protocol):
    """A server, and the keys of one office on it."""

    server: Server
    prefix: str

    def key(self, name: str, part: str = "") -> str:
        """Return a key of the office."""
        ...


def prefix(office: str) -> str:
    """Return the prefix of every key of one office's ledger, with its hash tag."""
    return f"lembur:{{{office}}}:"
