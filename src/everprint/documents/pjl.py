"""PJL, what most printer drivers wrap a document in: lines of `@PJL`, the document, and UEL to come back to PJL.

A file may hold any number of documents in any languages. UEL ends a document wherever it stands, but within the
binary data of PCL 5 and PCL XL it is data. PJL Technical Reference Manual, chapters 2 to 4.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from everprint.documents import pcl_syntax, pclxl_exit
from everprint.documents.detect import detect
from everprint.documents.languages import Contents, Part
from everprint.documents.limits import Limits
from everprint.documents.pcl_syntax import UEL
from everprint.documents.pjl_settings import ticket_part
from everprint.documents.result import Language, Unreadable
from everprint.documents.source import HEAD_OCTETS, Source

_LINE = re.compile(rb"[^\r\n\x1b]*(?:\x1b(?!%-12345X)[^\r\n\x1b]*)*(?:\r?\n|\r|(?=\x1b)|\Z)")
_PJL = re.compile(rb"@PJL(?![A-Za-z0-9])", re.IGNORECASE)
_SPACE = re.compile(rb"[\s\x00]*")
_SET = re.compile(r"SET\s+(?:LPARM\s*:\s*\w+\s+)?(\w+)\s*=\s*(?:\"([^\"]*)\"?|(\S+))", re.ASCII)
_ENTER = re.compile(r"ENTER\s+LANGUAGE\s*=\s*\"?([\w-]+)", re.ASCII)
_CARRIES = re.compile(r"(?:FSDOWNLOAD|FSAPPEND|UPGRADE|DMCMD)\b.*?\bSIZE\s*=\s*(\d{1,12})", re.ASCII)
_NOTHING = re.compile(rb"[\s\x00\x04]*\Z")

_LINE_OCTETS = 4096
"""So much of a line is read; drivers put whole XML tickets into comments."""
_MOST_PARTS = 10_000

_LANGUAGES = {
    "PCL": Language.PCL,
    "PCL3GUI": Language.PCL,
    "PCL5": Language.PCL,
    "PCL5C": Language.PCL,
    "PCL5E": Language.PCL,
    "HPGL2": Language.HPGL,
    "HPGL": Language.HPGL,
    "PCLXL": Language.PCL_XL,
    "POSTSCRIPT": Language.POSTSCRIPT,
    "PS": Language.POSTSCRIPT,
    "PDF": Language.PDF,
    "XPS": Language.XPS,
    "URF": Language.URF,
    "PWGRASTER": Language.PWG_RASTER,
    "JPEG": Language.JPEG,
    "TIFF": Language.TIFF,
    "TEXT": Language.TEXT,
}
_EXITS = {Language.PCL: pcl_syntax.find_exit, Language.PCL_XL: pclxl_exit.find_exit}
_ANY_LANGUAGE = frozenset({"AUTO", "ANY", ""})


@contextmanager
def opened(source: Source, limits: Limits) -> Iterator[Contents]:
    """The documents of the job.

    Raises Unreadable if there is none, or one in a language that only its name is known of.
    """
    with source.mapped() as octets:
        reader = _Reader(octets, source)
        reader.read()
    if not reader.parts:
        raise Unreadable("it is a PJL job without a document: it only asks or sets the printer")
    yield Contents(tuple(reader.parts), doubts=tuple(reader.doubts))


@dataclass(slots=True)
class _Reader:
    octets: mmap.mmap
    source: Source
    variables: dict[str, str] = field(default_factory=dict)
    language: str = ""
    parts: list[Part] = field(default_factory=list)
    doubts: dict[str, None] = field(default_factory=dict)

    def read(self) -> None:
        """PJL and documents in turn."""
        position, end = self.source.start, self.source.end
        while position < end:
            position, named = self._header(position, end)
            if position >= end:
                return
            stop = self._document_end(position, end)
            self._add(position, stop, named)
            position = stop

    def _header(self, position: int, end: int) -> tuple[int, bool]:
        """Reads PJL up to where a document begins; whether its language was named."""
        self.language = ""
        octets = self.octets
        while position < end:
            space = _SPACE.match(octets, position, end)
            start = space.end() if space else position
            if octets[start : min(start + len(UEL), end)] == UEL:
                position = start + len(UEL)
            elif _PJL.match(octets, start, end) is None:
                # Of an unnamed document, blank lines before it are PJL's.
                return start, False
            else:
                line = _LINE.match(octets, start, end)
                stop = line.end() if line else end
                text = _text(octets, start, stop)
                position = max(stop, start + 4)
                if (entered := _ENTER.match(text)) is not None:
                    self.language = entered[1]
                    return position, True
                position += self._obey(text)
        return min(position, end), False

    def _obey(self, command: str) -> int:
        """A line of PJL; returns how many octets of data follow it."""
        if command.startswith("SET"):
            for name, quoted, plain in _SET.findall(command):
                self.variables[name] = (quoted or plain).strip()
        elif re.match(r"(?:JOB|EOJ|RESET|INITIALIZE)\b", command):
            self.variables.clear()
        elif (carries := _CARRIES.match(command)) is not None:
            return int(carries[1])
        return 0

    def _document_end(self, start: int, end: int) -> int:
        """Where UEL ends the document that begins at `start`."""
        found = self.octets.find(UEL, start, end)
        if found >= 0 and not _is_last(self.octets, found, end):
            find_exit = _EXITS.get(self._language_of(start, end))
            found = found if find_exit is None else find_exit(self.octets, start, end)
        return end if found < 0 else found

    def _language_of(self, start: int, end: int) -> Language:
        detected = detect(self.octets[start : min(start + HEAD_OCTETS, end)])
        named = _LANGUAGES.get(self.language)
        if detected.language in (Language.UNKNOWN, Language.TEXT) and detected.wrapper is None and named is not None:
            return named
        return detected.language

    def _add(self, start: int, stop: int, named: bool) -> None:
        octets = self.octets
        if _NOTHING.match(octets, start, stop) is not None and not (named and _feeds(octets, start, stop)):
            return
        if len(self.parts) >= _MOST_PARTS:
            raise Unreadable(f"it holds more than {_MOST_PARTS} documents, which are not counted")
        detected = detect(octets[start : min(start + HEAD_OCTETS, stop)])
        language = _LANGUAGES.get(self.language)
        known = detected.language is not Language.UNKNOWN or detected.wrapper is not None
        if language is None and not known and self.language not in _ANY_LANGUAGE:
            raise Unreadable(f"its PJL header names the language {self.language[:40]}, whose pages cannot be counted")
        settings, times, doubts = ticket_part(self.variables)
        self.doubts.update(dict.fromkeys(doubts))
        self.parts.append(Part(self.source.part(start, stop), settings, times, language))


def _text(octets: mmap.mmap, start: int, stop: int) -> str:
    """What a line of PJL says, in capitals."""
    return octets[start + 4 : min(stop, start + 4 + _LINE_OCTETS)].decode("latin-1").strip().upper()


def _feeds(octets: mmap.mmap, start: int, stop: int) -> bool:
    """Whether there is a form feed, which is a page of its own."""
    return octets.find(b"\f", start, stop) >= 0


def _is_last(octets: mmap.mmap, position: int, end: int) -> bool:
    """Whether nothing but PJL follows: the usual end of a job, which needs no second look."""
    at = position
    while at < end:
        space = _SPACE.match(octets, at, end)
        at = space.end() if space else at
        if octets[at : min(at + len(UEL), end)] == UEL:
            at += len(UEL)
        elif at < end and _PJL.match(octets, at, end) is not None:
            line = _LINE.match(octets, at, end)
            if line is None or _ENTER.match(_text(octets, at, line.end())) is not None:
                return False
            at = max(line.end(), at + 4)
        else:
            return _NOTHING.match(octets, at, end) is not None
    return True
