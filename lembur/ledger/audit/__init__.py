"""Checks that every card, blank and print adds up, in the ledger and in the printers' own logs."""

from lembur.ledger.audit.reconcile import Violation, reconcile

__all__ = ["Violation", "reconcile"]
