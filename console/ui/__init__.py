"""Words, numbers, moments and the board, as people see them."""

from console.ui.board import Screen, board_table
from console.ui.circuit import describe_circuit
from console.ui.text import count, plural
from console.ui.times import Times, times_of

__all__ = ["Screen", "Times", "board_table", "count", "describe_circuit", "plural", "times_of"]
