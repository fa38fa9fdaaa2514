"""The committed dashboards as Grafana reads them: their panels, queries, variables and marks."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[2] / "monitoring" / "grafana" / "dashboards"
FILES = sorted(FOLDER.glob("*.json"))
BOARDS: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_text("utf-8")) for path in FILES}


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of a panel or of a dashboard's marks."""

    board: str
    panel: str
    expr: str
    legend: str
    over_time: bool

    def __str__(self) -> str:
        """Name it for people."""
        return f"{self.board}: {self.panel}: {self.legend}"


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    """The panels that show something; the others are titles of rows."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def queries() -> Iterator[Asked]:
    """Every query of every panel, and that of the marks."""
    for name, board in BOARDS.items():
        for panel in panels(board):
            for target in panel["targets"]:
                legend, over_time = target["legendFormat"], target.get("range", False)
                yield Asked(name, panel["title"], target["expr"], legend, over_time)
        for mark in board["annotations"]["list"]:
            yield Asked(name, mark["name"], mark["expr"], mark["titleFormat"], over_time=True)


def variables(board: dict[str, Any]) -> dict[str, str]:
    """What is asked for each variable but the office: the expression within Grafana's `query_result(...)`."""
    found = {}
    office, *others = board["templating"]["list"]
    assert office["name"] == "office"
    for variable in others:
        query = re.fullmatch(r"query_result\((.+)\)", variable["query"]["query"])
        assert query, variable
        assert variable["regex"] == r"/ (\d+) /"
        found[variable["name"]] = query[1]
    return found
