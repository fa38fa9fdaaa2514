"""The plan made last, as a file in the data folder of its office."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from lembur.domain.errors import OrderError
from lembur.domain.seats import SeatOrder
from lembur.files import write_private

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "plan.json"


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """The orders of a plan, with the office, scenario and seed it was made for; `office` is '' for a scenario alone."""

    office: str
    scenario: str
    seed: int
    made_ms: int
    headline: str
    orders: tuple[SeatOrder, ...]

    @property
    def name(self) -> str:
        """The plan's short name in the log of orders: the same content has the same name."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:8]


def save_plan(found: SavedPlan, folder: Path) -> None:
    """Write a plan into a data folder, in place of the one before."""
    folder.mkdir(parents=True, exist_ok=True)
    write_private(folder / FILE, json.dumps(asdict(found), indent=2) + "\n")


def load_plan(folder: Path) -> SavedPlan:
    """Read the plan made last in a data folder; a plan without orders is refused."""
    try:
        row = json.loads((folder / FILE).read_text(encoding="utf-8"))
        found = SavedPlan(**{**row, "orders": tuple(SeatOrder(**order) for order in row["orders"])})
    except FileNotFoundError:
        raise OrderError(f"there is no plan in {folder}: make one with 'lembur plan --live --by ...'") from None
    except (ValueError, TypeError, KeyError) as fault:
        raise OrderError(f"{folder / FILE} is no plan of this version: make a new one") from fault
    if not found.orders:
        raise OrderError(f"the plan made last orders nothing ({found.headline})")
    return found
