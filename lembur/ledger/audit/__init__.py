"""Checks that every card, blank and print adds up, in the ledger and in the printers' own logs."""

from lembur.ledger.audit.checks import Violation, reconcile
from lembur.ledger.audit.log_audit import AbsentLog, absent_logs
from lembur.ledger.audit.print_logs import OWNER, PrintLogs

__all__ = ["OWNER", "AbsentLog", "PrintLogs", "Violation", "absent_logs", "reconcile"]
