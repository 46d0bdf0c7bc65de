"""The content says which language it is; the client's claim is only compared."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.documents.detect import detect, disagreement
from everprint.documents.result import Language
from everprint.documents.source import HEAD_OCTETS
from tests.documents.corpus import IPPTOOL


@pytest.mark.parametrize(
    ("head", "language", "name"),
    [
        (b"%PDF-1.7\n", Language.PDF, "PDF"),
        (b"\n\njunk before the header %PDF-1.4", Language.PDF, "PDF"),
        (b"%PDF-1.7\n%PCLm 1.0\n", Language.PDF, "PCLm"),
        (b"%!PS-Adobe-3.0\n", Language.POSTSCRIPT, "PostScript"),
        (b"\x04%!PS\n", Language.POSTSCRIPT, "PostScript"),
        (b"%!\n% looks like %PDF-1.4\n", Language.POSTSCRIPT, "PostScript"),
        (b"\xc5\xd0\xd3\xc6\x1e\0\0\0", Language.EPS, "EPS"),
        (b"RaS2PwgRaster\0", Language.PWG_RASTER, "PWG raster"),
        (b"RaS2\0\0\0", Language.CUPS_RASTER, "CUPS raster"),
        (b"UNIRAST\0\0\0\0\x01", Language.URF, "URF"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", Language.JPEG, "JPEG"),
        (b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n%PDF-1.4", Language.UNKNOWN, "a PJL job"),
        (b"\x1b%-12345X@PJL ENTER LANGUAGE=POSTSCRIPT\r\n%!PS", Language.UNKNOWN, "a PJL job"),
        (b"\x1bE\x1b&l0O", Language.PCL, "PCL 5"),
        (b") HP-PCL XL;3;0;Comment", Language.PCL_XL, "PCL XL"),
        (b"IN;SP1;PU", Language.HPGL, "HP-GL/2"),
        (b"\x1b.(\x1b.I81;;17:IN;SP1", Language.HPGL, "HP-GL/2"),
        (b"INTRODUCTION; a text", Language.TEXT, "plain text"),
        (b"\x1b%-12345X\x1bEtext", Language.UNKNOWN, "a PJL job"),
        (b"\x1b@\x1b(R", Language.UNKNOWN, "ESC/P"),
        (b"2SaR", Language.CUPS_RASTER, "CUPS raster"),
        (b"PK\x03\x04....FixedDocSeq.fdseq", Language.XPS, "XPS"),
        (b"PK\x03\x04....word/document.xml", Language.UNKNOWN, "a ZIP archive"),
        (b"\x89PNG\r\n\x1a\n", Language.PNG, "PNG"),
        (b"II*\0", Language.TIFF, "TIFF"),
        (b"MM\0+\0\x08\0\0", Language.TIFF, "TIFF"),
        (b"GIF89a", Language.UNKNOWN, "GIF"),
        (b"\0\0\0\x20ftypheic", Language.UNKNOWN, "HEIF"),
        (b"\0\0\0\x20ftypavif", Language.UNKNOWN, "AVIF"),
        (b"RIFF\0\0\0\0WEBPVP8 ", Language.UNKNOWN, "WebP"),
        (b"\0\0\0\x0cjP  \r\n", Language.UNKNOWN, "JPEG 2000"),
        (b"\xff\x0a\0", Language.UNKNOWN, "JPEG XL"),
        (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", Language.UNKNOWN, "BMP"),
        (b"\x1f\x8b\x08", Language.UNKNOWN, "gzip-compressed data"),
        (zlib.compress(b"%PDF-1.7"), Language.UNKNOWN, "zlib-compressed data"),
        (zlib.compress(b"%PDF-1.7", wbits=-15), Language.UNKNOWN, "deflate-compressed data"),
        (zlib.compress(b"some text", wbits=-15), Language.UNKNOWN, "data of no known kind"),
        (b"x^2 + y^2 = z^2\n", Language.TEXT, "plain text"),
        ("Grüße\n".encode(), Language.TEXT, "plain text"),
        ("Grüße".encode()[:3], Language.TEXT, "plain text"),
        (b"\0\1\2\3", Language.UNKNOWN, "data of no known kind"),
        (b"   ", Language.UNKNOWN, "data of no known kind"),
    ],
)
def test_a_language_is_known_by_its_first_octets(head: bytes, language: Language, name: str) -> None:
    detected = detect(head)
    assert (detected.language, detected.name) == (language, name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("testfile.pcl", "PCL 5"), ("testfile.txt", "plain text"), ("testfile.ps", "PostScript"), ("color.jpg", "JPEG")],
)
def test_real_files(name: str, expected: str) -> None:
    assert detect((IPPTOOL / name).read_bytes()[:HEAD_OCTETS]).name == expected


@pytest.mark.parametrize(
    "claimed",
    ["application/pdf", "Application/PDF", "application/pdf; charset=x", "", "application/octet-stream"],
)
def test_a_claim_that_agrees_or_claims_nothing_is_not_remarked(claimed: str) -> None:
    assert disagreement(detect(b"%PDF-1.7"), claimed) is None


def test_a_pjl_job_may_claim_what_it_wraps() -> None:
    assert disagreement(detect(b"\x1b%-12345X@PJL\r\n"), "application/vnd.hp-PCL") is None
    assert disagreement(detect(b"\x1b%-12345X@PJL\r\n"), "application/pdf") is None


def test_a_wrong_claim_is_remarked_in_words() -> None:
    assert (
        disagreement(detect(b"%!PS"), "application/pdf") == "sent as application/pdf, but the content is PostScript"
    )


def test_a_claim_cannot_smuggle_control_characters_into_the_remark() -> None:
    remark = disagreement(detect(b"%!PS"), "x\n\x1b[31m" + "y" * 1000)
    assert remark is not None
    assert remark.isprintable()
    assert len(remark) < 200


@given(st.binary(max_size=200))
def test_any_octets_are_something(head: bytes) -> None:
    assert detect(head).name
