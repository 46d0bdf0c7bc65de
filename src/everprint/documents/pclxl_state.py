"""PCL XL's graphics state, as far as it decides which ink shows where: brush, pen, colours, places and clipping."""

from __future__ import annotations

import math
from dataclasses import dataclass

from everprint.documents.pclxl_ink import BLACK, Ink, Paint
from everprint.documents.pclxl_looks import Box
from everprint.documents.pclxl_stream import Value
from everprint.documents.pclxl_tags import ColorSpace

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]
"""x' = a x + c y + e, y' = b x + d y + f."""

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_PAINTING_ROPS = frozenset({252, 240, 184})
"""Raster operations under which a brush or pen paints its own colour, opaque (252 is the default)."""

_IMAGE_ROPS = frozenset({252, 204, 184})
"""Under which an image shows its own colours, where the brush is black."""

_POINT_KINDS = ("u1", "i1", "u2", "i2")  # by PointType
_CORNERS = 4


@dataclass(slots=True)
class GraphicsState:
    """What PushGS keeps and PopGS brings back. `clip` is None where it is not known."""

    clip: Box | None
    brush: Paint = BLACK
    pen: Paint = BLACK
    space: int = ColorSpace.GRAY
    palette: bytes = b""
    matrix: Matrix = IDENTITY
    rop: int = 252

    def set_space(self, space: int, palette: bytes) -> None:
        """SetColorSpace: the standard makes brush and pen black, printers are known that do not."""
        self.space, self.palette = space, palette
        self.brush, self.pen = _perhaps_black(self.brush), _perhaps_black(self.pen)

    def painted(self, paint: Paint) -> Paint:
        """What really shows of a brush or pen under the raster operation."""
        return paint if self.rop in _PAINTING_ROPS or paint.ink is Ink.NONE else _unsure(paint)

    def painted_image(self, paint: Paint) -> Paint:
        """What really shows of an image, which the brush may tint."""
        if self.brush.ink is Ink.COLOUR:
            return Paint(Ink.COLOUR, certain=False)
        plain = self.rop in _IMAGE_ROPS and (self.rop == 204 or self.brush in (BLACK, Paint(Ink.NONE)))
        return paint if plain else _unsure(paint)

    def move(self, matrix: Matrix) -> None:
        """Another system of coordinates inside the one it has."""
        a, b, c, d, e, f = matrix
        p, q, r, s, t, u = self.matrix
        self.matrix = (
            p * a + r * b,
            q * a + s * b,
            p * c + r * d,
            q * c + s * d,
            p * e + r * f + t,
            q * e + s * f + u,
        )


def _perhaps_black(paint: Paint) -> Paint:
    return paint if paint == BLACK or paint.ink is Ink.NONE else _unsure(paint)


def _unsure(paint: Paint) -> Paint:
    return Paint(max(paint.ink, Ink.GREY), certain=False)


def rotation(degrees: Value | None) -> Matrix:
    """Of SetPageRotation; counter-clockwise, where y grows downwards."""
    if not isinstance(degrees, int | float) or not math.isfinite(degrees):
        return IDENTITY
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (cosine, -sine, sine, cosine, 0.0, 0.0)


def pair(value: Value | None) -> Point | None:
    """An XY attribute."""
    return (float(value[0]), float(value[1])) if isinstance(value, tuple) and len(value) == 2 else None


def box_of(value: Value | None) -> Box | None:
    """A box attribute, its corners in order."""
    if not isinstance(value, tuple) or len(value) != 4:
        return None
    left, top, right, bottom = map(float, value)
    return (min(left, right), min(top, bottom), max(left, right), max(top, bottom))


def on_page(box: Box | None, matrix: Matrix) -> Box | None:
    """A box of user space as the box around it on the page; None if that is no place."""
    if box is None:
        return None
    a, b, c, d, e, f = matrix
    if matrix == IDENTITY:
        return box if all(map(math.isfinite, box)) else None
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
    around = (min(xs), min(ys), max(xs), max(ys))
    return around if all(map(math.isfinite, around)) else None


def is_upright(matrix: Matrix) -> bool:
    """Whether a rectangle stays one."""
    return matrix[1] == matrix[2] == 0
