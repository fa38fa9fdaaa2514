"""Replay of a station's queue, card by card: the door of this room."""

from planner.simulation.assignment import Assignment, Turns, assign_prints
from planner.simulation.object_code import load_kernels
from planner.simulation.replay import Queue, ReplayResult, Staffing, replay_queue

__all__ = ["Assignment", "Queue", "ReplayResult", "Staffing", "Turns", "assign_prints", "load_kernels", "replay_queue"]
