"""Writes XPS packages whose truth is known, in all the shapes that the packaging standard allows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

XPS = "http://schemas.microsoft.com/xps/2005/06"
OXPS = "http://schemas.openxps.org/oxps/v1.0"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_PSF = "http://schemas.microsoft.com/windows/2003/08/printing/printschemaframework"
_PSK = "http://schemas.microsoft.com/windows/2003/08/printing/printschemakeywords"
A4_UNITS = (793.7, 1122.5)

CONTENT_TYPES = """<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="fdseq" ContentType="application/vnd.ms-package.xps-fixeddocumentsequence+xml"/>
<Default Extension="fdoc" ContentType="application/vnd.ms-package.xps-fixeddocument+xml"/>
<Default Extension="fpage" ContentType="application/vnd.ms-package.xps-fixedpage+xml"/>
<Default Extension="png" ContentType="image/png"/><Default Extension="jpg" ContentType="image/jpeg"/></Types>"""


@dataclass(frozen=True)
class XpsPage:
    """The markup within FixedPage, its size in 1/96 inch, and its print ticket if it has one."""

    markup: str = ""
    size: tuple[float, float] = A4_UNITS
    ticket: str = ""


@dataclass
class XpsPackage:
    """Documents of pages. `parts` are further ones by name; `prefix` is what all names begin with."""

    documents: Sequence[Sequence[XpsPage]]
    ticket: str = ""
    document_tickets: Sequence[str] = ()
    parts: dict[str, bytes] = field(default_factory=dict)
    namespace: str = XPS
    relative: bool = False
    pieces: int = 1  # in how many each page comes
    method: int = zipfile.ZIP_DEFLATED

    def octets(self) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", self.method) as archive:
            for name, content in self._all_parts().items():
                self._write(archive, name, content)
        return out.getvalue()

    def write(self, path: Path) -> Path:
        path.write_bytes(self.octets())
        return path

    def _write(self, archive: zipfile.ZipFile, name: str, content: bytes) -> None:
        if self.pieces == 1 or not name.endswith(".fpage"):
            archive.writestr(name, content)
            return
        size = len(content) // self.pieces + 1
        for number in range(self.pieces):
            last = ".last" if number == self.pieces - 1 else ""
            piece = content[number * size : (number + 1) * size]
            archive.writestr(f"{name}/[{number}]{last}.piece", piece)

    def _all_parts(self) -> dict[str, bytes]:
        parts = {"[Content_Types].xml": CONTENT_TYPES.encode()}
        representation = f"{self.namespace}/fixedrepresentation"
        parts["_rels/.rels"] = relationships([(representation, self._to("/Sequence.fdseq", ""))])
        sources = "".join(
            f'<DocumentReference Source="{self._to(f"/Documents/{number}/Doc.fdoc", "")}"/>'
            for number in range(1, len(self.documents) + 1)
        )
        parts["Sequence.fdseq"] = (
            f'<FixedDocumentSequence xmlns="{self.namespace}">{sources}</FixedDocumentSequence>'.encode()
        )
        self._add_ticket(parts, "Sequence.fdseq", self.ticket)
        for number, document in enumerate(self.documents, 1):
            self._add_document(parts, number, document)
        return parts | self.parts

    def _add_document(self, parts: dict[str, bytes], number: int, pages: Sequence[XpsPage]) -> None:
        folder = f"Documents/{number}"
        contents = "".join(
            f'<PageContent Source="{self._to(f"/{folder}/Pages/{page}.fpage", folder + "/")}"/>'
            for page in range(1, len(pages) + 1)
        )
        parts[f"{folder}/Doc.fdoc"] = f'<FixedDocument xmlns="{self.namespace}">{contents}</FixedDocument>'.encode()
        if number <= len(self.document_tickets):
            self._add_ticket(parts, f"{folder}/Doc.fdoc", self.document_tickets[number - 1])
        for count, page in enumerate(pages, 1):
            name = f"{folder}/Pages/{count}.fpage"
            parts[name] = (
                f'<FixedPage xmlns="{self.namespace}" xmlns:x="{self.namespace}/resourcedictionary-key" '
                f'Width="{page.size[0]}" Height="{page.size[1]}" xml:lang="en">{page.markup}</FixedPage>'
            ).encode()
            self._add_ticket(parts, name, page.ticket)

    def _add_ticket(self, parts: dict[str, bytes], name: str, ticket: str) -> None:
        if not ticket:
            return
        folder, _, last = name.rpartition("/")
        folder = f"{folder}/" if folder else ""
        place = f"Metadata/{len(parts)}.xml"
        parts[place] = ticket.encode()
        parts[f"{folder}_rels/{last}.rels"] = relationships([(f"{XPS}/printticket", f"/{place}")])

    def _to(self, name: str, folder: str) -> str:
        return name.removeprefix(f"/{folder}") if self.relative else name


def relationships(targets: Sequence[tuple[str, str]]) -> bytes:
    rows = "".join(
        f'<Relationship Id="R{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets)
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{_RELATIONSHIPS}">{rows}</Relationships>'.encode()


def ticket(*content: str) -> str:
    """A print ticket of the things below."""
    return (
        f'<psf:PrintTicket xmlns:psf="{_PSF}" xmlns:psk="{_PSK}" xmlns:v="http://vendor.example/" version="1" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f"{''.join(content)}</psf:PrintTicket>"
    )


def feature(name: str, option: str, **scores: int) -> str:
    properties = "".join(
        f'<psf:ScoredProperty name="psk:{key}"><psf:Value xsi:type="xsd:integer">{value}</psf:Value>'
        "</psf:ScoredProperty>"
        for key, value in scores.items()
    )
    return f'<psf:Feature name="psk:{name}"><psf:Option name="psk:{option}">{properties}</psf:Option></psf:Feature>'


def parameter(name: str, value: object) -> str:
    return (
        f'<psf:ParameterInit name="psk:{name}"><psf:Value xsi:type="xsd:integer">{value}</psf:Value>'
        "</psf:ParameterInit>"
    )


def box(fill: str, left: float, top: float, right: float, bottom: float, more: str = "") -> str:
    """A filled rectangle."""
    return f'<Path Fill="{fill}" Data="M {left},{top} L {right},{top} {right},{bottom} {left},{bottom} Z" {more}/>'


def words(fill: str, x: float = 100, y: float = 100, text: str = "Words", size: float = 12) -> str:
    """A run of glyphs."""
    return (
        f'<Glyphs Fill="{fill}" FontUri="/Resources/a.odttf" FontRenderingEmSize="{size}" OriginX="{x}" '
        f'OriginY="{y}" UnicodeString="{text}"/>'
    )


def picture_brush(source: str, left: float, top: float, wide: float, high: float, viewbox: str) -> str:
    """A rectangle filled with a whole picture."""
    return (
        f'<Path Data="M {left},{top} h {wide} v {high} h -{wide} z"><Path.Fill><ImageBrush ImageSource="{source}" '
        f'Viewbox="{viewbox}" ViewboxUnits="Absolute" Viewport="{left},{top},{wide},{high}" '
        'ViewportUnits="Absolute" TileMode="None"/></Path.Fill></Path>'
    )
