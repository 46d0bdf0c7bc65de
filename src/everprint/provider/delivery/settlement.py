"""What came out, as far as anybody can know: from the device's counts and what analysis expected."""

from __future__ import annotations

from everprint.contract.limits import MOST_IMPRESSIONS
from everprint.contract.messages import DocumentSummary
from everprint.documents.imposition import FORCE_GREY, first_impressions
from everprint.documents.result import NOTHING, Output, Page, Sides
from everprint.documents.ticket import SidesKeyword, Ticket
from everprint.provider.analysis import spread_pages
from everprint.provider.delivery.device import DeviceJob
from everprint.provider.job import Job

UNKNOWN_MEDIA = "unknown"


def settle(job: Job, device: DeviceJob, prints_colour: bool) -> Output:
    """What to pay for.

    A device that completed the job and counts nothing printed all of it. A device that counts is believed, but never
    for more than the job holds. One that stopped without a count has printed nothing that could be charged.
    """
    completed = device.state == 9
    if job.findings is None or job.findings.output is None:
        return _settle_unknown(job, device, prints_colour)
    expected = job.findings.output
    if not device.marked:
        return expected if completed else NOTHING
    pages = spread_pages(job.findings.page_runs)
    if device.impressions:
        return first_impressions(pages, job.ticket, device.impressions)
    assert device.sheets is not None
    return _first_sheets(job.findings, pages, job.ticket, device.sheets)


def _first_sheets(findings: DocumentSummary, pages: list[Page], ticket: Ticket, sheets: int) -> Output:
    """The most impressions that so many sheets can carry."""
    assert findings.output is not None
    low, high = 0, findings.output.impressions
    while low < high:
        middle = (low + high + 1) // 2
        if first_impressions(pages, ticket, middle).sheets <= sheets:
            low = middle
        else:
            high = middle - 1
    return first_impressions(pages, ticket, low)


def _settle_unknown(job: Job, device: DeviceJob, prints_colour: bool) -> Output:
    """Nobody could read the document: only the device's count is left, and colour is what it could have been."""
    two_sided = job.ticket.sides is not SidesKeyword.ONE_SIDED
    impressions = device.impressions or (device.sheets or 0) * (2 if two_sided else 1)
    if not impressions:
        return NOTHING
    impressions = min(impressions, MOST_IMPRESSIONS)
    sheets = min(device.sheets or ((impressions + 1) // 2 if two_sided else impressions), MOST_IMPRESSIONS)
    colour = prints_colour and job.ticket.print_color_mode not in FORCE_GREY
    return Output(sheets, (Sides(job.ticket.media or UNKNOWN_MEDIA, colour, two_sided, impressions),))
