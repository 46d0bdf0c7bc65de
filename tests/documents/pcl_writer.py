"""Writes PCL 5, HP-GL/2 and PJL for the tests, made from the manuals, not from our parser.

`Writer` puts commands one after the other and keeps its own, simple account of what a LaserJet makes of them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

UEL = b"\x1b%-12345X"
NASTY = b"\f\x1bE\f\x1b%-12345X@PJL EOJ\r\n\x1b&l3A\x1b*b5W\f\x1b%0BPG;\n\n"
"""Data that would be commands if one lost count."""

PAPERS = {2: ("na_letter_8.5x11in", 60, 45), 26: ("iso_a4_210x297mm", 64, 43), 3: ("na_legal_8.5x14in", 78, 45)}
"""By PCL's number: name, lines in portrait and in landscape at six lines an inch."""


def command(head: str, value: float | str, letter: str) -> bytes:
    return b"\x1b" + f"{head}{value}{letter}".encode()


def with_data(head: str, letter: str, data: bytes) -> bytes:
    return command(head, len(data), letter) + data


def picture(rows: list[bytes], packing: int = 0, *, dpi: int = 75) -> bytes:
    body = b"".join(with_data("*b", "W", row) for row in rows)
    return command("*t", dpi, "R") + command("*r", 1, "A") + command("*b", packing, "M") + body + b"\x1b*rC"


def packbits(row: bytes) -> bytes:
    """As literal runs only."""
    pieces = [row[start : start + 128] for start in range(0, len(row), 128)]
    return b"".join(bytes([len(piece) - 1]) + piece for piece in pieces)


def run_lengths(row: bytes) -> bytes:
    return b"".join(bytes([0, octet]) for octet in row)


def delta(row: bytes) -> bytes:
    """All of the row anew."""
    pieces = [row[start : start + 8] for start in range(0, len(row), 8)]
    return b"".join(bytes([len(piece) - 1 << 5]) + piece for piece in pieces)


def replacement(row: bytes) -> bytes:
    """All of the row anew, for DeskJets."""
    pieces = [row[start : start + 7] for start in range(0, len(row), 7)]
    return b"".join(bytes([len(piece) - 1]) + piece for piece in pieces)


def pjl(*documents: tuple[str, bytes], settings: tuple[str, ...] = ()) -> bytes:
    """Each document with the name of its language; the settings before the first."""
    out = UEL + b'@PJL JOB NAME="a job"\r\n' + b"".join(f"@PJL SET {line}\r\n".encode() for line in settings)
    for language, document in documents:
        out += f"@PJL ENTER LANGUAGE={language}\r\n".encode() + document + UEL
    return out + b"@PJL EOJ\r\n" + UEL


@dataclass(frozen=True)
class Made:
    """The truth about a page."""

    media: str
    landscape: bool = False
    colour: bool = False
    blank: bool = True
    copies: int = 1
    sides: str | None = None


