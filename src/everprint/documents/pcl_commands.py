"""What each command of PCL 5 does to the printer's state and to the page that is being made."""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable
from typing import Protocol

from everprint.documents.hpgl_plot import Plot
from everprint.documents.media import LARGEST_MM, MM_PER_POINT
from everprint.documents.pcl_layout import INCH
from everprint.documents.pcl_palette import (
    WHITE,
    Palette,
    Rgb,
    configured_palette,
    is_colour,
    is_white,
    simple_palette,
)
from everprint.documents.pcl_paper import CUSTOM, paper_of_length, paper_size
from everprint.documents.pcl_raster import Raster
from everprint.documents.pcl_sheets import Sheets
from everprint.documents.pcl_state import (
    CURRENT_PATTERN,
    USER_PATTERN,
    WHITE_PATTERN,
    OnPage,
    State,
)
from everprint.documents.ticket import SidesKeyword

_VISIBLE = re.compile(rb"[^\x20\xa0]")
_SIDES = (SidesKeyword.ONE_SIDED, SidesKeyword.TWO_SIDED_LONG_EDGE, SidesKeyword.TWO_SIDED_SHORT_EDGE)
_LINES_PER_INCH = frozenset({1, 2, 3, 4, 6, 8, 12, 16, 24, 48})
_MOST_PALETTES = 64


class Macro(Protocol):
    """Follows what a macro holds."""

    def __call__(self, number: int, *, called: bool) -> None: ...


