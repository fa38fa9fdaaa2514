"""The ledger of one office: every card, blank and seat. Redis keeps it, and one Lua script for each verb changes it.

`types` holds the values of the verbs, `queries` reads the ledger, `audit` checks it.
"""

from lembur.ledger.connection import (
    Durability,
    connect,
    health,
    is_cluster,
    memory_share,
    pause_rewrites,
    prove_durability,
)
from lembur.ledger.ledger import Ledger
from lembur.ledger.nik_key import load_nik_key
from lembur.ledger.schema import HOURLY_DAYS, SCHEMA, migrate

__all__ = [
    "HOURLY_DAYS",
    "SCHEMA",
    "Durability",
    "Ledger",
    "connect",
    "health",
    "is_cluster",
    "load_nik_key",
    "memory_share",
    "migrate",
    "pause_rewrites",
    "prove_durability",
]
