"""A job's options in PJL, for devices that get them before the document (HP, PJL Technical Reference Manual).

Only what the job's template says is said: for the rest the document, or else the device, decides as ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from everprint.documents.imposition import FORCE_GREY
from everprint.documents.ticket import SidesKeyword, Ticket
from everprint.ipp.message import Attribute
from everprint.provider.job import Job

UEL = b"\x1b%-12345X"
"""Universal Exit Language: leaves whatever language the device is in."""

_LANGUAGES = {
    "application/pdf": "PDF",
    "application/postscript": "POSTSCRIPT",
    "application/vnd.hp-pcl": "PCL",
    "application/vnd.hp-pclxl": "PCLXL",
}
_PAPERS = {
    "iso_a3_297x420mm": "A3",
    "iso_a4_210x297mm": "A4",
    "iso_a5_148x210mm": "A5",
    "iso_a6_105x148mm": "A6",
    "jis_b4_257x364mm": "JISB4",
    "jis_b5_182x257mm": "JISB5",
    "na_letter_8.5x11in": "LETTER",
    "na_legal_8.5x14in": "LEGAL",
    "na_ledger_11x17in": "LEDGER",
    "na_executive_7.25x10.5in": "EXECUTIVE",
    "na_number-10_4.125x9.5in": "COM10",
    "iso_dl_110x220mm": "DL",
    "iso_c5_162x229mm": "C5",
}
_MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class PjlJob:
    """What goes before and after the document."""

    before: bytes
    after: bytes


def pjl_job(job: Job, template: Iterable[Attribute], document_format: str) -> PjlJob:
    """The job's PJL. The device is asked to tell of the job's end, which it says under the name job_mark()."""
    mark = job_mark(job)
    lines = [f'JOB NAME="{mark}" DISPLAY="{_printable(job.job_name)}"', "USTATUS JOB=ON", "USTATUS DEVICE=ON"]
    lines += [
        f"SET {name}={value}"
        for name, value in _options(job.effective_ticket, {attribute.name for attribute in template})
    ]
    language = _LANGUAGES.get(document_format.lower())
    if language is not None:
        lines.append(f"ENTER LANGUAGE={language}")
    before = UEL + b"@PJL\r\n" + b"".join(f"@PJL {line}\r\n".encode("ascii") for line in lines)
    after = UEL + f'@PJL EOJ NAME="{mark}"\r\n'.encode("ascii") + UEL
    return PjlJob(before, after)


def job_mark(job: Job) -> str:
    """The name under which the device tells of the job: ours, not a stranger's text."""
    return f"everprint-{job.uuid}"


def _options(ticket: Ticket, asked: set[str]) -> list[tuple[str, str]]:
    options: list[tuple[str, str]] = []
    if "copies" in asked:
        # COPIES repeats each page, QTY the whole job.
        options.append(("QTY" if ticket.collated else "COPIES", str(ticket.copies)))
    if "sides" in asked:
        options.append(("DUPLEX", "OFF" if ticket.sides is SidesKeyword.ONE_SIDED else "ON"))
        if ticket.sides is not SidesKeyword.ONE_SIDED:
            edge = "SHORTEDGE" if ticket.sides is SidesKeyword.TWO_SIDED_SHORT_EDGE else "LONGEDGE"
            options.append(("BINDING", edge))
    if ticket.media in _PAPERS and asked & {"media", "media-col"}:
        options.append(("PAPER", _PAPERS[ticket.media]))
    if "print-color-mode" in asked:
        options.append(("RENDERMODE", "GRAYSCALE" if ticket.print_color_mode in FORCE_GREY else "COLOR"))
    return options


def _printable(text: str) -> str:
    """Somebody's text as PJL can hold it: it can end neither the string nor the line."""
    return "".join(char if " " <= char <= "~" and char != '"' else "?" for char in text[:_MOST_NAME])
