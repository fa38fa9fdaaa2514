"""An office in a ledger: opened, read, ordered, and changed by people."""

from lembur.office.change import OfficeChange, change_office, compare_office, read_dated_scenarios
from lembur.office.orders import cancel_order, change_seats, evening_ms, open_seats, order_seats
from lembur.office.setup import OfficeSetup, SetupReader, open_office, open_or_continue, read_setup

__all__ = [
    "OfficeChange",
    "OfficeSetup",
    "SetupReader",
    "cancel_order",
    "change_office",
    "change_seats",
    "compare_office",
    "evening_ms",
    "open_office",
    "open_or_continue",
    "open_seats",
    "order_seats",
    "read_dated_scenarios",
    "read_setup",
]
