"""The IPP requests that both sides are asked, encoded once."""

from __future__ import annotations

import io
import random
from functools import cache

from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from everprint.ipp import message as ipp
from everprint.ipp.codec import encode
from everprint.ipp.message import Attribute, Group, Message
from everprint.ipp.operations import Operation
from everprint.ipp.tags import GroupTag

USER = "anna"


@cache
def one_page_pdf(octets: int = 30_000) -> bytes:
    """A page of text with a grey picture that brings the file near that size; the same bytes in every run."""
    side = int(((octets - 2_000) * 0.8) ** 0.5)  # reportlab writes five octets for four
    picture = Image.frombytes("L", (side, side), random.Random(7).randbytes(side * side))
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=A4, invariant=True)
    canvas.setPageCompression(1)
    for line in range(20):
        canvas.drawString(72, 760 - 16 * line, f"Line {line + 1}: minutes of the meeting about the price of paper.")
    pixels = io.BytesIO()
    picture.save(pixels, "PNG")
    canvas.drawImage(ImageReader(pixels), 72, 72, 300, 300)
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def print_job(uri: str, name: str = "Minutes", user: str = USER, *, held: bool = False) -> bytes:
    """Print-Job with the one-page PDF; `held` asks that it waits for a Release-Job."""
    return (
        _request(
            Operation.PRINT_JOB,
            uri,
            ipp.name("requesting-user-name", user),
            ipp.name("job-name", name),
            ipp.mime_media_type("document-format", "application/pdf"),
            job=(ipp.keyword("job-hold-until", "indefinite"),) if held else (),
        )
        + one_page_pdf()
    )


def release_job(uri: str, job_id: int) -> bytes:
    """Release-Job."""
    return _request(Operation.RELEASE_JOB, uri, ipp.integer("job-id", job_id), ipp.name("requesting-user-name", USER))


def get_waiting_jobs(uri: str) -> bytes:
    """Get-Jobs: the numbers of jobs that have not come to an end, as many as the queue tells at once."""
    return _request(
        Operation.GET_JOBS,
        uri,
        ipp.name("requesting-user-name", USER),
        ipp.keyword("requested-attributes", "job-id", "job-state"),
        ipp.keyword("which-jobs", "not-completed"),
    )


def get_printer_attributes(uri: str, *names: str) -> bytes:
    """Get-Printer-Attributes of the named attributes; of all if none is named."""
    return _request(
        Operation.GET_PRINTER_ATTRIBUTES,
        uri,
        ipp.name("requesting-user-name", USER),
        ipp.keyword("requested-attributes", *(names or ("all",))),
    )


def get_completed_jobs(uri: str) -> bytes:
    """Get-Jobs: the numbers and states of all jobs that have come to an end."""
    return _request(
        Operation.GET_JOBS,
        uri,
        ipp.name("requesting-user-name", USER),
        ipp.keyword("requested-attributes", "job-id", "job-state"),
        ipp.keyword("which-jobs", "completed"),
    )


def get_job_attributes(uri: str, job_id: int) -> bytes:
    """Get-Job-Attributes: how one job stands."""
    return _request(
        Operation.GET_JOB_ATTRIBUTES,
        uri,
        ipp.integer("job-id", job_id),
        ipp.name("requesting-user-name", USER),
        ipp.keyword("requested-attributes", "job-id", "job-state"),
    )


def _request(operation: Operation, uri: str, *attributes: Attribute, job: tuple[Attribute, ...] = ()) -> bytes:
    first = (ipp.charset("attributes-charset", "utf-8"), ipp.natural_language("attributes-natural-language", "en"))
    groups = [Group(GroupTag.OPERATION, (*first, ipp.uri("printer-uri", uri), *attributes))]
    if job:
        groups.append(Group(GroupTag.JOB, job))
    return encode(Message(code=operation, request_id=1, groups=tuple(groups)))