class Commands:
    """A printer that is told text, commands and pictures. `state` may be replaced, when a macro's call ends."""

    def __init__(self, sheets: Sheets, deadline: float, macro: Macro) -> None:
        self.state = State()
        self._sheets = sheets
        self._macro = macro
        self._page = OnPage()
        self._raster = Raster(sheets.doubt, deadline)
        self._custom = [0.0, 0.0]  # edges in tenths of a point
        self._palettes: list[Palette] = []  # pushed
        self._stored: dict[int, Palette] = {}
        self._palette_id = 0
        self._starts_sheet = False
        self._back = False
        self._space_is_drawn = False  # a downloaded font may give it a shape
        self._in_overlay = False
        self._plot: Plot | None = None
        self._plotter = False  # it says its own paper and pages in HP-GL/2
        self._table: dict[bytes, Callable[[float, bool], None]] = {
            b"&lX": self._copies,
            b"&lS": self._sides,
            b"&aG": self._side,
            b"&lA": self._paper,
            b"&lP": self._page_length,
            b"&lO": self._orientation,
            b"&lH": self._source,
            b"&lM": self._media_type,
            b"&fI": lambda value, _: self._custom.__setitem__(0, value),
            b"&fJ": lambda value, _: self._custom.__setitem__(1, value),
            b"&fY": lambda value, _: setattr(self.state, "macro", int(value)),
            b"&lC": lambda value, _: self.state.layout.set_line(abs(value) * INCH / 48),
            b"&lD": self._lines_per_inch,
            b"&lE": lambda value, _: self.state.layout.set_top(value, self._page.moved or self._page.put),
            b"&lF": lambda value, _: self.state.layout.set_text_length(value),
            b"&lL": lambda value, _: setattr(self.state.layout, "skips_perforation", value == 1),
            b"&aR": self._rows_down,
            b"&aV": lambda value, signed: self._down(value * 10, signed),
            b"*pY": lambda value, signed: self._down(value * self.state.unit, signed),
            b"&aC": lambda value, signed: self._across(value * self.state.layout.column, signed),
            b"&aH": lambda value, signed: self._across(value * 10, signed),
            b"*pX": lambda value, signed: self._across(value * self.state.unit, signed),
            b"&aP": self._direction,
            b"&uD": lambda value, _: setattr(self.state, "unit", INCH / min(max(value, 96), INCH)),
            b"&kG": self._line_termination,
            b"&sC": lambda value, _: setattr(self.state.layout, "wraps", value == 0),
            b"&kH": lambda value, _: setattr(self.state.layout, "column", int(abs(value) * INCH / 120 + 0.5)),
            b"(sP": lambda value, _: setattr(self.state, "proportional", value == 1),
            b"(sH": self._pitch,
            b"(X": self._font_by_number,
            b"*cE": self._character_code,
            b"*tR": lambda value, _: setattr(self._raster, "dpi", min(max(value, 1.0), 10_000.0)),
            b"*rA": lambda value, _: self._begin_picture(),
            b"*rB": lambda value, _: self._end_picture(),
            b"*rC": lambda value, _: self._end_picture(),
            b"*rS": lambda value, _: setattr(self._raster, "width", int(min(max(value, 0), 1 << 20))),
            b"*bM": lambda value, _: setattr(self._raster, "packing", int(value)),
            b"*bY": lambda value, _: self._raster.skip_rows(min(value, 1e6)),
            b"*rU": lambda value, _: self._use(simple_palette(int(value))),
            b"*vA": lambda value, _: self.state.palette.set_component(0, value),
            b"*vB": lambda value, _: self.state.palette.set_component(1, value),
            b"*vC": lambda value, _: self.state.palette.set_component(2, value),
            b"*vI": lambda value, _: self.state.palette.assign(int(value)),
            b"*vS": self._foreground,
            b"*vT": lambda value, _: setattr(self.state, "pattern", int(value)),
            b"*pP": self._push_or_pop,
            b"&pI": lambda value, _: setattr(self, "_palette_id", int(value)),
            b"&pS": self._select_palette,
            b"&pC": self._control_palette,
            b"*cA": lambda value, _: self._rectangle(0, value * self.state.unit),
            b"*cB": lambda value, _: self._rectangle(1, value * self.state.unit),
            b"*cH": lambda value, _: self._rectangle(0, value * 10),
            b"*cV": lambda value, _: self._rectangle(1, value * 10),
            b"*cP": self._fill,
        }

    # Pages.

    def end_if_marked(self) -> None:
        """The page comes out if something is on it."""
        if self._page.put:
            if not (self._page.shown or self._page.colour):
                self._sheets.doubt(
                    f"page {len(self._sheets.pages) + 1} holds nothing that can be seen, "
                    "and is ended in a way that not every printer takes as a page"
                )
            self.end_page()

    def end_page(self) -> None:
        """The page comes out."""
        if self._in_overlay:
            return
        if self.state.overlay is not None:
            self._in_overlay = True
            self._macro(self.state.overlay, called=True)
            self._in_overlay = False
        state, page = self.state, self._page
        width, height = state.layout.width_mm, state.layout.height_mm
        if state.layout.landscape:
            width, height = height, width
        known = state.paper_said
        self._sheets.add(
            width if known else None,
            height if known else None,
            colour=page.colour,
            blank=not page.shown,
            landscape=state.layout.landscape,
            copies=state.copies,
            sides=state.sides,
            starts_sheet=self._starts_sheet,
        )
        self._starts_sheet = False
        self._back = not self._back and state.sides is not SidesKeyword.ONE_SIDED
        self._page = OnPage()
        self._raster.active = False

    def feed_forms(self, number: int) -> None:
        """Form feeds: each ends a page, whatever is on it."""
        for _ in range(number):
            self.end_page()
            self.state.layout.y = self.state.layout.top + 0.75 * self.state.layout.line

    def _leave_page(self) -> None:
        self.end_if_marked()
        self.state.layout.home()
        self._page.moved = False

    def _new_sheet(self) -> None:
        self._starts_sheet, self._back = True, False

    # Text.

    def text(self, octets: mmap.mmap, start: int, end: int) -> None:
        """Characters without control codes among them."""
        if start >= end:
            return
        if self.state.layout.wraps:
            if self.state.proportional:
                self._sheets.doubt("its lines wrap at widths of characters that are not known")
            self._overflow(self.state.layout.write(end - start))
        page = self._page
        page.put = True
        if (not page.shown or (not page.colour and self._ink_is_colour())) and (
            self._space_is_drawn or _VISIBLE.search(octets, start, end) is not None
        ):
            self._draw(self._ink())

    @property
    def lines_left(self) -> int:
        """How many whole lines would only move the cursor down: nothing they hold tells more about the page."""
        layout, page = self.state.layout, self._page
        if layout.wraps or layout.carriage_return_feeds or not page.shown:
            return 0
        return layout.room if page.colour or not self._ink_is_colour() else 0

    def feed_lines(self, number: int) -> None:
        """Line feeds."""
        self._overflow(self.state.layout.feed(number))
        self._page.moved = True

    def return_carriage(self, number: int) -> None:
        """Carriage returns, which may be line feeds too."""
        self.state.layout.x = 0
        if self.state.layout.carriage_return_feeds:
            self.feed_lines(number)

    def tabulate(self, number: int) -> None:
        """Horizontal tabs: to the next multiple of eight columns."""
        stop = 8 * self.state.layout.column
        if stop:
            self.state.layout.x = min((self.state.layout.x // stop + number) * stop, self.state.layout.right)

    def _overflow(self, pages: int) -> None:
        if not pages:
            return
        if not self.state.paper_said:
            self._sheets.doubt("its lines are counted for A4, as it does not say its paper")
        if self.state.layout.turned:
            self._sheets.doubt("its lines run across the page, where it is not sure how many fit")
        for _ in range(pages):
            self.end_page()

    def reset_and_form_feed(self) -> None:
        """`ESCE` with a form feed after it: of a printed page, a LaserJet makes two, others one."""
        if self._page.put:
            self._sheets.doubt("it ends pages by a reset and a form feed, of which not every printer makes two pages")

    def plain(self, letter: bytes) -> None:
        """ESC and a letter."""
        if letter == b"E":
            self.end_if_marked()
            self._new_sheet()
            self.state = State()
            self._page = OnPage(picture_begun=self._page.picture_begun)
            self._raster.reset()
            self._palettes.clear()
            self._stored.clear()
            self._palette_id = 0
            self._plot = None
        elif letter == b"=":
            self._overflow(self.state.layout.half_feed())

    def command(self, command: bytes, value: float, signed: bool) -> None:
        """A command with its value; one that changes nothing we follow is passed over."""
        if (action := self._table.get(command)) is not None:
            action(value, signed)

    # Job and page control.

    def _copies(self, value: float, signed: bool) -> None:
        if value >= 1:
            self.state.copies = int(min(value, 1e9))

    def _sides(self, value: float, signed: bool) -> None:
        self._leave_page()
        if value in (0, 1, 2):
            self.state.sides = _SIDES[int(value)]
            self._new_sheet()

    def _side(self, value: float, signed: bool) -> None:
        """Next side, front, or back. Next is the side after this one, also if nothing was put on this one."""
        empty = not self._page.put
        self._leave_page()
        if value not in (0, 1, 2) or self.state.sides is SidesKeyword.ONE_SIDED:
            return
        back = value == 2 or (value == 0 and self._back != empty)
        if not back and self._back:
            self._starts_sheet = True
        elif back and not self._back:
            self._sheets.doubt("it leaves the front of a sheet empty, which is not counted")
        self._back = back

    def _paper(self, value: float, signed: bool) -> None:
        self._leave_page()
        if value == CUSTOM:
            edges = [edge / 10 * MM_PER_POINT for edge in self._custom]
            size = (edges[0], edges[1]) if min(edges) > 0 and max(edges) <= LARGEST_MM else None
        else:
            size = paper_size(int(value))
        if size is None:
            self._sheets.doubt(f"it asks for paper number {int(value)}, whose size is not known")
            return
        self._take_paper(size)

    def _take_paper(self, size: tuple[float, float]) -> None:
        layout = self.state.layout
        layout.width_mm, layout.height_mm = size
        layout.turned = False
        layout.default_margins()
        self.state.paper_said = True
        self.state.overlay = None

    def _page_length(self, value: float, signed: bool) -> None:
        layout = self.state.layout
        size = paper_of_length(value * layout.line / INCH * 25.4, layout.landscape)
        if value > 0 and size is not None:
            self._leave_page()
            self._take_paper(size)

    def _orientation(self, value: float, signed: bool) -> None:
        landscape = value in (1, 3)
        if value not in (0, 1, 2, 3):
            return
        if landscape != self.state.layout.landscape:
            self._leave_page()
            self.state.layout.landscape = landscape
            self.state.layout.turned = False
            self.state.layout.default_margins()
            self.state.layout.default_spacing()
            self.state.layout.home()
        elif value != int(landscape):  # to a reversed one, or back; a plain one said again changes nothing
            self._leave_page()

    def _source(self, value: float, signed: bool) -> None:
        if self._page.picture_begun and not self._page.put:
            # DeskJets end pages in this way, and put out what they have taken in; LaserJets keep an empty page.
            self._sheets.doubt(f"page {len(self._sheets.pages) + 1} is empty, and not every printer puts it out")
            self.end_page()
        self._leave_page()
        if value and int(value) != self.state.paper_source:
            if self.state.paper_source:
                self._new_sheet()
            self.state.paper_source = int(value)

    def _media_type(self, value: float, signed: bool) -> None:
        self._leave_page()

    def _direction(self, value: float, signed: bool) -> None:
        if value in (0, 90, 180, 270):
            self.state.layout.turned = value in (90, 270)

    def _line_termination(self, value: float, signed: bool) -> None:
        if value in (0, 1, 2, 3):
            self.state.layout.carriage_return_feeds = value in (1, 3)

    # Places on the page.

    def _lines_per_inch(self, value: float, signed: bool) -> None:
        lines = int(value) or 12  # as printers take it, though no manual says so
        if lines in _LINES_PER_INCH:
            self.state.layout.set_line(INCH / lines)

    def _rows_down(self, value: float, signed: bool) -> None:
        self._overflow(self.state.layout.move_rows(value, signed))
        self._page.moved = True

    def _down(self, distance: float, signed: bool) -> None:
        self.state.layout.move(distance, signed)
        self._page.moved = True

    def _across(self, distance: float, signed: bool) -> None:
        layout = self.state.layout
        layout.x = max(0.0, layout.x + distance if signed else distance)
        self._page.moved = True

    # Fonts.

    def _pitch(self, value: float, signed: bool) -> None:
        if value > 0:
            self.state.layout.column = int(INCH / max(value, 0.1))

    def _font_by_number(self, value: float, signed: bool) -> None:
        self.state.proportional = True

    def _character_code(self, value: float, signed: bool) -> None:
        self._space_is_drawn = self._space_is_drawn or int(value) in (0x20, 0xA0)

    # Colour.

    def _use(self, palette: Palette) -> None:
        self.state.palette = palette

    def _foreground(self, value: float, signed: bool) -> None:
        self.state.foreground = self.state.palette.entry(int(value))

    def _push_or_pop(self, value: float, signed: bool) -> None:
        if value == 0 and len(self._palettes) < _MOST_PALETTES:
            self._palettes.append(self.state.palette.copy())
        elif value == 1 and self._palettes:
            self._use(self._palettes.pop())

    def _select_palette(self, value: float, signed: bool) -> None:
        if int(value) in self._stored:
            self._use(self._stored[int(value)])

    def _control_palette(self, value: float, signed: bool) -> None:
        """`ESC&p#C`: 6 copies the current palette to the number that was set, 0 and 1 forget them."""
        if value == 6 and len(self._stored) < _MOST_PALETTES:
            self._stored[self._palette_id] = self.state.palette.copy()
        elif value in (0, 1):
            self._stored.clear()

    def _ink(self) -> Rgb:
        """The colour of text now."""
        if self.state.pattern == WHITE_PATTERN:
            return WHITE
        if self.state.pattern == USER_PATTERN:
            self._doubt_pattern()
        return self.state.foreground

    def _ink_is_colour(self) -> bool:
        return is_colour(self._ink())

    def _doubt_pattern(self) -> None:
        if not self.state.palette.only_grey:
            self._sheets.doubt("it draws with patterns of its own, whose colours are not looked at")

    def _draw(self, ink: Rgb) -> None:
        page = self._page
        page.put = True
        page.shown = page.shown or not is_white(ink)
        page.colour = page.colour or is_colour(ink)

    # Rectangles and pictures.

    def _rectangle(self, edge: int, length: float) -> None:
        width, height = self.state.rectangle
        self.state.rectangle = (length, height) if edge == 0 else (width, length)

    def _fill(self, value: float, signed: bool) -> None:
        if min(self.state.rectangle) <= 0:
            return
        pattern = int(value) if value != CURRENT_PATTERN else self.state.pattern
        if pattern == USER_PATTERN:
            self._doubt_pattern()
        self._draw(WHITE if pattern == WHITE_PATTERN else self.state.foreground)

    def _begin_picture(self) -> None:
        self._raster.begin()
        self._page.picture_begun = True

    def _end_picture(self) -> None:
        if self._raster.active:
            self.state.layout.move(self._raster.rows * INCH / self._raster.dpi, relative=True)
        self._raster.active = False
        self._raster.rows = 0

    @property
    def rows_tell_nothing(self) -> bool:
        """Whether the page is known to show something, and to have colour or nothing to have it from."""
        raster, page = self._raster, self._page
        grey = self.state.palette.only_grey and not raster.channels and not raster.unknown_layout
        return raster.active and page.shown and (page.colour or grey)

    def rows(self, octets: mmap.mmap, position: int, end: int) -> int:
        """Rows of the picture, nearly all of most documents, as far as compiled code follows them.

        Returns where that is, which may be where it began.
        """
        raster, page, palette = self._raster, self._page, self.state.palette
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
        raster, page, palette = self._raster, self._page, self.state.palette
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

    def data(self, command: bytes, octets: mmap.mmap, start: int, end: int) -> None:
        """A command with the data that follow it."""
        if command in (b"*bW", b"*bV"):
            self.row(octets, start, end, command == b"*bW")
        elif command == b"&pX":
            self.text(octets, start, end)
        elif command == b"*vW":
            palette = configured_palette(octets[start : min(end, start + 256)])
            if palette is not None:
                self._use(palette)
        elif command == b"*gW":
            self._raster.configure_channels(octets[start : min(end, start + 256)])

    # HP-GL/2.

    def hpgl(self, octets: mmap.mmap, position: int, end: int, *, standalone: bool) -> int:
        """HP-GL/2 up to the escape sequence that leaves it; returns where that is."""
        self._plotter = self._plotter or standalone
        if self._plot is None:
            self._plot = Plot(
                self._draw,
                self.state.palette.entries,
                self._plot_page,
                lambda times: None,
                self._plot_size,
                lambda pen: None,
                self._begin_plot,
            )
        self._plot.palette = self.state.palette.entries
        while True:
            position = self._plot.run(octets, position, end)
            leaves = octets[position : min(position + 2, end)]
            if position >= end or leaves[1:2] in (b"E", b"%"):
                return position
            position += 1

    def _begin_plot(self) -> None:
        self._plotter = True

    def _plot_page(self, always: bool) -> None:
        """PG ends a page on a plotter, and on a printer that reads nothing but HP-GL/2; else PCL ends them."""
        if self._plotter and (always or self._page.put):
            self.end_page()

    def _plot_size(self, length: float, width: float | None) -> None:
        if self._plotter and width is not None and max(length, width) <= LARGEST_MM:
            self.state.layout.width_mm, self.state.layout.height_mm = width, length
            self.state.layout.default_margins()
            self.state.paper_said = True
