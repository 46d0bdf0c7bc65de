"""Prints by ipptool, in a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rig import ipptool
from tests.provider.world import PrintServer

DOCUMENTS = Path(__file__).parents[1] / "data" / "ipptool"
FOUR_PAGES = DOCUMENTS / "document-a4.pdf"
ONE_PAGE = DOCUMENTS / "onepage-a4.pdf"

Lines = Sequence[str]


def submit(
    at: PrintServer,
    document: Path = ONE_PAGE,
    *,
    queue: str = "office",
    user: str = "anna",
    name: str = "report",
    template: Lines = (),
    operation: Lines = (),
    document_format: str = "application/pdf",
) -> ipptool.Answer:
    """Print-Job; `template` and `operation` are ipptool's lines of the two groups."""
    lines = [
        f"ATTR name requesting-user-name {user}",
        f'ATTR name job-name "{name}"',
        f"ATTR mimeMediaType document-format {document_format}",
        *operation,
    ]
    if template:
        lines += ["GROUP job-attributes-tag", *template]
    return ipptool.ask(at.uri(queue), "Print-Job", lines, document=document)


def job_id(answer: ipptool.Answer) -> int:
    """The number of the job that was made."""
    assert answer.status.startswith("successful-ok"), (answer.status, answer.message)
    number = answer.first["job-id"]
    assert isinstance(number, int)
    return number


def about(
    at: PrintServer, operation: str, job: int, *lines: str, queue: str = "office", user: str = "anna"
) -> ipptool.Answer:
    """An operation on a job."""
    return ipptool.ask(
        at.uri(queue), operation, [f"ATTR integer job-id {job}", f"ATTR name requesting-user-name {user}", *lines]
    )
