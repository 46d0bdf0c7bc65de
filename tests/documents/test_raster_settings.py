"""What raster headers ask of the printer: for the whole document, or for some of its pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from everprint.documents.analyse import analyse
from everprint.documents.result import Confidence
from everprint.documents.ticket import SILENT, SidesKeyword, TicketPart
from tests.documents.raster_writer import CupsSheet, Sheet, cups, plain, pwg, urf
from tests.documents.test_rasters import write

COPIES, COLLATE, DUPLEX, TUMBLE = 340, 264, 272, 368
ONE, LONG, SHORT = SidesKeyword.ONE_SIDED, SidesKeyword.TWO_SIDED_LONG_EDGE, SidesKeyword.TWO_SIDED_SHORT_EDGE


def with_header(fields: dict[int, int]) -> Sheet:
    sheet = plain()
    sheet.header = fields
    return sheet


@pytest.mark.parametrize(
    ("fields", "settings"),
    [
        ({}, SILENT),
        ({COPIES: 1}, TicketPart(copies=1)),
        ({COPIES: 5}, TicketPart(copies=5, collated=False)),
        ({COPIES: 5, COLLATE: 1}, TicketPart(copies=5, collated=True)),
        ({COPIES: 10**9}, TicketPart(copies=10**9, collated=False)),
        ({DUPLEX: 1}, TicketPart(sides=LONG)),
        ({DUPLEX: 1, TUMBLE: 1}, TicketPart(sides=SHORT)),
        ({TUMBLE: 1}, SILENT),
    ],
)
def test_what_all_pwg_headers_say_is_the_documents(
    fields: dict[int, int], settings: TicketPart, tmp_path: Path
) -> None:
    analysis = analyse(write(tmp_path / "a", pwg([with_header(fields)] * 3)))
    assert (analysis.confidence, analysis.settings) == (Confidence.EXACT, settings)
    assert [(page.copies, page.sides) for page in analysis.pages] == [(1, None)] * 3


@pytest.mark.parametrize(("version", "little_endian"), [(1, False), (1, True), (2, True), (3, False)])
def test_cups_headers_say_it_in_both_byte_orders(version: int, little_endian: bool, tmp_path: Path) -> None:
    sheet = CupsSheet([b"\xff" * 595] * 842, 595, 18, header={COPIES: 3, COLLATE: 1, DUPLEX: 1})
    analysis = analyse(write(tmp_path / "a", cups([sheet] * 2, version, little_endian=little_endian)))
    assert analysis.settings == TicketPart(copies=3, sides=LONG, collated=True)


def test_what_only_some_headers_say_is_their_pages(tmp_path: Path) -> None:
    sheets = [with_header({COPIES: 2, DUPLEX: 1}), with_header({DUPLEX: 1, TUMBLE: 1}), with_header({COPIES: 1})]
    analysis = analyse(write(tmp_path / "a", pwg(sheets)))
    assert [(page.copies, page.sides) for page in analysis.pages] == [(2, LONG), (1, SHORT), (1, ONE)]
    assert (analysis.settings.copies, analysis.settings.sides) == (None, None)


@pytest.mark.parametrize(("octet", "sides"), [(0, None), (1, ONE), (2, SHORT), (3, LONG), (9, None)])
def test_sides_of_a_urf_header(octet: int, sides: SidesKeyword | None, tmp_path: Path) -> None:
    octets = bytearray(urf([plain()]))
    octets[12 + 2] = octet
    assert analyse(write(tmp_path / "a", octets)).settings == TicketPart(sides=sides)


@pytest.mark.parametrize(
    ("name", "media"),
    [
        (b"om_folio_210x330mm", "iso_a4_210x297mm"),  # not of this size
        (b"custom_mine_210x297mm", "custom_mine_210x297mm"),
        (b"A4", "iso_a4_210x297mm"),
        (b"", "iso_a4_210x297mm"),
    ],
)
def test_the_name_of_the_page_size_counts_where_it_fits(name: bytes, media: str, tmp_path: Path) -> None:
    octets = bytearray(pwg([plain()]))
    octets[4 + 1732 : 4 + 1732 + len(name)] = name
    assert [page.media for page in analyse(write(tmp_path / "a", octets)).pages] == [media]
