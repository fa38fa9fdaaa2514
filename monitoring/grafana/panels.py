"""The kinds of panel on the dashboards: stat, bars, lines, timeline, table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models import common as shape
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from monitoring.grafana.queries import of_office

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SOURCE: Final = shape.DataSourceRef(type_val="prometheus", uid="prometheus")
"""The data source of provisioning/datasources."""

GREY: Final = "#8e8e8e"
"""Colour of a state that is neither good nor bad: closed, nothing to do."""

Steps: TypeAlias = "tuple[str, *tuple[tuple[float, str], ...]]"
"""The first colour, then each value at which the colour changes: `("green", (1, "orange"))`."""

PLAIN: Final[Steps] = ("blue",)
"""Colour of a figure that is neither good nor bad by itself."""

AnyPanel: TypeAlias = "stat.Panel | bargauge.Panel | timeseries.Panel | statetimeline.Panel | table.Panel"
Panel = TypeVar("Panel", stat.Panel, bargauge.Panel, timeseries.Panel, statetimeline.Panel, table.Panel)


@dataclass(frozen=True, slots=True)
class Query:
    """A query for Prometheus and the legend of its series; Grafana fills in `{{label}}`."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The common part of every panel: title, description, unit (Grafana's id), columns and rows.

    `no_value` is the text of an empty panel.
    """

    title: str
    description: str
    unit: str
    size: tuple[int, int]
    decimals: int | None = None
    no_value: str = "no data"


def stat_panel(
    frame: Frame, *queries: Query, steps: Steps = PLAIN, mappings: Sequence[model.ValueMapping] = ()
) -> stat.Panel:
    """Show large figures on a coloured ground."""
    panel = _prepare(stat.Panel(), frame, steps, mappings)
    for query in _instant_targets(queries):
        panel.with_target(query)
    return (
        panel.color_mode(shape.BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(shape.BigValueGraphMode.NONE)
        .justify_mode(shape.BigValueJustifyMode.CENTER)
        .text_mode(shape.BigValueTextMode.VALUE_AND_NAME)
        .orientation(shape.VizOrientation.AUTO)
        .reduce_options(_last_value())
    )


def bar_panel(
    frame: Frame,
    *queries: Query,
    maximum: float | None = None,
    steps: Steps = PLAIN,
    mappings: Sequence[model.ValueMapping] = (),
) -> bargauge.Panel:
    """Show one bar for each series. `maximum` fills a bar; without it the largest value does."""
    panel = _prepare(bargauge.Panel(), frame, steps, mappings)
    for query in _instant_targets(queries):
        panel.with_target(query)
    if maximum is not None:
        panel.max(maximum)
    return (
        panel.min(0)
        .display_mode(shape.BarGaugeDisplayMode.BASIC)
        .orientation(shape.VizOrientation.HORIZONTAL)
        .name_placement(shape.BarGaugeNamePlacement.LEFT)
        .value_mode(shape.BarGaugeValueMode.COLOR)
        .show_unfilled(show_unfilled=True)
        .reduce_options(_last_value())
    )


def line_panel(frame: Frame, *queries: Query, stacked: bool = False, limit: Steps | None = None) -> timeseries.Panel:
    """Draw series over time, with dashed lines at the values of `limit`."""
    panel = _prepare(timeseries.Panel(), frame, limit or PLAIN, ())
    for query in _range_targets(queries):
        panel.with_target(query)
    mode = shape.StackingMode.NORMAL if stacked else shape.StackingMode.NONE
    shown = shape.GraphThresholdsStyleMode.DASHED if limit else shape.GraphThresholdsStyleMode.OFF
    return (
        panel.color_scheme(FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
        .legend(_legend(shape.LegendDisplayMode.TABLE).calcs(["lastNotNull", "max"]))
        .tooltip(common.VizTooltipOptions().mode(shape.TooltipDisplayMode.MULTI).sort(shape.SortOrder.DESCENDING))
        .thresholds_style(common.GraphThresholdsStyleConfig().mode(shown))
        .stacking(common.StackingConfig().mode(mode).group("A"))
        .axis_soft_min(0)
        .fill_opacity(60 if stacked else 5)
        .line_width(1 if stacked else 2)
        .show_points(shape.VisibilityMode.NEVER)
    )


def timeline_panel(frame: Frame, *queries: Query, mappings: Sequence[model.ValueMapping]) -> statetimeline.Panel:
    """Draw the state of each series over time; `mappings` give each state its text and colour."""
    panel = _prepare(statetimeline.Panel(), frame, (GREY,), mappings)
    for query in _range_targets(queries):
        panel.with_target(query)
    return (
        panel.show_value(shape.VisibilityMode.AUTO)
        .merge_values(merge_values=True)
        .row_height(0.85)
        .fill_opacity(80)
        .line_width(0)
        .legend(_legend(shape.LegendDisplayMode.LIST))
    )


def table_panel(frame: Frame, *queries: Query, by: str, also: Iterable[str] = ()) -> table.Panel:
    """Show a table: a row for each value of the label `by`, a column for each query, titled by its legend.

    The labels of `also` stay as columns. The queries themselves must drop all other labels.
    """
    panel = _prepare(table.Panel(), frame, PLAIN, ())
    for query in _instant_targets(queries):
        panel.with_target(query.format(PromQueryFormat.TABLE))
    names = {f"Value #{ref}": query.legend for ref, query in zip(_letters(len(queries)), queries, strict=True)}
    names |= {"Value": queries[0].legend}
    order = {name: place for place, name in enumerate((by, *also, *names))}
    return (
        panel.with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
        .with_transformation(
            model.DataTransformerConfig(
                id_val="organize",
                options={"excludeByName": {"Time": True}, "indexByName": order, "renameByName": names},
            )
        )
        .cell_height(shape.TableCellHeight.MD)
        .show_header(show_header=True)
    )


def value_texts(states: Mapping[int, tuple[str, str]]) -> model.ValueMap:
    """Map numbers to texts and colours."""
    return model.ValueMap(
        {
            str(value): model.ValueMappingResult(text=text, color=colour, index=value)
            for value, (text, colour) in states.items()
        }
    )


def no_value_text(text: str) -> model.SpecialValueMap:
    """Show a text in place of a share of nothing (not a number)."""
    return model.SpecialValueMap(
        model.DashboardSpecialValueMapOptions(
            match=model.SpecialValueMatch.NULL_AND_NAN,
            result=model.ValueMappingResult(text=text, color=GREY),
        )
    )


def _prepare(panel: Panel, frame: Frame, steps: Steps, mappings: Sequence[model.ValueMapping]) -> Panel:
    panel.title(frame.title).description(frame.description).datasource(SOURCE).unit(frame.unit)
    width, height = frame.size
    panel.span(width).height(height).mappings(list(mappings)).no_value(frame.no_value)
    panel.color_scheme(FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
    panel.thresholds(ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(_thresholds(steps)))
    if frame.decimals is not None:
        panel.decimals(frame.decimals)
    return panel


def _thresholds(steps: Steps) -> list[model.Threshold]:
    first, *others = steps
    return [model.Threshold(value=None, color=first), *(model.Threshold(value=at, color=to) for at, to in others)]


def _letters(count: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:count]


def _instant_targets(queries: Sequence[Query]) -> list[prometheus.Dataquery]:
    return [query.instant() for query in _targets(queries)]


def _range_targets(queries: Sequence[Query]) -> list[prometheus.Dataquery]:
    return [query.range() for query in _targets(queries)]


def _targets(queries: Sequence[Query]) -> list[prometheus.Dataquery]:
    return [
        prometheus.Dataquery().expr(of_office(query.expr)).legend_format(query.legend).ref_id(ref).datasource(SOURCE)
        for ref, query in zip(_letters(len(queries)), queries, strict=True)
    ]


def _last_value() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(values=False)


def _legend(mode: shape.LegendDisplayMode) -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .display_mode(mode)
        .placement(shape.LegendPlacement.BOTTOM)
        .show_legend(show_legend=True)
    )
