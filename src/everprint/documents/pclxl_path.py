"""PCL XL's current path: how far it reaches, and whether it is exactly a rectangle, which can clip or cover."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from everprint.documents.pclxl_looks import Box
from everprint.documents.pclxl_state import Point, pair
from everprint.documents.pclxl_stream import Data, Octets, Value
from everprint.documents.pclxl_tags import Attribute, Operator

_POINT_KINDS = ("u1", "i1", "u2", "i2")  # by PointType
_CORNERS = 4


@dataclass(slots=True)
class Path:
    """The current path: the box around it, and whether it is exactly that box (then it can clip to it)."""

    box: Box | None = None
    empty: bool = True
    known: bool = True
    rectangle: bool = False
    _points: list[Point] = field(default_factory=list)

    def extend(self, points: list[Point], *, line: bool = True) -> None:
        """Goes through points; `line` is False for curves, which stay within the box of their points."""
        self.empty = False
        if not points or not self.known:
            self.known = False
            return
        if len(self._points) + len(points) <= _CORNERS + 1 and line:
            self._points += points
        else:
            self._points = [(math.nan, math.nan)] * (_CORNERS + 2)
        xs, ys = [point[0] for point in points], [point[1] for point in points]
        around = (min(xs), min(ys), max(xs), max(ys))
        self.box = around if self.box is None else _around(self.box, around)
        self.rectangle = _is_rectangle(self._points, self.box)

    def add_box(self, box: Box | None, *, rectangle: bool) -> None:
        """A closed shape within a box."""
        self.rectangle = rectangle and self.empty and box is not None
        self.empty = False
        self._points = [(math.nan, math.nan)] * (_CORNERS + 2)
        if box is None or not self.known:
            self.known = False
            return
        self.box = box if self.box is None else _around(self.box, box)

    @property
    def around(self) -> Box | None:
        """The box around all of it, None where that is not known."""
        return self.box if self.known else None


def _around(one: Box, other: Box) -> Box:
    return (min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3]))


def _is_rectangle(points: list[Point], box: Box) -> bool:
    """Four corners in turn, perhaps the first again at the end."""
    if len(points) == _CORNERS + 1 and points[0] == points[-1]:
        points = points[:-1]
    if len(points) != _CORNERS or len(set(points)) != _CORNERS:
        return False
    corners = {(box[0], box[1]), (box[0], box[3]), (box[2], box[1]), (box[2], box[3])}
    turns = all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points))
    return set(points) == corners and turns


def path_points(
    operator: int, given: dict[int, Value], octets: Octets, data: Data | None, cursor: Point | None, big_endian: bool
) -> list[Point] | None:
    """The points that LinePath, BezierPath and their relatives go through, as extremes and the last; None if unknown.

    A long list is cut down to the corners of its box and its last point: more is not needed of it.
    """
    if (end := pair(given.get(Attribute.END_POINT))) is not None:
        controls = [pair(given.get(at)) for at in (Attribute.CONTROL_POINT_1, Attribute.CONTROL_POINT_2)]
        points = [point for point in (*controls, end) if point is not None]
        if operator in (Operator.LINE_REL_PATH, Operator.BEZIER_REL_PATH):
            return None if cursor is None else [(cursor[0] + x, cursor[1] + y) for x, y in points]
        return points
    kind, count = given.get(Attribute.POINT_TYPE), given.get(Attribute.NUMBER_OF_POINTS)
    if data is None or not isinstance(kind, int) or not 0 <= kind < len(_POINT_KINDS) or not isinstance(count, int):
        return None
    dtype = np.dtype((">" if big_endian else "<") + _POINT_KINDS[kind])
    if count < 1 or data.octets < count * 2 * dtype.itemsize:
        return None
    raw = octets[data.start : data.start + count * 2 * dtype.itemsize]
    values = np.frombuffer(raw, dtype).reshape(count, 2).astype(np.float64)
    if operator in (Operator.LINE_REL_PATH, Operator.BEZIER_REL_PATH):
        if cursor is None:
            return None
        values = _absolute(values, cursor, bezier=operator == Operator.BEZIER_REL_PATH)
    return _as_points(values)


def _absolute(values: NDArray[np.float64], start: Point, *, bezier: bool) -> NDArray[np.float64]:
    """Points given as steps; those of a curve's segment are all counted from where the segment starts."""
    offset = np.array(start)
    if not bezier or len(values) % 3:
        steps: NDArray[np.float64] = np.cumsum(values, axis=0) + offset
        return steps
    segments = values.reshape(-1, 3, 2)
    starts = np.vstack((np.zeros((1, 2)), np.cumsum(segments[:, 2], axis=0)[:-1]))
    points: NDArray[np.float64] = (segments + starts[:, None, :]).reshape(-1, 2) + offset
    return points


def _as_points(values: NDArray[np.float64]) -> list[Point]:
    if len(values) <= _CORNERS + 1:
        return [(float(x), float(y)) for x, y in values]
    (left, top), (right, bottom) = values.min(axis=0), values.max(axis=0)
    last = values[-1]
    extremes = [(float(left), float(top)), (float(right), float(bottom))]
    # Three more, so that five points are never taken for a rectangle that the many were not.
    return [*extremes, *extremes, (float(last[0]), float(last[1])), (float(last[0]), float(last[1]))]
