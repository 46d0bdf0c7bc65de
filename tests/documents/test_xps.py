"""XPS and OpenXPS: counted by the package, judged by what paints, and never surer than the operators prove."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from everprint.documents import xps
from everprint.documents.analyse import analyse
from everprint.documents.limits import Limits
from everprint.documents.result import Analysis, Confidence, Language
from everprint.documents.source import Source
from everprint.documents.ticket import SidesKeyword, TicketPart
from tests.documents.corpus import (
    A3,
    CONTENTS,
    LETTER,
    Leaf,
    found,
    ghostscript,
    jpeg,
    make_pdf,
    photo,
    photo_with_a_pale_line,
    truth,
)
from tests.documents.xps_writer import (
    A4_UNITS,
    OXPS,
    XpsPackage,
    XpsPage,
    box,
    feature,
    parameter,
    picture_brush,
    relationships,
    ticket,
    words,
)

BLACK, RED, GREY, WHITE = "#000000", "#FF0000", "#FF808080", "#FFFFFF"


def answer(package: XpsPackage, tmp_path: Path) -> Analysis:
    return analyse(package.write(tmp_path / "a.xps"))


def of_page(markup: str, tmp_path: Path, **parts: bytes) -> tuple[bool | None, bool]:
    """Colour, None if it is only estimated, and blankness of a page of that markup."""
    package = XpsPackage([[XpsPage(markup)]], parts={name.replace("__", "/"): part for name, part in parts.items()})
    analysis = answer(package, tmp_path)
    assert analysis.confidence is not Confidence.UNKNOWN, analysis.reason
    (page,) = analysis.pages
    return (page.colour if analysis.confidence is Confidence.EXACT else None), page.blank


# Pages and sizes


@pytest.mark.parametrize("content", sorted(set(CONTENTS) - {"nothing"}))  # Ghostscript forgets pages without marks
def test_a_page_by_ghostscript_is_what_was_drawn(content: str, tmp_path: Path) -> None:
    leaves = [Leaf(content), Leaf("text", A3), Leaf(content, LETTER)]
    made = ghostscript(make_pdf(tmp_path / "a.pdf", leaves), tmp_path / "a.xps", "xpswrite")
    analysis = analyse(made)
    assert (analysis.language, analysis.confidence, analysis.reason) == (Language.XPS, Confidence.EXACT, "")
    assert found(analysis) == truth(leaves)


@pytest.mark.parametrize("change", [{}, {"namespace": OXPS}, {"relative": True}, {"pieces": 3}, {"method": 0}])
def test_a_package_may_be_written_in_many_ways(change: dict[str, object], tmp_path: Path) -> None:
    pages = [XpsPage(words(BLACK)), XpsPage(words(RED), (1122.5, 793.7)), XpsPage("", (816, 1056))]
    analysis = answer(replace(XpsPackage([pages, pages[:1]]), **change), tmp_path)
    assert analysis.confidence is Confidence.EXACT
    assert found(analysis) == [
        ("iso_a4_210x297mm", False, False),
        ("iso_a4_210x297mm", True, False),
        ("na_letter_8.5x11in", False, True),
        ("iso_a4_210x297mm", False, False),
    ]
    assert [page.orientation for page in analysis.pages] == ["portrait", "landscape", "portrait", "portrait"]


def test_names_are_compared_without_case_and_encoding(tmp_path: Path) -> None:
    package = XpsPackage([[XpsPage(words(BLACK))]])
    octets = package.octets().replace(b"Documents/1/Doc.fdoc", b"dOCUMENTS/1/%44o.fdo")
    assert b"%44" in octets
    moved = XpsPackage([[XpsPage(words(BLACK))]])
    parts = moved._all_parts()
    parts["DOCUMENTS/1/d%6Fc.FDOC"] = parts.pop("Documents/1/Doc.fdoc")
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert analyse(tmp_path / "a").confidence is Confidence.EXACT


def test_a_part_of_a_file_is_read_within_its_bounds(tmp_path: Path) -> None:
    octets = XpsPackage([[XpsPage(words(RED))] * 2]).octets()
    (tmp_path / "a").write_bytes(b"rubbish" * 9 + octets + b"PK\5\6" * 9)
    analysis = xps.analyse(Source(tmp_path / "a", 63, 63 + len(octets)), Limits())
    assert [page.colour for page in analysis.pages] == [True, True]


# Colour


@pytest.mark.parametrize(
    ("markup", "colour", "blank"),
    [
        ("", False, True),
        (words(BLACK), False, False),
        (words(RED), True, False),
        (words("#FF8A8084"), False, False),  # a tint that paper and profiles have too
        (words("sc#1,0,0,0"), False, False),
        (words("sc#0.2,0.4,0.1"), True, False),
        (words("#00FF0000"), False, True),
        (words("#40FF0000"), True, False),
        (box(WHITE, 0, 0, 500, 500), False, True),
        (box(RED, -500, 0, -1, 100), False, True),
        (box(RED, 10, 10, 100, 100, 'Opacity="0"'), False, True),
        (box(RED, 10, 10, 100, 100, 'Clip="M 200,200 H 300 V 300 H 200 Z"'), False, True),
        (box(RED, 10, 10, 100, 100, 'RenderTransform="1,0,0,1,5000,0"'), False, True),
        (f'<Canvas Opacity="0">{words(RED)}</Canvas>{words(BLACK)}', False, False),
        (f'<Canvas RenderTransform="1,0,0,1,-900,0">{words(RED)}</Canvas>', False, True),
        (f'<Canvas RenderTransform="0.5,0,0,0.5,10,10"><Canvas>{words(RED)}</Canvas></Canvas>', True, False),
        ('<Path Stroke="#FF0000" StrokeThickness="0.5" Data="M 10,10 L 400,300"/>', True, False),
        ('<Path Fill="#00FF00" Data="M 50,50 a 20,20 0 1 1 40,0 a 20,20 0 1 1 -40,0 z"/>', True, False),
        ('<Path Fill="#00FF00" Data="F1 M 9,9 C 9,90 90,90 90,9 Z"/>', True, False),
        ('<Path Stroke="#FF0000" StrokeThickness="0" Data="M 10,10 L 400,300"/>', False, True),
        (words(RED, text="   "), False, True),
        (box(RED, 10, 10, 50, 50) + words(BLACK, 300, 300), True, False),
        (box("#AACCFF", 0, 0, 793, 1122) + words(BLACK) + words(BLACK, 100, 120), True, False),
    ],
)
def test_what_paints_decides(markup: str, colour: bool, blank: bool, tmp_path: Path) -> None:
    assert of_page(markup, tmp_path) == (colour, blank)


@pytest.mark.parametrize(
    "markup",
    [
        box(RED, 10, 10, 50, 50) + box(WHITE, 0, 0, 60, 60),  # hidden
        box(RED, 10, 10, 50, 50, 'OpacityMask="{StaticResource none}"'),
        box("#00FFFF", 10, 10, 50, 50)
        + box(RED, 0, 0, 60, 60, 'OpacityMask="{StaticResource none}"'),  # grey together
        box("#00FFFF", 10, 10, 50, 50) + f'<Canvas Opacity="0.5">{box(RED, 10, 10, 50, 50)}</Canvas>',
        box(RED, 10, 10, 50, 50, 'Clip="M 0,0 L 100,0 50,100 Z"'),
        '<Path Fill="#FF0000" Data="M 10,10 L 90,90 Z"/>',  # no area
        '<Path Fill="#FF0000" Data="M 9,9 H 90 V 90 H 9 Z M 9,9 H 90 V 90 H 9 Z"/>',  # cancels itself
        words(RED, x=-30),  # half off the page
        words("ContextColor /p.icc 1.0,0.1,0.7,0.2"),
        '<Path Fill="{StaticResource none}" Data="M 9,9 H 90 V 90 H 9 Z"/>',
        '<x:Mark xmlns:x="http://elsewhere.example/"/>',
    ],
)
def test_what_cannot_be_proved_is_estimated(markup: str, tmp_path: Path) -> None:
    assert of_page(markup, tmp_path)[0] is None


def icc(space: bytes) -> bytes:
    return bytes(16) + space + bytes(112)


@pytest.mark.parametrize(
    ("space", "values", "colour"),
    [
        (b"GRAY", "1.0,0.4", False),
        (b"CMYK", "1.0,0,0,0,0.8", False),
        (b"CMYK", "1.0,0.5,0,0,0.8", None),
        (b"RGB ", "1.0,0.3,0.3,0.3", False),
        (b"RGB ", "1.0,0.3,0.9,0.3", None),
        (b"1CLR", "1.0,0.3", None),  # a spot ink
    ],
)
def test_colours_of_a_profile(space: bytes, values: str, colour: bool | None, tmp_path: Path) -> None:
    assert of_page(words(f"ContextColor /p.icc {values}"), tmp_path, **{"p.icc": icc(space)})[0] is colour


GRADIENT = (
    '<Path Data="M 0,0 H {width} V 90 H 0 Z"><Path.Fill><LinearGradientBrush MappingMode="Absolute" '
    'StartPoint="0,0" EndPoint="90,0"><LinearGradientBrush.GradientStops><GradientStop Offset="0" Color="{one}"/>'
    '<GradientStop Offset="1" Color="{other}"/></LinearGradientBrush.GradientStops></LinearGradientBrush></Path.Fill>'
    "</Path>"
)


@pytest.mark.parametrize(
    ("one", "other", "width", "colour"),
    [
        (BLACK, WHITE, 90, False),
        (WHITE, RED, 90, True),
        (WHITE, RED, 10, None),  # only its white end may be seen
        (RED, "#FFFF00", 10, True),
    ],
)
def test_gradients(one: str, other: str, width: int, colour: bool | None, tmp_path: Path) -> None:
    assert of_page(GRADIENT.format(one=one, other=other, width=width), tmp_path)[0] is colour


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", dpi=(96, 96))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "octets", "viewbox", "colour"),
    [
        ("a.jpg", jpeg(photo("RGB")), "0,0,120,160", True),
        ("a.jpg", jpeg(photo("L").convert("RGB")), "0,0,120,160", False),
        ("a.jpg", jpeg(photo_with_a_pale_line()), "0,0,120,160", True),
        ("a.png", png(photo("RGB")), "0,0,120,160", True),
        ("a.png", png(photo("L")), "0,0,40,40", False),
        ("a.png", png(photo("RGB")), "0,0,40,40", None),  # a part of it
        ("a.png", png(Image.new("RGBA", (9, 9), (255, 0, 0, 0))), "0,0,9,9", False),
        ("a.wdp", b"II\xbc\x01" + bytes(60), "0,0,120,160", None),  # JPEG XR
        ("a.png", png(photo("RGB"))[:200], "0,0,120,160", None),
    ],
)
def test_pictures_are_looked_at(name: str, octets: bytes, viewbox: str, colour: bool | None, tmp_path: Path) -> None:
    markup = picture_brush(f"/Resources/{name}", 100, 100, 300, 400, viewbox) + words(BLACK, 100, 900)
    assert of_page(markup, tmp_path, **{f"Resources__{name}": octets})[0] is colour


def test_resources_of_page_canvas_and_dictionary(tmp_path: Path) -> None:
    def with_brush(colour: str) -> str:
        return (
            f'<ResourceDictionary><SolidColorBrush x:Key="b" Color="{colour}"/>'
            '<PathGeometry x:Key="g" Figures="M 9,9 L 90,9 90,90 9,90 Z"/>'
            '<MatrixTransform x:Key="m" Matrix="1,0,0,1,9000,0"/></ResourceDictionary>'
        )

    path = '<Path Fill="{StaticResource b}" Data="{StaticResource g}"/>'
    page = f"<FixedPage.Resources>{with_brush(RED)}</FixedPage.Resources>{path}"
    assert of_page(page, tmp_path) == (True, False)
    inner = f"<Canvas><Canvas.Resources>{with_brush(GREY)}</Canvas.Resources>{path}</Canvas>"
    assert of_page(f"<FixedPage.Resources>{with_brush(RED)}</FixedPage.Resources>{inner}", tmp_path) == (False, False)
    away = path.replace("/>", ' RenderTransform="{StaticResource m}"/>')
    assert of_page(f"<FixedPage.Resources>{with_brush(RED)}</FixedPage.Resources>{away}", tmp_path) == (False, True)
    remote = '<FixedPage.Resources><ResourceDictionary Source="/Resources/d.dict"/></FixedPage.Resources>'
    spaces = (
        'xmlns="http://schemas.microsoft.com/xps/2005/06" '
        'xmlns:x="http://schemas.microsoft.com/xps/2005/06/resourcedictionary-key"'
    )
    dictionary = with_brush(RED).replace("<ResourceDictionary", f"<ResourceDictionary {spaces}").encode()
    assert of_page(remote + path, tmp_path, **{"Resources__d.dict": dictionary}) == (True, False)


@pytest.mark.parametrize(("colour", "expected"), [(BLACK, False), (RED, None)])
def test_drawings_as_brushes(colour: str, expected: bool | None, tmp_path: Path) -> None:
    markup = (
        '<Path Data="M 0,0 H 90 V 90 H 0 Z"><Path.Fill><VisualBrush Viewbox="0,0,9,9" Viewport="0,0,9,9">'
        f"<VisualBrush.Visual><Canvas>{box(colour, 0, 0, 5, 5)}</Canvas></VisualBrush.Visual></VisualBrush>"
        "</Path.Fill></Path>"
    )
    assert of_page(markup + words(BLACK, 300, 300), tmp_path)[0] is expected


COLOURS = [BLACK, WHITE, GREY, RED, "#00FFFF", "#80FF0000", "#8000FFFF", "#00FF0000", "#F0F0F0"]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rectangles=st.lists(
        st.tuples(
            st.sampled_from(COLOURS),
            st.integers(-3, 12),
            st.integers(-3, 12),
            st.integers(1, 12),
            st.integers(1, 12),
            st.sampled_from(["", 'Opacity="0.5"', 'Opacity="0"', 'Clip="M 0,0 H 60 V 60 H 0 Z"']),
        ),
        max_size=8,
    )
)
def test_rectangles_upon_rectangles_are_never_exact_and_wrong(
    rectangles: list[tuple[str, int, int, int, int, str]], tmp_path: Path
) -> None:
    canvas = Image.new("RGB", (100, 100), "white")
    markup = ""
    for colour, left, top, wide, high, more in rectangles:
        edges = [10 * left, 10 * top, 10 * (left + wide), 10 * (top + high)]
        markup += box(colour, *edges, more)
        if more.startswith("Clip"):
            edges = [min(max(edge, 0), 60) for edge in edges]
        value = colour[1:].rjust(8, "F")
        alpha = int(value[:2], 16) * (0.5 if "0.5" in more else 0 if '"0"' in more else 1)
        layer = Image.new("L", canvas.size, 0)
        if edges[0] < edges[2] and edges[1] < edges[3]:
            layer.paste(round(alpha), (edges[0], edges[1], edges[2], edges[3]))
        canvas.paste(Image.new("RGB", canvas.size, f"#{value[2:]}"), (0, 0), layer)
    colours = [colour for _, colour in canvas.getcolors(10_000) or []]
    coloured = any(max(colour) - min(colour) > 16 for colour in colours)
    blank = all(min(colour) >= 253 for colour in colours)
    analysis = answer(XpsPackage([[XpsPage(markup, (100, 100))]]), tmp_path)
    if analysis.confidence is Confidence.EXACT:
        assert (analysis.pages[0].colour, analysis.pages[0].blank) == (coloured, blank)


# Print tickets


def test_what_the_job_ticket_says(tmp_path: Path) -> None:
    says = ticket(
        feature("JobDuplexAllDocumentsContiguously", "TwoSidedShortEdge"),
        parameter("JobCopiesAllDocuments", 3),
        feature("PageOutputColor", "Grayscale"),
        feature("PageMediaSize", "ISOA4", MediaSizeWidth=210_000, MediaSizeHeight=297_000),
        feature("JobStapleAllDocuments", "StapleTopLeft"),
        feature("DocumentCollate", "Uncollated"),
        feature("DocumentNUp", "x", PagesPerSheet=4),
    )
    analysis = answer(XpsPackage([[XpsPage(words(RED))] * 2], ticket=says), tmp_path)
    assert analysis.confidence is Confidence.EXACT
    assert analysis.settings == TicketPart(
        copies=3,
        sides=SidesKeyword.TWO_SIDED_SHORT_EDGE,
        number_up=4,
        print_color_mode="monochrome",
        media="iso_a4_210x297mm",
        collated=False,
        finishings=("staple-top-left",),
    )
    assert [page.colour for page in analysis.pages] == [True, True]  # what the document is; settings make it grey


def test_a_document_with_duplex_of_its_own_begins_on_a_sheet(tmp_path: Path) -> None:
    documents = [[XpsPage(words(BLACK))] * 3, [XpsPage(words(BLACK))] * 2]
    duplex = ticket(feature("DocumentDuplex", "TwoSidedLongEdge"))
    simplex = ticket(feature("DocumentDuplex", "OneSided"))
    both = answer(XpsPackage(documents, document_tickets=[duplex, duplex]), tmp_path)
    assert both.settings.sides is SidesKeyword.TWO_SIDED_LONG_EDGE
    assert [page.starts_sheet for page in both.pages] == [False, False, False, True, False]
    mixed = answer(XpsPackage(documents, document_tickets=[duplex, simplex]), tmp_path)
    assert mixed.settings.sides is None
    assert [page.sides for page in mixed.pages] == [SidesKeyword.TWO_SIDED_LONG_EDGE] * 3 + [
        SidesKeyword.ONE_SIDED
    ] * 2
    whole = ticket(feature("JobDuplexAllDocumentsContiguously", "TwoSidedLongEdge"))
    joined = answer(XpsPackage(documents, ticket=whole), tmp_path)
    assert not any(page.starts_sheet for page in joined.pages)


def test_a_page_ticket_holds_for_its_page(tmp_path: Path) -> None:
    grey = ticket(feature("PageOutputColor", "Monochrome"), parameter("PageCopies", 2))
    wide = ticket(feature("PageMediaSize", "NorthAmericaLegal"))
    pages = [XpsPage(words(RED)), XpsPage(words(RED), ticket=grey), XpsPage(words(RED), ticket=wide)]
    analysis = answer(XpsPackage([pages]), tmp_path)
    assert analysis.settings == TicketPart()
    assert [page.colour for page in analysis.pages] == [True, False, True]
    assert [page.copies for page in analysis.pages] == [1, 2, 1]
    assert [page.media for page in analysis.pages] == ["iso_a4_210x297mm"] * 2 + ["na_legal_8.5x14in"]


@pytest.mark.parametrize(
    ("keyword", "media"),
    [("ISOA3", "iso_a3_297x420mm"), ("NorthAmericaLetter", "na_letter_8.5x11in"), ("JISB5", "jis_b5_182x257mm")],
)
def test_paper_by_its_keyword(keyword: str, media: str, tmp_path: Path) -> None:
    says = ticket(feature("PageMediaSize", keyword))
    assert answer(XpsPackage([[XpsPage()]], ticket=says), tmp_path).settings.media == media


def test_copies_of_job_and_document_multiply(tmp_path: Path) -> None:
    package = XpsPackage(
        [[XpsPage()]],
        ticket=ticket(parameter("JobCopiesAllDocuments", 2)),
        document_tickets=[ticket(parameter("DocumentCopiesAllPages", 5))],
    )
    assert answer(package, tmp_path).settings.copies == 10


def test_documents_that_disagree_are_estimated(tmp_path: Path) -> None:
    package = XpsPackage(
        [[XpsPage()], [XpsPage()]],
        document_tickets=[ticket(parameter("DocumentCopiesAllPages", count)) for count in (5, 1)],
    )
    analysis = answer(package, tmp_path)
    assert analysis.confidence is Confidence.ESTIMATED
    assert [page.copies for page in analysis.pages] == [5, 1]


@pytest.mark.parametrize("value", ["-1", "0", "x", "1e400", "nan", "99999999999"])
def test_copies_that_cannot_be_say_nothing(value: str, tmp_path: Path) -> None:
    package = XpsPackage([[XpsPage()]], ticket=ticket(parameter("JobCopiesAllDocuments", value)))
    assert answer(package, tmp_path).settings.copies is None


def test_a_vendors_own_keywords_say_nothing(tmp_path: Path) -> None:
    says = ticket('<psf:Feature name="v:DocumentDuplex"><psf:Option name="psk:TwoSidedLongEdge"/></psf:Feature>')
    assert answer(XpsPackage([[XpsPage()]], ticket=says), tmp_path).settings == TicketPart()


# Damage and malice


def test_a_page_that_is_missing_is_counted_and_estimated(tmp_path: Path) -> None:
    parts = XpsPackage([[XpsPage(words(BLACK))] * 3])._all_parts()
    del parts["Documents/1/Pages/2.fpage"]
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    analysis = analyse(tmp_path / "a")
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 3)
    assert "page 2 cannot be read" in analysis.reason


def test_a_cut_off_package_is_unknown_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(XpsPackage([[XpsPage(words(BLACK))] * 30]).octets()[:-3000])
    analysis = analyse(tmp_path / "a")
    assert (analysis.confidence, analysis.pages) == (Confidence.UNKNOWN, ())
    assert "cut off" in analysis.reason


def test_an_encrypted_package_is_unknown(tmp_path: Path) -> None:
    octets = bytearray(XpsPackage([[XpsPage()]]).octets())
    at = 0
    while (at := octets.find(b"PK\1\2", at)) >= 0:
        octets[at + 8] |= 1
        at += 4
    (tmp_path / "a").write_bytes(octets)
    assert analyse(tmp_path / "a").reason == "it is encrypted"


@pytest.mark.parametrize(
    "markup",
    [
        b'<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><FixedPage>&c;</FixedPage>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><FixedPage/>',
        b"<Canvas>" * 5000,
        b"<FixedPage",
        b'<?xml version="1.0" encoding="ebcdic-xx"?><FixedPage/>',
    ],
)
def test_markup_that_no_page_has_is_refused(markup: bytes, tmp_path: Path) -> None:
    package = XpsPackage([[XpsPage(), XpsPage()]], parts={"Documents/1/Pages/1.fpage": markup})
    analysis = answer(package, tmp_path)
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 2)
    assert "page 1 cannot be read" in analysis.reason


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    package = XpsPackage([[XpsPage(), XpsPage()]], parts={"Documents/1/Pages/1.fpage": b" " * (64 << 20)})
    analysis = answer(package, tmp_path)
    assert analysis.confidence is Confidence.ESTIMATED
    assert "times its size" in analysis.reason


def test_more_pages_than_the_limit_are_unknown(tmp_path: Path) -> None:
    contents = '<PageContent Source="/Documents/1/Pages/1.fpage"/>' * 250_001
    document = f'<FixedDocument xmlns="http://schemas.microsoft.com/xps/2005/06">{contents}</FixedDocument>'.encode()
    analysis = answer(XpsPackage([[XpsPage()]], parts={"Documents/1/Doc.fdoc": document}), tmp_path)
    assert analysis.confidence is Confidence.UNKNOWN
    assert "more than 250000 pages" in analysis.reason


def test_when_time_is_over_pages_are_still_measured(tmp_path: Path) -> None:
    path = XpsPackage([[XpsPage(words(BLACK), (1122.5, 1587.4))] * 3]).write(tmp_path / "a")
    analysis = analyse(path, limits=Limits(document_s=0.0))
    assert analysis.confidence is Confidence.ESTIMATED
    assert [page.media for page in analysis.pages] == ["iso_a3_297x420mm"] * 3
    assert "there was no time" in analysis.reason


def test_brushes_that_draw_themselves_end(tmp_path: Path) -> None:
    brush = '<VisualBrush x:Key="b" Visual="{StaticResource v}" Viewbox="0,0,1,1" Viewport="0,0,1,1"/>'
    path = '<Path Fill="{StaticResource b}" Data="M 0,0 H 9 V 9 H 0 Z"/>'
    visual = f'<Canvas x:Key="v">{path * 20}</Canvas>'
    page = f"<FixedPage.Resources><ResourceDictionary>{brush}{visual}</ResourceDictionary></FixedPage.Resources>"
    assert of_page(page + path, tmp_path)[0] is None


@pytest.mark.parametrize(
    ("name", "said"), [("word/document.xml", "a Word document"), ("xl/workbook.xml", "an Excel workbook")]
)
def test_an_office_file_is_named(name: str, said: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr("_rels/.rels", relationships([("officeDocument", name)]))
        archive.writestr(name, "<a/>")
    assert said in analyse(tmp_path / "a").reason


def test_a_thousand_doubts_are_told_in_a_few_words(tmp_path: Path) -> None:
    octets = io.BytesIO(XpsPackage([[XpsPage(words(BLACK))]]).octets())
    with zipfile.ZipFile(octets, "a") as archive:
        for number in range(1000):
            for name in (f"a{number}", f"A{number}"):
                archive.writestr(name, b"")
    (tmp_path / "a").write_bytes(octets.getvalue())
    analysis = analyse(tmp_path / "a")
    assert analysis.confidence is Confidence.ESTIMATED
    assert analysis.reason.endswith("; and 992 more doubts")


def test_sizes_that_cannot_be(tmp_path: Path) -> None:
    analysis = answer(XpsPackage([[XpsPage("", (-5, 1e300)), XpsPage("", A4_UNITS)]]), tmp_path)
    assert analysis.confidence is Confidence.ESTIMATED
    assert "page 1: has no size" in analysis.reason


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data(), method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
def test_a_damaged_package_is_an_answer(data: st.DataObject, method: int, tmp_path: Path) -> None:
    page = XpsPage(
        words(RED) + GRADIENT.format(one=RED, other=WHITE, width=9), ticket=ticket(parameter("PageCopies", 2))
    )
    octets = bytearray(XpsPackage([[page, page]], method=method).octets())
    for _ in range(data.draw(st.integers(1, 6))):
        octets[data.draw(st.integers(4, len(octets) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "a").write_bytes(octets)
    analysis = analyse(tmp_path / "a")
    assert (analysis.confidence is Confidence.UNKNOWN) == (not analysis.pages)
    assert "analyser failed" not in analysis.reason
