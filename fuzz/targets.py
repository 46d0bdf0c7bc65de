"""What is fuzzed. To add a parser: one line in TARGETS, and the seeds it starts from in seeds.py."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from fuzz.answers import LIMITS, check_analysis, check_contents, check_page

_DRAWN = 8
"""One document in so many is drawn too."""

Check = Callable[[bytes, Path], None]
"""Runs the parser on octets and raises for whatever it must not do. The path is of a file to put them into."""


@dataclass(frozen=True, slots=True)
class Target:
    """One parser: how it is run (`make` builds the check once the code is instrumented) and the module it is in."""

    make: Callable[[str], Check]
    module: str


def language(module: str) -> Check:
    """A language's module: its answer, and a small picture of the first page if it can draw."""
    from everprint.documents.result import Unreadable
    from everprint.documents.source import Source

    parser = import_module(module)
    draw = getattr(parser, "draw_page", None)

    def check(octets: bytes, path: Path) -> None:
        if not octets:  # an empty document is no parser's matter
            return
        path.write_bytes(octets)
        source = Source.whole(path)
        with suppress(Unreadable):
            check_analysis(parser.analyse(source, LIMITS))
        if draw is not None and octets[-1] % _DRAWN == 0:  # drawing costs far more than reading
            with suppress(Unreadable):
                draw(source, 1, 10).load()

    return check


def wrapper(module: str) -> Check:
    """A wrapper's module: the parts that it finds."""
    from everprint.documents.result import Unreadable
    from everprint.documents.source import Source

    opened = import_module(module).opened

    def check(octets: bytes, path: Path) -> None:
        if not octets:  # an empty document is no parser's matter
            return
        path.write_bytes(octets)
        source = Source.whole(path)
        with suppress(Unreadable), opened(source, LIMITS) as contents:
            check_contents(contents, source)

    return check


def eps_header(module: str) -> Check:
    """What is read of PostScript before Ghostscript runs it: DOS header, bounding box, claimed pages."""
    from everprint.documents.postscript import bounding_box, claimed_pages
    from everprint.documents.result import Unreadable
    from everprint.documents.source import Source

    program_of = import_module(module)._program

    def check(octets: bytes, path: Path) -> None:
        if octets:
            path.write_bytes(octets)
            with suppress(Unreadable), program_of(Source.whole(path)) as program:
                bounding_box(program)
                claimed_pages(program)

    return check


def ghostscripts_pages(module: str) -> Check:
    """What Ghostscript sends us of pages: a hostile program may write to that pipe too."""
    from everprint.documents import postscript
    from everprint.documents.result import Unreadable

    device_page = import_module(module)

    def check(octets: bytes, _: Path) -> None:
        with suppress(Unreadable):
            for number, page in enumerate(device_page.read_pages(io.BytesIO(octets).read, 72), 1):
                check_page(postscript._page(number, page))

    return check


def xps_page(module: str) -> Check:
    """A page of XPS by itself: in a package, its checksum would stand before every change."""
    from everprint.documents.xml_stream import BadMarkup, OutOfTime
    from everprint.documents.xps_pictures import Resources
    from everprint.documents.zip_package import Damaged, Package
    from tests.documents.xps_writer import XpsPackage, XpsPage

    read_page = import_module(module).read_page
    octets_of_package = XpsPackage([[XpsPage()]]).octets()
    resources = Resources(Package(octets_of_package, 0, len(octets_of_package)))

    def check(octets: bytes, _: Path) -> None:
        with suppress(BadMarkup, OutOfTime, Damaged):
            page = read_page([octets], "/a.fpage", resources, time.monotonic() + LIMITS.document_s)
            assert page.inked is not False or page.coloured is False, "nothing, in colour"

    return check


def print_ticket(module: str) -> Check:
    """A print ticket of XPS by itself."""
    from everprint.documents.media import media_size
    from everprint.documents.xml_stream import BadMarkup, OutOfTime

    read_ticket = import_module(module).read_ticket

    def check(octets: bytes, _: Path) -> None:
        with suppress(BadMarkup, OutOfTime):
            ticket = read_ticket([octets], time.monotonic() + LIMITS.document_s)
            assert ticket.media is None or media_size(ticket.media)
            for parameter in ("JobCopiesAllDocuments", "DocumentCopiesAllPages", "PageCopies"):
                assert (ticket.copies(parameter) or 1) >= 1
            assert (ticket.number_up or 1) >= 1

    return check


def detection(module: str) -> Check:
    """What language it is: always an answer."""
    from everprint.documents.source import HEAD_OCTETS, Source

    detect = import_module(module)

    def check(octets: bytes, path: Path) -> None:
        path.write_bytes(octets)
        assert detect.detect(octets[:HEAD_OCTETS]).name
        assert detect.recognise(Source.whole(path)).name

    return check


def ipp_message(module: str) -> Check:
    """IPP: what can be read can be written, and reads the same again."""
    from everprint.ipp.errors import BadValue, MalformedMessage, MessageTooLarge

    codec = import_module(module)

    def check(octets: bytes, _: Path) -> None:
        with suppress(BadValue, MalformedMessage, MessageTooLarge):
            codec.decode(octets, tolerant=True)
        try:
            message = codec.decode(octets)
        except (BadValue, MalformedMessage, MessageTooLarge):
            return
        assert codec.decode(codec.encode(message)) == message

    return check


TARGETS: dict[str, Target] = {
    "pclxl": Target(language, "everprint.documents.pclxl"),
    "pcl": Target(language, "everprint.documents.pcl"),
    "hpgl": Target(language, "everprint.documents.hpgl"),
    "pjl": Target(wrapper, "everprint.documents.pjl"),
    "pwg_raster": Target(language, "everprint.documents.pwg_raster"),
    "urf": Target(language, "everprint.documents.urf"),
    "cups_raster": Target(language, "everprint.documents.cups_raster"),
    "text": Target(language, "everprint.documents.text"),
    "jpeg": Target(language, "everprint.documents.jpeg"),
    "png": Target(language, "everprint.documents.png"),
    "tiff": Target(language, "everprint.documents.tiff"),
    "xps": Target(language, "everprint.documents.xps"),
    "eps": Target(eps_header, "everprint.documents.eps"),
    "device_page": Target(ghostscripts_pages, "everprint.documents.device_page"),
    "xps_page": Target(xps_page, "everprint.documents.xps_page"),
    "xps_ticket": Target(print_ticket, "everprint.documents.xps_ticket"),
    "compressed": Target(wrapper, "everprint.documents.compressed"),
    "detect": Target(detection, "everprint.documents.detect"),
    "ipp": Target(ipp_message, "everprint.ipp.codec"),
}
