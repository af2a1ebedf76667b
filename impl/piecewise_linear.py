"""Knots of piecewise-linear interpolants, placed by curvature (Appendix C.1).

The interpolant of f on a piece of width h errs by at most h^2 sup |f''| / 8, the sup over the
piece. Here that sup is estimated from samples of |f''|: what follows places knots and certifies
nothing. The knots leave as plain arrays, for whoever certifies them.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardposterior.impl import arguments

Array = NDArray[np.float64]

CELLS_A_PIECE = 16  # where |f''| is constant: pieces are unions of cells, at most 1/16 too short
MOST_CELLS = 1 << 22
SAMPLES = (0.0, 0.5, 1.0)  # of |f''| in a cell


def adaptive_knots(curvature: Callable[[Array], Array], start: ArrayLike, error: float) -> Array:
    """Increasing knots from start[0] to start[-1] with h^2 sup |f''| / 8 <= `error` on each piece.

    `curvature` maps an array of points to |f''| there. `start`, increasing, at least two points,
    must be fine enough that every feature of |f''| shows at one of its points or midpoints.
    Pieces are as long as the criterion lets them be, up to one part in sixteen. Raises
    `InvalidArgument`, also for an error that would take more than 2^22 cells.
    """
    points = np.asarray(start, dtype=np.float64)
    if points.ndim != 1 or len(points) < 2 or not bool((np.diff(points) > 0).all()):
        arguments.reject("start", start, "at least two increasing points")
    error = arguments.positive("error", error)
    ends, heights = _cells(curvature, points, error)
    return _march(ends, heights, error)


def _cells(curvature: Callable[[Array], Array], points: Array, error: float) -> tuple[Array, Array]:
    """A partition by halving: its end points, and the height of |f''| in every cell.

    A cell of width h is halved while h^2 height / 8 exceeds error / CELLS_A_PIECE^2.
    """
    low, high = points[:-1], points[1:]
    done: list[tuple[Array, Array, Array]] = []
    count = 0
    while len(low):
        width = high - low
        height = np.max([curvature(low + share * width) for share in SAMPLES], axis=0)
        split = width**2 * height * CELLS_A_PIECE**2 > 8 * error
        split &= width > 4 * np.spacing(np.maximum(abs(low), abs(high)))
        done.append((low[~split], high[~split], height[~split]))
        count += len(low)
        # About what these cells will come to, so that what cannot be done is refused at once.
        needed = CELLS_A_PIECE * float((width * np.sqrt(height))[split].sum()) / (8 * error) ** 0.5
        if count > MOST_CELLS or needed > 4 * MOST_CELLS:
            arguments.reject("error", error, f"large enough for {MOST_CELLS} cells")
        middle = (low[split] + high[split]) / 2
        low, high = np.concatenate([low[split], middle]), np.concatenate([middle, high[split]])
    low, high, height = (np.concatenate(column) for column in zip(*done, strict=True))
    order = np.argsort(low)
    return np.append(low[order], high[order[-1]]), height[order]


def _march(ends: Array, heights: Array, error: float) -> Array:
    """From the left, the longest unions of cells that satisfy the criterion."""
    ends_list, height_list = ends.tolist(), heights.tolist()
    knots = [ends_list[0]]
    height = 0.0
    for left, right, cell in zip(ends_list[:-1], ends_list[1:], height_list, strict=True):
        tallest = max(height, cell)
        if left > knots[-1] and (right - knots[-1]) ** 2 * tallest > 8 * error:
            knots.append(left)
            tallest = cell
        height = tallest
    return np.array([*knots, ends_list[-1]])
