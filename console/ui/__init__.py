"""The board, moments, the centre, tables and paper, as people see them."""

from console.ui.board import Screen, board_table
from console.ui.circuit import describe_circuit
from console.ui.language import Language
from console.ui.moments import parse_moment
from console.ui.paper import FONT, add_signature, add_title, new_paper
from console.ui.rows import Rows
from console.ui.terminal import Terminal, open_terminal
from console.ui.times import DateForm, Times, times_of, write_date

__all__ = [
    "FONT",
    "DateForm",
    "Language",
    "Rows",
    "Screen",
    "Terminal",
    "Times",
    "add_signature",
    "add_title",
    "board_table",
    "describe_circuit",
    "new_paper",
    "open_terminal",
    "parse_moment",
    "times_of",
    "write_date",
]
