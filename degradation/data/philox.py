"""Random numbers that are a pure function of their key: the raw words of Philox.

NumPy promises these words for every version and machine; what it derives from them (permutations, bounded
integers) it does not, so that is done here.
"""

import numpy as np
from numpy.typing import NDArray


def words(seed: int, key: int, count: int) -> NDArray[np.uint64]:
    """The first `count` 64-bit words under (seed, key), both from 0 to 2**64 - 1."""
    raw = np.random.Philox(key=np.array([seed, key], np.uint64)).random_raw(count)
    return np.asarray(raw, np.uint64)


def below(limit: int, raw: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Whole numbers from 0 to limit - 1, made of the upper half of each word (limit below 2**31)."""
    return (((raw >> np.uint64(32)) * np.uint64(limit)) >> np.uint64(32)).astype(np.int64)
