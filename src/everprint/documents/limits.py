"""How much of anything a document may cost. Each limit that is met is named in the answer, never silently."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds are wall-clock but for `page_s`. Whoever analyses in a worker also gives it a limit that kills."""

    page_s: float = 0.24
    """Of the processor, for drawing one page; what is not drawn by then is estimated. A step that is being drawn is
    finished, so a page costs a little more."""
    document_s: float = 20.0
    """For drawing all pages; the rest is estimated. For PostScript, which must be run to be known: for all of it."""
    pages: int = 250_000
    """A document that says it has more is unknown."""
    memory_octets: int = 1 << 30
    """For a helper process (Ghostscript); the analysing process itself is limited by who starts it."""


MAX_RASTER_EDGE = 200_000
"""Pixels; 8 m at 600 dpi. A raster header beyond it is refused before anything is allocated for it."""

MAX_PICTURE_PIXELS = 40_000_000
"""Of one drawn page; a larger one is drawn smaller."""

MOST_WRAPPERS = 4
"""A compressed file in a PJL job in a compressed file is odd; deeper is an attack."""
