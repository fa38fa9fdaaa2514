"""The ledger: the only code that speaks Redis, one Lua script a verb."""

from lembur.ledger.connection import connect
from lembur.ledger.ledger import Ledger

__all__ = ["Ledger", "connect"]
