"""What the tests of the printer ask it, in IPP, through CUPS's ipptool."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from everprint.ipp.message import Group, Message, charset, natural_language
from everprint.ipp.message import uri as uri_attribute
from everprint.ipp.operations import Operation
from everprint.ipp.tags import GroupTag
from rig.ipptool import Answer, ask
from rig.virtual_printer import VirtualPrinter


def print_job(
    printer: VirtualPrinter, document: Path, *job: str, user: str = "anna", operation: Sequence[str] = ()
) -> Answer:
    """Print-Job with job attributes as ipptool writes them ("integer copies 2")."""
    lines = [f"ATTR name requesting-user-name {user}", *(f"ATTR {line}" for line in operation)]
    if job:
        lines += ["GROUP job-attributes-tag", *(f"ATTR {line}" for line in job)]
    return ask(printer.uri, "Print-Job", lines, document=document)


def printed(printer: VirtualPrinter, document: Path, *job: str, operation: Sequence[str] = ()) -> int:
    """The number of a job that was taken without reserve."""
    answer = print_job(printer, document, *job, operation=operation)
    assert answer.status == "successful-ok", f"{answer.status}: {answer.message}"
    return job_id_of(answer)


def about_job(
    printer: VirtualPrinter, operation: str, job_id: int, *attributes: str, user: str = "anna", **more: Path
) -> Answer:
    """An operation on a job."""
    lines = [f"ATTR integer job-id {job_id}", f"ATTR name requesting-user-name {user}"]
    return ask(printer.uri, operation, [*lines, *(f"ATTR {line}" for line in attributes)], **more)


def job_id_of(answer: Answer) -> int:
    """The number in the answer."""
    number = answer.first["job-id"]
    assert isinstance(number, int)
    return number


def print_job_message(uri: str) -> Message:
    """The least that a Print-Job request can be."""
    attributes = (
        charset("attributes-charset", "utf-8"),
        natural_language("attributes-natural-language", "en"),
        uri_attribute("printer-uri", uri),
    )
    return Message(Operation.PRINT_JOB, 1, (Group(GroupTag.OPERATION, attributes),))
