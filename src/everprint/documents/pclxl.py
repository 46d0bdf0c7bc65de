"""PCL XL (PCL 6), protocol classes 1.1 to 3.0 in binary: sessions, pages, and what is painted on them.

Pages are what lies between BeginPage and EndPage. Nothing is drawn: the state of the colours is followed through all
operators (pclxl_painting), bitmaps are unpacked and looked at (pclxl_image), and pclxl_looks says what that proves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from everprint.documents.limits import Limits
from everprint.documents.pclxl_image import Deadline
from everprint.documents.pclxl_ink import Paint
from everprint.documents.pclxl_pages import Paper
from everprint.documents.pclxl_painting import PAINTING, Painting
from everprint.documents.pclxl_state import pair
from everprint.documents.pclxl_stream import HEADER, Array, Damaged, Octets, Reader, Value
from everprint.documents.pclxl_tags import MM_PER_MEASURE, Attribute, Operator
from everprint.documents.result import Analysis, Confidence, Language, Page, Unreadable
from everprint.documents.source import Source
from everprint.documents.ticket import TicketPart

MOST_STREAM_OCTETS = 32 << 20
"""So much of user-defined streams is executed in all; a stream may call others, and itself."""

_CALL_OCTETS = 256  # so much does a call cost, however short its stream
_MOST_NESTED = 8
_MOST_DOUBTS = 8
_MOST_BEFORE_HEADER = 4096
_MOST_REST = 65536
_DAMAGED = "it is damaged, and a printer may stop there"
_UNPAINTED_VENDOR = frozenset({0x68704003, 0x04107068, 0x68702001, 0x68702002, 0x68702005})
"""Extensions of HP's that choose trays and colour tables and paint nothing."""


def analyse(source: Source, limits: Limits) -> Analysis:
    """Walks over all operators.

    Raises Unreadable for ASCII streams, for none at all, and for more pages than the limit.
    """
    if source.octets == 0:
        raise Unreadable("it is empty")
    with source.mapped() as octets:
        walk = _Walk(limits)
        walk.document(octets, source.start, source.end)
        return walk.analysis()


