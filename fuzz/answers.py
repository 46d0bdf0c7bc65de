"""What must hold for the answer to any octets at all. A fuzzer finds what breaks it, and so do the tests."""

from __future__ import annotations

import math

from everprint.documents import wire
from everprint.documents.languages import Contents, Part
from everprint.documents.limits import Limits
from everprint.documents.media import media_size
from everprint.documents.result import Analysis, Confidence, Page
from everprint.documents.source import Source

LIMITS = Limits(page_s=1.0, document_s=2.0, pages=2000)
"""Tighter than in service, so that a slow answer is found soon."""


def check_analysis(analysis: Analysis) -> None:
    """Raises AssertionError for an answer that lies about itself or cannot be passed on."""
    if analysis.confidence is Confidence.UNKNOWN:
        assert not analysis.pages, "unknown, and has pages"
    if analysis.confidence is not Confidence.EXACT:
        assert analysis.reason, f"{analysis.confidence}, and says no reason"
    assert len(analysis.pages) <= LIMITS.pages, "more pages than the limit"
    assert [page.number for page in analysis.pages] == list(range(1, len(analysis.pages) + 1))
    for page in analysis.pages:
        check_page(page)
    for text in (analysis.reason, *analysis.remarks):
        assert text.isprintable(), f"control characters in {text!r}"
        assert len(text) < 4000, "a text that nobody reads"
    copies = analysis.settings.copies
    assert copies is None or copies >= 1, f"{copies} copies"
    answer = wire.Analysed(analysis)
    assert wire.decode_answer(wire.encode(answer)[wire.LENGTH_OCTETS :]) == answer


def check_page(page: Page) -> None:
    """Raises AssertionError for a page that cannot be."""
    assert math.isfinite(page.width_mm), page
    assert math.isfinite(page.height_mm), page
    assert min(page.width_mm, page.height_mm) > 0, page
    assert media_size(page.media) is not None, page
    assert page.copies >= 1, page
    assert not (page.blank and page.colour), page
    if page.coverage is not None:
        inks = (page.coverage.cyan, page.coverage.magenta, page.coverage.yellow, page.coverage.black)
        assert all(-1e-6 <= ink <= 1 + 1e-6 for ink in inks), page


def check_contents(contents: Contents, source: Source) -> None:
    """Raises AssertionError for parts that reach beyond the files they are in."""
    for part in contents.parts:
        _check_part(part, source)


def _check_part(part: Part, source: Source) -> None:
    inner = part.source
    assert 0 <= inner.start <= inner.end <= inner.path.stat().st_size, "a part beyond its file"
    if inner.path == source.path:
        assert source.start <= inner.start <= inner.end <= source.end, "a part beyond what holds it"
