"""PCL 5e and 5c: follows the commands as a printer does, without drawing, and says what comes out of it.

A page ends where a LaserJet ends it. A form feed always does, with nothing on the page too. A reset, and a change of
paper, orientation, source or sides, does so if something is on the page; so does the end. A line feed below the
bottom margin goes on to the next page. Colour is followed from palettes and planes to each thing that is drawn.
PCL 5 Printer Language and PCL 5 Color Technical Reference Manuals, PCL 5 Comparison Guide.
"""

from __future__ import annotations

import functools
import mmap
import re
import time

from everprint.documents.limits import Limits
from everprint.documents.pcl_commands import Commands
from everprint.documents.pcl_printer import Printer
from everprint.documents.pcl_sheets import Sheets
from everprint.documents.pcl_syntax import BEGIN, DISPLAY, DISPLAY_END, ESC, ROW, VALUE, ends_sequence, has_data
from everprint.documents.pcl_syntax import number as number_of
from everprint.documents.result import Analysis, Language, Unreadable
from everprint.documents.source import Source

_TEXT = re.compile(rb"[^\x00-\x1f]+")
_IDLE = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]+")
_GOES_ON = re.compile(rb"[0-9]{1,5}[vwm]")
"""Rows after `ESC*b#Y` without an escape: so write some drivers for DeskJets, which took it."""
_MOST_MACRO_LEVELS = 3
_MOST_LINES, _LINES_OCTETS = 200, 1 << 16


@functools.cache
def _lines(most: int) -> re.Pattern[bytes]:
    """Up to so many lines of plain text, each with its line feed."""
    return re.compile(rb"(?:[^\x00-\x0c\x0e-\x1f]*+\n){1,%d}+" % most)


_LF, _FF, _CR, _HT = 0x0A, 0x0C, 0x0D, 0x09
_RUN = {code: re.compile(bytes([code]) + b"+") for code in (_LF, _FF, _CR, _HT)}


def analyse(source: Source, limits: Limits) -> Analysis:
    """Follows the document.

    Raises Unreadable for more pages than the limit, or macros that repeat without end.
    """
    sheets = Sheets(limits)
    if source.octets:
        with source.mapped() as octets:
            Interpreter(octets, source, sheets).run()
    return sheets.analysis(Language.PCL)


