"""Who hears of an alert, and which alert makes others silent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.prometheus import MONITORING, alertmanager, get, post, read, run_program
from support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.monitoring

CONFIG = MONITORING / "alertmanager" / "alertmanager.yml"


def test_amtool_accepts_the_configuration() -> None:
    """`amtool check-config` has nothing to say."""
    checked = run_program("amtool", "check-config", CONFIG)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (("alertname=LemburCentreDown", "severity=page"), "page"),
        (("alertname=LemburSopBreachForecast", "severity=warning", "station=hall"), "warning"),
        (("alertname=LemburSeatOrderExpiresSoon", "severity=info", "station=hall"), "info"),
        (("alertname=LemburWatchdog", "severity=info"), "watchdog"),
        (("alertname=SomethingElse",), "info"),
    ],
)
def test_an_alert_reaches_its_receiver(labels: tuple[str, ...], receiver: str) -> None:
    """By severity; the watchdog has a receiver of its own, and nothing is lost."""
    routed = run_program("amtool", "config", "routes", "test", f"--config.file={CONFIG}", *labels)

    assert routed.stdout.strip() == receiver, routed.stderr


def test_every_severity_has_a_receiver_that_needs_nothing_outside() -> None:
    """No address and no secret is needed to start: an office adds its own."""
    receivers = read(CONFIG)["receivers"]

    assert receivers == [{"name": name} for name in ("page", "warning", "info", "watchdog")]


def _alert(name: str, **labels: str) -> dict[str, Any]:
    return {"labels": {"alertname": name, "severity": "page", **labels}}


def test_a_centre_that_is_down_makes_the_forecast_alerts_silent(tmp_path: Path) -> None:
    """A real Alertmanager says what is inhibited: what follows from the centre, and nothing else."""
    forecasts = ("SopBreachForecast", "SopBreachCertain", "BacklogNotClearing", "ForecastStale", "ForecastUncalibrated")
    silent = {
        *((f"Lembur{name}", "hall") for name in forecasts),
        ("LemburStageStalled", "centre"),
        ("LemburSeatsIdle", "centre"),
    }
    heard = {("LemburCentreDown", "-"), ("LemburStageStalled", "hall"), ("LemburSeatsIdle", "hall")}
    heard |= {("LemburStockRunwayShort", "-"), ("LemburUnconfirmedCards", "-"), ("LemburExporterDown", "-")}

    with alertmanager(tmp_path) as url:
        post(url, "/api/v2/alerts", [_alert(name, station=station) for name, station in silent | heard])
        found = _settled(url, len(silent | heard))

    assert {one for one, state in found.items() if state == "suppressed"} == silent
    assert {one for one, state in found.items() if state == "active"} == heard


def test_an_exporter_that_is_down_makes_missing_figures_silent(tmp_path: Path) -> None:
    """That nothing is known says more than which figures are missing."""
    with alertmanager(tmp_path) as url:
        post(url, "/api/v2/alerts", [_alert("LemburFigureMissing"), _alert("LemburExporterDown")])
        found = _settled(url, 2)

    assert {name: state for (name, _), state in found.items()} == {
        "LemburFigureMissing": "suppressed",
        "LemburExporterDown": "active",
    }


def _settled(url: str, count: int) -> dict[tuple[str, str], str]:
    """Wait until all alerts are there and each is known to be heard or not."""
    eventually(lambda: len(_told(url)) == count and "unprocessed" not in _told(url).values())
    return _told(url)


def _told(url: str) -> dict[tuple[str, str], str]:
    alerts = get(url, "/api/v2/alerts")
    return {(one["labels"]["alertname"], one["labels"].get("station", "-")): one["status"]["state"] for one in alerts}
