"""The dashboards as they are committed: made by the code beside them, readable, and asking only for what there is."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from lembur.domain.scenario import load
from monitoring.grafana.generate import files
from monitoring.metrics import METRICS, Kind
from support.dashboards import BOARDS, FILES, FOLDER, panels, queries, variables
from support.prometheus import MONITORING, RULES, read

pytestmark = pytest.mark.monitoring

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))
COLUMNS, ROWS, ROW_PX = 24, 27, 38
SHAPES = {"stat", "bargauge", "timeseries", "state-timeline", "table"}
ITS_OWN = {"up", "ALERTS", "scrape_duration_seconds", "scrape_samples_scraped"}
"""What Prometheus itself adds to what it scrapes."""
WORD = re.compile(r"(?<![\w:])(?:lembur_\w+|\w+:lembur_\w+:\w+|up|ALERTS|scrape_\w+)(?![\w:(])")
EACH = [
    pytest.param(board, panel, id=f"{name}-{panel['title']}")
    for name, board in BOARDS.items()
    for panel in panels(board)
]


def test_the_code_makes_exactly_what_is_committed() -> None:
    """`python -m monitoring.grafana.generate` changes no byte, and no file is nobody's."""
    made = dict(files())

    assert sorted(made) == FILES
    for path, text in made.items():
        assert path.read_text("utf-8") == text, f"{path.name}: run python -m monitoring.grafana.generate"


def test_there_are_the_five_dashboards() -> None:
    """Wall, Flow, Forecast quality, Overtime and System, each with an address that stays."""
    assert {board["title"] for board in BOARDS.values()} == {"Wall", "Flow", "Forecast quality", "Overtime", "System"}
    for name, board in BOARDS.items():
        assert board["uid"] == name
        assert board["timezone"] == "Asia/Jakarta"
        assert board["description"]


@pytest.mark.parametrize(("board", "panel"), EACH)
def test_a_panel_says_what_it_shows_and_what_to_do(board: dict[str, Any], panel: dict[str, Any]) -> None:
    """Each has a title of its own, a description, a unit, a word for nothing, and the provisioned data source."""
    (source,) = read(MONITORING / "grafana" / "provisioning" / "datasources" / "prometheus.yml")["datasources"]
    shown = panel["fieldConfig"]["defaults"]

    assert panel["type"] in SHAPES  # and no pie
    assert [other["title"] for other in panels(board)].count(panel["title"]) == 1
    assert len(panel["description"]) > len(panel["title"])
    assert panel["description"].endswith(".")
    assert shown["unit"]
    assert shown["noValue"]
    assert panel["targets"]
    for asked in (panel, *panel["targets"]):
        assert asked["datasource"] == {"type": source["type"], "uid": source["uid"]}


@pytest.mark.parametrize(("board", "panel"), EACH)
def test_each_query_has_a_name_of_its_own(board: dict[str, Any], panel: dict[str, Any]) -> None:
    """Two queries of a panel differ in what their series are called, and what shows one moment asks for one moment."""
    names_of_series = [target["legendFormat"] for target in panel["targets"]]
    over_time = {target.get("range", False) for target in panel["targets"]}

    assert all(names_of_series)
    assert len(set(names_of_series)) == len(names_of_series)
    assert over_time == {panel["type"] in {"timeseries", "state-timeline"}}
    assert board["refresh"]


@pytest.mark.parametrize("name", BOARDS)
def test_panels_lie_side_by_side(name: str) -> None:
    """No two overlap, none reaches beyond the 24 columns, and every row of panels is full."""
    places = [panel["gridPos"] for panel in BOARDS[name]["panels"]]
    cells = [
        {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])} for at in places
    ]

    assert not any(one & other for one, other in combinations(cells, 2))
    assert set().union(*cells) == {
        (x, y) for x in range(COLUMNS) for y in range(max(y for _, y in set().union(*cells)) + 1)
    }


