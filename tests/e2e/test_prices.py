"""Overtime has one price: in the plan by command, page and REST, its letter, the reports and the metrics."""

from __future__ import annotations

import json
import re
import subprocess
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from console.runtime.embedded_server import valkey_binary
from lembur.accounts import Role, Scope
from lembur.domain.time import HOUR_MS
from lembur.ledger import Ledger, connect
from lembur.settings import Settings
from monitoring import serve
from support.programs import program
from support.runs import lembur
from support.servers import running
from support.waiting import eventually
from support.web_console import Served, open_morning, serve_console

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OFFICE = "3372"
DAYS = ("2016-08-25", "2016-08-26")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder in which Solo is planned and played."""
    return tmp_path_factory.mktemp("solo")


@pytest.fixture(scope="module")
def best(folder: Path) -> dict[str, Any]:
    """Plan Solo until Friday evening; the working time does not suffice, and both evenings are needed."""
    return dict(ask(folder, "plan", "solo-2016", "--by", "Friday 21:00", "--max-hours", "6")["best"])


@pytest.fixture(scope="module")
def played(folder: Path, best: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Play the plan to its end, and give the address of the server, which runs on, and the report of the run."""
    assert best["seat_hours"] > 0
    with running(valkey_binary(), folder) as url:
        yield url, ask(folder, "run", "solo-2016", "--planned", "--speed", "max", "--redis", url, "--data", "data")


