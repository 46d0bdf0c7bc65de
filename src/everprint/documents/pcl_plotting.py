"""HP-GL/2 within PCL 5 (`ESC%0B` to `ESC%0A`), and where PCL's file is a plotter's (`ESC%-1B`)."""

from __future__ import annotations

import mmap

from everprint.documents.hpgl_plot import Plot
from everprint.documents.media import LARGEST_MM
from everprint.documents.pcl_printer import Printer


class Plotting:
    """Puts plots on the printer's page."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._plot: Plot | None = None
        self._plotter = False  # it says its own paper and pages in HP-GL/2

    def reset(self) -> None:
        """Pens and all else are as at first."""
        self._plot = None

    def run(self, octets: mmap.mmap, position: int, end: int, *, standalone: bool) -> int:
        """HP-GL/2 up to the escape sequence that leaves it; returns where that is."""
        palette = self._printer.state.palette.entries
        self._plotter = self._plotter or standalone
        if self._plot is None:
            self._plot = Plot(
                self._printer.draw,
                palette,
                self._end_page,
                lambda times: None,
                self._size,
                lambda pen: None,
                self._begin,
                lambda: self._printer.sheets.doubt("its plots break the rules of HP-GL/2"),
            )
        self._plot.palette = palette
        while True:
            position = self._plot.run(octets, position, end)
            leaves = octets[position : min(position + 2, end)]
            if position >= end or leaves[1:2] in (b"E", b"%"):
                return position
            position += 1

    def _begin(self) -> None:
        self._plotter = True

    def _end_page(self, always: bool) -> None:
        """PG ends a page on a plotter, and on a printer that reads nothing but HP-GL/2; else PCL ends them."""
        if self._plotter and (always or self._printer.page.put):
            self._printer.end_page()

    def _size(self, length: float, width: float | None) -> None:
        if self._plotter and width is not None and max(length, width) <= LARGEST_MM:
            state = self._printer.state
            state.layout.width_mm, state.layout.height_mm = width, length
            state.layout.default_margins()
            state.paper_said = True
