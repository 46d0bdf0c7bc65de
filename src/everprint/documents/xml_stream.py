"""XML from people we do not know, as a stream of elements: no document type, no entities, no depth, bounded time.

Expat does the reading. What a document type could do (entities that grow, files that are read) is refused with the
document type itself, as the packaging standard asks (ECMA-376-2 section 6.2.5).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NoReturn, Protocol
from xml.parsers import expat

MOST_DEPTH = 200
MOST_SILENT_OCTETS = 64 << 20
"""Without a single element begun or ended: one attribute of that size is no drawing."""

_FEED = 64 << 10


class BadMarkup(Exception):
    """It is not XML that may be read; the text says why."""


class OutOfTime(Exception):
    """The deadline came before the end."""


class Reader(Protocol):
    """Who takes the elements."""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins. `name` and attributes' names are *namespace local* or, without namespace, *local*."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Character data, perhaps not all at once."""

    def prefix(self, prefix: str, namespace: str) -> None:
        """From the next element on, the prefix (empty for none) stands for the namespace."""


def read_xml(pieces: Iterable[bytes], reader: Reader, deadline: float) -> None:
    """Hands all elements to the reader. `deadline` is of time.monotonic().

    Raises BadMarkup, OutOfTime, and what the reader or the pieces raise.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    bounds = _Bounds(reader)
    parser.StartElementHandler = bounds.begin
    parser.EndElementHandler = bounds.end
    parser.CharacterDataHandler = reader.text
    parser.StartNamespaceDeclHandler = lambda prefix, uri: reader.prefix(prefix or "", uri or "")
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.EntityDeclHandler = _refuse_document_type
    silent, events = 0, 0
    try:
        for piece in pieces:
            for at in range(0, len(piece), _FEED):
                # The time is looked at afterwards: the first piece is always read.
                parser.Parse(piece[at : at + _FEED], False)
                if time.monotonic() > deadline:
                    raise OutOfTime
                silent = silent + _FEED if bounds.events == events else 0
                events = bounds.events
                if silent > MOST_SILENT_OCTETS:
                    raise BadMarkup("one element is too large")
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise BadMarkup(f"it is not well-formed XML: {expat.ErrorString(error.code)}, line {error.lineno}") from None
    except (ValueError, LookupError) as error:  # an encoding that expat or Python does not have
        raise BadMarkup(f"it cannot be read as XML ({error})") from None


class _Bounds:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._depth = 0
        self.events = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.events += 1
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise BadMarkup(f"its elements are nested deeper than {MOST_DEPTH}")
        self._reader.begin(name, attributes)

    def end(self, name: str) -> None:
        self.events += 1
        self._depth -= 1
        self._reader.end(name)


def _refuse_document_type(*_: object) -> NoReturn:
    raise BadMarkup("it has a document type, which is not allowed")


def local(name: str) -> str:
    """The name without its namespace."""
    return name.rpartition(" ")[2]
