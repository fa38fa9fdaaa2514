"""The one sentence about what is in the way of the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.circuit_breaker import CircuitState
from lembur.domain.errors import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from web.language import Formats
    from web.live.office_view import NowView, StationRow
    from web.live.reader import Reading


def describe_obstacle(view: NowView, reading: Reading, formats: Formats) -> tuple[bool, str]:
    """Return whether something is in the way, and the sentence about the first thing that a person should do."""
    found = next(_obstacles(view, reading, formats), None)
    return found is not None, found or formats.words.gettext("Nothing is in the way.")


def _obstacles(view: NowView, reading: Reading, formats: Formats) -> Iterator[str]:
    """Yield the obstacles, the most pressing first."""
    words, metrics = formats.words, reading.metrics
    if metrics.clock_stands:
        yield words.gettext("The office's clock stands still: the feed does not run.")
    if metrics.circuit.state is CircuitState.OPEN:
        text = words.gettext("The centre does not answer; it is tried again at %(at)s.")
        yield text % {"at": formats.moment(metrics.circuit.until_ms)}
    yield from describe_waits(view, reading, formats)
    yield from _station_obstacles(view, formats)
    if late := view.total("late") + view.total("soon_late"):
        text = words.ngettext(
            "%(num)s card is late or due within a day: more seats or hours help.",
            "%(num)s cards are late or due within a day: more seats or hours help.",
            late,
        )
        yield text % {"num": formats.number(late)}


def describe_waits(view: NowView, reading: Reading, formats: Formats) -> Iterator[str]:
    """Write of each real printer that waits for a person what it waits for, and since when."""
    words, names = formats.words, {row.code: row.name for row in view.stations}
    reasons = {
        "jam": words.gettext("jam"),
        "no blanks": words.gettext("no blanks"),
        "no ribbon": words.gettext("no ribbon"),
        "cover open": words.gettext("cover open"),
        "no print server": words.gettext("no print server"),
        "queue stopped": words.gettext("queue stopped"),
    }
    for one in reading.metrics.printers:
        if one.waits:
            yield words.gettext("Printer %(printer)s of %(station)s has waited since %(at)s: %(reasons)s.") % {
                "printer": one.name,
                "station": names[one.station],
                "at": formats.moment(one.since_ms),
                "reasons": ", ".join(reasons.get(reason, reason) for reason in one.waits),
            }


def _station_obstacles(view: NowView, formats: Formats) -> Iterator[str]:
    """Yield the obstacles at print stations, the longest queue first."""
    words = formats.words
    waiting = sorted((row for row in view.stations if row.waiting), key=lambda row: -row.waiting)
    for row in waiting:
        if not row.blanks:
            yield _describe_queue(Sentence("%(station)s has no blanks", station=row.name), row, formats)
        if not row.ribbon:
            yield _describe_queue(Sentence("%(station)s has no ribbon", station=row.name), row, formats)
    if view.unconfirmed:
        text = words.ngettext(
            "%(num)s card has an unknown print result: look at the printer and settle it.",
            "%(num)s cards have an unknown print result: look at the printers and settle them.",
            view.unconfirmed,
        )
        yield text % {"num": formats.number(view.unconfirmed)}
    if waiting and not view.total("seats_open"):
        yield words.gettext("All stations are closed now; cards wait until seats are open.")
    for row in waiting:
        if not row.seats_open:
            yield _describe_queue(Sentence("%(station)s is closed now", station=row.name), row, formats)


def _describe_queue(why: Sentence, row: StationRow, formats: Formats) -> str:
    return formats.sentence(
        Sentence("%(why)s: %(num)s card waits there.", "%(why)s: %(num)s cards wait there.", why=why, num=row.waiting)
    )
