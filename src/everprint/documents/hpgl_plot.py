"""What HP-GL/2 draws: pens, their colours, and where one plot ends and the next begins. Used alone and within PCL 5.

It follows what is drawn and with which pen, not where: a line outside the window counts as drawn.
HP-GL/2 and HP RTL Reference Guide.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from dataclasses import dataclass, field

from everprint.documents.hpgl_syntax import (
    BEFORE_COMMAND,
    COMMAND,
    DEVICE_CONTROL,
    POLYLINE,
    QUOTED,
    VALUES,
    has_values,
    numbers,
    polyline_strokes,
)
from everprint.documents.pcl_palette import Rgb, pens

UNITS_PER_MM = 40.0
ETX = b"\x03"
_ESC = 0x1B

_DRAWS = frozenset({b"CI", b"EA", b"RA", b"ER", b"RR", b"EW", b"WG", b"EP", b"FP"})
_MOVES = frozenset({b"PA", b"PR", b"AA", b"AR", b"AT", b"RT", b"BZ", b"BR"})  # which draw if the pen is down
_FILLS = frozenset({b"RA", b"RR", b"WG", b"FP"})
_NEW_PAGE = frozenset({b"PG", b"AF", b"AH"})
_PATTERN_FILL = 11


@dataclass(slots=True)
class Plot:
    """The plotter's state. `draw` is told the colour of what is drawn, the others what their names say."""

    draw: Callable[[Rgb], None]
    palette: list[Rgb]
    end_page: Callable[[bool], None]  # always, or only if something was drawn
    replot: Callable[[int], None]
    size: Callable[[float, float | None], None]  # length and width, millimetres
    default_pen: Callable[[int], None]  # a pen is used whose colour the file did not say
    begin: Callable[[], None]  # BP
    stray: Callable[[], None]  # a letter that belongs to no command
    pen: int = 1
    down: bool = False
    terminator: bytes = ETX
    _said: set[int] = field(default_factory=set)
    _polygon: bool = False
    _fill: int = 1
    _pattern: list[int] = field(default_factory=list)
    _range: list[float] = field(default_factory=lambda: [0.0, 255.0] * 3)

    def initialise(self) -> None:
        """IN: the pen is up, and everything is as it was at first; the palette is whose it is."""
        self.down = self._polygon = False
        self.terminator, self._fill = ETX, 1
        self._pattern.clear()
        self._range = [0.0, 255.0] * 3

    def run(self, octets: mmap.mmap, position: int, end: int) -> int:
        """Follows commands up to an escape sequence that is none of HP-GL's; returns where that is, or `end`."""
        while position < end:
            command = COMMAND.match(octets, position, end)
            if command is None:
                before = BEFORE_COMMAND.match(octets, position, end)
                assert before is not None  # it matches nothing, too
                escape = before.end()
                if escape == end:
                    return end
                if octets[escape] != _ESC:  # one letter is no command: it is passed over, and what follows is not
                    self.stray()
                    position = escape + 1
                    continue
                if octets[escape + 1 : min(escape + 2, end)] != b".":
                    return escape
                control = DEVICE_CONTROL.match(octets, escape, end)
                assert control is not None
                position = control.end()
                continue
            position = self._obey((command[1] + command[2]).upper(), octets, command.end(), end)
        return end

    def _obey(self, name: bytes, octets: mmap.mmap, at: int, end: int) -> int:
        if name in (b"LB", b"BL"):
            stop = octets.find(self.terminator, at, end)
            stop = end if stop < 0 else stop
            if name == b"LB" and stop > at:
                self._mark()
            return min(stop + 1, end)
        if name == b"PE":
            return self._polyline(octets, at, end)
        if name == b"DT":
            return self._define_terminator(octets, at, end)
        if name == b"SM":
            return at + 1 if octets[at : at + 1] not in (b";", b"\x1b", b"") else at
        pattern = QUOTED if name in (b"BP", b"CO", b"MG") else VALUES
        match = pattern.match(octets, at, end)
        if match is None:
            return at
        if name == b"BP":
            self.begin()
        elif name in _MOVES or name == b"PD" or name in _DRAWS:
            self._line(name, match[0] if match.end() - at < 64 else b"1")
        else:
            self._set(name, octets[at : min(match.end(), at + 1024)])
        return match.end()

    def _line(self, name: bytes, values: bytes) -> None:
        if name == b"PD":
            self.down = True
            self._mark()
        elif name in _DRAWS:
            self._mark(fill=name in _FILLS, polygon=name in (b"EP", b"FP"))
        elif self.down and has_values(values):
            self._mark()

    def _polyline(self, octets: mmap.mmap, at: int, end: int) -> int:
        match = POLYLINE.match(octets, at, end)
        assert match is not None  # it matches nothing, too
        for pen, draws in polyline_strokes(match[0]):
            self.pen = self.pen if pen is None else pen
            if draws:
                self._mark()
        return match.end()

    def _define_terminator(self, octets: mmap.mmap, at: int, end: int) -> int:
        given = octets[at : min(at + 1, end)]
        if given in (b";", b""):
            self.terminator = ETX
            return at
        self.terminator = given
        values = VALUES.match(octets, at + 1, end)
        return values.end() if values else at + 1

    def _set(self, name: bytes, values: bytes) -> None:
        if name == b"PU":
            self.down = False
        elif name in (b"IN", b"DF"):
            if name == b"IN":
                self.initialise()
            else:
                self.terminator, self._fill = ETX, 1
        elif name == b"SP":
            self.pen = int((numbers(values, 1) or [0.0])[0])
        elif name == b"NP":
            self.palette[:] = pens(int((numbers(values, 1) or [8.0])[0]))
        elif name == b"PM":
            self._polygon = int((numbers(values, 1) or [0.0])[0]) != 2
        elif name == b"FT":
            self._fill = int((numbers(values, 1) or [1.0])[0])
        elif name == b"RF":
            self._pattern = sorted({int(pen) for pen in numbers(values, 64)[3:]})
        elif name in (b"PC", b"CR"):
            self._colour(name, numbers(values, 6))
        elif name in (b"PS", b"RP") or name in _NEW_PAGE:
            self._paper(name, numbers(values, 2))

    def _paper(self, name: bytes, values: list[float]) -> None:
        if name in _NEW_PAGE:
            self.end_page(bool(values))
        elif name == b"RP":
            self.replot(int(values[0]) if values else 1)
        elif values and min(values) > 0:
            self.size(values[0] / UNITS_PER_MM, values[1] / UNITS_PER_MM if len(values) > 1 else None)

    def _colour(self, name: bytes, values: list[float]) -> None:
        if name == b"CR":
            self._range = values if len(values) == 6 else [0.0, 255.0] * 3
        elif len(values) >= 4 and 0 <= int(values[0]) < len(self.palette):
            self._said.add(int(values[0]))
            low, high = self._range[::2], self._range[1::2]
            levels = [
                round(min(1.0, max(0.0, (value - black) / ((white - black) or 1.0))) * 255)
                for value, black, white in zip(values[1:], low, high, strict=False)
            ]
            self.palette[int(values[0])] = (levels[0], levels[1], levels[2])

    def _mark(self, *, fill: bool = False, polygon: bool = False) -> None:
        if self._polygon and not polygon:  # it is only kept, for EP and FP to draw
            return
        used = self._pattern if fill and self._fill == _PATTERN_FILL and self._pattern else [self.pen]
        for pen in used:
            if pen > 0 or used is self._pattern:
                if pen not in self._said:
                    self.default_pen(pen)
                self.draw(self.palette[self._index(pen)])
            else:
                self.draw(self.palette[0])

    def _index(self, pen: int) -> int:
        """A pen beyond the last one is one of those that are there."""
        last = len(self.palette) - 1
        return pen if 0 <= pen <= last else (pen - 1) % last + 1
