"""What a PCL XL page certainly shows, without drawing it.

*Grey* is proven by the operators alone: no mark was made with a coloured ink. *In colour* needs evidence: a coloured
mark on the page, inside the clip region, with nothing painted over it later. So evidence is the rectangle of a mark;
whatever is painted across it later takes the evidence away, and what then is left unproven is estimated.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from everprint.documents.pclxl_ink import Ink, Paint

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in the session's units, from the page's upper left corner."""

_MOST_EVIDENCE = 16
"""So many marks of each kind are remembered, the latest; one is enough."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something painted. `box` and `clip` are None where it is not known how far they reach.

    `fills` is True for what covers an area, `solid` if it covers all of its box.
    """

    paint: Paint
    box: Box | None
    clip: Box | None
    fills: bool = False
    solid: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the page looks; `doubt` is empty if that is proven."""

    colour: bool
    blank: bool
    doubt: str = ""


class PageLooks:
    """Follows the marks of one page in the order of painting."""

    def __init__(self) -> None:
        self._possible = Ink.NONE
        self._evidence: dict[Ink, deque[tuple[Box, bool]]] = {
            Ink.GREY: deque(maxlen=_MOST_EVIDENCE),
            Ink.COLOUR: deque(maxlen=_MOST_EVIDENCE),
        }

    def add(self, mark: Mark) -> None:
        """Notes a mark over all before it."""
        ink = mark.paint.ink
        if ink is Ink.NONE:
            return
        if mark.fills:
            self._cover(mark.box)
        if ink is Ink.WHITE:
            return
        self._possible = max(self._possible, ink)
        if mark.paint.certain and mark.box is not None and mark.clip is not None:
            shown = _common(mark.box, mark.clip)
            if shown is not None and not (mark.fills and _is_thin(shown)):
                self._evidence[ink].append((shown, mark.solid))

    def has_enough_of(self, ink: Ink) -> bool:
        """Whether more marks of that ink that cover nothing would add nothing."""
        return len(self._evidence[Ink.COLOUR]) == _MOST_EVIDENCE or (
            ink < Ink.COLOUR and len(self._evidence[Ink.GREY]) == _MOST_EVIDENCE
        )

    def may_cover(self, box: Box | None) -> bool:
        """Whether something painted there would leave no evidence of the strongest ink so far."""
        kept = self._evidence[Ink.COLOUR] or self._evidence[Ink.GREY]
        return box is None or not any(uncovered(evidence, solid, box) for evidence, solid in kept)

    @property
    def proven(self) -> Ink:
        """The strongest ink that certainly shows."""
        return next((ink for ink in (Ink.COLOUR, Ink.GREY) if self._evidence[ink]), Ink.NONE)

    def verdict(self) -> Verdict:
        """What is known of the page when all is painted."""
        proven = self.proven
        if self._possible is Ink.COLOUR:
            doubt = "" if proven is Ink.COLOUR else "colours may be hidden, or lie beside the page"
            return Verdict(colour=True, blank=False, doubt=doubt)
        if self._possible is Ink.GREY:
            doubt = "" if proven is Ink.GREY else "all marks may be hidden, or lie beside the page"
            return Verdict(colour=False, blank=False, doubt=doubt)
        return Verdict(colour=False, blank=True)

    def _cover(self, box: Box | None) -> None:
        for ink, evidence in self._evidence.items():
            if not evidence:
                continue
            if box is None:
                evidence.clear()
                continue
            left, top, right, bottom = box
            # Most of what is painted covers nothing of what is remembered: that must be quick.
            if any(at[0] < right and left < at[2] and at[1] < bottom and top < at[3] for at, _ in evidence):
                rests = [
                    uncovered(at, solid, box)
                    if at[0] < right and left < at[2] and at[1] < bottom and top < at[3]
                    else (at, solid)
                    for at, solid in evidence
                ]
                self._evidence[ink] = deque((rest for rest in rests if rest), maxlen=_MOST_EVIDENCE)


def uncovered(evidence: Box, solid: bool, cover: Box) -> tuple[Box, bool] | None:
    """What is left of evidence under a cover: of a solid rectangle its largest rest, of anything else nothing."""
    common = _common(evidence, cover)
    if common is None or _is_thin(common):  # those that only touch, as strips of an image do
        return evidence, solid
    if not solid:
        return None
    left, top, right, bottom = evidence
    rests = (
        (left, top, common[0], bottom),
        (common[2], top, right, bottom),
        (left, top, right, common[1]),
        (left, common[3], right, bottom),
    )
    largest = max(rests, key=lambda rest: (rest[2] - rest[0]) * (rest[3] - rest[1]))
    return None if _is_thin(largest) else (largest, True)


def _common(one: Box, other: Box) -> Box | None:
    box = (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))
    return box if box[0] <= box[2] and box[1] <= box[3] else None


def _is_thin(box: Box) -> bool:
    return not (box[0] < box[2] and box[1] < box[3])
