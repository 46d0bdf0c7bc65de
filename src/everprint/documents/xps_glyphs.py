"""A run of glyphs of XPS, as far as its attributes tell without its font (ECMA-388 section 12.1)."""

from __future__ import annotations

from everprint.documents.xps_brushes import number
from everprint.documents.xps_geometry import Box, numbers


class Run:
    """What is sure of it, in its own space.

    Nothing of it is outside of `reach`. If it `shows`, its first glyph is within `first` and around `heart`.
    """

    def __init__(self, attributes: dict[str, str]) -> None:
        size = number(attributes, "FontRenderingEmSize", 0.0)
        x, y = number(attributes, "OriginX", 0.0), number(attributes, "OriginY", 0.0)
        text = attributes.get("UnicodeString", "").removeprefix("{}")
        indices = attributes.get("Indices", "")
        glyphs = max(len(text), indices.count(";") + 1 if indices else 0)
        # Advances and offsets are hundredths of the size; no glyph is wider than two sizes by itself.
        wide = size * (glyphs * 2 + sum(map(abs, _advances(indices))) / 100)
        backwards = int(number(attributes, "BidiLevel", 0.0)) % 2 == 1
        usual = not backwards and attributes.get("IsSideways", "false") == "false" and size > 0
        self.may_show = size > 0 and (bool(text.strip()) or bool(indices))
        self.shows = usual and bool(text) and not text[0].isspace() and bool(attributes.get("FontUri"))
        if usual:
            self.reach: Box = (x - 2 * size, y - 2 * size, x + wide + 2 * size, y + 2 * size)
        else:
            around = wide + 2 * size
            self.reach = (x - around, y - around, x + around, y + around)
        self.first: Box = (x - size / 2, y - 1.2 * size, x + 1.5 * size, y + size / 2)
        self.heart: Box = (x, y - size / 2, x + size / 3, y)


def _advances(indices: str) -> list[float]:
    """What stands behind the glyphs' numbers."""
    if "," not in indices:
        return []
    return numbers(" ".join(entry.partition(",")[2] for entry in indices.split(";")))