def test_the_wall_fits_one_screen() -> None:
    """24 columns and 27 rows of 38 pixels: 1920 x 1080 without scrolling."""
    lowest = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in BOARDS["lembur-wall"]["panels"])

    assert lowest <= ROWS
    assert lowest * ROW_PX <= 1080


def test_the_wall_says_what_it_must() -> None:
    """Everything that operations asked to see from five metres away."""
    assert {panel["title"] for panel in panels(BOARDS["lembur-wall"])} >= {
        "Cards waiting",
        "Clear",
        "Cards that will be late",
        "Within three days",
        "Printed today",
        "Seats busy, of those open",
        "What holds each station back",
        "Stock lasts",
        "Centre",
        "Alerts",
    }


def test_queries_ask_for_what_there_is() -> None:
    """Every name is a metric of the exporter, a recorded figure, or Prometheus' own; labels in legends exist."""
    rules = [rule for path in RULES for group in read(path)["groups"] for rule in group["rules"]]
    recorded = {rule["record"] for rule in rules if "record" in rule}
    parts = {Kind.HISTOGRAM: ("_bucket", "_sum", "_count")}
    exported = {metric.name + part for metric in METRICS for part in parts.get(metric.kind, ("",))}
    labels = {label for metric in METRICS for label in metric.labels} | {"office", "job", "alertname", "open"}

    for asked in queries():
        assert set(WORD.findall(asked.expr)), asked
        assert set(WORD.findall(asked.expr)) <= exported | recorded | ITS_OWN, asked
        assert set(re.findall(r"{{(\w+)}}", asked.legend)) <= labels, asked


def test_no_station_is_named() -> None:
    """Dashboards serve every office: they name no print station of any scenario."""
    stations = {station.code for path in SCENARIOS for station in load(str(path)).stations}

    assert len(stations) > 5
    for path in FILES:
        assert not [code for code in stations if re.search(rf"\b{code}\b", path.read_text("utf-8"))], path.name


@pytest.mark.parametrize("name", BOARDS)
def test_variables_are_asked_for_and_all_are_known(name: str) -> None:
    """A query uses no variable that the dashboard does not have, Grafana's own left out."""
    used = {found for asked in queries() if asked.board == name for found in re.findall(r"\${?(\w+)", asked.expr)}

    assert used - {"__rate_interval", "office"} <= variables(BOARDS[name]).keys()


@pytest.mark.parametrize("name", BOARDS)
def test_a_dashboard_shows_one_office(name: str) -> None:
    """Its first variable is the office, and every figure of the exporter or of a rule is asked for that office."""
    first, *others = BOARDS[name]["templating"]["list"]
    exprs = [asked.expr for asked in queries() if asked.board == name]

    assert (first["name"], first["query"]["query"]) == ("office", "label_values(lembur_virtual_time_seconds, office)")
    for expr in [*exprs, *(variable["query"]["query"] for variable in others)]:
        figures = re.findall(r"(?<![\w:])((?:\w+:)?lembur_\w+(?::\w+)*)(.{0,19})", expr)
        assert all(rest.startswith('{office="${office}"') for _, rest in figures), expr


def test_seat_orders_are_marked_on_every_dashboard() -> None:
    """Where the number of orders rises, there is a mark with the station's name."""
    for board in BOARDS.values():
        (mark,) = board["annotations"]["list"]

        assert mark["enable"]
        assert "lembur_seat_orders_total" in mark["expr"]
        assert mark["titleFormat"] == "Seat order at {{station}}"


def test_grafana_is_told_where_dashboards_and_data_are() -> None:
    """The provisioned folder holds the dashboards, and the data source looks as often as Prometheus scrapes."""
    (provider,) = read(MONITORING / "grafana" / "provisioning" / "dashboards" / "lembur.yml")["providers"]
    (source,) = read(MONITORING / "grafana" / "provisioning" / "datasources" / "prometheus.yml")["datasources"]
    scraped = read(MONITORING / "prometheus" / "prometheus.yml")["global"]["scrape_interval"]

    assert provider["options"]["path"].endswith(FOLDER.name)
    assert source["jsonData"]["timeInterval"] == scraped
