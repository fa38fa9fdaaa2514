"""Checks that every card, blank and print adds up, in the ledger and in the printers' own logs."""

from lembur.ledger.audit.checks import Violation, reconcile
from lembur.ledger.audit.log_audit import AbsentLog, absent_logs
from lembur.ledger.audit.print_logs import OWNER, LoggedJob, PrintLogs, read_job
from lembur.ledger.audit.settle import Settlement, settle_by_logs

__all__ = [
    "OWNER",
    "AbsentLog",
    "LoggedJob",
    "PrintLogs",
    "Settlement",
    "Violation",
    "absent_logs",
    "read_job",
    "reconcile",
    "settle_by_logs",
]
