"""The plan made last, as a file in the data folder of its office."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from lembur.domain.errors import OrderError
from lembur.domain.scenario import preset
from lembur.domain.seats import SeatOrder
from lembur.files import write_private

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lembur.domain.overtime import DatedScenario
    from lembur.domain.scenario import OvertimePay, Scenario

FILE: Final = "plan.json"
APPLIED: Final = "plans"
"""The folder of the plans that were applied, by name."""
MARK: Final = "plan "
"""The reason of an applied plan's orders begins with this; the plan's name follows."""
NAME: Final = re.compile("[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class PlanPromise:
    """The figures that a plan promises: its chance, and bands from P10 to P90 of its end and its late cards.

    `cutoffs_ms` has one moment for each station. Cards that are ready later are not counted.
    """

    deadline_ms: int
    cutoffs_ms: tuple[int, ...]
    chance: float
    clear_ms: tuple[int, int, int]
    late: tuple[int, int, int]
    seat_hours: float
    rupiah: int


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """The orders of a plan, with its office, scenario and seed; `office` is '' for a scenario alone.

    `policy` is the shipped policy of pay of the plan, or '' for the office's own.
    """

    office: str
    scenario: str
    seed: int
    made_ms: int
    headline: str
    orders: tuple[SeatOrder, ...]
    promise: PlanPromise | None = None
    policy: str = ""

    @property
    def name(self) -> str:
        """The plan's short name in the log of orders. Plans with the same content have the same name."""
        return hashlib.sha256(json.dumps(self.content()).encode()).hexdigest()[:8]

    def content(self) -> dict[str, Any]:
        """Return the content of the file. It has no policy where there is none, as in older versions."""
        return {name: value for name, value in asdict(self).items() if name != "policy" or value}

    def pay(self, scenario: Scenario) -> OvertimePay:
        """Return the pay by which the plan was made."""
        return preset(self.policy) if self.policy else scenario.overtime_pay

    def is_older_than(self, dated: Sequence[DatedScenario]) -> bool:
        """Return True if the office was changed after the plan was made."""
        return self.made_ms < dated[-1].window.start_ms

    @property
    def reason(self) -> str:
        """The reason that its orders are given for."""
        return f"{MARK}{self.name}"


def save_plan(found: SavedPlan, folder: Path) -> None:
    """Write a plan into a data folder, instead of the one before."""
    _write(found, folder / FILE)


def save_applied(found: SavedPlan, folder: Path) -> None:
    """Keep a plan that was applied, so that a report can compare it with what came."""
    _write(found, folder / APPLIED / f"{found.name}.json")


def load_applied(folder: Path, orders: Sequence[SeatOrder]) -> list[SavedPlan]:
    """Read the applied plans of these orders, in the order applied. A plan kept elsewhere is left out."""
    names = dict.fromkeys(order.reason.removeprefix(MARK) for order in orders if order.reason.startswith(MARK))
    paths = [folder / APPLIED / f"{name}.json" for name in names if NAME.fullmatch(name)]
    return [_read(path) for path in paths if path.exists()]


def load_plan(folder: Path, *, name: str | None = None) -> SavedPlan:
    """Read the plan made last in a data folder. Refuse one without orders, or of another name than the given one."""
    try:
        found = _read(folder / FILE)
    except FileNotFoundError:
        raise OrderError(
            "there is no plan in %(folder)s: make one with 'lembur plan --live --by ...'", folder=folder
        ) from None
    if name not in {None, found.name}:
        raise OrderError("another plan was made meanwhile: look at it first")
    if not found.orders:
        raise OrderError(
            "the plan made last orders nothing, and its answer was: %(answer)s. For another one name a later moment, "
            "or allow more hours or seats: 'lembur plan %(what)s --by ... --max-hours ... --max-seats ...'",
            answer=found.headline,
            what="--live" if found.office else found.scenario,
        )
    return found


def _write(found: SavedPlan, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps(found.content(), indent=2) + "\n")


def _read(path: Path) -> SavedPlan:
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        orders = tuple(SeatOrder(**order) for order in row["orders"])
        return SavedPlan(**{**row, "orders": orders, "promise": _read_promise(row.get("promise"))})
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise OrderError("%(path)s is no plan of this version: make a new one", path=path) from fault


def _read_promise(row: dict[str, Any] | None) -> PlanPromise | None:
    if row is None:
        return None
    low, middle, high = row["clear_ms"]
    fewest, usual, most = row["late"]
    bands = {"clear_ms": (low, middle, high), "late": (fewest, usual, most)}
    return PlanPromise(**{**row, **bands, "cutoffs_ms": tuple(row["cutoffs_ms"])})
