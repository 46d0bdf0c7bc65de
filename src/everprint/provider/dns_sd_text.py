"""The TXT record of a queue's announcement (Bonjour Printing Specification section 7.4, PWG 5100.14 section 4.2.3).

Clients choose by it before they ask the queue itself: AirPrint by *URF*, *pdl* and *air*, Mopria and CUPS by *pdl*,
*rp* and *UUID*.
"""

from __future__ import annotations

from collections.abc import Iterable

from everprint.contract.messages import Authentication
from everprint.documents.media import media_size
from everprint.ipp.message import Group
from everprint.ipp.tags import GroupTag
from everprint.provider.addresses import FOLDER
from everprint.provider.queue import Queue

# One string of a record is 255 octets with its key and the sign between (RFC 6763 section 6.1).
_MOST_OCTETS = 255
# The formats that phones and driverless clients look for come first: a long list is cut.
_FIRST_FORMATS = ("application/pdf", "image/urf", "image/pwg-raster", "image/jpeg", "application/postscript")
# PaperMax: what the longer edge fits into, in millimetres.
_PAPERS = ((356.0, "legal-A4"), (432.0, "tabloid-A3"), (594.0, "isoC-A2"))
# The finishings enum (PWG 5100.1 section 5.2): ranges and single values of each kind.
_STAPLES = frozenset({4, *range(20, 36)})
_PUNCHES = frozenset({5, *range(70, 90)})
_BINDINGS = frozenset({7, *range(50, 54)})


def text_record(queue: Queue, admin_url: str, *, tls: bool) -> dict[str, str]:
    """The record; `admin_url` is where people look at the printer, `tls` is true if it is reached by ipps://."""
    shown = Group(GroupTag.PRINTER, tuple(queue.shown.values()))
    make_and_model = shown.string("printer-make-and-model") or "Printer"
    finishings = {value for value in shown.values("finishings-supported") if isinstance(value, int)}
    copies = shown.ranges("copies-supported")
    record = {
        "txtvers": "1",
        "qtotal": "1",
        "rp": f"{FOLDER}/{queue.name}".lstrip("/"),
        "ty": make_and_model,
        "product": f"({make_and_model})",
        "adminurl": admin_url,
        "note": queue.settings.location,
        "priority": "50",
        "pdl": ",".join(_formats(queue.document_formats)),
        "kind": ",".join(shown.strings("printer-kind")) or "document",
        "UUID": queue.settings.printer_uuid.removeprefix("urn:uuid:"),
        "air": "username,password" if queue.settings.authentication is Authentication.BASIC else "none",
        "Color": _flag(queue.prints_colour),
        "Duplex": _flag(len(shown.strings("sides-supported")) > 1),
        "Copies": _flag(any(pages.upper > 1 for pages in copies)),
        "Collate": _flag(
            "separate-documents-collated-copies" in shown.strings("multiple-document-handling-supported")
        ),
        "Staple": _flag(bool(finishings & _STAPLES)),
        "Punch": _flag(bool(finishings & _PUNCHES)),
        "Bind": _flag(bool(finishings & _BINDINGS)),
        "Scan": "F",
        "Fax": "F",
        "PaperMax": _paper_max(shown.strings("media-supported")),
    }
    urf = shown.strings("urf-supported")
    if urf:
        record["URF"] = ",".join(urf)
    if tls:
        record["TLS"] = "1.2"
    return {key: _cut(value, _MOST_OCTETS - len(key) - 1) for key, value in record.items()}


def _formats(formats: Iterable[str]) -> list[str]:
    known = set(formats) - {"application/octet-stream"}
    first = [one for one in _FIRST_FORMATS if one in known]
    return [*first, *sorted(known.difference(first))]


def _paper_max(names: Iterable[str]) -> str:
    longest = max((size[1] for name in names if (size := media_size(name)) is not None), default=0.0)
    if longest < 297.0:
        return "<legal-A4"
    return next((paper for most, paper in _PAPERS if longest <= most), ">isoC-A2")


def _flag(value: bool) -> str:
    return "T" if value else "F"


def _cut(value: str, most_octets: int) -> str:
    return value.encode()[:most_octets].decode("utf-8", "ignore")
