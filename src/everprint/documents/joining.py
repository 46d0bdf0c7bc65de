"""One answer for all documents of a wrapper: what each of them, and the wrapper for each, sets. Arithmetic only.

What a document says itself comes later than what its wrapper said, and so it holds. What is the same for all
documents is said once; what is not is put on their pages, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from everprint.documents.imposition import FORCE_GREY
from everprint.documents.languages import Contents, Part
from everprint.documents.limits import Limits
from everprint.documents.media import media_size
from everprint.documents.result import Analysis, Confidence, Page, Unreadable
from everprint.documents.ticket import SILENT, TicketPart, first_said

_MOST_COPIES = 1_000_000_000


def settled(analysis: Analysis, part: Part) -> Analysis:
    """The document with what its wrapper sets, where it does not say another thing itself."""
    wrapper, pages = part.settings, analysis.pages
    if len({page.media for page in pages}) > 1:
        wrapper = replace(wrapper, media=None)
    if any(page.sides is not None for page in pages):
        wrapper = replace(wrapper, sides=None)
    own_copies = any(page.copies > 1 for page in pages)
    if own_copies or analysis.settings.copies is not None:
        wrapper = replace(wrapper, copies=None, collated=None)
    settings = first_said(analysis.settings, wrapper)
    if part.times > 1 and own_copies:
        pages = tuple(replace(page, copies=min(page.copies * part.times, _MOST_COPIES)) for page in pages)
    elif part.times > 1:
        copies = settings.copies or 1
        collated = settings.collated if copies > 1 else True
        settings = replace(settings, copies=min(copies * part.times, _MOST_COPIES), collated=collated)
    return replace(analysis, pages=pages, settings=settings)


def join(contents: Contents, found: Sequence[Analysis], limits: Limits) -> Analysis:
    """The pages of all documents, in order; one of them unknown makes it unknown, one without pages is passed over.

    Raises Unreadable if there is no document, or too many pages.
    """
    if not found:
        raise Unreadable("there is no document in it")
    for analysis in found:
        if analysis.confidence is Confidence.UNKNOWN:
            return replace(analysis, remarks=(*contents.remarks, *analysis.remarks))
    printing = [analysis for analysis in found if analysis.pages] or [found[0]]
    if sum(len(analysis.pages) for analysis in printing) > limits.pages:
        raise Unreadable(f"it has more than {limits.pages} pages, which are not counted")
    settings, doubts = _alike(printing)
    pages: list[Page] = []
    for analysis in printing:
        own = _pushed_down(analysis, settings) if len(printing) > 1 else list(analysis.pages)
        if pages and own:
            own[0] = replace(own[0], starts_sheet=True)
        pages += own
    doubts = [*contents.doubts, *doubts, *(analysis.reason for analysis in printing if analysis.reason)]
    remarks = [*contents.remarks, *(remark for analysis in printing for remark in analysis.remarks)]
    languages = dict.fromkeys(analysis.language for analysis in printing)
    if len(languages) > 1:
        remarks.append(f"it holds documents in {' and '.join(languages)}")
    return Analysis(
        printing[0].language,
        Confidence.ESTIMATED if doubts else Confidence.EXACT,
        tuple(replace(page, number=number) for number, page in enumerate(pages, 1)),
        "; ".join(dict.fromkeys(doubts)),
        tuple(dict.fromkeys(remarks)),
        settings,
    )


def _alike(printing: Sequence[Analysis]) -> tuple[TicketPart, list[str]]:
    """What all documents set alike, and what else they set that pages cannot carry."""
    first = printing[0].settings
    if len(printing) == 1:
        return first, []
    others = [analysis.settings for analysis in printing[1:]]

    doubts = []
    alike = SILENT
    if all((other.copies, other.collated) == (first.copies, first.collated) for other in others):
        # Copies of each document, not of all of them together: the order differs, and the paper does not.
        alike = replace(alike, copies=first.copies, collated=first.collated)
    if all(other.sides is first.sides for other in others):
        alike = replace(alike, sides=first.sides)
    if all(other.print_color_mode == first.print_color_mode for other in others):
        alike = replace(alike, print_color_mode=first.print_color_mode)
    if all(other.media == first.media for other in others):
        alike = replace(alike, media=first.media)
    if all(other.number_up == first.number_up for other in others):
        alike = replace(alike, number_up=first.number_up)
    else:
        doubts.append("its documents have different numbers of pages to a side")
    if all(other.imposition == first.imposition for other in others):
        alike = replace(alike, imposition=first.imposition)
    else:
        doubts.append("some of its documents are booklets")
    if all(other.finishings == first.finishings for other in others):
        alike = replace(alike, finishings=first.finishings)
    else:
        doubts.append("its documents are finished in different ways")
    return alike, doubts


def _pushed_down(analysis: Analysis, alike: TicketPart) -> list[Page]:
    """The pages with what only their document sets. Page ranges are always its own."""
    own = analysis.settings
    pages = list(analysis.pages)
    if own.page_ranges:
        pages = [page for page in pages if any(low <= page.number <= high for low, high in own.page_ranges)]
    if own.copies != alike.copies:
        pages = [replace(page, copies=min(page.copies * (own.copies or 1), _MOST_COPIES)) for page in pages]
    if own.sides is not alike.sides:
        pages = [replace(page, sides=page.sides or own.sides) for page in pages]
    if own.print_color_mode != alike.print_color_mode and own.print_color_mode in FORCE_GREY:
        pages = [replace(page, colour=False) for page in pages]
    if own.media != alike.media and own.media is not None:
        pages = [_on(own.media, page) for page in pages]
    return pages


def _on(media: str, page: Page) -> Page:
    size = media_size(media)
    if size is None or media == page.media:
        return page
    width, height = reversed(size) if page.orientation == "landscape" else size
    return replace(page, media=media, width_mm=width, height_mm=height)
