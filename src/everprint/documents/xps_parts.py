"""The way from an XPS package to its pages: relationships, document sequence, documents, page contents.

XPS and OpenXPS (ECMA-388) differ in their namespaces only; both are read alike.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from itertools import islice

from everprint.documents.limits import Limits
from everprint.documents.result import Unreadable
from everprint.documents.xml_stream import BadMarkup, OutOfTime, local, read_xml
from everprint.documents.xps_ticket import SILENT_TICKET, PrintTicket, read_ticket
from everprint.documents.zip_package import Damaged, Package, folded

MOST_DOCUMENTS = 10_000
_MOST_RELATIONSHIPS = 100_000


@dataclass(frozen=True, slots=True)
class PageContent:
    """One page as its document lists it. Size in 1/96 inch, advisory, 0 where it is not said."""

    part: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class FixedDocument:
    """One document of the sequence."""

    pages: tuple[PageContent, ...]
    ticket: PrintTicket


@dataclass(slots=True)
class Structure:
    """All of a package but its pages' contents. `doubts` are why the answer can only be estimated."""

    documents: list[FixedDocument] = field(default_factory=list)
    ticket: PrintTicket = SILENT_TICKET
    doubts: list[str] = field(default_factory=list)


def read_structure(package: Package, limits: Limits, deadline: float) -> Structure:
    """What documents and pages there are.

    Raises Unreadable if there are none, or they cannot be found.
    """
    structure = Structure(doubts=list(package.doubts))
    try:
        sequence = _sequence(package, structure, deadline)
        structure.ticket = ticket_of(package, sequence, structure.doubts, deadline)
        sources = _Sources("DocumentReference", MOST_DOCUMENTS)
        read_xml(package.pieces(sequence), sources, deadline)
        left = limits.pages
        for document, _, _ in sources.found:
            part = resolve(document, sequence)
            pages = _Sources("PageContent", left)
            read_xml(package.pieces(part), pages, deadline)
            left -= len(pages.found)
            contents = tuple(PageContent(resolve(page, part), width, height) for page, width, height in pages.found)
            ticket = ticket_of(package, part, structure.doubts, deadline)
            structure.documents.append(FixedDocument(contents, ticket))
    except (Damaged, BadMarkup) as broken:
        raise Unreadable(f"its XPS package is damaged: {broken}") from None
    except _TooMany as many:
        raise Unreadable(f"it has more than {limits.pages} pages or {MOST_DOCUMENTS} documents") from many
    except OutOfTime:
        raise Unreadable("finding its pages took too long") from None
    if not any(document.pages for document in structure.documents):
        raise Unreadable("it has no pages")
    return structure


def ticket_of(package: Package, part: str, doubts: list[str], deadline: float) -> PrintTicket:
    """The print ticket that the part points to; a silent one if there is none or it cannot be read (a doubt)."""
    try:
        for kind, target in relationships(package, part, deadline):
            if kind.endswith("/printticket"):
                return read_ticket(package.pieces(target), deadline)
    except (Damaged, BadMarkup) as broken:
        doubts.append(f"a print ticket cannot be read ({broken})")
    return SILENT_TICKET


def relationships(package: Package, part: str, deadline: float) -> list[tuple[str, str]]:
    """Type, in lower case, and target of each relationship of the part (empty for the package's own).

    Raises Damaged, BadMarkup, OutOfTime.
    """
    folder, _, name = folded(part).rpartition("/")
    source = f"{folder}/_rels/{name}.rels"
    if source not in package:
        return []
    reader = _Relationships()
    read_xml(package.pieces(source), reader, deadline)
    return [(kind.lower(), resolve(target, part or "/")) for kind, target in reader.found]


def resolve(reference: str, part: str) -> str:
    """The name of the part that the reference in another part means (RFC 3986 section 5.2, as far as parts need)."""
    path = reference.strip().partition("#")[0]
    return posixpath.normpath(posixpath.join(posixpath.dirname("/" + part.lstrip("/")), path))


def _sequence(package: Package, structure: Structure, deadline: float) -> str:
    found = [target for kind, target in relationships(package, "", deadline) if kind.endswith("/fixedrepresentation")]
    if not found:
        raise Unreadable(_not_xps(package))
    if len(set(found)) > 1:
        structure.doubts.append("it holds more than one document sequence: the first is counted")
    return found[0]


def _not_xps(package: Package) -> str:
    tops = {name.split("/")[1] for name in islice(package.names(), 1000)}
    for top, kind in (("word", "a Word document"), ("xl", "an Excel workbook"), ("ppt", "a PowerPoint presentation")):
        if top in tops:
            return f"it is {kind}, whose pages cannot be counted"
    return "its ZIP archive holds no XPS document" if tops else "its ZIP archive is empty"


class _TooMany(Exception):
    pass


class _Sources:
    """The Source, Width and Height of all elements of one name."""

    def __init__(self, element: str, most: int) -> None:
        self._element, self._most = element, most
        self.found: list[tuple[str, float, float]] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if local(name) != self._element:
            return
        source = attributes.get("Source")
        if not source:
            raise BadMarkup(f"a {self._element} has no Source")
        if len(self.found) == self._most:
            raise _TooMany
        self.found.append((source, length(attributes, "Width"), length(attributes, "Height")))

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...

    def prefix(self, prefix: str, namespace: str) -> None: ...


class _Relationships:
    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if local(name) != "Relationship" or attributes.get("TargetMode", "Internal") != "Internal":
            return
        if len(self.found) == _MOST_RELATIONSHIPS:
            raise BadMarkup(f"a part has more than {_MOST_RELATIONSHIPS} relationships")
        self.found.append((attributes.get("Type", ""), attributes.get("Target", "")))

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...

    def prefix(self, prefix: str, namespace: str) -> None: ...


def length(attributes: dict[str, str], name: str) -> float:
    """A length in 1/96 inch; 0 if it is not said or cannot be."""
    try:
        value = float(attributes.get(name, "0"))
    except ValueError:
        return 0.0
    return value if 0 < value < 1e9 else 0.0
