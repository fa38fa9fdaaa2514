"""Randomness by position: the n-th draw of a purpose is the same whoever asks, in whatever order."""

from __future__ import annotations

import hashlib
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

Uniforms = NDArray[np.float64]

Z90: Final = NormalDist().inv_cdf(0.9)
"""The 90th percentile of the standard normal distribution."""

BLOCK: Final = 1024
"""Draws that are wanted one by one are made in blocks: one costs as much as a thousand."""
WIDTH: Final = 4
"""Philox yields four words a counter step, so every position owns four uniforms."""


def uniforms(seed: int, purpose: str, first: int, count: int) -> Uniforms:
    """Draw `count` rows of four uniforms in (0, 1), row i belonging to position `first + i`.

    Counter-based (Philox 4x64, Salmon et al. 2011), keyed by seed and purpose: shape (count, 4).
    """
    digest = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=16).digest()
    key = np.frombuffer(digest, dtype=np.uint64)
    words = np.random.Philox(key=key, counter=first).random_raw(WIDTH * count)
    return ((words >> np.uint64(11)).astype(np.float64) + 0.5).reshape(count, WIDTH) * 2.0**-53


def lognormal_ms(draws: Uniforms, *, median_s: float, p90_s: float) -> NDArray[np.int64]:
    """Turn the first two uniforms of each row into milliseconds, lognormal by its median and 90th percentile.

    Box-Muller, so that a row is one number whatever the platform's inverse normal is; at least 1 ms.
    """
    sigma = np.log(p90_s / median_s) / Z90
    normal = np.sqrt(-2.0 * np.log(draws[:, 0])) * np.cos(2.0 * np.pi * draws[:, 1])
    times_ms: NDArray[np.int64] = np.maximum(1, np.rint(1000.0 * median_s * np.exp(sigma * normal))).astype(np.int64)
    return times_ms


def pick(draws: NDArray[np.float64], shares: list[float]) -> NDArray[np.int64]:
    """Choose one of `shares` (which sum to one) for each uniform: an index into the list."""
    edges = np.cumsum(shares)[:-1]
    return np.searchsorted(edges, draws, side="right").astype(np.int64)
