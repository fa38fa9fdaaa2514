"""What becomes of a print job under each fate of the script: real workers, their printers' logs, and the ledger."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from lembur.domain.card import CardId, Status, card_id
from lembur.domain.seats import StationCode
from lembur.ledger import Ledger, queries
from support.runs import Lembur, lembur, open_day_and_night, small_scenario, whole_lines
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds processes in /proc"),
]

CARDS = 40
SCRIPT = """
[[printing.script]]
fate = "{fate}"
station = "{station}"
prints = [{number}]
"""
FATES = (
    ("slow", "dinas", 0),
    ("jam", "dinas", 3),
    ("spoil", "dinas", 6),
    ("answer twice", "dinas", 9),
    ("forget", "dinas", 12),
    ("die before printing", "jebres", 2),
    ("die after printing", "jebres", 5),
)


@dataclass(frozen=True, slots=True)
class Office:
    """An office in which every fate has struck once, and the rows of its printers' logs by station."""

    run: Lembur
    ledger: Ledger
    rows: dict[str, list[dict[str, Any]]]

    def jobs(self, station: str, *, why: str) -> list[tuple[CardId, ...]]:
        """The cards of jobs that spoiled their blanks for a reason, by the printers' log."""
        return [tuple(row["cards"]) for row in self.rows[station] if why in row.get("reasons", ())]

    def given_up(self, station: str) -> list[CardId]:
        """Cards whose job at a station was given up, by their histories."""
        cards = [queries.read_card(self.ledger, card_id(number)) for number in range(1, CARDS + 1)]
        return [
            card.card
            for card in cards
            for moment in card.history
            if moment.why == "given up" and card.station == station
        ]

    def history(self, card: CardId) -> list[Status]:
        """The states a card has been in."""
        return [Status(moment.what) for moment in queries.read_card(self.ledger, card).history]

    def log(self, station: str) -> str:
        """What a station's worker wrote, over all its lives."""
        return (self.run.data / "logs" / f"worker-{station}.log").read_text()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Play until every card is printed or waits for a person."""
    folder: Path = tmp_path_factory.mktemp("fates")
    scenario = open_day_and_night(small_scenario(folder, cards=CARDS))
    script = "".join(SCRIPT.format(fate=fate, station=station, number=number) for fate, station, number in FATES)
    scenario.write_text(scenario.read_text().replace("spoil_rate = 0.1", "spoil_rate = 0.0") + script)
    data = folder / "data"
    with Lembur(folder, ("up", scenario, "--speed", "900", "--data", data)) as run:
        ledger = run.ledger()
        eventually(lambda: done(ledger) == CARDS)
        logs = {path.stem: whole_lines(path) for path in (data / "printers").glob("*.jsonl")}
        yield Office(run, ledger, {name: [json.loads(line) for line in lines] for name, lines in logs.items()})


def adds_up(office: Office) -> bool:
    """The ledger with itself and with the printers' logs, as `lembur reconcile` says."""
    said = lembur(office.run.data, "reconcile", "--data", office.run.data)
    return said.returncode == 0 and not said.stderr and "good prints logged here add up" in said.stdout


def done(ledger: Ledger) -> int:
    """Cards that no machine does anything with any more."""
    counts = ledger.counts()
    return counts.get(Status.CARD_PRINTED, 0) + counts.get(Status.PRINT_UNCONFIRMED, 0)


PRINTED = [Status.PRINT_READY_RECORD, Status.SENT_FOR_CARD_PRINTING, Status.CARD_PRINTED]
TWICE = [*PRINTED[:2], *PRINTED]


def test_every_card_came_out_once_but_the_one_in_doubt(office: Office) -> None:
    """By the printers' own logs; the ledger has the same cards, and every blank."""
    good = Counter(
        card
        for rows in office.rows.values()
        for row in rows
        for card, reason in zip(row.get("cards", ()), row.get("reasons", ()), strict=True)
        if not reason
    )

    assert set(good.values()) == {1}
    assert len(good) == CARDS - 1
    assert office.ledger.counts()[Status.CARD_PRINTED] == CARDS - 1
    assert adds_up(office)


def test_a_slow_job_is_committed_late(office: Office) -> None:
    """One of all prints took five times as long: 120 s at most in nine of ten, never near 250."""
    took_s = []
    for number in range(1, CARDS + 1):
        history = queries.read_card(office.ledger, card_id(number)).history
        started, ended = (m.at_ms for m in history[-2:])
        if Status(history[-1].what) is Status.CARD_PRINTED:
            took_s.append((ended - started) / 1000)

    assert sum(one > 250 for one in took_s) == 1


def test_a_spoiled_job_is_printed_anew(office: Office) -> None:
    """Its blank is spoiled in the log and in the ledger, and the card came out the second time."""
    [(card,)] = office.jobs("dinas", why="spoiled by script")

    assert office.history(card) == TWICE
    assert queries.tally(office.ledger)["reason", "dinas", "spoiled by script"] == 1


def test_a_forgotten_job_is_called_off_and_printed_anew(office: Office) -> None:
    """The printer said nothing and its log knows nothing: it may not print it any more, and the card goes back."""
    [card] = office.given_up("dinas")

    assert office.history(card) == TWICE
    assert sum("called_off" in row for row in office.rows["dinas"]) == 1


def test_a_worker_that_dies_before_printing_loses_no_card(office: Office) -> None:
    """The sweep calls the job off at the printer; the card is printed anew."""
    [card] = office.given_up("jebres")

    assert office.history(card) == TWICE
    assert sum("called_off" in row for row in office.rows["jebres"]) == 1


def test_a_worker_that_dies_after_printing_prints_no_card_twice(office: Office) -> None:
    """It died twice in all, and the sweep ended both jobs: the second one as the printer's log says, with one print."""
    assert office.log("jebres").count("print@jebres ready") == 3
    assert office.log("jebres").count("the sweep ended 1 lot") == 2
    assert len([row for row in office.rows["jebres"] if "called_off" in row]) == 1


def test_a_jammed_job_waits_for_a_person_who_settles_it(office: Office, tmp_path: Path) -> None:
    """The log has what the printer does not say; `unconfirmed` lists the card, `confirm` settles it with its blank."""
    [(card,)] = office.jobs("dinas", why="jam")
    given = ("--data", office.run.data)
    listed = json.loads(lembur(tmp_path, "unconfirmed", "--json", *given).stdout)

    assert [row["card"] for row in listed] == [card]
    assert office.history(card)[-1] is Status.PRINT_UNCONFIRMED
    settled = lembur(tmp_path, "confirm", card, "--not-printed", "--spoiled", "--by", "Bu Sri", *given)
    told = f"card {card}: not printed, its blank is spoiled; it is printed again (found by Bu Sri)\n"
    assert (settled.stdout, settled.stderr) == (told, "")
    eventually(lambda: done(office.ledger) == CARDS and not queries.unconfirmed_cards(office.ledger))
    assert office.history(card)[-1] is Status.CARD_PRINTED
    assert queries.read_board(office.ledger, [StationCode("dinas")]).stations[0].stock.spoiled == 2
    assert adds_up(office)
