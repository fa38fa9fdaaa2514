"""Views of a kernel's arrays, compiled. It receives two tables: the addresses of its arrays, and their lengths."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, njit


@njit(inline="always")
def view_integers(tables: Any, place: int) -> Any:
    """View an array of 64-bit integers."""
    return carray(tables[0][place], tables[1][place], np.int64)


@njit(inline="always")
def view_shorts(tables: Any, place: int) -> Any:
    """View an array of 32-bit integers."""
    return carray(tables[0][place], tables[1][place], np.int32)


@njit(inline="always")
def view_floats(tables: Any, place: int) -> Any:
    """View an array of floats."""
    return carray(tables[0][place], tables[1][place], np.float64)
