"""A device is a class and a line in the factory; a scenario may name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from lembur.domain.scenario.tables import Centre, Printing
from workers.devices.factory import CENTRES, DEVICES

if TYPE_CHECKING:
    from pydantic import BaseModel


@pytest.mark.parametrize(("table", "devices"), [(Printing, DEVICES), (Centre, CENTRES)])
def test_a_scenario_may_name_each_device_and_no_other(table: type[BaseModel], devices: dict[str, object]) -> None:
    """Otherwise a new device cannot be chosen, or a name that passes `lembur check` has no class."""
    assert set(get_args(table.model_fields["device"].annotation)) == set(devices)
