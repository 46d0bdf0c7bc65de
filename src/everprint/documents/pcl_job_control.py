"""Job and page control in PCL 5: copies, sides, paper, orientation, and which of their changes end a page."""

from __future__ import annotations

from everprint.documents.media import LARGEST_MM, MM_PER_POINT
from everprint.documents.pcl_layout import INCH
from everprint.documents.pcl_paper import CUSTOM, paper_of_length, paper_size
from everprint.documents.pcl_printer import Action, Printer
from everprint.documents.ticket import SidesKeyword

_SIDES = (SidesKeyword.ONE_SIDED, SidesKeyword.TWO_SIDED_LONG_EDGE, SidesKeyword.TWO_SIDED_SHORT_EDGE)


class JobControl:
    """Sets the printer for the pages that come."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._custom = [0.0, 0.0]  # edges in tenths of a point
        self.table: dict[bytes, Action] = {
            b"&lX": self._copies,
            b"&lS": self._sides,
            b"&aG": self._side,
            b"&lA": self._paper,
            b"&lP": self._page_length,
            b"&lO": self._orientation,
            b"&lH": self._source,
            b"&lM": lambda value, _: printer.leave_page(),  # media type
            b"&fI": lambda value, _: self._custom.__setitem__(0, value),
            b"&fJ": lambda value, _: self._custom.__setitem__(1, value),
            b"&fY": lambda value, _: setattr(printer.state, "macro", int(value)),
        }

    def _copies(self, value: float, signed: bool) -> None:
        if value >= 1:
            self._printer.state.copies = int(min(value, 1e9))

    def _sides(self, value: float, signed: bool) -> None:
        self._printer.leave_page()
        if value in (0, 1, 2):
            self._printer.state.sides = _SIDES[int(value)]
            self._printer.new_sheet()

    def _side(self, value: float, signed: bool) -> None:
        """Next side, front, or back. Next is the side after this one, also if nothing was put on this one."""
        printer = self._printer
        empty = not printer.page.put
        printer.leave_page()
        if value not in (0, 1, 2) or printer.state.sides is SidesKeyword.ONE_SIDED:
            return
        back = value == 2 or (value == 0 and printer.back != empty)
        if not back and printer.back:
            printer.start_sheet()
        elif back and not printer.back:
            printer.sheets.doubt("it leaves the front of a sheet empty, which is not counted")
        printer.back = back

    def _paper(self, value: float, signed: bool) -> None:
        self._printer.leave_page()
        if value == CUSTOM:
            edges = [edge / 10 * MM_PER_POINT for edge in self._custom]
            size = (edges[0], edges[1]) if min(edges) > 0 and max(edges) <= LARGEST_MM else None
        else:
            size = paper_size(int(value))
        if size is None:
            self._printer.sheets.doubt(f"it asks for paper number {int(value)}, whose size is not known")
            return
        self._take_paper(size)

    def _take_paper(self, size: tuple[float, float]) -> None:
        layout = self._printer.state.layout
        layout.width_mm, layout.height_mm = size
        layout.turned = False
        layout.default_margins()
        self._printer.state.paper_said = True
        self._printer.state.overlay = None

    def _page_length(self, value: float, signed: bool) -> None:
        layout = self._printer.state.layout
        size = paper_of_length(value * layout.line / INCH * 25.4, layout.landscape)
        if value > 0 and size is not None:
            self._printer.leave_page()
            self._take_paper(size)

    def _orientation(self, value: float, signed: bool) -> None:
        landscape = value in (1, 3)
        if value not in (0, 1, 2, 3):
            return
        if landscape != self._printer.state.layout.landscape:
            self._printer.leave_page()
            layout = self._printer.state.layout
            layout.landscape = landscape
            layout.turned = False
            layout.default_margins()
            layout.default_spacing()
            layout.home()
        elif value != int(landscape):  # to a reversed one, or back; a plain one said again changes nothing
            self._printer.leave_page()

    def _source(self, value: float, signed: bool) -> None:
        printer = self._printer
        if printer.page.picture_begun and not printer.page.put:
            # DeskJets end pages in this way, and put out what they have taken in; LaserJets keep an empty page.
            printer.sheets.doubt(f"page {printer.page_number} is empty, and not every printer puts it out")
            printer.end_page()
        printer.leave_page()
        if value and int(value) != printer.state.paper_source:
            if printer.state.paper_source:
                printer.new_sheet()
            printer.state.paper_source = int(value)
