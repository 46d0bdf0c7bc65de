"""Documents whose truth is known before anything is made of them, and the jobs that are asked for with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby

from everprint.documents.media import media_name
from tests.documents.corpus import A3, A4, A5, LETTER, Leaf

LANDSCAPE_A4 = (297.0, 210.0)


@dataclass(frozen=True)
class Book:
    """Pages, and how many copies on one side of the paper or both somebody asks for."""

    name: str
    leaves: tuple[Leaf, ...]
    copies: int = 1
    two_sided: bool = False
    fronts_only: bool = False

    def asked(self, copies: int, *, two_sided: bool) -> Book:
        """The same book in another job."""
        name = f"{self.name}, {copies} copies{', two-sided' if two_sided else ''}"
        return replace(self, name=name, copies=copies, two_sided=two_sided)

    def backwards(self) -> Book:
        """The last page first."""
        return replace(self, name=f"{self.name}, backwards", leaves=self.leaves[::-1])

    def twice(self) -> Book:
        """All pages, and all of them again."""
        return replace(self, name=f"{self.name}, twice", leaves=self.leaves * 2)

    def on_fronts(self) -> Book:
        """With each page on a front, whatever was asked for."""
        return replace(self, fronts_only=True)

    def two_up(self) -> Book:
        """With two pages drawn on each."""
        pairs = [self.leaves[at : at + 2] for at in range(0, len(self.leaves), 2)]
        leaves = tuple(next((leaf for leaf in pair if leaf.colour), pair[0]) for pair in pairs)
        return replace(self, name=f"{self.name}, two-up", leaves=leaves)

    @property
    def impressions(self) -> int:
        return len(self.leaves) * self.copies

    @property
    def sheets(self) -> int:
        """Two sides a sheet, but never of two papers."""
        if not self.two_sided or self.fronts_only:
            return self.impressions
        runs = [sum(1 for _ in same) for _, same in groupby(media_name(*leaf.size) for leaf in self.leaves)]
        return sum(-(-pages // 2) for pages in runs) * self.copies


WHOLE = Book(
    "whole",
    (
        Leaf("text"),
        Leaf("red text"),
        Leaf("nothing"),
        Leaf("photo", A3),
        Leaf("grey photo stored as RGB"),
        Leaf("pale blue", LETTER),
        Leaf("grey by equal RGB", A5),
        Leaf("yellow dot"),
        Leaf("red hairline", LANDSCAPE_A4),
        Leaf("white box"),
        Leaf("text"),
    ),
)
"""Every content, several papers, both orientations, blank pages within."""

MARKED = replace(WHOLE, name="without blank pages", leaves=tuple(leaf for leaf in WHOLE.leaves if not leaf.blank))
DARK = replace(MARKED, name="dark", leaves=tuple(leaf for leaf in MARKED.leaves if leaf.content != "yellow dot"))
"""For devices of black dots, where so small a yellow leaves none."""
ON_A4 = replace(WHOLE, name="on A4", leaves=tuple(replace(leaf, size=A4) for leaf in WHOLE.leaves))
"""For pictures, which have no paper of their own."""
PLAIN = Book("plain", tuple(Leaf("red text" if number in {3, 10} else "text") for number in range(1, 14)))
"""Thirteen pages of A4 with colour on the third and tenth."""
LETTERS = Book("letters", tuple(replace(leaf, size=LETTER) for leaf in PLAIN.leaves))
TEXT = Book("text", tuple(Leaf("text") for _ in range(5)))
ONE = Book("one", (Leaf("photo"),))
GREY = Book("grey", (Leaf("grey photo stored as RGB"), Leaf("text"), Leaf("grey by equal RGB")))

assert {leaf.content for leaf in WHOLE.leaves} >= {"photo", "nothing", "white box", "yellow dot", "pale blue"}
assert all(leaf.size == A4 for leaf in PLAIN.leaves)
