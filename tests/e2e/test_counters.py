"""What the exporter counts is what came out of the printers, whatever was killed and restarted in between."""

from __future__ import annotations

import json
import os
import re
import signal
from collections import Counter
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from console.report import build_report
from lembur.domain.card import Status
from lembur.ledger import queries
from lembur.ledger.queries.metrics import read_metrics
from monitoring.metrics import AGES, METRICS
from support.runs import Lembur, open_day_and_night, reconciles, small_scenario
from support.small_office import counted_seat_ms
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from lembur.domain.seats import StationCode

CARDS = 150
FAULTS = """
[[printing.script]]
fate = "spoil"
odds = 0.05

[[printing.script]]
fate = "answer twice"
odds = 0.1

[[printing.script]]
fate = "slow"
odds = 0.05

[[printing.script]]
station = "dinas"
fate = "die before printing"
prints = [20]

[[printing.script]]
station = "dinas"
fate = "die after printing"
prints = [40]
"""
FORECAST = (
    "lembur_forecast",
    "lembur_clear",
    "lembur_late_cards",
    "lembur_sop_breach",
    "lembur_overtime_required",
    "lembur_stock_runway",
)
"""What is there once a forecast is kept."""
REAL_PRINTER = ("lembur_printer_waiting", "lembur_printer_cards", "lembur_printer_ribbon")
"""What is there once a real printer reports."""
Page = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def scrape(up: Lembur) -> Page:
    """Read all samples by name and labels; empty while the ledger is away. Without an exporter it raises."""
    (address,) = re.findall(r"metrics +(\S+)", up.said)
    with urlopen(address, timeout=60) as page:  # noqa: S310 - our own address
        families = list(text_string_to_metric_families(page.read().decode()))
    samples = [sample for family in families for sample in family.samples]
    assert {sample.labels.pop("office") for sample in samples} == {"3372"}
    found = {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples}
    return found if found["lembur_exporter_scrape_success", ()] else {}


def counted(page: Page) -> Page:
    """The samples that never become less."""
    ends = ("_total", "_bucket", "_sum", "_count")
    return {name: value for name, value in page.items() if name[0].endswith(ends)}


def by(page: Page, name: str, *labels: str, **fixed: str) -> Counter[tuple[str, ...]]:
    """One metric by some of its labels, zeros left out."""
    found: Counter[tuple[str, ...]] = Counter()
    for (sample, given), value in page.items():
        at = dict(given)
        if sample == name and value and fixed.items() <= at.items():
            found[tuple(at[label] for label in labels)] += round(value)
    return found


def printed_by_log(data: Path) -> Iterator[tuple[str, str, int]]:
    """Every print of the printers' own logs: its station, why it was spoiled, how long the printer rested."""
    for path in (data / "printers").glob("*.jsonl"):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        yield from (
            (path.stem, why, rest)
            for r in rows
            if "ends" in r
            for why, rest in zip(r["reasons"], r["rests"], strict=True)
        )


def keyed(found: Mapping[StationCode, int] | Mapping[str, int]) -> Counter[tuple[str, ...]]:
    """Figures of the report, to be compared with a metric of one label."""
    return Counter({(name,): n for name, n in found.items()})


def names(page: Page) -> set[str]:
    """The metrics on a page, each histogram once."""
    return {re.sub("_(bucket|sum|count)$", "", name) for name, _ in page}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a scenario whose printers fail, and two of whose workers die."""
    folder = tmp_path_factory.mktemp("counters")
    path = open_day_and_night(small_scenario(folder, cards=CARDS, status="BIO_CAPTURED"))
    path.write_text(path.read_text().replace("\n[backlog]", f"{FAULTS}\n[backlog]"))
    return folder


def begin(folder: Path) -> Lembur:
    """The office, at a speed at which it has a minute's work."""
    return Lembur(folder, ("up", folder / "small.toml", "--speed", "400", "--data", folder / "data", "--quiet"))


def disturbed(up: Lembur, victim: str, before: Page) -> Page:
    """Kill a process without warning; the first scrape after it, in which nothing counted is less than before."""
    killed = up.pid_of(victim)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: any(pid != killed and re.search(victim, command) for pid, command in up.alive().items()))
    after = eventually(lambda: scrape(up))
    assert {name: value for name, value in counted(before).items() if value > after.get(name, 0)} == {}
    return after


def at_rest(up: Lembur) -> bool:
    """Return whether no machine has anything left to do."""
    board = queries.read_board(up.opened(), up.setup().all_stations)
    return board.counts.get(Status.CARD_PRINTED, 0) > CARDS // 2 and board.open_cards == 0


def test_counters_equal_the_printers_logs_and_the_report(folder: Path) -> None:
    """Server, worker and exporter are killed, then everything is stopped and started, and it ends as if nothing was."""
    with begin(folder) as up:
        ledger = up.ledger()
        eventually(lambda: ledger.counts().get(Status.CARD_PRINTED, 0) > 5)
        page = eventually(lambda: scrape(up))
        for victim in (r"valkey-server", r"workers print@dinas", r"console exporter"):
            page = disturbed(up, victim, page)
        up.stop(signal.SIGINT)
    with begin(folder) as up:
        up.ledger()
        again = eventually(lambda: scrape(up))
        assert {name: value for name, value in counted(page).items() if value > again.get(name, 0)} == {}
        eventually(lambda: at_rest(up))
        page = eventually(lambda: scrape(up))
        ledger, play = up.opened(), up.setup()
        report = build_report(ledger, play, speed=400, wall_s=1, violations=[])
        seen = read_metrics(ledger, play.stations, ages_s=list(AGES.values()), orders_from=0)
        assert reconciles(folder, folder / "data")

    prints = list(printed_by_log(folder / "data"))
    good = Counter((station,) for station, why, _ in prints if not why)
    spoiled = Counter((station, why) for station, why, _ in prints if why)
    printed = by(page, "lembur_cards_total", "station", stage="printing", outcome="printed")
    assert printed == good == keyed({one.code: one.printed for one in report.stations})
    assert by(page, "lembur_card_wait_seconds_count", "station") == good
    assert by(page, "lembur_spoiled_blanks_total", "station", "reason") == spoiled
    assert by(page, "lembur_spoiled_blanks_total", "reason") == Counter(
        {(why,): n for why, n in report.spoil_reasons.items()}
    )
    assert by(page, "lembur_retries_total", "reason", stage="printing")["spoiled",] == spoiled.total()
    assert by(page, "lembur_stage_duration_seconds_count", stage="printing")[()] == len(prints)
    assert {row.name for row in METRICS if not row.name.startswith(FORECAST + REAL_PRINTER)} <= names(page)
    for one in report.stations:
        assert counted_seat_ms(seen, one.code) == one.printers * (seen.stations[one.code].counted_ms - play.starts_ms)
    assert by(page, "lembur_centre_verdicts_total", "verdict") == Counter(
        {(v,): n for v, n in report.centre.answered.items()}
    )
