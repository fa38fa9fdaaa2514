"""The kinds of panel the dashboards are made of: each with its unit, what its colours mean, and what to do with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models import common as shape
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SOURCE: Final = shape.DataSourceRef(type_val="prometheus", uid="prometheus")
"""The data source that provisioning/datasources brings."""

GREY: Final = "#8e8e8e"
"""Said of what is neither good nor bad: closed, nothing to do."""

Steps: TypeAlias = "tuple[str, *tuple[tuple[float, str], ...]]"
"""A colour, and from which value on it is another: `("green", (1, "orange"))`."""

PLAIN: Final[Steps] = ("blue",)
"""A figure that is neither good nor bad by itself."""

AnyPanel: TypeAlias = "stat.Panel | bargauge.Panel | timeseries.Panel | statetimeline.Panel | table.Panel"
Panel = TypeVar("Panel", stat.Panel, bargauge.Panel, timeseries.Panel, statetimeline.Panel, table.Panel)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of Prometheus, and what its series are called (`{{label}}` is replaced by Grafana)."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What every panel has: its title, what to do with it, its unit (Grafana's id), and its columns and rows.

    `nothing` is said where there is nothing to show.
    """

    title: str
    why: str
    unit: str
    size: tuple[int, int]
    decimals: int | None = None
    nothing: str = "no data"


def big(frame: Frame, *queries: Query, steps: Steps = PLAIN, says: Sequence[model.ValueMapping] = ()) -> stat.Panel:
    """Show figures that can be read from afar, coloured by what they mean."""
    panel = _framed(stat.Panel(), frame, steps, says)
    for query in _now(queries):
        panel.with_target(query)
    return (
        panel.color_mode(shape.BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(shape.BigValueGraphMode.NONE)
        .justify_mode(shape.BigValueJustifyMode.CENTER)
        .text_mode(shape.BigValueTextMode.VALUE_AND_NAME)
        .orientation(shape.VizOrientation.AUTO)
        .reduce_options(_latest())
    )


def bars(
    frame: Frame,
    *queries: Query,
    full: float | None = None,
    steps: Steps = PLAIN,
    says: Sequence[model.ValueMapping] = (),
) -> bargauge.Panel:
    """Show one bar a series; `full` is the value that fills it, or else the largest of them is."""
    panel = _framed(bargauge.Panel(), frame, steps, says)
    for query in _now(queries):
        panel.with_target(query)
    if full is not None:
        panel.max(full)
    return (
        panel.min(0)
        .display_mode(shape.BarGaugeDisplayMode.BASIC)
        .orientation(shape.VizOrientation.HORIZONTAL)
        .name_placement(shape.BarGaugeNamePlacement.LEFT)
        .value_mode(shape.BarGaugeValueMode.COLOR)
        .show_unfilled(show_unfilled=True)
        .reduce_options(_latest())
    )


def lines(frame: Frame, *queries: Query, stacked: bool = False, limit: Steps | None = None) -> timeseries.Panel:
    """Draw series over time; `limit` draws dashed lines at the values where the colour changes."""
    panel = _framed(timeseries.Panel(), frame, limit or PLAIN, ())
    for query in _over_time(queries):
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


def timeline(frame: Frame, *queries: Query, says: Sequence[model.ValueMapping]) -> statetimeline.Panel:
    """Draw what state each series was in, and when; every state has its word and colour."""
    panel = _framed(statetimeline.Panel(), frame, (GREY,), says)
    for query in _over_time(queries):
        panel.with_target(query)
    return (
        panel.show_value(shape.VisibilityMode.AUTO)
        .merge_values(merge_values=True)
        .row_height(0.85)
        .fill_opacity(80)
        .line_width(0)
        .legend(_legend(shape.LegendDisplayMode.LIST))
    )


def rows(frame: Frame, *queries: Query, by: str, also: Iterable[str] = ()) -> table.Panel:
    """Show a table with a row for each value of the label `by`, and a column for each query under its legend.

    `also` are further labels that stay as columns; all others are taken out by the query itself.
    """
    panel = _framed(table.Panel(), frame, PLAIN, ())
    for query in _now(queries):
        panel.with_target(query.format(PromQueryFormat.TABLE))
    names = {f"Value #{ref}": query.legend for ref, query in zip(_refs(len(queries)), queries, strict=True)}
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


def word(states: Mapping[int, tuple[str, str]]) -> model.ValueMap:
    """Give states that are numbers in a query their words and colours."""
    return model.ValueMap(
        {
            str(value): model.ValueMappingResult(text=text, color=colour, index=value)
            for value, (text, colour) in states.items()
        }
    )


def undefined(text: str) -> model.SpecialValueMap:
    """Say a word where a share has nothing to be a share of."""
    return model.SpecialValueMap(
        model.DashboardSpecialValueMapOptions(
            match=model.SpecialValueMatch.NULL_AND_NAN,
            result=model.ValueMappingResult(text=text, color=GREY),
        )
    )


def colours(steps: Steps) -> model.DynamicConfigValue:
    """Give one series of a panel its own colours."""
    return model.DynamicConfigValue(
        id_val="thresholds",
        value=model.ThresholdsConfig(mode=model.ThresholdsMode.ABSOLUTE, steps=_thresholds(steps)),
    )


def words(says: Sequence[model.ValueMapping]) -> model.DynamicConfigValue:
    """Give one series of a panel its own words."""
    return model.DynamicConfigValue(id_val="mappings", value=list(says))


def unit(name: str) -> model.DynamicConfigValue:
    """Give one series of a panel its own unit."""
    return model.DynamicConfigValue(id_val="unit", value=name)


def _framed(panel: Panel, frame: Frame, steps: Steps, says: Sequence[model.ValueMapping]) -> Panel:
    panel.title(frame.title).description(frame.why).datasource(SOURCE).unit(frame.unit)
    width, height = frame.size
    panel.span(width).height(height).mappings(list(says)).no_value(frame.nothing)
    panel.color_scheme(FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
    panel.thresholds(ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(_thresholds(steps)))
    if frame.decimals is not None:
        panel.decimals(frame.decimals)
    return panel


def _thresholds(steps: Steps) -> list[model.Threshold]:
    first, *others = steps
    return [model.Threshold(value=None, color=first), *(model.Threshold(value=at, color=to) for at, to in others)]


def _refs(count: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:count]


def _now(queries: Sequence[Query]) -> list[prometheus.Dataquery]:
    return [query.instant() for query in _asked(queries)]


def _over_time(queries: Sequence[Query]) -> list[prometheus.Dataquery]:
    return [query.range() for query in _asked(queries)]


def _asked(queries: Sequence[Query]) -> list[prometheus.Dataquery]:
    return [
        prometheus.Dataquery().expr(query.expr).legend_format(query.legend).ref_id(ref).datasource(SOURCE)
        for ref, query in zip(_refs(len(queries)), queries, strict=True)
    ]


def _latest() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(values=False)


def _legend(mode: shape.LegendDisplayMode) -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .display_mode(mode)
        .placement(shape.LegendPlacement.BOTTOM)
        .show_legend(show_legend=True)
    )
