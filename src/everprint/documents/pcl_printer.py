"""A PCL 5 printer at work: its state, the page that is being made, and how pages come out of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from everprint.documents.pcl_palette import Rgb, is_colour, is_white
from everprint.documents.pcl_raster import Raster
from everprint.documents.pcl_sheets import Sheets
from everprint.documents.pcl_state import OnPage, State
from everprint.documents.ticket import SidesKeyword

Action = Callable[[float, bool], None]
"""What a command does, told its value and whether that was written with a sign."""


class Macro(Protocol):
    """Follows what a macro holds."""

    def __call__(self, number: int, *, called: bool) -> None: ...


class Printer:
    """What all commands work on. `state` may be replaced, when a macro's call ends."""

    def __init__(self, sheets: Sheets, deadline: float, macro: Macro) -> None:
        self.state = State()
        self.sheets = sheets
        self.page = OnPage()
        self.raster = Raster(sheets.doubt, deadline)
        self.back = False  # the next side is the back of a sheet
        self._macro = macro
        self._starts_sheet = False
        self._in_overlay = False

    @property
    def page_number(self) -> int:
        """Of the page that is being made, from 1."""
        return len(self.sheets.pages) + 1

    def draw(self, ink: Rgb) -> None:
        """Something in that colour is on the page."""
        page = self.page
        page.put = True
        page.shown = page.shown or not is_white(ink)
        page.colour = page.colour or is_colour(ink)

    def draw_at_cursor(self, ink: Rgb) -> None:
        """Something in that colour begins at the cursor."""
        if self.state.layout.is_beside_page and not is_white(ink):
            self.sheets.doubt("something is drawn beside the page, and is taken as seen")
        self.draw(ink)

    def end_if_marked(self) -> None:
        """The page comes out if something is on it."""
        if self.page.put:
            if not (self.page.shown or self.page.colour):
                self.sheets.doubt(
                    f"page {self.page_number} holds nothing that can be seen, "
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
        state, page = self.state, self.page
        width, height = state.layout.width_mm, state.layout.height_mm
        if state.layout.landscape:
            width, height = height, width
        known = state.paper_said
        self.sheets.add(
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
        self.back = not self.back and state.sides is not SidesKeyword.ONE_SIDED
        self.page = OnPage()
        self.raster.active = False

    def feed_forms(self, number: int) -> None:
        """Form feeds: each ends a page, whatever is on it."""
        for _ in range(number):
            self.end_page()
            self.state.layout.y = self.state.layout.top + 0.75 * self.state.layout.line

    def leave_page(self) -> None:
        """What a change of paper and the like does: the page comes out if it must, and the next one begins."""
        self.end_if_marked()
        self.state.layout.home()
        self.page.moved = False

    def overflow(self, pages: int) -> None:
        """The text went below the bottom so many times."""
        if not pages:
            return
        if not self.state.paper_said:
            self.sheets.doubt("its lines are counted for A4, as it does not say its paper")
        if self.state.layout.turned:
            self.sheets.doubt("its lines run across the page, where it is not sure how many fit")
        for _ in range(pages):
            self.end_page()

    def new_sheet(self) -> None:
        """The next page is the front of a sheet of its own."""
        self.back = False
        self.start_sheet()

    def start_sheet(self) -> None:
        """The next page begins a sheet, on the side where we are."""
        self._starts_sheet = True

    def reset(self) -> None:
        """The page comes out if something is on it, and all is as at first."""
        self.end_if_marked()
        self.new_sheet()
        self.state = State()
        self.page = OnPage(picture_begun=self.page.picture_begun)
        self.raster.reset()
