"""Where on the paper a page lies: arithmetic of points (1/72 inch), from the upper left corner, right and down.

Paper lies with its short edge across, as it is fed. What is read lying across (a landscape page, two pages side by
side) is turned a quarter to the left, as *orientation-requested* = landscape means it (RFC 8011 section 5.2.10).
"""

from __future__ import annotations

from dataclasses import dataclass

from everprint.documents.conversion.task import Edges, Scaling
from everprint.documents.media import MM_PER_POINT, TOLERANCE_MM

Size = tuple[float, float]
_TOLERANCE = TOLERANCE_MM / MM_PER_POINT


@dataclass(frozen=True, slots=True)
class Matrix:
    """x' = a x + c y + e, y' = b x + d y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def then(self, other: Matrix) -> Matrix:
        """This one first, then the other."""
        return Matrix(
            self.a * other.a + self.b * other.c,
            self.a * other.b + self.b * other.d,
            self.c * other.a + self.d * other.c,
            self.c * other.b + self.d * other.d,
            self.e * other.a + self.f * other.c + other.e,
            self.e * other.b + self.f * other.d + other.f,
        )


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def size(self) -> Size:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top

    def moved_by(self, matrix: Matrix) -> Box:
        """The rectangle around its corners, moved."""
        corners = [
            (matrix.a * x + matrix.c * y + matrix.e, matrix.b * x + matrix.d * y + matrix.f)
            for x in (self.left, self.right)
            for y in (self.top, self.bottom)
        ]
        across, down = [x for x, _ in corners], [y for _, y in corners]
        return Box(min(across), min(down), max(across), max(down))


@dataclass(frozen=True, slots=True)
class Placed:
    """A page's way onto the paper, and what of the paper it may touch."""

    matrix: Matrix
    clip: Box


def place_cells(
    pages: list[Size | None], number_up: int, paper: Size, margins: Edges, scaling: Scaling
) -> list[Placed]:
    """Each page's place on one side of the paper; `pages` are their sizes in reading order, None for no page.

    A single page is scaled as *print-scaling* says; several always fit their cells. All of a side lie the same way,
    that in which the first page becomes largest. The list has a place for each page that is there.
    """
    first = next(size for size in pages if size is not None)
    if number_up == 1:
        across = _lies_across(first, paper)
        frame, printable = _reading(paper, margins, across)
        return [_onto(Placed(_scaled(first, frame, printable, scaling), Box(0, 0, *frame)), paper, across)]
    across, columns, rows = _grid(first, number_up, paper)
    _, printable = _reading(paper, margins, across)
    width, height = printable.size[0] / columns, printable.size[1] / rows
    placed = []
    for index, size in enumerate(pages):
        if size is None:
            continue
        row, column = divmod(index, columns)
        left, top = printable.left + column * width, printable.top + row * height
        cell = Box(left, top, left + width, top + height)
        placed.append(_onto(Placed(_fitted(size, cell), cell), paper, across))
    return placed


def back_side(size: Size, *, across: bool, along: bool) -> Matrix:
    """A whole side mirrored across the feed, along it, or both (which turns it upside down)."""
    width, height = size
    return Matrix(
        -1.0 if across else 1.0, 0, 0, -1.0 if along else 1.0, width if across else 0, height if along else 0
    )


def _lies_across(page: Size, paper: Size) -> bool:
    """A square lies as the paper does; a page that fits as it is, too."""
    return page[0] > page[1] + _TOLERANCE and page[0] > paper[0] + _TOLERANCE


def _grid(page: Size, number_up: int, paper: Size) -> tuple[bool, int, int]:
    """Whether it is read lying across, and the columns and rows that make the pages largest."""
    best = (0.0, (False, 1, number_up))
    for across in (False, True):
        width, height = paper[::-1] if across else paper
        for columns in (number for number in range(1, number_up + 1) if number_up % number == 0):
            rows = number_up // columns
            scale = min(width / columns / page[0], height / rows / page[1])
            if scale > best[0] * 1.001:
                best = (scale, (across, columns, rows))
    return best[1]


def _reading(paper: Size, margins: Edges, across: bool) -> tuple[Size, Box]:
    """The paper as it is read, and what of it can be printed on."""
    left, top, right, bottom = (
        edge / MM_PER_POINT for edge in (margins.left, margins.top, margins.right, margins.bottom)
    )
    if across:
        left, top, right, bottom = bottom, left, top, right
        paper = paper[::-1]
    printable = Box(left, top, paper[0] - right, paper[1] - bottom)
    if min(printable.size) <= 0:
        printable = Box(0, 0, *paper)  # such edges leave nothing: they are no edges
    return paper, printable


def _scaled(page: Size, paper: Size, printable: Box, scaling: Scaling) -> Matrix:
    """*print-scaling* (PWG 5100.13 section 6.2.15)."""
    whole = Box(0, 0, *paper)
    larger = page[0] > paper[0] + _TOLERANCE or page[1] > paper[1] + _TOLERANCE
    match scaling:
        case Scaling.FILL:
            return _filled(page, whole)
        case Scaling.FIT:
            return _fitted(page, printable)
        case Scaling.AUTO if larger and printable == whole:
            return _filled(page, whole)
        case Scaling.AUTO | Scaling.AUTO_FIT if larger:
            return _fitted(page, printable)
    return _centred(page, whole, 1.0)


def _fitted(page: Size, box: Box) -> Matrix:
    return _centred(page, box, min(box.size[0] / page[0], box.size[1] / page[1]))


def _filled(page: Size, box: Box) -> Matrix:
    return _centred(page, box, max(box.size[0] / page[0], box.size[1] / page[1]))


def _centred(page: Size, box: Box, scale: float) -> Matrix:
    left = (box.left + box.right - page[0] * scale) / 2
    top = (box.top + box.bottom - page[1] * scale) / 2
    return Matrix(scale, 0, 0, scale, left, top)


def _onto(placed: Placed, paper: Size, across: bool) -> Placed:
    """From the way it is read to the way the paper is fed."""
    if not across:
        return placed
    turn = Matrix(0, -1, 1, 0, 0, paper[1])
    return Placed(placed.matrix.then(turn), placed.clip.moved_by(turn))
