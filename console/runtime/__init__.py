"""Starts and supervises the processes of an office on this machine."""

from console.runtime.data_folder import lock_folder, pack, unpack
from console.runtime.diagnosis import find_faults
from console.runtime.flower import exec_flower, start_flower
from console.runtime.office import (
    Interrupted,
    RunningOffice,
    check_code,
    exec_centre,
    exec_webhook,
    exec_worker,
    lot_cards,
    open_kept,
    run_clock,
    settle_printed,
    start_folder_server,
    start_office,
    stop_on_signals,
    watch,
)
from console.runtime.prometheus import start_prometheus
from console.runtime.supervisor import Processes

__all__ = [
    "Interrupted",
    "Processes",
    "RunningOffice",
    "check_code",
    "exec_centre",
    "exec_flower",
    "exec_webhook",
    "exec_worker",
    "find_faults",
    "lock_folder",
    "lot_cards",
    "open_kept",
    "pack",
    "run_clock",
    "settle_printed",
    "start_flower",
    "start_folder_server",
    "start_office",
    "start_prometheus",
    "stop_on_signals",
    "unpack",
    "watch",
]
