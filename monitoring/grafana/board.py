"""The frame of a dashboard: address, time zone, links, variables and marks, the same for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, Dashboard, DashboardLink, QueryVariable, Row
from grafana_foundation_sdk.models import dashboard as model

from monitoring.grafana.panels import SOURCE
from monitoring.grafana.queries import OFFICES, VARIABLES, Variable, of_office

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitoring.grafana.panels import AnyPanel

TAG: Final = "lembur"
ORDERS: Final = "increase(lembur_seat_orders_total[5m]) > 0"
"""Seat orders of the last five minutes: Grafana asks for marks at steps of a minute or more."""


def make_dashboard(uid: str, title: str, description: str, panels: Sequence[AnyPanel | str]) -> Dashboard:
    """Lay panels out left to right, top to bottom. A text among them starts a row with that title."""
    made = (
        Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .timezone("Asia/Jakarta")
        .time("now-12h", "now")
        .refresh("30s")
        .readonly()
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .link(_links())
        .annotation(_seat_orders())
    )
    made.with_variable(_office_variable())
    for variable in VARIABLES:
        made.with_variable(_query_variable(variable))
    for panel in panels:
        if isinstance(panel, str):
            made.with_row(Row(panel))
        else:
            made.with_panel(panel)
    return made


def _links() -> DashboardLink:
    link = DashboardLink("Dashboards").type(model.DashboardLinkType.DASHBOARDS)
    return link.tags([TAG]).as_dropdown(as_dropdown=True).keep_time(keep_time=True)


def _seat_orders() -> AnnotationQuery:
    mark = AnnotationQuery().name("Seat orders").datasource(SOURCE).enable(enable=True).icon_color("purple")
    return (
        mark.expr(of_office(ORDERS)).title_format("Seat order at {{station}}").text_format("lembur orders").step("60s")
    )


def _office_variable() -> QueryVariable:
    return (
        QueryVariable("office")
        .label("Office")
        .description("the office that is shown, by the code of its city")
        .datasource(SOURCE)
        .query({"query": OFFICES, "refId": "office", "qryType": 1})
        .refresh(model.VariableRefresh.ON_DASHBOARD_LOAD)
    )


def _query_variable(variable: Variable) -> QueryVariable:
    return (
        QueryVariable(variable.name)
        .description(variable.meaning)
        .datasource(SOURCE)
        .query({"query": f"query_result({of_office(variable.expr)})", "refId": variable.name, "qryType": 3})
        .regex(r"/ (\d+) /")
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .hide(model.VariableHide.HIDE_VARIABLE)
    )
