"""Graphics in PCL 5: filled rectangles, and pictures row by row."""

from __future__ import annotations

import mmap

from everprint.documents.pcl_colours import Colours
from everprint.documents.pcl_layout import INCH
from everprint.documents.pcl_palette import WHITE
from everprint.documents.pcl_printer import Action, Printer
from everprint.documents.pcl_state import CURRENT_PATTERN, USER_PATTERN, WHITE_PATTERN


class Graphics:
    """Puts rectangles and pictures on the printer's page."""

    def __init__(self, printer: Printer, colours: Colours) -> None:
        self._printer = printer
        self._colours = colours
        raster = printer.raster
        self.table: dict[bytes, Action] = {
            b"*tR": lambda value, _: setattr(raster, "dpi", min(max(value, 1.0), 10_000.0)),
            b"*rA": lambda value, _: self._begin_picture(),
            b"*rB": lambda value, _: self._end_picture(),
            b"*rC": lambda value, _: self._end_picture(),
            b"*rS": lambda value, _: setattr(raster, "width", int(min(max(value, 0), 1 << 20))),
            b"*bM": lambda value, _: setattr(raster, "packing", int(value)),
            b"*bY": lambda value, _: raster.skip_rows(min(value, 1e6)),
            b"*cA": lambda value, _: self._rectangle(0, value * printer.state.unit),
            b"*cB": lambda value, _: self._rectangle(1, value * printer.state.unit),
            b"*cH": lambda value, _: self._rectangle(0, value * 10),
            b"*cV": lambda value, _: self._rectangle(1, value * 10),
            b"*cP": self._fill,
        }

    def configure_channels(self, data: bytes) -> None:
        """`ESC*g#W`, configure raster data, of DeskJets."""
        self._printer.raster.configure_channels(data)

    @property
    def rows_tell_nothing(self) -> bool:
        """Whether the page is known to show something, and to have colour or nothing to have it from."""
        raster, page = self._printer.raster, self._printer.page
        grey = self._printer.state.palette.only_grey and not raster.channels and not raster.unknown_layout
        return raster.active and page.shown and (page.colour or grey)

    def rows(self, octets: mmap.mmap, position: int, end: int) -> int:
        """Rows of the picture, nearly all of most documents, as far as compiled code follows them.

        Returns where that is, which may be where it began.
        """
        raster, page, palette = self._printer.raster, self._printer.page, self._printer.state.palette
        settled = self.rows_tell_nothing
        if not settled and not (raster.active and raster.walks(palette)):
            return position
        stop, put, shown = raster.walk(octets, position, end, None if settled else palette, visible=page.shown)
        page.put = page.put or put
        page.shown = page.shown or shown.visible
        page.colour = page.colour or shown.colour
        return stop

    def row(self, octets: mmap.mmap, start: int, end: int, last: bool) -> None:
        """A row of a picture, or a plane of it that is not its last."""
        raster, page, palette = self._printer.raster, self._printer.page, self._printer.state.palette
        if not raster.active:
            raster.begin()
        if self.rows_tell_nothing:
            raster.rows += last
            return
        page.put = page.put or end > start
        if not last:
            raster.plane(octets[start:end])
            return
        shown = raster.row(octets[start:end], palette)
        page.shown = page.shown or shown.visible
        page.colour = page.colour or shown.colour

    def _begin_picture(self) -> None:
        self._printer.raster.begin()
        self._printer.page.picture_begun = True

    def _end_picture(self) -> None:
        raster = self._printer.raster
        if raster.active:
            self._printer.state.layout.move(raster.rows * INCH / raster.dpi, relative=True)
        raster.active = False
        raster.rows = 0

    def _rectangle(self, edge: int, length: float) -> None:
        width, height = self._printer.state.rectangle
        self._printer.state.rectangle = (length, height) if edge == 0 else (width, length)

    def _fill(self, value: float, signed: bool) -> None:
        state = self._printer.state
        if min(state.rectangle) <= 0:
            return
        pattern = int(value) if value != CURRENT_PATTERN else state.pattern
        if pattern == USER_PATTERN:
            self._colours.doubt_pattern()
        self._printer.draw_at_cursor(WHITE if pattern == WHITE_PATTERN else state.foreground)
