"""Where lines and pages of plain text end when it is printed: characters in cells, as line printers had them.

The rules are those of CUPS's texttopdf, which the tests compare: a tab goes to the next eighth column; a line that is
full goes on in the next one; a backspace and a carriage return move back on the line; a form feed ends the page, also
one that is empty; every character takes one cell. Most lines hold nothing but characters, and are measured by numpy,
many at a time; only those with tabs and the like are walked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_TAB = 8
_LF, _FF = 0x0A, 0x0C
_PIECES = re.compile(r"[\t\b\r]|[^\t\b\r]+")
_UNPRINTABLE = bytes(set(range(0x20)) - set(b"\b\t\n\f\r")) + b"\x7f"

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layout:
    """How many characters a line takes, and how many lines a page."""

    columns: int
    lines: int


@dataclass(slots=True)
class Paginator:
    """Counts pages of text that comes in pieces; `blank` says of each page begun whether nothing is on it so far.

    `longest` and `fullest` are the most columns that any line had, and lines any page.
    """

    layout: Layout
    line: int = 0
    column: int = 0
    longest: int = 0
    fullest: int = 0
    odd: bool = False  # control characters that printers do different things with
    wide: bool = False  # characters that take two cells in most fonts
    empty_pages: bool = False  # form feeds with nothing before them
    _blank: list[bool] | None = None

    @property
    def pages(self) -> int:
        """How many there are so far, with that one that is begun; one at least.

        texttopdf forgets a last line that a carriage return took back to its beginning; printers do not.
        """
        begun = self.line or self.column or not self._pages()[-1]
        return max(1, len(self._pages()) - (0 if begun else 1))

    def blank(self) -> list[bool]:
        """Of each page."""
        return self._pages()[: self.pages]

    def _pages(self) -> list[bool]:
        if self._blank is None:
            self._blank = [True]
        return self._blank

    def add(self, octets: bytes) -> None:
        """The next piece, which should end with a line, for a character must not be cut."""
        values = np.frombuffer(octets, np.uint8)
        ends = np.flatnonzero((values == _LF) | (values == _FF))
        if len(ends) == 0 or ends[-1] != len(values) - 1:
            ends = np.append(ends, len(values))
        starts = np.concatenate([[0], ends[:-1] + 1])
        feeds = np.zeros(len(ends), np.bool_)
        breaks = np.ones(len(ends), np.bool_)
        if ends[-1] == len(values):
            breaks[-1] = False
        whole = ends[breaks]
        feeds[: len(whole)] = values[whole] == _FF
        self.odd = self.odd or len(octets.translate(None, _UNPRINTABLE)) < len(octets)
        self.wide = self.wide or _has_wide(octets, values)
        widths, wraps, visible = self._measure(octets, values, starts, ends)
        self._lay(widths, wraps, visible, feeds, breaks)

    def _measure(
        self, octets: bytes, values: npt.NDArray[np.uint8], starts: Numbers, ends: Numbers
    ) -> tuple[Numbers, Numbers, npt.NDArray[np.bool_]]:
        """Of each line the column that it ends in, how often it was too long, and whether anything shows."""
        columns = self.layout.columns
        widths, visible = _characters(octets, values, starts, ends)
        widths[0] += self.column
        wraps = np.maximum(widths - 1, 0) // columns
        longest = int(widths.max(initial=0))
        for line in _lines_with_moves(octets, values, ends):
            begin = self.column if line == 0 else 0
            widths[line], wraps[line], most = _walk(octets[starts[line] : ends[line]], begin, columns)
            longest = max(longest, most)
        self.longest = max(self.longest, longest)
        long = wraps > 0
        widths[long] = np.where(widths[long] > columns, (widths[long] - 1) % columns + 1, widths[long])
        return widths, wraps, visible

    def _lay(
        self,
        widths: Numbers,
        wraps: Numbers,
        visible: npt.NDArray[np.bool_],
        feeds: npt.NDArray[np.bool_],
        breaks: npt.NDArray[np.bool_],
    ) -> None:
        """Puts the lines on pages. A form feed ends a section; in each, lines follow each other."""
        lines = self.layout.lines
        section = np.concatenate([[0], np.cumsum(feeds)[:-1]])
        advance = wraps + (breaks & ~feeds)
        after = np.cumsum(advance)
        first_of_section = np.flatnonzero(np.concatenate([[True], feeds[:-1]]))
        before_section = after[first_of_section] - advance[first_of_section]
        offset = np.zeros(len(first_of_section), np.int64)
        offset[0] = self.line
        start = after - advance - before_section[section] + offset[section]
        last_of_section = np.append(first_of_section[1:] - 1, len(widths) - 1)
        total = after[last_of_section] - before_section + offset
        pages_of_section = total // lines + 1
        first_page = len(self._pages()) - 1 + np.concatenate([[0], np.cumsum(pages_of_section)[:-1]])
        on_page = first_page[section] + start // lines
        to_page = first_page[section] + (start + wraps) // lines
        self._note(int(first_page[-1] + total[-1] // lines) + 1, on_page[visible], to_page[visible])
        self.fullest = max(self.fullest, int(np.minimum(total, lines).max()))
        ended = self._pages()
        feed_pages = first_page[:-1] + total[:-1] // lines
        self.empty_pages = self.empty_pages or any(ended[int(page)] for page in feed_pages)
        self.line = int(total[-1] % lines)
        self.column = 0 if breaks[-1] else int(widths[-1])
        if feeds[-1]:
            # What follows the last form feed begins a page of its own.
            self.empty_pages = self.empty_pages or ended[-1]
            ended.append(True)
            self.line = 0

    def _note(self, pages: int, on_page: Numbers, to_page: Numbers) -> None:
        blank = self._pages()
        blank.extend([True] * (pages - len(blank)))
        for page in np.unique(on_page).tolist():
            blank[page] = False
        longer = to_page > on_page
        for first, last in set(zip(on_page[longer].tolist(), to_page[longer].tolist(), strict=True)):
            blank[first : last + 1] = [False] * (last + 1 - first)


def lines_of_page(text: str, layout: Layout, number: int) -> list[str]:
    """What stands on page `number` (from 1), for a picture: characters in cells, later ones over earlier ones."""
    page, line, column = 1, 0, 0
    cells: list[list[str]] = [[" "] * layout.columns for _ in range(layout.lines)]

    def next_line() -> None:
        nonlocal page, line, column
        line, column = line + 1, 0
        if line == layout.lines:
            page, line = page + 1, 0

    for character in _visible(text):
        if page > number:
            break
        if character == "\n":
            next_line()
        elif character == "\f":
            page, line, column = page + 1, 0, 0
        elif character == "\r":
            column = 0
        elif character == "\b":
            column = max(column - 1, 0)
        elif character == "\t":
            column = (column + _TAB) // _TAB * _TAB
            if column >= layout.columns:
                next_line()
        else:
            if column >= layout.columns:
                next_line()
            if page == number:
                cells[line][column] = character
            column += 1
    return ["".join(row).rstrip() for row in cells]


def _visible(text: str) -> Iterator[str]:
    return (character for character in text if character >= " " or character in "\n\f\r\b\t")


def _characters(
    octets: bytes, values: npt.NDArray[np.uint8], starts: Numbers, ends: Numbers
) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Of each line how many characters it has, and whether one of them leaves a mark."""
    if octets.isascii() and len(octets.translate(None, _UNPRINTABLE)) == len(octets):
        widths = ends - starts
        widths -= (widths > 0) & (values[ends - 1] == 0x0D)
        firsts = np.flatnonzero(widths)
        visible = np.zeros(len(starts), np.bool_)
        visible[firsts] = values[starts[firsts]] > 0x20
        for line in firsts[~visible[firsts]].tolist():
            visible[line] = bool(octets[starts[line] : ends[line]].strip())
        return widths, visible
    marks = (values > 0x20) & ((values & 0xC0) != 0x80)
    shown = _between(marks, starts, ends)
    spaces = _between(values == 0x20, starts, ends)
    return shown + spaces, shown > 0


