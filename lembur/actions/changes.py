"""The change of an open office: its hours, its pay, its printers, a new station."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lembur.office import change_office

if TYPE_CHECKING:
    from lembur.actions.office_link import OfficeLink
    from lembur.office import OfficeChange


def carry_out_change(office: OfficeLink, change: OfficeChange, *, by: str, reason: str) -> None:
    """Change the office from now on, and wake the stations that have work by its new facts."""
    office.wake(change_office(office.ledger, change, by=by, reason=reason))
