"""Card printers behind a print server that speaks IPP, with a fence that lets each job begin once."""

from workers.devices.ipp.journal import FenceJournal
from workers.devices.ipp.page import Pages
from workers.devices.ipp.printer import IppPrinter
from workers.devices.ipp.queue import PrintQueue

__all__ = ["FenceJournal", "IppPrinter", "Pages", "PrintQueue"]