def ask(folder: Path, *words: str) -> dict[str, Any]:
    """Run a command that must succeed, and return its answer."""
    done = lembur(folder, *words, "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def exported(url: str, budget_rupiah: int) -> dict[str, float]:
    """Read each metric as Prometheus does, all stations together, from an exporter with a budget."""
    with serve(Settings(redis_url=url, office=OFFICE), host="127.0.0.1", port=0, budget_rupiah=budget_rupiah) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with urlopen(f"http://127.0.0.1:{server.server_port}/metrics", timeout=60) as page:
            text = page.read().decode()
        server.shutdown()
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


def test_the_report_of_the_run_has_the_hours_and_the_price_of_the_plan(
    best: dict[str, Any], played: tuple[str, dict[str, Any]]
) -> None:
    """The same plan, carried out by real workers."""
    ordered = played[1]["overtime_ordered"]

    assert (ordered["seat_hours"], ordered["rupiah"]) == (pytest.approx(best["seat_hours"]), best["rupiah"])


def test_the_reports_of_both_days_add_up_to_the_plan(
    folder: Path, best: dict[str, Any], played: tuple[str, dict[str, Any]]
) -> None:
    """`lembur report`, which a lead prints each evening."""
    hours, rupiah = reported(folder, played[0])

    assert hours == pytest.approx(best["seat_hours"])
    assert rupiah == best["rupiah"]


def reported(folder: Path, url: str) -> tuple[float, int]:
    """Add up the hours and the rupiah of the reports of both days."""
    days = [ask(folder, "report", "--day", day, "--redis", url, "--data", "data")["overtime"] for day in DAYS]
    return sum(day["seat_hours"] for day in days), sum(day["rupiah"] for day in days)


def test_the_letter_has_the_sum_of_the_plan(
    folder: Path, best: dict[str, Any], played: tuple[str, dict[str, Any]]
) -> None:
    """The last line of the table that the head of the office signs."""
    assert signed(folder, played[0]) == (best["seat_hours"], best["rupiah"])


def signed(folder: Path, url: str) -> tuple[float, int]:
    """Write the letter of the plan applied last, and read the hours and the rupiah of its last line."""
    names = ("--number", "800/12", "--office", "Disdukcapil", "--english", "--redis", url, "--data", "data")
    done = lembur(folder, "plan", "letter", "letter.pdf", *names)
    assert done.returncode == 0, done.stderr
    words = [program("pdftotext"), "-layout", "letter.pdf", "-"]
    text = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout
    ((hours, rupiah),) = re.findall(r"^ *Total +([\d.,]+) +([\d.,]+)$", text, re.MULTILINE)
    return float(hours), int(rupiah.replace(",", ""))


def test_a_budget_from_the_plan_is_used_up_when_its_last_order_ends(
    best: dict[str, Any], played: tuple[str, dict[str, Any]]
) -> None:
    """The metrics reach the hours and the price of the plan exactly then, and not an hour before."""
    ledger = Ledger(connect(played[0]), office=OFFICE)
    ends_ms = max(order.until_ms for order in ledger.orders())

    ledger.set_clock(virtual_ms=ends_ms - HOUR_MS, speed=1e-6, ends_ms=ends_ms)
    before = exported(played[0], best["rupiah"])
    ledger.set_clock(virtual_ms=ends_ms, speed=1e-6, ends_ms=ends_ms)
    after = exported(played[0], best["rupiah"])

    assert before["lembur_overtime_cost_rupiah_total"] < before["lembur_overtime_budget_rupiah"]
    assert after["lembur_overtime_cost_rupiah_total"] == after["lembur_overtime_budget_rupiah"] == best["rupiah"]
    assert after["lembur_overtime_seat_seconds_total"] == pytest.approx(best["seat_hours"] * 3600)


def test_a_live_plan_costs_the_same_by_command_page_and_rest(tmp_path: Path) -> None:
    """The same question to one office; ordered by REST, its price is in the letter, the reports and the metrics."""
    with running(valkey_binary(), tmp_path) as url:
        ledger = open_morning(url, OFFICE)
        with serve_console(url, OFFICE, tmp_path / "data") as served:
            served.enrol_queue()
            words = ("--live", "--by", "2016-08-26 20:00", "--confidence", "0.5")
            by_command = ask(tmp_path, "plan", *words, "--redis", url, "--data", "data")["best"]
            on_page, by_rest = shown_on_page(served), ordered_by_rest(served)
        hours, rupiah = by_command["seat_hours"], by_command["rupiah"]
        assert rupiah > 0
        assert on_page == rupiah
        assert by_rest["seat_hours"] == pytest.approx(hours)
        assert by_rest["rupiah"] == rupiah

        ends_ms = max(order.until_ms for order in ledger.orders())
        ledger.set_clock(virtual_ms=ends_ms, speed=1e-6, ends_ms=ends_ms)
        metrics = exported(url, rupiah)

        assert metrics["lembur_overtime_cost_rupiah_total"] == rupiah
        assert metrics["lembur_overtime_seat_seconds_total"] == pytest.approx(hours * 3600)
        for other_hours, other_rupiah in (reported(tmp_path, url), signed(tmp_path, url)):
            assert other_hours == pytest.approx(hours)
            assert other_rupiah == rupiah


def shown_on_page(served: Served) -> int:
    """Find the cheapest plan on the page Plan, and read the rupiah of its total."""
    served.add_user("sri", "Sri Lestari", Role.HEAD)
    client = served.log_in("sri")
    client.open("/plan")
    terms = {"deadline": "2016-08-26T20:00", "chance": "50", "max_hours": "4", "max_seats": "12"}

    def total() -> list[str]:
        return re.findall(r'class="total".*Rp\s([\d.]+)<', client.send("/plan/cheapest", **terms).text)

    (rupiah,) = eventually(total)
    return int(rupiah.replace(".", ""))


def ordered_by_rest(served: Served) -> dict[str, Any]:
    """Search the cheapest plan by REST, order it, and give the answer of the search."""
    planner = served.api(Scope.PLAN)
    terms = {"deadline": "2016-08-26T20:00:00+07:00", "confidence": 0.5, "max_hours": 4, "max_seats": 12}

    def found() -> dict[str, Any]:
        answer = planner.post("/plan/search", json=terms)
        return dict(answer.json()) if answer.status_code == 200 else {}

    plan = eventually(found)
    assert planner.post("/plan/apply", json={"name": plan["name"]}).status_code == 201
    return plan
