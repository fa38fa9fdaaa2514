"""The rules: every alert has its partner, its page in the runbook, and a test in which it fires and is silent."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from monitoring.metrics import METRICS, Kind
from support.prometheus import MONITORING, RULES, read, run_program

pytestmark = pytest.mark.monitoring

PROJECT = Path(__file__).parents[2]
RUNBOOK = PROJECT / "monitoring" / "runbook.md"
TESTS = sorted((Path(__file__).parent / "rules").glob("*.yml"))
GROUPS = [group for path in RULES for group in read(path)["groups"]]
ALERTS: dict[str, Any] = {rule["alert"]: rule for group in GROUPS for rule in group["rules"] if "alert" in rule}
RECORDED: dict[str, str] = {
    rule["record"]: rule["expr"] for group in GROUPS for rule in group["rules"] if "record" in rule
}
GAUGES = {metric.name for metric in METRICS if metric.kind is Kind.GAUGE}
PARTNER = "LemburFigureMissing"
METRIC = re.compile(r"\blembur_\w+")
LEVELLED = re.compile(r"\b(?:\w+):lembur_\w+:\w+")


def figures(expr: str) -> set[str]:
    """The metrics an expression asks for, those behind recorded figures included."""
    found = set(METRIC.findall(LEVELLED.sub("", expr)))
    return found.union(*(figures(RECORDED[name]) for name in LEVELLED.findall(expr)))


def known() -> set[str]:
    """Every name the exporter can give, histograms by their parts."""
    parts = ("_bucket", "_sum", "_count")
    return {m.name + part for m in METRICS for part in (parts if m.kind is Kind.HISTOGRAM else ("",))}


def test_promtool_accepts_rules_and_configuration() -> None:
    """`promtool check` has nothing to say, all its lints included."""
    commands: tuple[tuple[str | Path, ...], ...] = (
        ("rules", "--lint=all", *RULES),
        ("config", MONITORING / "prometheus" / "prometheus.yml"),
    )
    for command in commands:
        checked = run_program("promtool", "check", *command)

        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_alert_fires_and_is_silent_as_its_test_says() -> None:
    """`promtool test rules`: fires after its time, is silent at night and while all is well, and its partner fires."""
    with ThreadPoolExecutor(2) as pool:
        for path, tested in zip(
            TESTS, pool.map(lambda path: run_program("promtool", "test", "rules", path), TESTS), strict=True
        ):
            assert tested.returncode == 0, f"{path.name}: {tested.stdout}{tested.stderr}"


def test_every_alert_has_a_test_of_its_own() -> None:
    """A file of its name tests that it fires and that it does not, at night above all."""
    assert {path.stem.partition("-")[0] for path in TESTS} == ALERTS.keys()

    for alert in ALERTS.keys() - {"LemburWatchdog", "LemburFigureMissing", "LemburExporterDown"}:
        text = (Path(__file__).parent / "rules" / f"{alert}.yml").read_text()
        assert {"fires after its time", "does not fire at night"} <= set(re.findall(r"- name: (.+)", text)), alert
        assert re.search(rf"alertname: {alert}\n.+\n +exp_alerts:\n", text), f"{alert} fires nowhere"
        assert re.search(rf"alertname: {alert}\n.+\n +exp_alerts: \[\]\n", text), f"{alert} is silent nowhere"


def test_every_alert_on_a_gauge_has_a_partner_for_its_absence() -> None:
    """A gauge that an alert asks for and that is missing is told by the partner, and a test shows it."""
    asked = {gauge for alert in ALERTS.values() for gauge in figures(alert["expr"]) & GAUGES}
    told = set(re.findall(r"(?:unless on \(office\) |absent\()(lembur_\w+)", ALERTS[PARTNER]["expr"]))
    named = set(re.findall(r'"metric", "(lembur_\w+)"', ALERTS[PARTNER]["expr"]))
    shown = {
        gauge for path in TESTS for gauge in re.findall(r'metric="?(lembur_\w+)|metric: (lembur_\w+)', path.read_text())
    }

    assert asked == told == named
    assert asked == {one or other for one, other in shown}


def test_every_alert_says_how_urgent_it_is_and_what_to_do() -> None:
    """Each has a time, a severity, a summary, a description, and the address of its heading in the runbook."""
    for name, alert in ALERTS.items():
        assert re.fullmatch(r"\d+[smh]", alert["for"]), name
        assert alert["labels"]["severity"] in {"page", "warning", "info"}, name
        assert alert["annotations"].keys() == {"summary", "description", "runbook_url"}, name
        assert alert["annotations"]["runbook_url"] == f"{{{{ $externalLabels.console }}}}/runbook#{name.lower()}", name


def test_a_page_never_comes_at_night() -> None:
    """What somebody would have to get up for asks first whether anybody is there."""
    pages = [name for name, alert in ALERTS.items() if alert["labels"]["severity"] == "page"]

    assert pages
    for name in pages:
        assert "lembur_shift_open" in figures(ALERTS[name]["expr"]), name


def test_the_runbook_has_a_heading_and_a_row_for_every_alert() -> None:
    """monitoring/runbook.md: a heading for each and none else; its table says severity and time as the rules do."""
    page = RUNBOOK.read_text("utf-8")
    rows = re.findall(r"^\| \[(\w+)\]\(#(\w+)\) \| (\w+) \| (\w+) \|", page, re.MULTILINE)

    assert re.findall(r"^## (Lembur\w+)$", page, re.MULTILINE) == list(ALERTS)
    assert rows == [(name, name.lower(), rule["labels"]["severity"], rule["for"]) for name, rule in ALERTS.items()]


def test_rules_ask_only_for_metrics_there_are() -> None:
    """Every name in an expression is one the exporter gives, or one recorded before."""
    for expr in [*(alert["expr"] for alert in ALERTS.values()), *RECORDED.values()]:
        assert figures(expr) <= known(), expr


def test_recorded_figures_are_named_by_level_metric_and_operations() -> None:
    """`level:metric:operations`, where the level is what the figure is told by."""
    for name, expr in RECORDED.items():
        level, metric, _ = name.split(":")
        by = re.findall(r"sum by \(([\w, ]+)\)", expr)

        assert metric.startswith("lembur_")
        assert {labels.removeprefix("office, ").replace(", ", "_") for labels in by} <= {level}, name
        assert "by (office" in expr, name
