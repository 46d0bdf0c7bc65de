"""Ghostscript as a throw-away process: runs a PostScript program and hands out its pages as they are drawn.

The program is hostile until shown otherwise. It gets its document on standard input and nothing else: -dSAFER, an
empty folder of its own that is removed afterwards, no network, no way to start another process, limits on memory,
files and time, and the user nobody where we are root. Pages come over a pipe, so no output is stored.
"""

from __future__ import annotations

import os
import pwd
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PIL import Image

from everprint.documents import confinement
from everprint.documents.limits import MAX_PICTURE_PIXELS, Limits
from everprint.documents.result import Unreadable

_MOST_SAID_OCTETS = 65_536  # of what the program prints, kept to find its error in
_LARGEST_FILE = 256 << 20  # of Ghostscript's own temporary files
_READ_OCTETS = 1 << 20


class TookTooLong(Exception):
    """The program did not end within its time."""


@dataclass(slots=True)
class Ending:
    """How the program ended; filled in when its pages are done."""

    error: str = ""


def draw_pages(
    source: Path, dpi: int, limits: Limits, ending: Ending, *, smooth: bool = False
) -> Generator[Image.Image]:
    """Each page as the program shows it, in order. Closing the iterator ends the process.

    `smooth` is for people's eyes; without it no thin line is blended away.

    Raises TookTooLong, and Unreadable for a page too large to be drawn or if there is no Ghostscript.
    """
    with _running(source, _arguments(dpi, smooth), limits) as process:
        assert process.stdout
        assert process.stderr
        pipe = _Pipe(process.stdout, process.stderr, time.monotonic() + limits.document_s)
        while (image := _next_page(pipe)) is not None:
            yield image
        pipe.drain()
        status = process.wait(timeout=max(0.1, pipe.deadline - time.monotonic()))
        ending.error = _error(pipe.said.decode("utf-8", "replace"), status)


@contextmanager
def _running(source: Path, arguments: list[str], limits: Limits) -> Iterator[subprocess.Popen[bytes]]:
    parent = os.getpid()
    with _own_folder() as folder, source.open("rb") as document:

        def give_everything_up() -> None:
            confinement.cut_network()
            confinement.become_nobody()
            confinement.never_gain_privileges()
            confinement.limit(
                memory_octets=limits.memory_octets,
                file_octets=_LARGEST_FILE,
                cpu_s=int(limits.document_s) + 1,
                processes=0,
            )
            confinement.die_with_parent(parent)

        process = subprocess.Popen(
            arguments,
            stdin=document,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={"PATH": os.defpath, "TMPDIR": str(folder), "HOME": str(folder), "LC_ALL": "C"},
            start_new_session=True,
            # Safe here: whoever analyses is a process of one thread (the worker, or the command line).
            preexec_fn=give_everything_up,
        )
        with process:
            try:
                yield process
            except subprocess.TimeoutExpired:
                raise TookTooLong from None
            finally:
                process.kill()


@contextmanager
def _own_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="everprint-gs-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        yield folder


def _arguments(dpi: int, smooth: bool) -> list[str]:
    executable = shutil.which("gs")
    if executable is None:
        raise Unreadable("Ghostscript, which would run it, is not installed")
    return [
        executable,
        "-q",
        "-dSAFER",
        "-dBATCH",
        "-dNOPAUSE",
        "-dNOPROMPT",
        "-dNumRenderingThreads=0",
        "-sDEVICE=ppmraw",
        f"-r{dpi}",
        *(("-dTextAlphaBits=4", "-dGraphicsAlphaBits=4") if smooth else ()),
        "-sOutputFile=%stdout",
        "-sstdout=%stderr",  # what the program prints must not look like a page
        "-_",  # standard input, read in blocks
    ]


class _Pipe:
    """Reads the pages with a deadline, while keeping what is said on the other pipe from blocking the process."""

    def __init__(self, pages: IO[bytes], said: IO[bytes], deadline: float) -> None:
        self._pages, self._said_pipe = pages.fileno(), said.fileno()
        self._open = {self._pages, self._said_pipe}
        self._buffer = bytearray()
        self.said = bytearray()
        self.deadline = deadline

    def take(self, octets: int) -> bytes:
        """So many octets of pages, or fewer at the end. Raises TookTooLong."""
        while len(self._buffer) < octets and self._pages in self._open:
            self._read_some()
        taken = bytes(self._buffer[:octets])
        del self._buffer[:octets]
        return taken

    def take_line(self) -> bytes:
        """Up to the next line feed, with it."""
        while b"\n" not in self._buffer and self._pages in self._open and len(self._buffer) < 100:
            self._read_some()
        return self.take(self._buffer.find(b"\n") + 1)

    def drain(self) -> None:
        """Reads both to their ends."""
        while self._open:
            self._read_some()
            self._buffer.clear()

    def _read_some(self) -> None:
        ready, _, _ = select.select(list(self._open), [], [], max(0.0, self.deadline - time.monotonic()))
        if not ready:
            raise TookTooLong
        for pipe in ready:
            octets = os.read(pipe, _READ_OCTETS)
            if not octets:
                self._open.discard(pipe)
            elif pipe == self._pages:
                self._buffer += octets
            else:
                self.said = (self.said + octets)[-_MOST_SAID_OCTETS:]


def _next_page(pipe: _Pipe) -> Image.Image | None:
    """One PPM picture (P6); None at the end, or where the process died in the middle of one."""
    if pipe.take_line() != b"P6\n":
        return None
    line = pipe.take_line()
    while line.startswith(b"#"):
        line = pipe.take_line()
    sizes = line.split()
    pipe.take_line()  # the largest value, 255
    if len(sizes) != 2 or not all(size.isdigit() for size in sizes):
        return None
    width, height = map(int, sizes)
    if width * height > MAX_PICTURE_PIXELS:
        raise Unreadable(f"it sets a page of {width} by {height} points, which is too large to draw")
    pixels = pipe.take(width * height * 3)
    if len(pixels) < width * height * 3 or not pixels:
        return None
    return Image.frombytes("RGB", (width, height), pixels)


def _error(said: str, status: int) -> str:
    """The PostScript error that ended the program, or how the process ended; empty if all went well."""
    for line in said.splitlines():
        if "Error: /" in line:
            return "PostScript error " + line.partition("Error: ")[2].strip()[:120]
    if status < 0:
        return f"Ghostscript was ended by signal {-status}"
    return f"Ghostscript ended with status {status}" if status else ""