def _has_wide(octets: bytes, values: npt.NDArray[np.uint8]) -> bool:
    """Whether there are characters from U+1000 on but those of U+2000 to U+2FFF, as in Chinese, Japanese, Korean."""
    return not octets.isascii() and bool(((values == 0xE1) | (values > 0xE2)).any())


def _between(flags: npt.NDArray[np.bool_], starts: Numbers, ends: Numbers) -> Numbers:
    """How many flags are set from each start to its end."""
    sums = np.zeros(len(flags) + 1, np.int32)
    np.cumsum(flags, dtype=np.int32, out=sums[1:])
    return (sums[ends] - sums[starts]).astype(np.int64)


def _lines_with_moves(octets: bytes, values: npt.NDArray[np.uint8], ends: Numbers) -> list[int]:
    """The lines in which something moves but the next character: a tab, a backspace, a carriage return within it."""
    tabs, returns = octets.count(b"\t") + octets.count(b"\b"), octets.count(b"\r") - octets.count(b"\r\n")
    if not (tabs or returns):
        return []
    moves = (values == 0x09) | (values == 0x08)
    if returns:
        moves |= (values == 0x0D) & (np.append(values[1:], _LF) != _LF)
    lines: list[int] = np.unique(np.searchsorted(ends, np.flatnonzero(moves))).tolist()
    return lines


def _walk(line: bytes, column: int, columns: int) -> tuple[int, int, int]:
    """The column in which a line ends that begins in `column`, how often it was too long, the most it took."""
    line = line.removesuffix(b"\r")
    if column == 0 and line.isascii() and b"\b" not in line and b"\r" not in line:
        width = len(line.expandtabs(_TAB))
        if width < columns:  # at most: a control character takes no room
            return width, 0, width
    wraps, longest = 0, column
    for piece in _PIECES.findall(line.decode("utf-8", "replace")):
        if piece == "\t":
            column = (column + _TAB) // _TAB * _TAB
            longest = max(longest, column)
            if column >= columns:
                column, wraps = 0, wraps + 1
        elif piece == "\b":
            column = max(column - 1, 0)
        elif piece == "\r":
            column = 0
        else:
            column += sum(1 for character in piece if character >= " ")
            longest = max(longest, column)
            more = max(column - 1, 0) // columns
            column, wraps = column - more * columns, wraps + more
    return column, wraps, longest
