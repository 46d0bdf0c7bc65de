"""Where the marks of an XPS page are: matrices, boxes and outlines (ECMA-388 section 11.2.3).

Lengths are 1/96 inch, y goes down. A box is (left, top, right, bottom). What is told of an outline is on the safe
side: its box holds all of it, and it `paints` only if something of it surely does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
LEAST_AREA = 0.01
"""Of 1/96 inch squared: about half a dot at 600 dpi. A smaller mark may be there or not."""

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_COMMANDS = re.compile(r"([MmLlHhVvCcQqSsAaZzF])([^MmLlHhVvCcQqSsAaZzF]*)")
_FAR = 1e9
_SMALL = r"\s*(-?\d{1,6}(?:\.\d{1,9})?)\s*"
_RECTANGLE = re.compile(rf"\s*M{_SMALL},{_SMALL}V{_SMALL}H{_SMALL}V{_SMALL}Z\s*")
"""As Ghostscript writes each of the many that make a letter."""


def numbers(text: str) -> list[float]:
    """All numbers in the text, kept within bounds that arithmetic survives."""
    return [min(max(float(number), -_FAR), _FAR) for number in _NUMBER.findall(text)]


def parse_matrix(text: str) -> Matrix | None:
    """None for what is no matrix."""
    found = numbers(text)
    return (found[0], found[1], found[2], found[3], found[4], found[5]) if len(found) == 6 else None


def multiply(inner: Matrix, outer: Matrix) -> Matrix:
    """First `inner`, then `outer`."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def move(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    """The point, transformed."""
    a, b, c, d, e, f = matrix
    return x * a + y * c + e, x * b + y * d + f


def move_box(box: Box, matrix: Matrix) -> Box:
    """The smallest box around the box, transformed."""
    left, top, right, bottom = box
    points = [move(x, y, matrix) for x in (left, right) for y in (top, bottom)]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def keeps_rectangles(matrix: Matrix) -> bool:
    """Whether a box stays one: no slant, and turns by right angles only."""
    a, b, c, d = matrix[:4]
    return (b == 0 and c == 0) or (a == 0 and d == 0)


def common(one: Box, other: Box) -> Box | None:
    """What both boxes hold; None if nothing."""
    box = (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))
    return box if box[0] <= box[2] and box[1] <= box[3] else None


def holds(outer: Box, inner: Box, slack: float = 0.0) -> bool:
    """Whether `inner` lies within `outer`, to a slack."""
    return (
        outer[0] - slack <= inner[0]
        and outer[1] - slack <= inner[1]
        and outer[2] + slack >= inner[2]
        and outer[3] + slack >= inner[3]
    )


def area(box: Box) -> float:
    """Width times height."""
    return (box[2] - box[0]) * (box[3] - box[1])


@dataclass(frozen=True, slots=True)
class Outline:
    """Subpaths as flat lists x, y, x, y ...; curves by their control points. `rule` is *nonzero* or *evenodd*."""

    subpaths: tuple[tuple[float, ...], ...]
    rule: str = "evenodd"
    matrix: Matrix = IDENTITY
    sound: bool = True  # False: it could not be read whole

    def box(self, outer: Matrix) -> Box | None:
        """Around all of it; None if it is empty."""
        if not self.subpaths:
            return None
        box = (
            min(min(points[::2]) for points in self.subpaths),
            min(min(points[1::2]) for points in self.subpaths),
            max(max(points[::2]) for points in self.subpaths),
            max(max(points[1::2]) for points in self.subpaths),
        )
        return move_box(box, multiply(self.matrix, outer))

    def is_rectangle(self, outer: Matrix) -> bool:
        """Whether it is its box, no more and no less."""
        if len(self.subpaths) != 1 or not self.sound or not keeps_rectangles(multiply(self.matrix, outer)):
            return False
        points = self.subpaths[0]
        corners = list(zip(points[::2], points[1::2], strict=True))
        if len(corners) == 5 and corners[4] == corners[0]:
            corners.pop()
        if len(corners) != 4 or len({x for x, _ in corners}) != 2 or len({y for _, y in corners}) != 2:
            return False
        return len(set(corners)) == 4 and all(
            (one[0] == other[0]) != (one[1] == other[1])
            for one, other in zip(corners, corners[1:] + corners[:1], strict=True)
        )

    def paints(self, outer: Matrix) -> bool:
        """Whether filling it surely leaves a mark.

        The integral of the winding number over the plane is the sum of the signed areas: if that is not 0, some
        point has a winding number that is not 0. By the other rule, the largest subpath must be larger than all
        others together, so that they cannot cancel it.
        """
        if not self.sound:
            return False
        a, b, c, d, _, _ = multiply(self.matrix, outer)
        scale = abs(a * d - b * c)
        areas = [_signed_area(points) * scale for points in self.subpaths]
        if self.rule == "nonzero":
            return abs(sum(areas)) >= LEAST_AREA
        sizes = sorted((abs(size) for size in areas), reverse=True)
        return bool(sizes) and sizes[0] - sum(sizes[1:]) >= LEAST_AREA

    def has_length(self) -> bool:
        """Whether a pen along it surely leaves a mark."""
        return self.sound and any(len(points) >= 4 and len(set(_pairs(points))) > 1 for points in self.subpaths)


NO_OUTLINE = Outline((), sound=False)


def _pairs(points: Sequence[float]) -> Iterable[tuple[float, float]]:
    return zip(points[::2], points[1::2], strict=True)


def _signed_area(points: Sequence[float]) -> float:
    xs, ys = points[::2], points[1::2]
    ahead_x, ahead_y = (*xs[1:], xs[0]), (*ys[1:], ys[0])
    return math.fsum(x * v - u * y for x, y, u, v in zip(xs, ys, ahead_x, ahead_y, strict=True)) / 2


def parse_outline(data: str) -> Outline:
    """The outline that the abbreviated syntax writes (ECMA-388 section 11.2.3)."""
    if rectangle := _RECTANGLE.fullmatch(data):
        left, top, bottom, right, back = map(float, rectangle.groups())
        if top == back:
            return Outline(((left, top, left, bottom, right, bottom, right, top),))
    pen = _Pen()
    rule, sound = "evenodd", True
    for command, text in _COMMANDS.findall(data):
        values = numbers(text)
        if command == "F":
            rule = "nonzero" if values == [1.0] else "evenodd"
        else:
            sound = pen.go(command, values) and sound
    return Outline(pen.finished(), rule, IDENTITY, sound)


_OPERANDS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "S": 4, "A": 7}


class _Pen:
    """Follows the commands; keeps every point that could bound the outline."""

    def __init__(self) -> None:
        self._done: list[tuple[float, ...]] = []
        self._figure: list[float] = []
        self._x = self._y = 0.0

    def finished(self) -> tuple[tuple[float, ...], ...]:
        """All subpaths."""
        self._lift()
        return tuple(self._done)

    def go(self, command: str, values: list[float]) -> bool:
        """One command with all its repetitions; False if it cannot be."""
        upper = command.upper()
        if upper == "Z":
            if self._figure:
                self._x, self._y = self._figure[:2]
            self._lift()
            return not values
        size = _OPERANDS[upper]
        if not values or len(values) % size:
            return False
        if upper == "M":
            self._lift()
        elif not self._figure:
            self._figure = [self._x, self._y]  # after Z a figure may go on from where the last one began
        if command in "MLCQS":
            self._figure.extend(values)
            self._x, self._y = values[-2:]
            return True
        step = self._arc if upper == "A" else self._step
        for at in range(0, len(values), size):
            step(upper, values[at : at + size], command != upper)
        return True

    def _step(self, upper: str, values: list[float], relative: bool) -> None:
        x, y = (self._x, self._y) if relative else (0.0, 0.0)
        if upper == "H":
            points = [values[0] + x, self._y]
        elif upper == "V":
            points = [self._x, values[0] + y]
        else:
            points = [value + (y if at % 2 else x) for at, value in enumerate(values)]
        self._figure.extend(points)
        self._x, self._y = points[-2:]

    def _arc(self, _: str, values: list[float], relative: bool) -> None:
        x, y = values[5] + (self._x if relative else 0), values[6] + (self._y if relative else 0)
        self._figure.extend(_arc_points((self._x, self._y), (x, y), values))
        self._x, self._y = x, y

    def _lift(self) -> None:
        if self._figure:
            self._done.append(tuple(self._figure))
            self._figure = []


_ARC_STEPS = 16


def _arc_points(begin: tuple[float, float], end: tuple[float, float], values: Sequence[float]) -> list[float]:
    """Points just outside of an elliptical arc, then its end: a polygon that holds it."""
    radius_x, radius_y, angle = abs(values[0]), abs(values[1]), math.radians(values[2])
    large, clockwise = values[3] != 0, values[4] != 0
    if radius_x == 0 or radius_y == 0 or begin == end:
        return list(end)
    cos, sin = math.cos(angle), math.sin(angle)
    half_x, half_y = (begin[0] - end[0]) / 2, (begin[1] - end[1]) / 2
    # In the ellipse's own axes, scaled to a unit circle.
    u, v = (cos * half_x + sin * half_y) / radius_x, (cos * half_y - sin * half_x) / radius_y
    far = u * u + v * v
    if far > 1:  # too small to reach: it grows until it does
        radius_x, radius_y, u, v, far = radius_x * far**0.5, radius_y * far**0.5, u / far**0.5, v / far**0.5, 1.0
    side = math.sqrt(max(0.0, 1 / far - 1)) * (-1 if large == clockwise else 1)
    centre_u, centre_v = side * v, -side * u
    first = math.atan2(v - centre_v, u - centre_u)
    sweep = (math.atan2(-v - centre_v, -u - centre_u) - first) % (2 * math.pi)
    if not clockwise:
        sweep -= 2 * math.pi
    outside = 1 / math.cos(math.pi / _ARC_STEPS)
    middle = (begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2
    points: list[float] = []
    for step in range(_ARC_STEPS + 1):
        turn = first + sweep * step / _ARC_STEPS
        x = radius_x * (centre_u + outside * math.cos(turn))
        y = radius_y * (centre_v + outside * math.sin(turn))
        points += (middle[0] + cos * x - sin * y, middle[1] + sin * x + cos * y)
    return [*points, *end]
