"""Words, numbers, moments and the board, as people see them."""

from console.ui.board import Screen, board_table
from console.ui.circuit import describe_circuit
from console.ui.moments import parse_moment
from console.ui.text import count, plural, read_line, visible
from console.ui.times import Times, times_of

__all__ = [
    "Screen",
    "Times",
    "board_table",
    "count",
    "describe_circuit",
    "parse_moment",
    "plural",
    "read_line",
    "times_of",
    "visible",
]
