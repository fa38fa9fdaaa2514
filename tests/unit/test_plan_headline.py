"""The sentence about a plan is built from its figures, in the words and the numbers of the page's language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lembur.domain.seats import SeatOrder, StationCode
from lembur.domain.time import HOUR_MS
from support.zones import JAKARTA
from web.language import Formats, words_of
from web.planning import FoundPlan, describe_plan
from web.planning.questions import WaysOut

DEADLINE_MS = 1_472_212_800_000
ORDER = SeatOrder(StationCode("jebres"), 2, DEADLINE_MS - HOUR_MS, DEADLINE_MS, "planner", "plan")
FOUND = FoundPlan(
    name="abc",
    now_ms=DEADLINE_MS - 36 * HOUR_MS,
    caution=None,
    deadline_ms=DEADLINE_MS,
    confidence=0.95,
    max_hours=4.0,
    capped_by="",
    opens=True,
    suffices=True,
    holds=True,
    people=1,
    needed=WaysOut(),
    orders=(ORDER,),
    prices=(17_000,),
    chance=0.964,
    rupiah=17_000,
    seat_hours=1.5,
)


@pytest.mark.parametrize(
    ("changes", "english", "indonesian"),
    [
        (
            {},
            (
                "1.5 seat hours of overtime, 1 more operator in working time: clear by Fri 26 Aug 19:00 with a chance "
                "of 96.4%."
            ),
            (
                "1,5 jam kursi lembur, 1 operator lagi pada jam kerja: antrean habis sebelum Jum 26 Agu 19.00 dengan "
                "peluang 96,4%."
            ),
        ),
        (
            {"seat_hours": 0.0, "people": 2, "holds": False, "chance": 0.9},
            (
                "No overtime, 2 more operators in working time: clear by Fri 26 Aug 19:00 with a chance of 90.0%. "
                "This is below the 95% asked for."
            ),
            (
                "Tanpa lembur, 2 operator lagi pada jam kerja: antrean habis sebelum Jum 26 Agu 19.00 dengan peluang "
                "90,0%. Ini di bawah 95% yang diminta."
            ),
        ),
        (
            {"orders": ()},
            "Nothing has to be ordered: the queue is clear by Fri 26 Aug 19:00 (96.4%).",
            "Tidak ada yang perlu diperintahkan: antrean habis sebelum Jum 26 Agu 19.00 (96,4%).",
        ),
        (
            {"orders": (), "max_hours": 3.0, "capped_by": "Kepmenaker 102/2004"},
            (
                "Nothing has to be ordered: the queue is clear by Fri 26 Aug 19:00 (96.4%). Overtime is 3 h on a "
                "working day at most (Kepmenaker 102/2004)."
            ),
            (
                "Tidak ada yang perlu diperintahkan: antrean habis sebelum Jum 26 Agu 19.00 (96,4%). Lembur paling "
                "lama 3 jam pada hari kerja (Kepmenaker 102/2004)."
            ),
        ),
        (
            {"suffices": False, "needed": WaysOut(more_seats=10, earliest_ms=DEADLINE_MS + HOUR_MS)},
            (
                "Nothing within these limits clears the queue by Fri 26 Aug 19:00. 10 seats (with printers "
                "where they are needed) and 4 h of overtime a day would. Time until Fri 26 Aug 20:00 would."
            ),
            (
                "Dalam batas ini antrean tidak dapat habis sebelum Jum 26 Agu 19.00. 10 kursi (dengan pencetak di "
                "tempat yang memerlukannya) dan 4 jam lembur sehari cukup. Waktu sampai Jum 26 Agu 20.00 cukup."
            ),
        ),
        (
            {"holds": False, "chance": 0.9496},
            (
                "1.5 seat hours of overtime, 1 more operator in working time: clear by Fri 26 Aug 19:00 with a chance "
                "of 94.9%. This is below the 95% asked for."
            ),
            (
                "1,5 jam kursi lembur, 1 operator lagi pada jam kerja: antrean habis sebelum Jum 26 Agu 19.00 dengan "
                "peluang 94,9%. Ini di bawah 95% yang diminta."
            ),
        ),
        (
            {"suffices": False, "needed": WaysOut(moved_blanks=300)},
            (
                "Nothing within these limits clears the queue by Fri 26 Aug 19:00. Moving 300 blanks between stations "
                "would."
            ),
            (
                "Dalam batas ini antrean tidak dapat habis sebelum Jum 26 Agu 19.00. Memindahkan 300 blangko "
                "antartempat cukup."
            ),
        ),
        (
            {"suffices": False, "opens": False},
            (
                "The office does not open before Fri 26 Aug 19:00, so nothing is printed until then. More hours, more "
                "seats and a later deadline would not either: look at blanks and printers."
            ),
            (
                "Kantor tidak buka sebelum Jum 26 Agu 19.00, jadi sampai saat itu tidak ada yang dicetak. Lebih banyak "
                "jam, kursi, atau waktu pun tidak cukup: periksa blangko dan pencetak."
            ),
        ),
    ],
)
def test_a_plan_is_one_sentence_in_both_languages(changes: dict[str, Any], english: str, indonesian: str) -> None:
    """What to order, that nothing is needed, or the ways that would suffice."""
    found = replace(FOUND, **changes)

    assert describe_plan(found, Formats("en", words_of("en"), JAKARTA)) == english
    assert describe_plan(found, Formats("id", words_of("id"), JAKARTA)) == indonesian
