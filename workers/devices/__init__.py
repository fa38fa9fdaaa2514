"""The centre and the printers of a worker, each behind a small protocol. Both can be simulated."""

from workers.devices.centre import CentreClient, CentreFailedError, CentreReply, ExpectedVerdict, OutsideCentre
from workers.devices.centre_log import CentreLog
from workers.devices.factory import DeviceFactory
from workers.devices.job_log import JobLog, owner_of
from workers.devices.printer import Print, Printer
from workers.devices.simulated import SimulatedCentre, SimulatedPrinter

__all__ = [
    "CentreClient",
    "CentreFailedError",
    "CentreLog",
    "CentreReply",
    "DeviceFactory",
    "ExpectedVerdict",
    "JobLog",
    "OutsideCentre",
    "Print",
    "Printer",
    "SimulatedCentre",
    "SimulatedPrinter",
    "owner_of",
]
