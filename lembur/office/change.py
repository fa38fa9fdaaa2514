"""Change an open office: compare its scenario with a new one, and go on with that from now on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from lembur.domain.errors import ChangeError
from lembur.domain.overtime import DatedScenario
from lembur.domain.scenario import Difference, Scenario, find_differences
from lembur.domain.seats import Window
from lembur.domain.time import NEVER_MS
from lembur.office.setup import OfficeSetup, office_to_json, read_setup, station_setups

if TYPE_CHECKING:
    from lembur.ledger import Ledger
    from lembur.ledger.types import Wakes


@dataclass(frozen=True, slots=True)
class OfficeChange:
    """A change that was compared and not yet made: the setup before it, the new scenario, and their differences."""

    before: OfficeSetup
    scenario: Scenario
    differences: tuple[Difference, ...]

    @property
    def refused(self) -> tuple[Difference, ...]:
        """The differences that cannot be."""
        return tuple(one for one in self.differences if one.refusal)

    @property
    def new_stations(self) -> list[str]:
        """The codes of the stations that the office does not have yet."""
        return [one.code for one in self.scenario.stations if one.code not in self.before.stations]


def compare_office(ledger: Ledger, scenario: Scenario) -> OfficeChange:
    """Compare the open office with a scenario. A demonstration is refused, because its people come by its file."""
    before = read_setup(ledger)
    if before.scenario.demonstration:
        raise ChangeError(
            "%(name)s is a demonstration, which is played as it was opened: open the new file in another data folder",
            name=before.scenario.name,
        )
    now = datetime.fromtimestamp(ledger.time()[0] / 1000, before.scenario.zone)
    return OfficeChange(before, scenario, tuple(find_differences(before.scenario, scenario, now)))


def change_office(ledger: Ledger, change: OfficeChange, *, by: str, reason: str) -> Wakes:
    """Go on with the new scenario from now on; a refused difference changes nothing."""
    if change.refused:
        raise ChangeError("%(faults)s", faults="; ".join(f"{one} ({one.refusal})" for one in change.refused))
    before, setup = change.before, replace(change.before, scenario=change.scenario)
    while True:  # until no seat order comes between the reading and the writing
        orders = ledger.orders()
        wakes = ledger.change(
            office=office_to_json(setup),
            stations=station_setups(setup, orders),
            ends_ms=setup.ends_ms,
            changes=before.changes,
            orders=len(orders),
            expects_others=any(one.path.startswith(("hours.", "arrivals.")) for one in change.differences),
            changed="; ".join(map(str, change.differences)),
            by=by,
            reason=reason,
        )
        if wakes is not None:
            return wakes
        if ledger.changes() != before.changes:
            raise ChangeError("another person changed the office meanwhile: look at the differences again")


def read_dated_scenarios(ledger: Ledger, setup: OfficeSetup) -> list[DatedScenario]:
    """List the scenarios of the office with the time in which each was in force; the last one is that of the setup."""
    earlier = ledger.earlier_offices()[: setup.changes] if setup.changes else []
    found, since_ms = list[DatedScenario](), 0
    for until_ms, scenario in (
        *((until_ms, Scenario.model_validate(office["scenario"])) for until_ms, office in earlier),
        (NEVER_MS, setup.scenario),
    ):
        found.append(DatedScenario(Window(since_ms, until_ms), scenario))
        since_ms = until_ms
    return found
