"""The one sentence about a plan: what to order, that nothing is needed, or what would suffice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.domain.time import NEVER_MS
from web.planning.questions import WaysOut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from web.language import Formats
    from web.planning.questions import FoundPlan


def describe_plan(found: FoundPlan, formats: Formats) -> str:
    """Describe the answer to a search in the words of a page, with the rule that caps its overtime."""
    answer = _describe_answer(found, formats)
    if not found.capped_by:
        return answer
    cap = formats.words.gettext("Overtime is %(hours)s h on a working day at most (%(rule)s).")
    return f"{answer} {cap % {'hours': formats.number(found.max_hours), 'rule': found.capped_by}}"


def _describe_answer(found: FoundPlan, formats: Formats) -> str:
    words, given = formats.words, {"deadline": formats.moment(found.deadline_ms)}
    if not found.suffices:
        return f"{_why_none(found, formats) % given} {' '.join(_ways(found, formats))}"
    given["chance"] = formats.chance(found.chance)
    if not found.orders and found.holds:
        return words.gettext("Nothing has to be ordered: the queue is clear by %(deadline)s (%(chance)s).") % given
    text = words.gettext("%(what)s: clear by %(deadline)s with a chance of %(chance)s.")
    sentence = text % {**given, "what": ", ".join(_what(found, formats))}
    if found.holds:
        return sentence
    asked = f"{formats.number(100 * found.confidence)}%"
    return f"{sentence} {words.gettext('This is below the %(asked)s asked for.') % {'asked': asked}}"


def _what(found: FoundPlan, formats: Formats) -> Iterator[str]:
    """Yield the overtime, and the people beyond the regular ones in working time."""
    words, hours = formats.words, round(found.seat_hours)
    if found.seat_hours:
        text = words.ngettext("%(num)s seat hour of overtime", "%(num)s seat hours of overtime", hours)
        yield text % {"num": formats.number(found.seat_hours)}
    else:
        yield words.gettext("No overtime")
    if found.people:
        text = words.ngettext(
            "%(num)s more operator in working time", "%(num)s more operators in working time", found.people
        )
        yield text % {"num": formats.number(found.people)}


def _why_none(found: FoundPlan, formats: Formats) -> str:
    if not found.opens:
        return formats.words.gettext("The office does not open before %(deadline)s, so nothing is printed until then.")
    return formats.words.gettext("Nothing within these limits clears the queue by %(deadline)s.")


def _ways(found: FoundPlan, formats: Formats) -> Iterator[str]:
    """Yield each way that would suffice, or that there is none."""
    words, needed = formats.words, found.needed
    if needed.longer_h is not None:
        text = words.gettext("%(hours)s h of overtime a day with all seats would.")
        yield text % {"hours": formats.number(needed.longer_h)}
    if needed.more_seats is not None:
        text = words.gettext(
            "%(seats)s seats (with printers where they are needed) and %(hours)s h of overtime a day would."
        )
        yield text % {"seats": formats.number(needed.more_seats), "hours": formats.number(found.max_hours)}
    if needed.earliest_ms < NEVER_MS:
        yield words.gettext("Time until %(moment)s would.") % {"moment": formats.moment(needed.earliest_ms)}
    if needed.moved_blanks is not None:
        text = words.ngettext(
            "Moving %(num)s blank between stations would.",
            "Moving %(num)s blanks between stations would.",
            needed.moved_blanks,
        )
        yield text % {"num": formats.number(needed.moved_blanks)}
    if needed == WaysOut():
        yield words.gettext(
            "More hours, more seats and a later deadline would not either: look at blanks and printers."
        )
