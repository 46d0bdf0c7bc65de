"""What the brushes of XPS put down (ECMA-388 section 13): solid colours, gradients, pictures, drawings."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from everprint.documents.xps_colour import Ink
from everprint.documents.xps_geometry import Matrix, move, multiply, numbers, parse_matrix
from everprint.documents.xps_marks import ANY_PAINT, NO_PAINT, Paint
from everprint.documents.xps_pictures import Picture, Resources

MOST_NODES = 1_000_000
"""Held at a time: of one path, one dictionary of resources."""

_XPS = ("http://schemas.microsoft.com/xps/2005/06", "http://schemas.openxps.org/oxps/v1.0")
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"

_BETWEEN = 8
"""Colours that are looked at between two stops of a gradient."""


@dataclass(slots=True)
class Node:
    """An element that is kept whole; attributes by their local names."""

    name: str
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)

    def property(self, name: str) -> Node | None:
        """The first element in the property element `<name.property>`."""
        ending = f".{name}"
        for child in self.children:
            if child.name.endswith(ending):
                return child.children[0] if child.children else None
        return None

    def all_nodes(self) -> Iterator[Node]:
        """This one and all within, without recursion."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


def node_of(name: str, attributes: dict[str, str]) -> Node:
    """The element that a reader of XML is told of."""
    namespace, _, element = name.rpartition(" ")
    if namespace == _COMPATIBILITY:
        element = f"mc:{element}"
    elif namespace not in _XPS:
        element = "unknown"
    # Of attributes with a namespace only x:Key and x:Name have a meaning here.
    return Node(element, {key.rpartition(" ")[2]: value for key, value in attributes.items()})


def number(attributes: dict[str, str], name: str, default: float) -> float:
    """The number that an attribute says."""
    found = numbers(attributes.get(name, ""))
    return found[0] if len(found) == 1 else default


def opacity_of(attributes: dict[str, str]) -> float:
    """0 to 1."""
    return min(max(number(attributes, "Opacity", 1.0), 0.0), 1.0)


@functools.lru_cache(maxsize=4096)
def solid(ink: Ink, opacity: float) -> Paint:
    """One colour everywhere."""
    if ink.opacity * opacity <= 0:
        return NO_PAINT
    return Paint(ink.coloured(opacity), ink.inked(opacity), solid=ink.known and ink.opacity * opacity >= 1)


def gradient(brush: Node, resources: Resources, page: str, opacity: float, matrix: Matrix) -> Paint:
    """Colours along a line or around a point. `matrix` is from the brush's own space to the page's."""
    stops = sorted(
        (number(node.attributes, "Offset", 0.0), position, resources.ink(node.attributes.get("Color", ""), page))
        for position, node in enumerate(brush.all_nodes())
        if node.name == "GradientStop"
    )
    inks = [ink for _, _, ink in stops]
    if not inks:
        return ANY_PAINT
    if all(ink.opacity * opacity <= 0 for ink in inks):
        return NO_PAINT
    offsets = [offset for offset, _, _ in stops]
    shown = [ink for place, ink in enumerate(inks) if _is_shown(offsets, place)]
    everywhere = [*inks, *_mixtures(inks)]
    needs = _extent(brush, matrix)
    coloured, always_coloured = _answer([ink.coloured(opacity) for ink in everywhere], shown, Ink.coloured, opacity)
    inked, always_inked = _answer([ink.inked(opacity) for ink in everywhere], shown, Ink.inked, opacity)
    if needs is None:
        return Paint(coloured if always_coloured else None, inked if always_inked else None)
    both_everywhere = (coloured is False or always_coloured) and (inked is False or always_inked)
    return Paint(coloured, inked, needs=() if both_everywhere else needs)


