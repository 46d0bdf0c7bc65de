"""Text in PCL 5: characters, the control codes among them, where the cursor goes, and fonts as far as they matter."""

from __future__ import annotations

import mmap
import re

from everprint.documents.pcl_colours import Colours
from everprint.documents.pcl_layout import INCH
from everprint.documents.pcl_palette import is_colour
from everprint.documents.pcl_printer import Action, Printer

_VISIBLE = re.compile(rb"[^\x20\xa0]")
_LINES_PER_INCH = frozenset({1, 2, 3, 4, 6, 8, 12, 16, 24, 48})


class Text:
    """Puts text on the printer's page."""

    def __init__(self, printer: Printer, colours: Colours) -> None:
        self._printer = printer
        self._colours = colours
        self._space_is_drawn = False  # a downloaded font may give it a shape
        self.table: dict[bytes, Action] = {
            b"&lC": lambda value, _: printer.state.layout.set_line(abs(value) * INCH / 48),
            b"&lD": self._lines_per_inch,
            b"&lE": lambda value, _: printer.state.layout.set_top(value, printer.page.moved or printer.page.put),
            b"&lF": lambda value, _: printer.state.layout.set_text_length(value),
            b"&lL": lambda value, _: setattr(printer.state.layout, "skips_perforation", value == 1),
            b"&aR": self._rows_down,
            b"&aV": lambda value, signed: self._down(value * 10, signed),
            b"*pY": lambda value, signed: self._down(value * printer.state.unit, signed),
            b"&aC": lambda value, signed: self._across(value * printer.state.layout.column, signed),
            b"&aH": lambda value, signed: self._across(value * 10, signed),
            b"*pX": lambda value, signed: self._across(value * printer.state.unit, signed),
            b"&aP": self._direction,
            b"&uD": lambda value, _: setattr(printer.state, "unit", INCH / min(max(value, 96), INCH)),
            b"&kG": self._line_termination,
            b"&sC": lambda value, _: setattr(printer.state.layout, "wraps", value == 0),
            b"&kH": lambda value, _: setattr(printer.state.layout, "column", int(abs(value) * INCH / 120 + 0.5)),
            b"(sP": lambda value, _: setattr(printer.state, "proportional", value == 1),
            b"(sH": self._pitch,
            b"(X": lambda value, _: setattr(printer.state, "proportional", True),
            b"*cE": self._character_code,
        }

    def write(self, octets: mmap.mmap, start: int, end: int) -> None:
        """Characters without control codes among them."""
        if start >= end:
            return
        printer = self._printer
        state = printer.state
        if state.layout.wraps:
            if state.proportional:
                printer.sheets.doubt("its lines wrap at widths of characters that are not known")
            printer.overflow(state.layout.write(end - start))
        page = printer.page
        page.put = True
        if (not page.shown or (not page.colour and is_colour(self._colours.ink()))) and (
            self._space_is_drawn or _VISIBLE.search(octets, start, end) is not None
        ):
            printer.draw_at_cursor(self._colours.ink())

    @property
    def lines_left(self) -> int:
        """How many whole lines would only move the cursor down: nothing they hold tells more about the page."""
        layout, page = self._printer.state.layout, self._printer.page
        if layout.wraps or layout.carriage_return_feeds or not page.shown:
            return 0
        return layout.room if page.colour or not is_colour(self._colours.ink()) else 0

    def feed_lines(self, number: int) -> None:
        """Line feeds."""
        self._printer.overflow(self._printer.state.layout.feed(number))
        self._printer.page.moved = True

    def feed_half_a_line(self) -> None:
        """`ESC=`."""
        self._printer.overflow(self._printer.state.layout.half_feed())

    def return_carriage(self, number: int) -> None:
        """Carriage returns, which may be line feeds too."""
        self._printer.state.layout.x = 0
        if self._printer.state.layout.carriage_return_feeds:
            self.feed_lines(number)

    def tabulate(self, number: int) -> None:
        """Horizontal tabs: to the next multiple of eight columns."""
        layout = self._printer.state.layout
        stop = 8 * layout.column
        if stop:
            layout.x = min((layout.x // stop + number) * stop, layout.right)

    # Places on the page.

    def _lines_per_inch(self, value: float, signed: bool) -> None:
        lines = int(value) or 12  # as printers take it, though no manual says so
        if lines in _LINES_PER_INCH:
            self._printer.state.layout.set_line(INCH / lines)

    def _rows_down(self, value: float, signed: bool) -> None:
        self._printer.overflow(self._printer.state.layout.move_rows(value, signed))
        self._printer.page.moved = True

    def _down(self, distance: float, signed: bool) -> None:
        self._printer.state.layout.move(distance, signed)
        self._printer.page.moved = True

    def _across(self, distance: float, signed: bool) -> None:
        layout = self._printer.state.layout
        layout.x = max(0.0, layout.x + distance if signed else distance)
        self._printer.page.moved = True

    def _direction(self, value: float, signed: bool) -> None:
        if value in (0, 90, 180, 270):
            self._printer.state.layout.turned = value in (90, 270)

    def _line_termination(self, value: float, signed: bool) -> None:
        if value in (0, 1, 2, 3):
            self._printer.state.layout.carriage_return_feeds = value in (1, 3)

    # Fonts.

    def _pitch(self, value: float, signed: bool) -> None:
        if value > 0:
            self._printer.state.layout.column = int(INCH / max(value, 0.1))

    def _character_code(self, value: float, signed: bool) -> None:
        self._space_is_drawn = self._space_is_drawn or int(value) in (0x20, 0xA0)
