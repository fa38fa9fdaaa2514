"""The report of a run: read once from the ledger, then shown in the terminal, as JSON and as a page."""

from console.report.collect import build_report, print_report, to_json, write_report

__all__ = ["build_report", "print_report", "to_json", "write_report"]