def _answer(
    answers: Sequence[bool | None], shown: Sequence[Ink], ask: Callable[[Ink, float], bool | None], opacity: float
) -> tuple[bool | None, bool]:
    """The answer for the gradient as a whole, and whether it holds for each part of it."""
    if all(answer is False for answer in answers):
        return False, True
    if all(answer is True for answer in answers):
        return True, True
    return (True if any(ask(ink, opacity) is True for ink in shown) else None), False


def _is_shown(offsets: Sequence[float], place: int) -> bool:
    """Whether a gradient that is wholly seen comes to this stop's colour over some length."""
    offset = offsets[place]
    before = place > 0 and offsets[place - 1] < offset
    after = place + 1 < len(offsets) and offsets[place + 1] > offset
    return 0 <= offset <= 1 and ((before and offset > 0) or (after and offset < 1))


def _mixtures(inks: Sequence[Ink]) -> Iterator[Ink]:
    for one, other in pairwise(inks):
        for step in range(1, _BETWEEN):
            part = step / _BETWEEN
            mixed = [
                getattr(one, name) * (1 - part) + getattr(other, name) * part
                for name in ("red", "green", "blue", "opacity")
            ]
            red, green, blue, opacity = mixed
            yield Ink(red, green, blue, opacity, one.known and other.known)


def _extent(brush: Node, matrix: Matrix) -> tuple[tuple[float, float], ...] | None:
    """Points that lie in what is painted if the whole gradient is seen; None if that cannot be told."""
    attributes = brush.attributes
    if brush.name == "LinearGradientBrush":
        points = [numbers(attributes.get(name, "")) for name in ("StartPoint", "EndPoint")]
        if any(len(point) != 2 for point in points) or points[0] == points[1]:
            return None
        return tuple(move(point[0], point[1], matrix) for point in points)
    centre = numbers(attributes.get("Center", ""))
    across, down = number(attributes, "RadiusX", 0.0), number(attributes, "RadiusY", 0.0)
    if len(centre) != 2 or across <= 0 or down <= 0:
        return None
    x, y = centre
    return tuple(move(x + across * u, y + down * v, matrix) for u in (-1, 1) for v in (-1, 1))


def picture(brush: Node, found: Picture | None, opacity: float, matrix: Matrix) -> Paint:
    """A picture in its viewport. `matrix` is from the brush's own space to the page's."""
    if opacity <= 0:
        return NO_PAINT
    if found is None:
        return ANY_PAINT
    coloured, inked = found.looks.colour, not found.looks.blank
    if not coloured and not inked:
        return Paint(coloured=False, inked=False)
    viewport = numbers(brush.attributes.get("Viewport", ""))
    viewbox = numbers(brush.attributes.get("Viewbox", ""))
    whole = (
        opacity >= 1
        and len(viewport) == 4
        and min(viewport[2:]) > 0
        and len(viewbox) == 4
        and viewbox[0] <= 0.01 * found.width
        and viewbox[1] <= 0.01 * found.height
        and viewbox[0] + viewbox[2] >= 0.99 * found.width
        and viewbox[1] + viewbox[3] >= 0.99 * found.height
    )
    if not whole:
        return Paint(None if coloured else False, None if inked else False)
    left, top, wide, high = viewport
    corners = tuple(move(x, y, matrix) for x in (left, left + wide) for y in (top, top + high))
    return Paint(coloured, inked, needs=corners)


def image_source(text: str) -> str:
    """The picture's part, of a plain reference or `{ColorConvertedBitmap picture profile}`."""
    text = text.strip()
    if text.startswith("{ColorConvertedBitmap"):
        words = text.strip("{}").split()
        return words[1] if len(words) > 1 else ""
    return text


def brush_matrix(brush: Node, transform: Node | None, outer: Matrix) -> Matrix | None:
    """From the brush's space to the page's; None for a transform that cannot be read."""
    text = transform.attributes.get("Matrix", "") if transform else brush.attributes.get("Transform", "")
    if not text:
        return outer
    own = parse_matrix(text)
    return multiply(own, outer) if own else None