class _Walk:
    """One document from end to end: the session, the page under way, and what was found."""

    def __init__(self, limits: Limits) -> None:
        self._doubts: dict[str, None] = {}
        self._pages: list[Page] = []
        self._limits = limits
        self._deadline = Deadline(limits.document_s)
        self._copies: list[int | None] = []
        self._paper = Paper(self._doubts)
        self._painting: Painting | None = None
        self._page_doubts: dict[str, None] = {}
        self._units_per_mm = (1.0, 1.0)
        self._data_big_endian = False
        self._patterns: dict[int, Paint] = {}
        self._streams: dict[bytes, list[tuple[Octets, int, int]]] = {}
        self._stream_name: bytes | None = None
        self._executed = 0
        self._nested = 0

    def document(self, octets: Octets, start: int, end: int) -> None:
        """All PCL XL in it: a file may hold several jobs.

        Raises Unreadable.
        """
        position = start
        header = HEADER.search(octets, start, min(end, start + _MOST_BEFORE_HEADER))
        if header is None:
            raise Unreadable("it has no PCL XL stream header")
        while header is not None:
            if header[1] == b"'":
                if not self._pages:
                    raise Unreadable("its operators are written out in ASCII, which is not read")
                self._doubts["a later part of it is written out in ASCII, which is not read"] = None
            reader = Reader(octets, header.end(), end, big_endian=header[1] == b"(")
            self._stream(reader)
            position = reader.position
            if _DAMAGED in self._doubts:
                return
            header = HEADER.search(octets, position, end)
        self._rest(octets[position : min(end, position + _MOST_REST)], end - position)

    def analysis(self) -> Analysis:
        """The answer; copies and sides that all pages share are settings of the document."""
        settings = TicketPart()
        pages, copies = self._pages, set(self._copies)
        if None in copies and len(copies) > 1:
            self._doubts["only some of its pages say how many copies of them are made: one of the others"] = None
        if len(copies) == 1 and (same := copies.pop()) is not None:
            settings = replace(settings, copies=same, collated=False if same > 1 else None)
            pages = [replace(page, copies=1) for page in pages]
        sides = {page.sides for page in pages}
        if len(sides) == 1:
            settings = replace(settings, sides=sides.pop())
        confidence = Confidence.ESTIMATED if self._doubts else Confidence.EXACT
        doubts = list(self._doubts)
        if len(doubts) > _MOST_DOUBTS:
            doubts[_MOST_DOUBTS:] = ["more of it is uncertain"]
        return Analysis(Language.PCL_XL, confidence, tuple(pages), "; ".join(doubts), (), settings)

    def _stream(self, reader: Reader) -> None:
        try:
            self._run(reader)
        except Damaged:
            self._doubts[_DAMAGED] = None
        if self._painting is not None:
            self._doubts[f"it ends in the middle of page {len(self._pages) + 1}"] = None
            self._finish_page(None)

    def _run(self, reader: Reader) -> None:
        while reader.next():
            paint = PAINTING.get(reader.operator)
            if paint is not None:
                if self._painting is not None:
                    paint(self._painting, reader)
            elif (handle := _HANDLERS.get(reader.operator)) is not None:
                handle(self, reader)

    def _rest(self, rest: bytes, octets: int) -> None:
        """What follows the last stream: the end of a PJL job is no doubt, anything else may be a document."""
        left = rest.replace(b"\x1b%-12345X", b"").strip(b"\0\t\n\v\f\r \x04")
        if octets > len(rest) or (left and not left.startswith(b"@PJL")) or b"ENTER" in left.upper():
            self._doubts["something follows its end that is not counted"] = None

    def begin_session(self, reader: Reader) -> None:
        given = reader.attributes
        measure, units = given.get(Attribute.MEASURE), pair(given.get(Attribute.UNITS_PER_MEASURE))
        if isinstance(measure, int) and 0 <= measure < len(MM_PER_MEASURE) and units is not None and min(units) > 0:
            self._units_per_mm = (units[0] / MM_PER_MEASURE[measure], units[1] / MM_PER_MEASURE[measure])

    def end_session(self, reader: Reader) -> None:
        self._streams.clear()
        self._patterns.clear()
        self._paper = Paper(self._doubts)

    def open_data_source(self, reader: Reader) -> None:
        self._data_big_endian = reader.attributes.get(Attribute.DATA_ORG) == 0

    def begin_page(self, reader: Reader) -> None:
        number = len(self._pages) + 1
        if self._painting is not None:
            self._doubts[f"page {number} does not end before the next begins"] = None
            self._finish_page(None)
            number += 1
        if number > self._limits.pages:
            raise Unreadable(f"it has more than {self._limits.pages} pages, which are not counted")
        self._paper.begin(reader.attributes, number)
        self._page_doubts = {}
        width, height = self._units_per_mm
        self._painting = Painting(
            (self._paper.width_mm * width, self._paper.height_mm * height),
            self._units_per_mm,
            data_big_endian=self._data_big_endian,
            patterns=self._patterns,
            deadline=self._deadline,
        )

    def end_page(self, reader: Reader) -> None:
        if self._painting is not None:
            self._finish_page(reader.attributes.get(Attribute.PAGE_COPIES))

    def _finish_page(self, copies: Value | None) -> None:
        assert self._painting is not None
        number = len(self._pages) + 1
        verdict = self._painting.looks.verdict()
        if verdict.doubt:
            self._page_doubts[verdict.doubt] = None
        for doubt in self._page_doubts:
            self._doubts[f"page {number}: {doubt}"] = None
        if copies is not None and (not isinstance(copies, int) or copies < 1):
            self._doubts[f"page {number} asks for a number of copies that cannot be: one is a guess"] = None
            copies = 1
        said = copies if isinstance(copies, int) else None
        self._copies.append(said)
        self._pages.append(self._paper.page(number, said or 1, verdict))
        self._painting = None

    def begin_stream(self, reader: Reader) -> None:
        self._stream_name = _name(reader)
        if self._stream_name is not None:
            self._streams[self._stream_name] = []

    def read_stream(self, reader: Reader) -> None:
        data = reader.data()
        if data is not None and self._stream_name in self._streams:
            self._streams[self._stream_name].append((reader.octets, data.start, data.stop))

    def remove_stream(self, reader: Reader) -> None:
        name = _name(reader)
        if name is not None:
            self._streams.pop(name, None)

    def execute_stream(self, reader: Reader) -> None:
        blocks = self._streams.get(_name(reader) or b"", [])
        self._executed += sum(stop - start for _, start, stop in blocks) + _CALL_OCTETS
        if self._executed > MOST_STREAM_OCTETS or self._nested == _MOST_NESTED:
            raise Unreadable("its streams are executed too often, or too deep in each other")
        joined = b"".join(part[start:stop] for part, start, stop in blocks)
        header = HEADER.match(joined)
        if header is None or header[1] == b"'":
            self._doubt("it executes a stream that is not there, or not in binary")
            return
        self._nested += 1
        self._run(Reader(joined, header.end(), len(joined), big_endian=header[1] == b"("))
        self._nested -= 1

    def pass_through(self, reader: Reader) -> None:
        reader.data()
        if self._painting is not None:
            self._painting.paint_anything()
        self._doubt("it holds PCL 5, which is not looked at")

    def vendor_unique(self, reader: Reader) -> None:
        given = reader.attributes
        reader.pass_vendor_data()
        if given.get(Attribute.VU_EXTENSION) not in _UNPAINTED_VENDOR and self._painting is not None:
            self._painting.paint_anything()
            self._doubt("it uses operators of its maker that are not known")

    def _doubt(self, doubt: str) -> None:
        (self._page_doubts if self._painting is not None else self._doubts)[doubt] = None


def _name(reader: Reader) -> bytes | None:
    name = reader.attributes.get(Attribute.STREAM_NAME)
    return name.raw(1024) if isinstance(name, Array) else None


_HANDLERS: dict[int, Callable[[_Walk, Reader], None]] = {
    Operator.BEGIN_SESSION: _Walk.begin_session,
    Operator.END_SESSION: _Walk.end_session,
    Operator.OPEN_DATA_SOURCE: _Walk.open_data_source,
    Operator.BEGIN_PAGE: _Walk.begin_page,
    Operator.END_PAGE: _Walk.end_page,
    Operator.BEGIN_STREAM: _Walk.begin_stream,
    Operator.READ_STREAM: _Walk.read_stream,
    Operator.EXEC_STREAM: _Walk.execute_stream,
    Operator.REMOVE_STREAM: _Walk.remove_stream,
    Operator.PASS_THROUGH: _Walk.pass_through,
    Operator.VENDOR_UNIQUE: _Walk.vendor_unique,
}
