"""Every query of every panel, asked of a real Prometheus that watched a real office on a bad day."""

from __future__ import annotations

import math
import re
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lembur.domain.seats import StationCode
from lembur.ledger.types import PrinterState
from monitoring.grafana.queries import CAUSES, CENTRE_IS_AWAY
from support.dashboards import BOARDS, Asked, queries, variables
from support.prometheus import alertmanager, get, prometheus, run_program
from support.runs import Lembur, lembur
from support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.monitoring

SOLO = Path(__file__).parents[2] / "scenarios" / "solo-2016.toml"
OFFICE = "3372"
SPEED = 400
SCRAPED_S = 1
"""How often Prometheus looks here: seven minutes of the office."""
BUDGET = "2500000"
AFTERNOON_S = 1_472_109_300
"""Thursday 14:15: the centre was gone from 10:00 to 11:30, Serengan had no blanks until 14:00, Jebres a seat less."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A Prometheus with an office behind it."""

    url: str
    metrics: str

    def ask(self, expr: str) -> list[Any]:
        """Ask for this moment."""
        return list(get(self.url, "/api/v1/query", query=expr)["data"]["result"])

    def ask_over_time(self, expr: str) -> list[Any]:
        """Ask for everything since the beginning, a scrape apart."""
        now = self.now_s()
        found = get(self.url, "/api/v1/query_range", query=expr, start=now - 240, end=now, step=SCRAPED_S)
        return list(found["data"]["result"])

    def now_s(self) -> float:
        """Tell Prometheus' time."""
        return float(get(self.url, "/api/v1/query", query="time()")["data"]["result"][1])

    def office_s(self) -> float:
        """Tell the office's time, 0 before it is known."""
        found = self.ask("max(lembur_virtual_time_seconds)")
        return float(found[0]["value"][1]) if found else 0.0

    def filled(self, asked: Asked) -> str:
        """Put in Grafana's variables as Grafana does: rates look over at least four scrapes, others are asked for."""
        expr = asked.expr.replace("${office}", OFFICE).replace(
            "$__rate_interval", f"{max(SCRAPED_S + SCRAPED_S, 4 * SCRAPED_S)}s"
        )
        for name, query in variables(BOARDS[asked.board]).items():
            if f"${{{name}}}" in expr:
                (sample,) = self.ask(query.replace("${office}", OFFICE))
                found = re.search(r" (\d+) ", f"{{}} {sample['value'][1]} {sample['value'][0] * 1000:.0f}")
                assert found, sample
                expr = expr.replace(f"${{{name}}}", found[1])
        return expr

    def answer(self, asked: Asked) -> list[Any]:
        """Give the series of a query that have a number in them."""
        ask = self.ask_over_time if asked.over_time else self.ask
        return [series for series in ask(self.filled(asked)) if any(math.isfinite(value) for value in numbers(series))]


def numbers(series: dict[str, Any]) -> list[float]:
    """The values of a series, at one moment or over time."""
    return [float(value) for _, value in series.get("values", [series.get("value")])]


