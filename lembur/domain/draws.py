"""Random numbers by position: the n-th draw of a purpose depends neither on other draws nor on their order."""

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
"""Rows of a block. One draw costs as much as a thousand, so each block has a thousand."""
WIDTH: Final = 4
"""Uniforms of a position, because one step of Philox gives four words."""


def uniforms(seed: int, purpose: str, first: int, count: int) -> Uniforms:
    """Draw `count` rows of four uniforms in (0, 1). Row i belongs to position `first + i`.

    Philox 4x64 (Salmon et al. 2011) computes a row from its position and a key. The key is made from the seed and the
    purpose.
    """
    digest = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=16).digest()
    key = np.frombuffer(digest, dtype=np.uint64)
    words = np.random.Philox(key=key, counter=first).random_raw(WIDTH * count)
    return ((words >> np.uint64(11)).astype(np.float64) + 0.5).reshape(count, WIDTH) * 2.0**-53


def lognormal_ms(draws: Uniforms, *, median_s: float, p90_s: float) -> NDArray[np.int64]:
    """Turn the first two uniforms of each row into milliseconds, lognormal by its median and 90th percentile.

    Box-Muller gives the same number on every platform. The shortest time is 1 ms.
    """
    sigma = lognormal_sigma(median_s=median_s, p90_s=p90_s)
    normal = np.sqrt(-2.0 * np.log(draws[:, 0])) * np.cos(2.0 * np.pi * draws[:, 1])
    times_ms: NDArray[np.int64] = np.maximum(1, np.rint(1000.0 * median_s * np.exp(sigma * normal))).astype(np.int64)
    return times_ms


def lognormal_sigma(*, median_s: float, p90_s: float) -> float:
    """Return the standard deviation of the logarithm of a time with this median and 90th percentile."""
    return float(np.log(p90_s / median_s)) / Z90


def mean_lognormal_ms(*, median_s: float, p90_s: float) -> float:
    """Return the mean, in milliseconds, of a lognormal time with this median and 90th percentile."""
    sigma = lognormal_sigma(median_s=median_s, p90_s=p90_s)
    return 1000.0 * median_s * float(np.exp(sigma**2 / 2))


def pick(draws: NDArray[np.float64], shares: list[float]) -> NDArray[np.int64]:
    """Choose an index into `shares` for each uniform; the shares sum to one."""
    edges = np.cumsum(shares)[:-1]
    return np.searchsorted(edges, draws, side="right").astype(np.int64)
