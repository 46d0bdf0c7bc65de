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


def page_seeds() -> dict[str, bytes]:
    """FixedPage parts that use all there is, for fuzzing."""
    gradient = (
        '<Path Data="F1 M 0,0 H 90 a 9,5 30 0 1 8,8 z"><Path.Fill><RadialGradientBrush Center="9,9" RadiusX="9" '
        'RadiusY="5"><RadialGradientBrush.GradientStops><GradientStop Offset="0" Color="sc#1,0,0"/>'
        '<GradientStop Offset="1" Color="#80FFFFFF"/></RadialGradientBrush.GradientStops></RadialGradientBrush>'
        "</Path.Fill></Path>"
    )
    geometry = (
        '<Path Fill="{StaticResource b}"><Path.Data><PathGeometry FillRule="NonZero"><PathFigure StartPoint="1,1">'
        '<PolyLineSegment Points="9,1 9,9"/></PathFigure></PathGeometry></Path.Data></Path>'
    )
    resources = (
        "<FixedPage.Resources><ResourceDictionary><VisualBrush x:Key='b' Viewbox='0,0,9,9' Viewport='0,0,9,9'>"
        f"<VisualBrush.Visual><Canvas>{words('#FF0000')}</Canvas></VisualBrush.Visual></VisualBrush>"
        "</ResourceDictionary></FixedPage.Resources>"
    )
    marks = {
        "boxes": box("#FF0000", 9, 9, 90, 90, 'Opacity="0.5" Clip="M 0,0 H 50 V 50 H 0 Z"') + box("#FFF", 0, 0, 9, 9),
        "words": f'<Canvas RenderTransform="0.7,0.7,-0.7,0.7,9,9">{words("#102030")}</Canvas>',
        "gradient": gradient,
        "resources": resources + geometry,
        "stroke": '<Path Stroke="#FF0000" StrokeThickness="2" Data="m 1,1 c 2,2 3,3 4,4 s 5,5 6,6 q 1,2 3,4"/>',
        "picture": picture_brush("/Resources/a.png", 9, 9, 90, 90, "0,0,9,9"),
    }
    start = f'<FixedPage xmlns="{XPS}" xmlns:x="{XPS}/resourcedictionary-key" Width="793" Height="1122">'
    return {name: f"{start}{markup}</FixedPage>".encode() for name, markup in marks.items()}


def ticket_seeds() -> dict[str, bytes]:
    """PrintTicket parts, for fuzzing."""
    return {
        "duplex": ticket(feature("DocumentDuplex", "TwoSidedLongEdge"), parameter("PageCopies", 3)).encode(),
        "media": ticket(feature("PageMediaSize", "ISOA4", MediaSizeWidth=210_000, MediaSizeHeight=297_000)).encode(),
        "n-up": ticket(feature("DocumentNUp", "x", PagesPerSheet=4), feature("DocumentCollate", "Collated")).encode(),
    }
