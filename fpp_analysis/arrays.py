"""Array types that every room uses, and the division that they share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def rate(part: npt.ArrayLike, whole: npt.ArrayLike) -> Floats:
    """A fraction, part / whole; NaN where the whole is 0.

    >>> rate([1, 0], [4, 0]).tolist()
    [0.25, nan]
    """
    p, w = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    return np.divide(p, w, out=np.full(np.broadcast(p, w).shape, np.nan), where=w != 0)
