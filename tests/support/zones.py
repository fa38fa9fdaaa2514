"""The zone of the case: Surakarta is in western Indonesia."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

JAKARTA: Final = ZoneInfo("Asia/Jakarta")
