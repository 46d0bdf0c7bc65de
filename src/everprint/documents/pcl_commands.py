"""Which command of PCL 5 is whose: every one goes to the part of the language that it belongs to."""

from __future__ import annotations

import mmap

from everprint.documents.pcl_colours import Colours
from everprint.documents.pcl_graphics import Graphics
from everprint.documents.pcl_job_control import JobControl
from everprint.documents.pcl_plotting import Plotting
from everprint.documents.pcl_printer import Action, Printer
from everprint.documents.pcl_text import Text

_CONFIGURATION_OCTETS = 256  # no such data are longer


class Commands:
    """The parts of the language, all working on one printer."""

    def __init__(self, printer: Printer) -> None:
        self.printer = printer
        self._colours = Colours(printer)
        self.text = Text(printer, self._colours)
        self.graphics = Graphics(printer, self._colours)
        self.plotting = Plotting(printer)
        job_control = JobControl(printer)
        self._table: dict[bytes, Action] = (
            job_control.table | self.text.table | self._colours.table | self.graphics.table
        )

    def reset_and_form_feed(self) -> None:
        """`ESCE` with a form feed after it: of a printed page, a LaserJet makes two, others one."""
        if self.printer.page.put:
            self.printer.sheets.doubt(
                "it ends pages by a reset and a form feed, of which not every printer makes two pages"
            )

    def plain(self, letter: bytes) -> None:
        """ESC and a letter."""
        if letter == b"E":
            self.printer.reset()
            self._colours.reset()
            self.plotting.reset()
        elif letter == b"=":
            self.text.feed_half_a_line()

    def command(self, command: bytes, value: float, signed: bool) -> None:
        """A command with its value; one that changes nothing we follow is passed over."""
        if (action := self._table.get(command)) is not None:
            action(value, signed)

    def data(self, command: bytes, octets: mmap.mmap, start: int, end: int) -> None:
        """A command with the data that follow it."""
        if command in (b"*bW", b"*bV"):
            self.graphics.row(octets, start, end, command == b"*bW")
        elif command == b"&pX":
            self.text.write(octets, start, end)
        elif command == b"*vW":
            self._colours.configure(octets[start : min(end, start + _CONFIGURATION_OCTETS)])
        elif command == b"*gW":
            self.graphics.configure_channels(octets[start : min(end, start + _CONFIGURATION_OCTETS)])
