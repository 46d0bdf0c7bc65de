"""What is done to the sheets after printing: the values of the enum *finishings* by their keywords (PWG 5100.1)."""

from __future__ import annotations

_CORNERS = ("top-left", "bottom-left", "top-right", "bottom-right")
_EDGES = ("left", "top", "right", "bottom")

FINISHINGS: dict[int, str] = {
    **dict(enumerate(("none", "staple", "punch", "cover", "bind", "saddle-stitch", "edge-stitch", "fold"), 3)),
    **dict(enumerate(("trim", "bale", "booklet-maker", "jog-offset", "coat", "laminate"), 11)),
    **{20 + at: f"staple-{corner}" for at, corner in enumerate(_CORNERS)},
    **{24 + at: f"edge-stitch-{edge}" for at, edge in enumerate(_EDGES)},
    **{28 + at: f"staple-dual-{edge}" for at, edge in enumerate(_EDGES)},
    **{32 + at: f"staple-triple-{edge}" for at, edge in enumerate(_EDGES)},
    **{50 + at: f"bind-{edge}" for at, edge in enumerate(_EDGES)},
    **{60 + at: f"trim-after-{what}" for at, what in enumerate(("pages", "documents", "copies", "job"))},
    **{70 + at: f"punch-{corner}" for at, corner in enumerate(_CORNERS)},
    **{74 + at: f"punch-dual-{edge}" for at, edge in enumerate(_EDGES)},
    **{78 + at: f"punch-triple-{edge}" for at, edge in enumerate(_EDGES)},
    **{82 + at: f"punch-quad-{edge}" for at, edge in enumerate(_EDGES)},
    **{86 + at: f"punch-multiple-{edge}" for at, edge in enumerate(_EDGES)},
    90: "fold-accordion",
    91: "fold-double-gate",
    92: "fold-gate",
    93: "fold-half",
    94: "fold-half-z",
    95: "fold-left-gate",
    96: "fold-letter",
    97: "fold-parallel",
    98: "fold-poster",
    99: "fold-right-gate",
    100: "fold-z",
    101: "fold-engineering-z",
}


def finishing_keyword(value: int) -> str:
    """The keyword; a value that the standard does not know, by its number."""
    return FINISHINGS.get(value, f"finishing-{value}")
