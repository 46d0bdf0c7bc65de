"""What remains to be seen on an XPS page when all is painted: kept on the safe side, without painting.

A page is in colour for sure if some coloured mark surely is there and nothing painted later touches it; it is grey
for sure if no mark can be coloured. Between the two nobody knows without drawing. The same holds for any ink.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from everprint.documents.xps_geometry import LEAST_AREA, Box, area, common, holds

_SPOTS = 48
"""Marks that are remembered to survive; one that does is enough."""
_DIVISIONS = 4


@dataclass(frozen=True, slots=True)
class Paint:
    """What a brush puts down: True, False, or None where that cannot be told.

    `coloured` and `inked`, if True, hold of a mark that is a rectangle with all points of `needs` in it; without
    `needs`, of any mark. A brush without `effect` leaves no trace. A `solid` one is a single opaque colour: what it
    covers is as coloured and as inked as itself.
    """

    coloured: bool | None
    inked: bool | None
    needs: tuple[tuple[float, float], ...] = ()
    effect: bool = True
    solid: bool = False


NO_PAINT = Paint(coloured=False, inked=False, effect=False)
ANY_PAINT = Paint(coloured=None, inked=None)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something is painted: nothing of it outside of `reach`.

    If it is `sure`, some of it is in `spot`; it is not clipped away if `core` is not. A `rectangle` fills all of
    `core`.
    """

    reach: Box
    spot: Box
    core: Box
    sure: bool
    rectangle: bool = False


@dataclass(slots=True)
class _Kind:
    """One question (colour, or ink at all) and what is known of it."""

    surviving: list[Box] = field(default_factory=list)
    doubtful: bool = False

    def cover(self, box: Box) -> None:
        left, top, right, bottom = box
        kept = [
            spot for spot in self.surviving if spot[0] > right or spot[2] < left or spot[1] > bottom or spot[3] < top
        ]
        if len(kept) < len(self.surviving):
            self.doubtful = True
            self.surviving = kept

    def add(self, answer: bool | None, spots: list[Box]) -> None:
        if answer is False:
            return
        if answer is None or not spots:
            self.doubtful = True
        elif len(self.surviving) < _SPOTS:
            self.surviving.extend(spots)

    @property
    def answer(self) -> bool | None:
        if self.surviving:
            return True
        return None if self.doubtful else False


class Marks:
    """All marks of a page, in the order of painting."""

    def __init__(self) -> None:
        self._colour, self._ink = _Kind(), _Kind()
        self._tinted: Box | None = None  # around all that may be coloured until now

    @property
    def coloured(self) -> bool | None:
        """Whether colour is to be seen; None if that cannot be told."""
        return self._colour.answer

    @property
    def inked(self) -> bool | None:
        """Whether anything is to be seen, in the same way."""
        return self._ink.answer

    def is_settled(self, paint: Paint) -> bool:
        """Whether nothing becomes known or doubtful by this paint, wherever it is: its mark need not be looked at."""
        plain_ink = paint.solid and paint.inked and paint.coloured is False
        return bool(plain_ink and self._ink.surviving and not self._colour.surviving)

    def add(self, paint: Paint, mark: Mark, clip: Box) -> None:
        """The mark, painted over all before it within the clip's box."""
        reach = common(mark.reach, clip) if paint.effect else None
        if reach is None:
            return
        if not (paint.solid and paint.coloured):
            self._colour.cover(reach)
        if not (paint.solid and paint.inked):
            self._ink.cover(reach)
        if paint.coloured is False and paint.inked is False:
            return
        coloured = self._on_what_is_there(paint, reach)
        spots = _spots(mark, clip)
        if paint.needs:
            seen = common(mark.core, clip) if mark.rectangle and spots else None
            if seen is None or not all(holds(seen, (x, y, x, y), slack=1.0) for x, y in paint.needs):
                spots = []
            else:
                spots = [seen]
        self._colour.add(coloured, spots)
        self._ink.add(paint.inked, spots)

    def _on_what_is_there(self, paint: Paint, reach: Box) -> bool | None:
        """Whether the paint is coloured there: a glaze of red on cyan may be grey."""
        if paint.coloured is False:
            return False
        before = self._tinted
        self._tinted = reach if before is None else _around(before, reach)
        if paint.solid or before is None or common(before, reach) is None:
            return paint.coloured
        return None


def _around(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _spots(mark: Mark, clip: Box) -> list[Box]:
    """Boxes in each of which something surely is painted."""
    if not mark.sure:
        return []
    if not mark.rectangle:
        return [mark.spot] if holds(clip, mark.core) else []
    seen = common(mark.core, clip)
    if seen is None or area(seen) < LEAST_AREA:
        return []
    left, top, right, bottom = seen
    if min(right - left, bottom - top) < _DIVISIONS:
        return [seen]
    wide, high = (right - left) / _DIVISIONS, (bottom - top) / _DIVISIONS
    return [
        (left + wide * column, top + high * row, left + wide * (column + 1), top + high * (row + 1))
        for row in range(_DIVISIONS)
        for column in range(_DIVISIONS)
    ]
