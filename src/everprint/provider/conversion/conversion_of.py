"""A plan made into the order for a converter: pages, paper and pixels of one job."""

from __future__ import annotations

from collections.abc import Iterator

from everprint.contract.messages import DocumentSummary
from everprint.documents.conversion.task import Conversion, Pixel, Raster, Scaling
from everprint.documents.limits import Limits
from everprint.documents.result import Language, Page
from everprint.ipp.message import Group
from everprint.ipp.tags import GroupTag
from everprint.ipp.values import Resolution
from everprint.provider.conversion.capabilities import Capabilities, RasterCapabilities
from everprint.provider.conversion.plan import Plan
from everprint.provider.job import Job

_DRAFT, _NORMAL, _HIGH = 3, 4, 5  # print-quality (RFC 8011 section 5.2.13)
_USUAL_DPI, _MOST_DPI = 300, 600


def conversion_of(
    job: Job, findings: DocumentSummary, plan: Plan, device: Capabilities, limits: Limits
) -> Conversion:
    """For a job whose pages are known, and a plan that converts it."""
    assert plan.target is not None
    ticket = plan.here(job.effective_ticket)
    pages = tuple(_pages(findings))
    said = Group(GroupTag.JOB, job.attributes)
    raster = device.rasters.get(plan.target)
    return Conversion(
        language=language_of(findings),
        target=plan.target,
        pages=pages,
        ticket=ticket,
        papers={media: device.paper_for(media) for media in _media(pages, ticket.media)},
        raster=None if raster is None else _raster(raster, device, findings, said),
        scaling=_scaling(said),
        margins=device.margins,
        limits=limits,
    )


def language_of(findings: DocumentSummary) -> Language:
    """What the contract carries as a word."""
    return Language(findings.language) if findings.language in set(Language) else Language.UNKNOWN


def paper_of(conversion: Conversion) -> str | None:
    """The one paper that all of it is printed on; None if there are several."""
    papers = {conversion.papers[media] for media in _media(conversion.pages, conversion.ticket.media)}
    return papers.pop() if len(papers) == 1 else None


def _media(pages: tuple[Page, ...], chosen: str | None) -> set[str]:
    return {chosen} if chosen else {page.media for page in pages}


def _pages(findings: DocumentSummary) -> Iterator[Page]:
    for run in findings.page_runs:
        for number in range(run.first, run.last + 1):
            yield Page(
                number,
                run.width_mm,
                run.height_mm,
                run.media,
                run.colour,
                run.blank,
                copies=run.copies,
                sides=run.sides,
                starts_sheet=run.starts_sheet,
            )


def _raster(raster: RasterCapabilities, device: Capabilities, findings: DocumentSummary, said: Group) -> Raster:
    in_colour = findings.output is not None and findings.output.colour_impressions > 0
    asked = said.integer("print-quality")
    quality = asked if asked in (_DRAFT, _HIGH) else _NORMAL
    return Raster(_dpi(raster, device, quality, said), _pixel(raster, in_colour), raster.sheet_back, quality)


def _pixel(raster: RasterCapabilities, in_colour: bool) -> Pixel:
    order = (Pixel.SRGB_8, Pixel.SGRAY_8) if in_colour else (Pixel.SGRAY_8, Pixel.SRGB_8)
    return next((pixel for pixel in order if pixel in raster.pixels), Pixel.BLACK_1)


def _dpi(raster: RasterCapabilities, device: Capabilities, quality: int, said: Group) -> tuple[int, int]:
    """As asked; else by quality, the usual one being the device's own, or what is nearest to 300."""
    for one in said.values("printer-resolution"):
        if isinstance(one, Resolution) and (one.cross_feed, one.feed) in raster.dpi:
            return one.cross_feed, one.feed
    square = sorted(dpi for dpi in raster.dpi if dpi[0] == dpi[1]) or sorted(raster.dpi)
    affordable = [dpi for dpi in square if max(dpi) <= _MOST_DPI] or square[:1]
    if quality == _DRAFT:
        return affordable[0]
    if quality == _HIGH:
        return affordable[-1]
    if device.default_dpi in affordable:
        return device.default_dpi
    return min(affordable, key=lambda dpi: abs(dpi[0] - _USUAL_DPI))


def _scaling(said: Group) -> Scaling:
    word = said.string("print-scaling")
    return Scaling(word) if word in set(Scaling) else Scaling.AUTO
