"""What the backend says of a job, read with bounds, and what it comes to in a job ticket. Plain functions.

The document that reaches a backend has been through CUPS's filters: number-up, page-ranges and the like are in it,
and must not be counted again. What is left to the device is of two kinds. CUPS's IPP backend turns options into IPP
attributes for PDF and raster documents; any other backend sends octets, and the document alone says what to do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from everprint.documents.media import media_size
from everprint.documents.ticket import SidesKeyword
from everprint.ipp.message import Attribute, integer, keyword

_MOST_COPIES = 9999
_IPP_SCHEMES = frozenset({"ipp", "ipps", "http", "https", "dnssd"})
# CUPS's IPP backend sends a job's options with these only (backend/ipp.c, send_options).
_WITH_OPTIONS = re.compile(r"application/(vnd\.cups-)?pdf|image/.+")
_NAME = re.compile(r"\s*([^\s=]+)")
# They change between two goes at one job without anybody asking for anything else.
_VOLATILE = re.compile(
    r"(date-)?time-at-|job-(uuid|message-from-operator|hold-until|priority|printer-|state|cancel-)"
)
_DUPLEX = {
    "none": SidesKeyword.ONE_SIDED,
    "false": SidesKeyword.ONE_SIDED,
    "duplexnotumble": SidesKeyword.TWO_SIDED_LONG_EDGE,
    "duplextumble": SidesKeyword.TWO_SIDED_SHORT_EDGE,
}
_GREY = frozenset(
    {"gray", "grey", "grayscale", "monochrome", "black", "kgray", "fastgray", "devicegray", "blackwhite"}
)


class BadHello(Exception):
    """It does not say what it should."""


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """The backend's first message. `argv` is what cupsd gave it: job-id, user, title, copies, options."""

    run: str
    queue: str
    argv: tuple[str, str, str, str, str]
    octets: int
    by_file: bool
    content_type: str = ""
    final_content_type: str = ""
    ppd_defaults: dict[str, str] = {}
    printing: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """A job, or one document of it, as CUPS brings it."""

    queue: str
    run: str
    printing: bool  # the real backend is at work, or was: this is a connection anew
    job_id: int
    job_uuid: str
    pass_at: str
    user_name: str
    job_name: str
    host: str
    document_format: str
    document_name: str
    octets: int
    by_file: bool  # the real backend reads a file of CUPS's: how far, nobody knows
    repeats: int
    digest: str
    attributes: tuple[Attribute, ...]
    two_sided_by_default: SidesKeyword
    grey_by_default: bool


def read_hello(octets: bytes) -> Hello:
    """Raises BadHello."""
    try:
        return msgspec.json.decode(octets, type=Hello)
    except msgspec.DecodeError as error:
        raise BadHello(str(error)) from error


def submission_of(hello: Hello, device_uri: str) -> Submission:
    """What the message comes to for a queue whose real device has that URI.

    Raises BadHello.
    """
    job_id, user, title, copies_said, text = hello.argv
    options = dict(read_options(text))
    job_uuid = options.get("job-uuid", "")
    if not re.fullmatch("[0-9]{1,9}", job_id) or not re.fullmatch(r"urn:uuid:[\w-]{1,60}", job_uuid):
        raise BadHello(f"it names no job: number {job_id[:20]!r}, job-uuid {job_uuid[:80]!r}")
    copies = int(copies_said) if copies_said.isascii() and copies_said.isdigit() else 1
    copies = min(max(copies, 1), _MOST_COPIES)
    by_ipp = device_uri.partition(":")[0].lower() in _IPP_SCHEMES
    tells_options = by_ipp and _WITH_OPTIONS.fullmatch(hello.final_content_type) is not None
    document_format = hello.final_content_type or hello.content_type
    return Submission(
        queue=hello.queue,
        run=hello.run,
        printing=hello.printing,
        job_id=int(job_id),
        job_uuid=job_uuid,
        pass_at=options.get("time-at-processing", ""),
        user_name=user,
        job_name=title or "Untitled",
        host=options.get("job-originating-host-name", "localhost")[:255],
        document_format=_format(document_format),
        document_name=options.get("document-name-supplied", "")[:255],
        octets=hello.octets,
        by_file=hello.by_file,
        repeats=copies if hello.by_file and not by_ipp else 1,
        digest=_digest(hello, options),
        attributes=tuple(_told(options, hello, copies)) if tells_options else _copies(hello, copies, by_ipp=by_ipp),
        two_sided_by_default=_DUPLEX.get(hello.ppd_defaults.get("Duplex", "").lower(), SidesKeyword.ONE_SIDED)
        if tells_options
        else SidesKeyword.ONE_SIDED,
        grey_by_default=_is_grey(options, hello) if tells_options and hello.ppd_defaults else False,
    )


def read_options(text: str) -> Iterator[tuple[str, str]]:
    """The options of a backend's fifth argument, as cupsParseOptions() reads them: name=value, name, noname."""
    at = 0
    while found := _NAME.match(text, at):
        name, at = found[1], found.end()
        if text[at : at + 1] == "=":
            value, at = _value(text, at + 1)
            yield name, value
        else:
            yield (name[2:], "false") if name.lower().startswith("no") else (name, "true")


def _value(text: str, at: int) -> tuple[str, int]:
    """The value that begins there, without its quotes, and where it ends. Nothing in it can end it early."""
    value: list[str] = []
    quote, depth = "", 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "\\" and at < len(text):
            value.append(text[at])
            at += 1
        elif quote:
            quote = "" if char == quote else quote
            value.append(char if quote or depth else "")
        elif char in "'\"":
            quote = char
            value.append(char if depth else "")
        elif char.isspace() and not depth:
            break
        else:
            depth += (char == "{") - (char == "}" and depth > 0)
            value.append(char)
    return "".join(value), at


def _told(options: dict[str, str], hello: Hello, copies: int) -> Iterator[Attribute]:
    """What CUPS's IPP backend tells the device."""
    yield integer("copies", copies)
    sides = options.get("sides")
    if sides not in set(SidesKeyword):
        sides = _DUPLEX.get(options.get("Duplex", "").lower())
    if sides is not None:
        yield keyword("sides", str(sides))
    if hello.ppd_defaults and _is_grey(options, hello):
        yield keyword("print-color-mode", "monochrome")
    media = options.get("media", "")
    if media_size(media) is not None:
        yield keyword("media", media)


def _copies(hello: Hello, copies: int, *, by_ipp: bool) -> tuple[Attribute, ...]:
    return (integer("copies", copies),) if by_ipp and hello.by_file else ()


def _is_grey(options: dict[str, str], hello: Hello) -> bool:
    said = options.get("ColorModel") or options.get("print-color-mode") or hello.ppd_defaults.get("ColorModel", "")
    return said.lower() in _GREY


def _format(content_type: str) -> str:
    """CUPS's own name for "whatever it is" is no format; analysis looks at the document itself."""
    known = re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,60}", content_type)
    if not known or content_type.startswith("printer/") or content_type == "application/vnd.cups-raw":
        return "application/octet-stream"
    return {"application/vnd.cups-pdf": "application/pdf"}.get(content_type, content_type).lower()


def _digest(hello: Hello, options: dict[str, str]) -> str:
    """Of all that the job asks for: the same for another go at the same job."""
    _, user, title, copies, _ = hello.argv
    lasting = sorted((name, value) for name, value in options.items() if not _VOLATILE.match(name))
    said = msgspec.json.encode([hello.queue, user, title, copies, lasting])
    return hashlib.sha256(said).hexdigest()
