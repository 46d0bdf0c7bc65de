"""The few line icons, drawn in a 16 by 16 box; each always stands beside its word."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_PATHS = {
    "good": "M3 8.5l3.2 3.2L13 5",
    "bad": "M8 3.5v5.2M8 12.2v.1",
    "warn": "M8 2.5l6 11H2zM8 6.5v3M8 11.6v.1",
    "busy": "M8 2.5a5.5 5.5 0 1 1-5.2 3.7M8 5v3l2 1.5",
    "hold": "M5.5 3.5v9M10.5 3.5v9",
    "stop": "M4 4l8 8M12 4l-8 8",
    "print": "M4.5 6V2.5h7V6M4.5 11.5H3V6h10v5.5h-1.5M4.5 9.5h7v4h-7z",
    "sort": "M8 3v10M4 7l4-4 4 4",
}


def icon(name: str) -> SafeString:
    """The icon as an SVG element; hidden from screen readers, which read the word."""
    return format_html(
        '<svg viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        mark_safe(_PATHS[name]),  # noqa: S308 - from the table above
    )
