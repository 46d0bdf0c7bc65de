"""Colour commands of PCL 5c: palettes that are made, kept and chosen, and which ink that gives to what is drawn."""

from __future__ import annotations

from everprint.documents.pcl_palette import WHITE, Palette, Rgb, configured_palette, simple_palette
from everprint.documents.pcl_printer import Action, Printer
from everprint.documents.pcl_state import USER_PATTERN, WHITE_PATTERN

_MOST_PALETTES = 64


class Colours:
    """Chooses the printer's colours."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._pushed: list[Palette] = []
        self._stored: dict[int, Palette] = {}
        self._palette_id = 0
        self.table: dict[bytes, Action] = {
            b"*rU": lambda value, _: self._use(simple_palette(int(value))),
            b"*vA": lambda value, _: printer.state.palette.set_component(0, value),
            b"*vB": lambda value, _: printer.state.palette.set_component(1, value),
            b"*vC": lambda value, _: printer.state.palette.set_component(2, value),
            b"*vI": lambda value, _: printer.state.palette.assign(int(value)),
            b"*vS": self._foreground,
            b"*vT": lambda value, _: setattr(printer.state, "pattern", int(value)),
            b"*pP": self._push_or_pop,
            b"&pI": lambda value, _: setattr(self, "_palette_id", int(value)),
            b"&pS": self._select_palette,
            b"&pC": self._control_palette,
        }

    def reset(self) -> None:
        """Forgets all palettes but the current one."""
        self._pushed.clear()
        self._stored.clear()
        self._palette_id = 0

    def configure(self, data: bytes) -> None:
        """`ESC*v#W`, configure image data: a new palette, and how pictures use it."""
        palette = configured_palette(data)
        if palette is not None:
            self._use(palette)

    def ink(self) -> Rgb:
        """The colour of text now."""
        state = self._printer.state
        if state.pattern == WHITE_PATTERN:
            return WHITE
        if state.pattern == USER_PATTERN:
            self.doubt_pattern()
        return state.foreground

    def doubt_pattern(self) -> None:
        """Something is drawn with a downloaded pattern."""
        if not self._printer.state.palette.only_grey:
            self._printer.sheets.doubt("it draws with patterns of its own, whose colours are not looked at")

    def _use(self, palette: Palette) -> None:
        self._printer.state.palette = palette

    def _foreground(self, value: float, signed: bool) -> None:
        self._printer.state.foreground = self._printer.state.palette.entry(int(value))

    def _push_or_pop(self, value: float, signed: bool) -> None:
        if value == 0 and len(self._pushed) < _MOST_PALETTES:
            self._pushed.append(self._printer.state.palette.copy())
        elif value == 1 and self._pushed:
            self._use(self._pushed.pop())

    def _select_palette(self, value: float, signed: bool) -> None:
        if int(value) in self._stored:
            self._use(self._stored[int(value)])

    def _control_palette(self, value: float, signed: bool) -> None:
        """`ESC&p#C`: 6 copies the current palette to the number that was set, 0 and 1 forget them."""
        if value == 6 and len(self._stored) < _MOST_PALETTES:
            self._stored[self._palette_id] = self._printer.state.palette.copy()
        elif value in (0, 1):
            self._stored.clear()
