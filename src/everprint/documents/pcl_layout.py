"""Where on its page PCL 5 text goes: how many lines fit, and when a line feed or a full line needs the next page.

Lengths are 1/7200 inch, which all of PCL's units divide. PCL 5 Printer Language Technical Reference Manual,
chapters 5 and 6: text begins half an inch below the top edge and, with perforation skip, ends half an inch above
the bottom.
"""

from __future__ import annotations

from dataclasses import dataclass

from everprint.documents.pcl_sheets import ASSUMED_MM

INCH = 7200
UNITS_PER_MM = INCH / 25.4
_SIX_LINES_PER_INCH = INCH // 6
_TEN_CHARACTERS_PER_INCH = INCH // 10
_MARGIN = INCH // 2
_SIDE_PORTRAIT_MM, _SIDE_LANDSCAPE_MM = 6.35, 5.08  # quarter and fifth of an inch that no text is put in


@dataclass(slots=True)
class Layout:
    """One page's text area and the place in it that is written next.

    `feed` and `write` return how many pages became full on the way.
    """

    width_mm: float = ASSUMED_MM[0]  # portrait
    height_mm: float = ASSUMED_MM[1]
    landscape: bool = False
    turned: bool = False  # print direction across the page
    line: int = _SIX_LINES_PER_INCH
    column: int = _TEN_CHARACTERS_PER_INCH
    skips_perforation: bool = True
    wraps: bool = False
    carriage_return_feeds: bool = False
    top: int = 0
    text_length: int = 0
    x: float = 0
    y: float = 0

    def __post_init__(self) -> None:
        self.default_margins()

    @property
    def length(self) -> float:
        """From the top edge of the page to its bottom edge, as the text sees it."""
        across = self.landscape != self.turned
        return (self.width_mm if across else self.height_mm) * UNITS_PER_MM

    @property
    def right(self) -> float:
        """How wide a line may be."""
        across = self.landscape != self.turned
        side = _SIDE_LANDSCAPE_MM if across else _SIDE_PORTRAIT_MM
        return ((self.height_mm if across else self.width_mm) - 2 * side) * UNITS_PER_MM

    @property
    def is_beside_page(self) -> bool:
        """Whether nothing that begins at the cursor can be on the paper."""
        across = self.height_mm if self.landscape != self.turned else self.width_mm
        return self.x >= across * UNITS_PER_MM or self.y >= self.length

    def default_margins(self) -> None:
        """As after a change of paper or orientation, which also brings the cursor home."""
        self.top = _MARGIN if self.length > _MARGIN else 0
        self.text_length = self._to_bottom_margin()
        self.home()

    def default_spacing(self) -> None:
        """Six lines and ten characters an inch."""
        self.line, self.column = _SIX_LINES_PER_INCH, _TEN_CHARACTERS_PER_INCH

    def _to_bottom_margin(self) -> int:
        rest = self.length - self.top
        return int(rest - _MARGIN if rest > _MARGIN else rest)

    @property
    def _first_line(self) -> float:
        return self.top + 0.75 * self.line

    @property
    def at_home(self) -> bool:
        """Whether nothing has moved the cursor."""
        return self.x == 0 and self.y == self._first_line

    def home(self) -> None:
        """To the first line's left end."""
        self.x, self.y = 0, self._first_line

    def set_line(self, height: float) -> None:
        """How far a line feed goes. At home, the first line moves with it."""
        if height <= self.length:
            was_home = self.at_home
            self.line = int(height + 0.5)
            if was_home:
                self.home()

    def set_top(self, lines: float, moved: bool) -> None:
        """The top margin, in lines; the text's length follows it."""
        if self.line and 0 <= lines * self.line <= self.length:
            self.top = int(lines * self.line)
            self.text_length = self._to_bottom_margin()
            if not moved:
                self.y = self._first_line

    def set_text_length(self, lines: float) -> None:
        """The text's length in lines; 0 is up to the bottom margin."""
        length = int(lines * self.line) or self._to_bottom_margin()
        if 0 < length <= self.length - self.top:
            self.text_length = length

    def feed(self, lines: float) -> int:
        """Line feeds, one after the other."""
        return self._down(lines, self.line)

    @property
    def room(self) -> int:
        """How many line feeds stay on this page."""
        bottom = self.top + self.text_length if self.skips_perforation else self.length
        return max(0, int((bottom - self.y) // self.line)) if self.line else 0

    def half_feed(self) -> int:
        """Half a line feed."""
        return self._down(1, self.line / 2)

    def _down(self, steps: float, step: float) -> int:
        pages = 0
        bottom = self.top + self.text_length if self.skips_perforation else self.length
        while steps > 0 and step > 0:
            fit = max(0, int((bottom - self.y) // step))
            if steps <= fit:
                self.y += steps * step
                break
            steps -= fit + 1
            pages += 1
            self.y = self._first_line if self.skips_perforation else 0.75 * self.line
            if self.y > bottom:  # a page that not even one line fits on
                pages += int(steps)
                break
        return pages

    def move_rows(self, rows: float, relative: bool) -> int:
        """By lines (`ESC&a#R`): a relative move goes on to the next page, but no farther than its end."""
        if not relative:
            self._to(self._first_line + rows * self.line)
            return 0
        y = self.y + rows * self.line
        if y <= self.length:
            self._to(y)
            return 0
        rest = min(y, 2 * self.length) - self.length
        self.y = min(self.length, 0.75 * self.line + rest)
        return 1

    def move(self, distance: float, relative: bool) -> None:
        """By lengths (`ESC*p#Y`, `ESC&a#V`), which stay on the page."""
        self._to(self.y + distance if relative else self.top + distance)

    def _to(self, y: float) -> None:
        self.y = min(max(0.0, y), self.length)

    def write(self, characters: int) -> int:
        """So many characters of fixed width, where the ends of lines wrap."""
        self.x += characters * self.column
        if self.x <= self.right or not self.column:
            return 0
        a_line = max(1, int(self.right // self.column))
        before = max(0, int((self.right - (self.x - characters * self.column)) // self.column))
        wrapped = -(-(characters - before) // a_line)
        self.x = (characters - before - (wrapped - 1) * a_line) * self.column
        return self.feed(wrapped)
