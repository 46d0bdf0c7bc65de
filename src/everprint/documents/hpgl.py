"""HP-GL/2 alone, as plots are kept and sent: pages end with PG, AF or AH, or with the file if something was drawn."""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field

from everprint.documents.hpgl_plot import Plot
from everprint.documents.limits import Limits
from everprint.documents.media import LARGEST_MM
from everprint.documents.pcl_palette import PENS, Rgb, is_colour, is_white
from everprint.documents.pcl_sheets import Sheets
from everprint.documents.result import Analysis, Language
from everprint.documents.source import Source


def analyse(source: Source, limits: Limits) -> Analysis:
    """Follows the plot.

    Raises Unreadable for more pages than the limit.
    """
    if not source.octets:
        return Analysis(Language.HPGL, Sheets(limits).confidence)
    plotter = Plotter(Sheets(limits))
    with source.mapped() as octets:
        plotter.run(octets, source.start, source.end)
    return plotter.sheets.analysis(Language.HPGL)


@dataclass(slots=True)
class Plotter:
    """A plotter, its paper, and what it has drawn on the sheet in it."""

    sheets: Sheets
    width_mm: float | None = None
    length_mm: float | None = None
    drawn: bool = False
    visible: bool = False
    colour: bool = False
    palette: list[Rgb] = field(default_factory=lambda: list(PENS))

    def run(self, octets: mmap.mmap, position: int, end: int) -> None:
        """The whole plot."""
        plot = Plot(
            self._draw,
            self.palette,
            self._end_page,
            self._replot,
            self._size,
            self._default_pen,
            self._begin,
            self._stray,
        )
        while position < end:
            # An escape sequence that enters or leaves HP-GL/2 (ESC%0B, ESC%0A), or is not for a plotter.
            position = plot.run(octets, position, end) + 1
        self._end_page(False)

    def _draw(self, rgb: Rgb) -> None:
        self.drawn = True
        self.visible = self.visible or not is_white(rgb)
        self.colour = self.colour or is_colour(rgb)

    def _default_pen(self, pen: int) -> None:
        if pen > 1:
            self.sheets.doubt("it does not say the colours of its pens, which are taken as a plotter's usual ones")

    def _begin(self) -> None:
        self._end_page(False)

    def _stray(self) -> None:
        self.sheets.doubt("it breaks the rules of HP-GL/2, and plotters may go on in another way")

    def _size(self, length: float, width: float | None) -> None:
        if max(length, width or 0.0) > LARGEST_MM:
            self.sheets.doubt(f"it asks for paper of {max(length, width or 0.0):.0f} mm, which there is not")
            return
        self.length_mm, self.width_mm = length, width

    def _end_page(self, always: bool) -> None:
        if not (self.drawn or always):
            return
        if self.length_mm is not None and self.width_mm is not None:
            self.sheets.add(self.width_mm, self.length_mm, colour=self.colour, blank=not self.visible)
        else:
            self.sheets.doubt("it does not say the size of its paper; A4 is taken")
            self.sheets.add(None, None, colour=self.colour, blank=not self.visible)
        self.drawn = self.visible = self.colour = False

    def _replot(self, times: int) -> None:
        self._end_page(False)
        if times > 0 and self.sheets.pages:
            self.sheets.doubt("it asks for the plot again (RP), which not every plotter does")
            self.sheets.repeat_last(times)
