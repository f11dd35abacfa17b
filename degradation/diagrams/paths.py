"""The lines of a diagram, in inches, y downwards: from a node to one in another lane."""

from matplotlib.path import Path

TURN, CORNER = 0.32, 0.14  # inches: how long a change of lane takes, and how round a corner is

Point = tuple[float, float]


def into_lane(start: Point, end: Point) -> Path:
    """In an S to another lane, then straight down."""
    if start[0] == end[0]:
        return Path([start, end])
    turn = min(start[1] + TURN, end[1] - 0.06)
    half = (start[1] + turn) / 2
    return Path([start, (start[0], half), (end[0], half), (end[0], turn), end], [1, 4, 4, 4, 2])


def from_lane(start: Point, end: Point) -> Path:
    """Straight down, then in an S."""
    if start[0] == end[0]:
        return Path([start, end])
    turn = max(end[1] - TURN, start[1])
    half = (turn + end[1]) / 2
    return Path([start, (start[0], turn), (start[0], half), (end[0], half), end], [1, 2, 4, 4, 4])


def out_of_side(start: Point, end: Point) -> Path:
    """To the right, and around a corner down."""
    return Path(
        [start, (end[0] - CORNER, start[1]), (end[0], start[1]), (end[0], start[1] + CORNER), end],
        [1, 2, 3, 3, 2],
    )


def into_side(start: Point, end: Point) -> Path:
    """Down, and around a corner to the left."""
    turn = end[1] - CORNER
    return Path(
        [start, (start[0], turn), (start[0], end[1]), (start[0] - CORNER, end[1]), end], [1, 2, 3, 3, 2]
    )


def around(start: Point, end: Point, x: float) -> Path:
    """Out to a lane, down beside what it goes around, and into the side of the join."""
    corner = min(CORNER, (end[1] - start[1]) / 2)
    down, up = start[1] + corner, end[1] - corner
    return Path(
        [
            start,
            (x - corner, start[1]),
            (x, start[1]),
            (x, down),
            (x, up),
            (x, end[1]),
            (x - corner, end[1]),
            end,
        ],
        [1, 2, 3, 3, 2, 3, 3, 2],
    )
