"""Ghostscript as a throw-away process: runs a PostScript program and hands out its pages as they are drawn.

The program is hostile until shown otherwise. It gets its document on standard input and nothing else: -dSAFER, an
empty folder of its own that is removed afterwards, no network, no way to start another process, limits on memory,
files and time, and the user nobody where we are root. Pages come over a pipe, so no output is stored.

The device is that of CUPS, because it writes before each page what the page device was set to when the page came out
(see device_page.py). That is what a printer would act on, and no program can write it any other way.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from everprint.documents import confinement
from everprint.documents.device_page import DEFAULT_SIZE, DEVICE_OPTIONS, PROLOGUE, DevicePage, read_pages
from everprint.documents.limits import Limits
from everprint.documents.result import Unreadable
from everprint.documents.timed_pipe import TimedPipe, TookTooLong

_LARGEST_FILE = 256 << 20  # of Ghostscript's own temporary files
_PDF_PIECE_OCTETS = 256 << 10


@dataclass(slots=True)
class Ending:
    """How the program ended, and what it said; filled in when its pages are done."""

    error: str = ""
    said: str = ""


def draw_pages(
    source: Path, dpi: int, limits: Limits, ending: Ending, *, smooth: bool = False, last_words: str = ""
) -> Generator[DevicePage]:
    """Each page as the program shows it, in order. Closing the iterator ends the process.

    `smooth` is for people's eyes; without it no thin line is blended away. `last_words` is PostScript to be run after
    the program.

    Raises TookTooLong, and Unreadable for a page too large to be drawn or if there is no Ghostscript.
    """
    with _running(source, _arguments(dpi, smooth, last_words), limits) as process:
        assert process.stdout
        assert process.stderr
        pipe = TimedPipe(process.stdout, process.stderr, time.monotonic() + limits.document_s)
        yield from read_pages(pipe.take, dpi)
        pipe.drain()
        status = process.wait(timeout=max(0.1, pipe.deadline - time.monotonic()))
        ending.said = pipe.said.decode("utf-8", "replace")
        ending.error = _error(ending.said, status)


def write_pdf(source: Path, to: Path, limits: Limits) -> None:
    """What the program shows, as PDF, page by page.

    Raises TookTooLong, and Unreadable if the program fails or there is no Ghostscript.
    """
    with _running(source, _pdf_arguments(), limits) as process, to.open("wb") as made:
        assert process.stdout
        assert process.stderr
        pipe = TimedPipe(process.stdout, process.stderr, time.monotonic() + limits.document_s)
        while octets := pipe.take(_PDF_PIECE_OCTETS):
            made.write(octets)
        pipe.drain()
        status = process.wait(timeout=max(0.1, pipe.deadline - time.monotonic()))
        if error := _error(pipe.said.decode("utf-8", "replace"), status):
            raise Unreadable(error)


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


def _always() -> list[str]:
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
        "-dNOEPS",  # no printer completes an EPS file as Ghostscript would
    ]


def _pdf_arguments() -> list[str]:
    return [
        *_always(),
        "-sDEVICE=pdfwrite",
        "-dAutoRotatePages=/None",
        f"-dDEVICEWIDTHPOINTS={DEFAULT_SIZE[0]}",
        f"-dDEVICEHEIGHTPOINTS={DEFAULT_SIZE[1]}",
        "-sOutputFile=%stdout",
        "-sstdout=%stderr",
        "-_",
    ]


def _arguments(dpi: int, smooth: bool, last_words: str) -> list[str]:
    return [
        *_always(),
        "-dNumRenderingThreads=0",
        "-sDEVICE=cups",
        *DEVICE_OPTIONS,
        f"-r{dpi}",
        *(("-dTextAlphaBits=4", "-dGraphicsAlphaBits=4") if smooth else ()),
        "-sOutputFile=%stdout",
        "-sstdout=%stderr",  # what the program prints must not look like a page
        *("-c", PROLOGUE),
        "-_",  # standard input, read in blocks
        *(("-c", last_words) if last_words else ()),
    ]


def _error(said: str, status: int) -> str:
    """The PostScript error that ended the program, or how the process ended; empty if all went well."""
    for line in said.splitlines():
        if "Error: /" in line:
            return "PostScript error " + line.partition("Error: ")[2].strip()[:120]
    if status < 0:
        return f"Ghostscript was ended by signal {-status}"
    return f"Ghostscript ended with status {status}" if status else ""