def bad_day(folder: Path) -> Path:
    """Write solo-2016 with a centre that is gone, a jam, and a station without blanks until a delivery comes."""
    text = SOLO.read_text()
    outage = "begins = 2016-08-25T10:00:00+07:00\nends = 2016-08-25T11:30:00+07:00"
    changes = {
        "[centre.verdicts]": f'[[centre.script]]\nfate = "refuse"\nodds = 1.0\n{outage}\n\n[centre.verdicts]',
        "[printing.spoil_reasons]": '[[printing.script]]\nfate = "jam"\nstation = "dinas"\nprints = [20]\n\n'
        "[printing.spoil_reasons]",
        "printers = 1\nseats = 0\nblanks = 340": "printers = 1\nseats = 0\nblanks = 20",
        "[backlog]": '[[deliveries]]\nat = 2016-08-25T14:00:00+07:00\nstation = "serengan"\nblanks = 340\n\n[backlog]',
    }
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "bad-day.toml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Run the office, its exporter and forecaster, Prometheus and Alertmanager until the afternoon of the bad day."""
    folder, data = tmp_path_factory.mktemp("office"), tmp_path_factory.mktemp("data") / "data"
    with ExitStack() as running:
        running.enter_context(pytest.MonkeyPatch.context()).setenv("LEMBUR_BUDGET", BUDGET)
        up = ("up", bad_day(folder), "--speed", str(SPEED), "--data", data, "--quiet")
        office = running.enter_context(Lembur(folder, up))
        # Printers are simulated here: one real one reports, so that the table of real printers has a row.
        office.ledger().note_printer(PrinterState("card1", StationCode("dinas"), ribbon_percent=80))
        metrics = eventually(lambda: re.findall(r"^metrics +http://(\S+)/metrics$", office.said, re.MULTILINE))[0]
        alerts = running.enter_context(alertmanager(tmp_path_factory.mktemp("alertmanager")))
        targets = {"exporter:9273": metrics, "alertmanager:9093": alerts.removeprefix("http://")}
        place = tmp_path_factory.mktemp("prometheus")
        seen = Watched(
            running.enter_context(prometheus(place, targets, every=f"{SCRAPED_S}s")), f"http://{metrics}/metrics"
        )
        eventually(lambda: seen.ask("lembur_seat_orders_total"))
        order = ("seats", "jebres", "1", "--until", "20:00", "--by", "Bu Sri", "--reason", "an operator is ill")
        ordered = lembur(folder, *order, "--data", data)
        assert ordered.returncode == 0, ordered.stderr
        eventually(lambda: seen.office_s() > AFTERNOON_S)
        yield seen


def test_promtool_accepts_the_metrics(watched: Watched) -> None:
    """`promtool check metrics` says only what is meant so: forecasts have quantiles, and orders last hours."""
    with urllib.request.urlopen(watched.metrics, timeout=60) as page:  # noqa: S310 - on this machine
        checked = run_program("promtool", "check", "metrics", given=page.read().decode())
    said = {re.sub(r"^lembur_\w+ ", "", line) for line in checked.stderr.splitlines()}

    assert said <= {
        'non-summary metrics should not have "quantile" label',
        'use base unit "seconds" instead of "hours"',
    }


def test_every_query_of_every_panel_returns_data(watched: Watched) -> None:
    """At least one number, in series that have the labels they are named by."""
    unanswered = list(queries())
    assert len(unanswered) > 90

    def look() -> bool:
        for asked in list(unanswered):
            series = watched.answer(asked)
            if any(set(re.findall(r"{{(\w+)}}", asked.legend)) <= one["metric"].keys() for one in series):
                unanswered.remove(asked)
        assert not unanswered, [str(asked) for asked in unanswered]
        return True

    eventually(look)


def test_the_bad_day_can_be_seen(watched: Watched) -> None:
    """A station without blanks, a centre for which cards wait, an order with its mark: each in the figures shown."""
    wall = {asked.panel: asked for asked in queries() if asked.board == "lembur-wall"}

    (blanks,) = watched.ask_over_time('lembur_stock_units{item="blank",station="serengan"}')
    (centre,) = watched.ask_over_time("lembur_centre_up")
    (waiting,) = watched.ask_over_time("lembur_centre_waiting_cards")
    marked = {series["metric"]["station"] for series in watched.answer(wall["Seat orders"])}

    held = {one["metric"]["station"]: numbers(one) for one in watched.answer(wall["What held each station back"])}
    no_blanks = next(number for number, (cause, _, _) in CAUSES.items() if cause == "blanks")

    assert CENTRE_IS_AWAY in held["centre"]
    assert no_blanks in held.pop("serengan")
    assert not [station for station, states in held.items() if no_blanks in states]
    assert 0 in numbers(blanks)
    assert numbers(centre)[0] == 1
    assert 0 in numbers(centre)
    assert max(numbers(waiting)) > 8  # more than the centre has lines
    assert numbers(watched.ask("lembur_unconfirmed_cards")[0]) == [1]
    assert marked == {"jebres"}
    assert {1, 2} <= set(numbers(watched.ask_over_time('lembur_seats_open{station="jebres"}')[0]))