class Interpreter:
    """Reads a document and hands each thing in it to Commands."""

    def __init__(self, octets: mmap.mmap, source: Source, sheets: Sheets) -> None:
        self._octets = octets
        self._source = source
        self._sheets = sheets
        self._printer = Printer(sheets, time.process_time() + sheets.limits.document_s, self._macro)
        self._commands = Commands(self._printer)
        self._macros: dict[int, tuple[int, int]] = {}
        self._defining: tuple[int, int] | None = None  # a macro's number, and where it begins
        self._level = 0
        self._permanent: set[int] = set()
        self._macros_until = 0.0
        self._macro_seconds = sheets.limits.document_s  # left for following macros, again and again

    def run(self) -> None:
        """All of it; what is on the last page comes out too."""
        self._follow(self._source.start, self._source.end)
        self._printer.end_if_marked()

    def _follow(self, position: int, end: int) -> None:
        octets, text = self._octets, self._commands.text
        while position < end:
            code = octets[position]
            if code == ESC:
                position = self._escape(position, end)
            elif code > 0x1F:
                if self._defining is None and (most := text.lines_left) > 1:
                    lines = _lines(min(most, _MOST_LINES)).match(octets, position, min(end, position + _LINES_OCTETS))
                    if lines is not None:
                        text.feed_lines(lines[0].count(b"\n"))
                        position = lines.end()
                        continue
                characters = _TEXT.match(octets, position, end)
                assert characters is not None
                if self._defining is None:
                    text.write(octets, position, characters.end())
                position = characters.end()
            else:
                position = self._control(code, position, end)

    def _control(self, code: int, position: int, end: int) -> int:
        run = _RUN.get(code, _IDLE).match(self._octets, position, end)
        if run is None:
            return position + 1
        if self._defining is None:
            number = run.end() - position
            if code == _LF:
                self._commands.text.feed_lines(number)
            elif code == _FF:
                self._printer.feed_forms(number)
            elif code == _CR:
                self._commands.text.return_carriage(number)
            elif code == _HT:
                self._commands.text.tabulate(number)
        return run.end()

    def _escape(self, position: int, end: int) -> int:
        octets = self._octets
        if self._defining is None and octets[position + 1 : position + 3] == b"*b":
            walked = self._commands.graphics.rows(octets, position, end)
            if walked > position:
                return walked
        if (row := ROW.match(octets, position, end)) is not None:
            return self._row(row, end)
        begin = BEGIN.match(octets, position, end)
        if begin is None:
            return self._plain_escape(position, end)
        head = begin[1] + begin[2]
        position = begin.end()
        while (value := VALUE.match(octets, position, end)) is not None:
            command = head + value[2].upper()
            position = self._value(command, value, end)
            if position >= end:
                break
            if ends_sequence(value[2]):
                if command != b"*bY" or _GOES_ON.match(octets, position, end) is None:
                    break
                self._sheets.doubt("its pictures break the rules of PCL 5")
        return position

    def _row(self, row: re.Match[bytes], end: int) -> int:
        """A row of a picture, or a plane of one."""
        start = row.end()
        stop = start + int(row[1] or 0)
        if stop > end:
            self._cut_off()
            stop = end
        if self._defining is None:
            self._commands.graphics.row(self._octets, start, stop, row[2] == b"W")
        return stop

    def _plain_escape(self, position: int, end: int) -> int:
        letter = self._octets[position + 1 : min(position + 2, end)]
        if letter == DISPLAY and self._defining is None:
            stop = self._octets.find(DISPLAY_END, position + 2, end)
            stop = end if stop < 0 else stop
            self._sheets.doubt("it prints its own control codes, whose lines are not counted")
            self._commands.text.write(self._octets, position + 2, stop)
            return min(stop + 2, end)
        if letter == b"E":
            self._reset(self._octets[position + 2 : min(position + 3, end)] == b"\f")
        elif self._defining is None:
            self._commands.plain(letter)
        return position + 2

    def _reset(self, form_feed_follows: bool) -> None:
        """`ESCE` and UEL. Within a macro it is passed over; it ends the definition of one, and forgets most."""
        if self._level:
            return
        self._defining = None
        if form_feed_follows:
            self._commands.reset_and_form_feed()
        self._commands.plain(b"E")
        self._macros = {number: place for number, place in self._macros.items() if number in self._permanent}

    def _value(self, command: bytes, value: re.Match[bytes], end: int) -> int:
        position = value.end()
        amount = number_of(value[1])
        if has_data(command):
            stop = position + max(0, int(amount))
            if stop > end:
                self._cut_off()
                stop = end
            if self._defining is None:
                self._commands.data(command, self._octets, position, stop)
            return stop
        if command == b"&fX":
            self._control_macro(int(amount), position, value.start())
        elif self._defining is not None:
            pass
        elif command == b"%X":
            self._reset(False)
        elif command == b"%B":
            return self._commands.plotting.run(self._octets, position, end, standalone=amount == -1)
        else:
            self._commands.command(command, amount, value[1][:1] in (b"+", b"-"))
        return position

    def _cut_off(self) -> None:
        self._sheets.doubt("it ends in the middle of binary data")

    def _control_macro(self, control: int, position: int, before: int) -> None:
        """`ESC&f#X`. What is between 0 and 1 is a macro, and prints nothing until it is executed or called."""
        if self._defining is not None:
            if control == 1:
                number, start = self._defining
                self._macros[number] = (start, max(start, self._octets.rfind(b"\x1b", start, before)))
                self._defining = None
            return
        state = self._printer.state
        if control == 0 and not self._level:
            self._defining = (state.macro, position)
        elif control in (2, 3):
            self._macro(state.macro, called=control == 3)
        elif control in (4, 5):
            state.overlay = state.macro if control == 4 else None
        elif control in (6, 7) and not self._level:
            self._macros.clear()
        elif control == 8 and not self._level:
            self._macros.pop(state.macro, None)
        elif control == 9:
            self._permanent.discard(state.macro)
        elif control == 10:
            self._permanent.add(state.macro)

    def _macro(self, number: int, *, called: bool) -> None:
        if self._level >= _MOST_MACRO_LEVELS:
            return
        if number not in self._macros:
            self._sheets.doubt(f"it uses macro {number}, which is in the printer and not in it")
            return
        start, end = self._macros[number]
        began = time.process_time()
        if not self._level:
            self._macros_until = began + self._macro_seconds
        if began > self._macros_until:
            raise Unreadable("its macros repeat more than can be followed")
        kept = self._printer.state.copy() if called else None
        self._level += 1
        self._follow(start, end)
        self._level -= 1
        if not self._level:
            self._macro_seconds = self._macros_until - time.process_time()
        if kept is not None:
            kept.layout.x, kept.layout.y = self._printer.state.layout.x, self._printer.state.layout.y
            self._printer.state = kept