@dataclass
class Writer:
    """Octets, and the pages that they make. Starts with a reset, and A4."""

    octets: bytearray = field(default_factory=lambda: bytearray(b"\x1bE\x1b&l26A"))
    pages: list[Made] = field(default_factory=list)
    page: Made = Made(PAPERS[26][0])
    marked: bool = False
    paper: int = 26
    coloured: bool = False  # what is drawn next
    pen_is_red: bool = False  # entry 1 of the palette
    macros: int = 0

    def put(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.octets += piece

    def mark(self, *, colour: bool | None = None) -> None:
        self.marked = True
        self.page = replace(
            self.page, blank=False, colour=self.page.colour or (self.coloured if colour is None else colour)
        )

    def end(self) -> None:
        self.pages.append(self.page)
        self.page = replace(self.page, blank=True, colour=False)
        self.marked = False

    def end_if_marked(self) -> None:
        if self.marked:
            self.end()

    def finish(self) -> bytes:
        self.put(b"\x1bE")
        self.end_if_marked()
        return bytes(self.octets)

    # What can be written.

    def text(self) -> None:
        self.put(b"Some words")
        self.mark()

    def form_feed(self) -> None:
        self.put(b"\f")
        self.end()

    def reset(self) -> None:
        self.put(b"\x1bE\x1b&l26A")
        self.end_if_marked()
        self.page, self.paper, self.coloured, self.pen_is_red = Made(PAPERS[26][0]), 26, False, False

    def choose_paper(self, code: int) -> None:
        self.put(command("&l", code, "A"))
        self.end_if_marked()
        self.paper = code
        self.page = replace(self.page, media=PAPERS[code][0])

    def orient(self, landscape: bool) -> None:
        self.put(command("&l", int(landscape), "O"))
        if landscape != self.page.landscape:
            self.end_if_marked()
        self.page = replace(self.page, landscape=landscape)

    def copy(self, copies: int) -> None:
        self.put(command("&l", copies, "X"))
        self.page = replace(self.page, copies=copies)

    def turn(self, code: int) -> None:
        self.put(command("&l", code, "S"))
        self.end_if_marked()
        names = ("one-sided", "two-sided-long-edge", "two-sided-short-edge")
        self.page = replace(self.page, sides=names[code])

    def combine(self, copies: int, code: int) -> None:
        """Two commands in one sequence."""
        self.put(f"\x1b&l{copies}x{code}A".encode())
        self.page = replace(self.page, copies=copies)
        self.end_if_marked()
        self.paper = code
        self.page = replace(self.page, media=PAPERS[code][0])

    def lines(self, number: int) -> None:
        """So many lines of text from the top of the page, each with its line feed."""
        self.put(b"\x1b&a0R", b"a line\r\n" * number)
        _, portrait, landscape = PAPERS[self.paper]
        room = landscape if self.page.landscape else portrait
        for line in range(1, number + 1):
            self.mark()
            if line % room == 0:
                self.end()

    def picture(self, seed: int, rows: int, packing: int) -> None:
        packers: dict[int, Callable[[bytes], bytes]] = {
            0: bytes,
            1: run_lengths,
            2: packbits,
            3: delta,
            9: replacement,
        }
        pack = packers[packing]
        row = (NASTY + zlib.compress(bytes([seed] * 20)))[seed % 20 :]
        self.put(b"\x1b*r1U", picture([pack(row)] * rows, packing))
        self.coloured = self.pen_is_red = False
        self.put(b"\x1b*v1S")
        self.mark(colour=False)

    def white_picture(self, rows: int) -> None:
        """Something is on the page, and cannot be seen: a form feed makes sure that it comes out."""
        self.put(b"\x1b*r1U", picture([bytes(30)] * rows), b"\x1b*v1S\f")
        self.coloured = self.pen_is_red = False
        self.end()

    def colour_picture(self, coloured: bool) -> None:
        row = (b"\x80\x80\x80" * 5 + (b"\x80\x20\x80" if coloured else b"\x70\x70\x70")) * 3
        self.put(b"\x1b*v6W\0\3\x08\x08\x08\x08", picture([row] * 3), b"\x1b*r1U\x1b*v1S")
        self.coloured = self.pen_is_red = False
        self.mark(colour=coloured)

    def ink(self, coloured: bool) -> None:
        self.put(b"\x1b*r3U\x1b*v1S" if coloured else b"\x1b*r3U\x1b*v0S")
        self.coloured, self.pen_is_red = coloured, True

    def font(self) -> None:
        self.put(b"\x1b*c5D", with_data(")s", "W", NASTY), b"\x1b*c65E", with_data("(s", "W", NASTY * 2))

    def transparent(self) -> None:
        self.put(with_data("&p", "X", NASTY))
        self.mark()

    def pattern(self) -> None:
        self.put(b"\x1b*c7G", with_data("*c", "W", b"\0" + NASTY))

    def rectangle(self, white: bool) -> None:
        if white:  # where something else is on the page
            self.text()
            self.put(b"\x1b*c30a20b1P")
        else:
            self.put(b"\x1b*c30a20b0P")
            self.mark()

    def macro(self, called: bool) -> None:
        """One with a form feed in it, which comes only when it is called."""
        self.macros += 1
        self.put(command("&f", self.macros, "Y"), b"\x1b&f0X", b"within\f", with_data("(s", "W", NASTY), b"\x1b&f1X")
        if called:
            self.put(command("&f", self.macros, "y2X"))
            self.mark()
            self.end()

    def plot(self, drawn: bool) -> None:
        self.put(b"\x1b%0BIN;SP1;PA10,10;" + (b"PD500,500;LBPG;\x03PG;" if drawn else b"PU500,500;PG;") + b"\x1b%0A")
        if drawn:
            self.mark(colour=self.pen_is_red)


def seeds() -> dict[str, bytes]:
    """Small documents that go through much of PCL 5, for the fuzzer to begin with."""
    colours = b"\x1b*v6W\0\3\x08\x08\x08\x08"
    row = b"\x55\x55\x55" * 6 + b"\xf0\x10\x10"
    planes = b"\x1b*r-3U\x1b*r1A\x1b*b9m2v\0\xf02v\0\xf02W\0\xf0\x1b*rC"
    macro = b"\x1b&f1Y\x1b&f0Xform\f\x1b&f1X\x1b&f1y2X\x1b&f4Xtext\f"
    plot = b"\x1b%0BIN;NP8;SP2;PD9,9;LBPG\x03PE<=\xc3\xc3\xc1\xc2;\x1b%0A"
    writer = Writer()
    for step in (writer.font, writer.transparent, writer.pattern, writer.form_feed):
        step()
    return {
        "text": b"\x1bE\x1b&l26a1o3x1S\x1b&k3Ga line\r\n\fanother\x1b&a1G\x1bE",
        "lines": b"\x1bE\x1b&l2A\x1b&s0C" + b"words " * 40 + b"\x1b&a+70R\x1b=\n\x1bE",
        "rows": b"\x1bE" + picture([bytes(9), packbits(NASTY)], 2) + b"\f",
        "delta": b"\x1bE" + colours + picture([delta(row), b"\x41\1\2\3"], 3),
        "adaptive": b"\x1bE" + picture([b"\2\0\2\xff\x0f\4\0\7\5\0\3\1\0\2\0\0"], 5),
        "planes": b"\x1bE" + planes,
        "palette": b"\x1b*v6W\0\1\4\4\4\4\x1b*v200a10b10c3I\x1b*v3Stext\x1b*p0P\x1b*r3U\x1b*p1P",
        "macro": b"\x1bE" + macro,
        "plot": b"\x1bE" + plot + b"\f",
        "binary": writer.finish(),
    }


def plot_seeds() -> dict[str, bytes]:
    """The same for HP-GL/2."""
    return {
        "pens": b"\x1b.(IN;PS16800,11880;NP4;PC2,255,0,0;SP2;PU0,0;PD100,100;PG;",
        "labels": b"IN;DT#,1;LBtext#;SP1;LBPG;#PG1;RP2;",
        "polyline": b'BP1,"a;b";IN;SP1;PE<=\xc3\xc3:\xc5>\xc1=\xc3\xc3;PE7<=aaBbCb;CR0,1,0,1,0,1;PC1,.5,.5,.5;',
        "polygon": b"IN;PM0;PD1,1,5,5;PM2;FP;RF1,2,1,3,0;FT11,1;RA9,9;",
    }


def job_seeds() -> dict[str, bytes]:
    """The same for PJL."""
    text = b"\x1bE\x1b&l26Atext\f\x1bE"
    return {
        "two": pjl(("PCL", text), ("HPGL2", b"IN;SP1;PD9,9;"), settings=("COPIES=2", "DUPLEX=ON", "PAPER=A4")),
        "data": pjl(("PCL", b"\x1bE" + picture([NASTY])), ("PCL", text)),
        "download": UEL + b"@PJL FSDOWNLOAD SIZE=5\r\n12345@PJL INFO STATUS\r\n" + UEL + text,
    }
