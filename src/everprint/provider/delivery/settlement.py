"""What came out, as far as anybody can know: from the device's counts and what analysis expected."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from everprint.contract.limits import MOST_IMPRESSIONS
from everprint.contract.messages import CounterCheck
from everprint.documents.imposition import FORCE_GREY, Imposition
from everprint.documents.result import NOTHING, Output, Sides
from everprint.documents.ticket import SidesKeyword
from everprint.provider.analysis import stretches_of
from everprint.provider.delivery.device import DeviceJob
from everprint.provider.job import Job

UNKNOWN_MEDIA = "unknown"
_COMPLETED = 9  # job-state


def settle(job: Job, device: DeviceJob, prints_colour: bool, *, empty_backs: bool = False) -> Output:
    """What to pay for.

    A device that completed the job and counts nothing printed all of it. A device that counts is believed, but never
    for more than the job holds. One that stopped without a count has printed nothing that could be charged. Where it
    was sent `empty_backs`, it counts them as impressions: its sheets bound what is paid then.
    """
    completed = device.state == _COMPLETED
    if job.findings is None or job.findings.output is None:
        return _settle_unknown(job, device, prints_colour)
    expected = job.findings.output
    if not device.marked:
        return expected if completed else NOTHING
    laid = Imposition(stretches_of(job.findings.page_runs), job.effective_ticket)
    if device.impressions:
        by_impressions = laid.first_impressions(device.impressions)
        if not (empty_backs and device.sheets):
            return by_impressions
        return min(by_impressions, laid.first_sheets(device.sheets), key=lambda output: output.impressions)
    assert device.sheets is not None
    return laid.first_sheets(device.sheets)


def settle_by_counter(
    job: Job, device: DeviceJob, output: Output, check: CounterCheck, prints_colour: bool
) -> tuple[Output, CounterCheck]:
    """What to pay for by the printer's own counter, where that makes sense; else `output`, and why.

    It never makes a job larger than it is, and it never makes a completed job free: a printer that completed it and
    did not count at all counts something else, or not in time.
    """
    if check.remark or check.after is None:
        return output, check
    counted = check.after - check.before
    if counted < 0:
        return output, msgspec.structs.replace(check, remark="The counter went backwards.")
    if counted == 0 and (device.state == _COMPLETED or device.marked):
        return output, msgspec.structs.replace(check, remark="The counter did not move.")
    expected = job.findings.output if job.findings is not None else None
    longest = device.impressions if expected is None else expected.impressions
    if longest and counted > longest:
        return output, msgspec.structs.replace(check, remark="The counter moved further than the job is long.")
    if expected is None:
        return _settle_unknown(job, replace(device, impressions=counted, sheets=None), prints_colour), check
    if counted == 0:
        return NOTHING, check
    assert job.findings is not None
    laid = Imposition(stretches_of(job.findings.page_runs), job.effective_ticket)
    return laid.first_impressions(counted), check


def _settle_unknown(job: Job, device: DeviceJob, prints_colour: bool) -> Output:
    """Nobody could read the document: only the device's count is left, and colour is what it could have been."""
    ticket = job.effective_ticket
    two_sided = ticket.sides is not SidesKeyword.ONE_SIDED
    impressions = device.impressions or (device.sheets or 0) * (2 if two_sided else 1)
    if not impressions:
        return NOTHING
    impressions = min(impressions, MOST_IMPRESSIONS)
    sheets = min(device.sheets or ((impressions + 1) // 2 if two_sided else impressions), MOST_IMPRESSIONS)
    colour = prints_colour and ticket.print_color_mode not in FORCE_GREY
    return Output(sheets, (Sides(ticket.media or UNKNOWN_MEDIA, colour, two_sided, impressions),))
