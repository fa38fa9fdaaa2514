"""Starts and supervises the processes of an office on this machine."""

from console.runtime.embedded_server import free_port
from console.runtime.flower import flower_command, flower_environment, start_flower
from console.runtime.office import (
    Interrupted,
    RunningOffice,
    lot_cards,
    run_feed,
    start_clock,
    start_office,
    stop_on_signals,
    watch,
    worker_command,
    worker_environment,
)
from console.runtime.prometheus import start_prometheus
from console.runtime.supervisor import Processes

__all__ = [
    "Interrupted",
    "Processes",
    "RunningOffice",
    "flower_command",
    "flower_environment",
    "free_port",
    "lot_cards",
    "run_feed",
    "start_clock",
    "start_flower",
    "start_office",
    "start_prometheus",
    "stop_on_signals",
    "watch",
    "worker_command",
    "worker_environment",
]
