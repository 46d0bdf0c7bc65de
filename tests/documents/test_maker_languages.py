"""Languages of one maker are known by name. The octets are the beginnings of real files.

Those marked so were made by the Ghostscript device that the maker's printers are driven with; the others are what
the maker's or other free drivers send first.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.documents.analyse import analyse
from everprint.documents.maker_languages import maker_language
from everprint.documents.result import Confidence
from tests.documents.corpus import Leaf, ghostscript, make_pdf

PJL = b"\x1b%-12345X@PJL SET RESOLUTION=600\r\n@PJL ENTER LANGUAGE = "

HEADS = [
    (b"JZJZ\0\0\0\x34\0\0\0\0\0\0\0\x0a", "ZjStream"),
    (b"\x1b%-12345X@PJL JOB\n@PJL SET JAMRECOVERY=OFF\n\x1b%-12345XJZJZ\0\0\0\x34", "ZjStream"),
    (PJL + b"ZJS\r\nJZJZ\0\0", "ZjStream"),
    (b",XQX\0\0\0\x01\0\0\0\x07", "XQX"),
    (b"\x1b%-12345X@PJL JOB\n@PJL SET JAMRECOVERY=OFF\n@PJL SET DENSITY=3\n,XQX\0\0\0\x01", "XQX"),
    (PJL + b"QPDL\n\0\x04\x01\x02\x01\0", "Samsung QPDL"),
    (PJL + b"SMART\n\0\0", "Samsung SmartGDI"),
    (PJL + b"XL2HB\n) BROTHER XL2HB;1;0\n", "Brother XL2HB"),
    (PJL + b"HBP\n@G", "Brother HBP"),
    (PJL + b"LAVAFLOW\n\x1bE\x1b&l0S", "Konica Minolta LavaFlow"),
    (PJL + b"HIPERC\n", "Oki HiperC"),
    (PJL + b"SLX\n\xa5SLX", "Lexmark SLX"),
    (PJL + b"DDST\n", "Ricoh DDST"),
    (PJL + b"GDI\n", "a host-based (GDI) language"),
    (b"\x1b%-12345X@PJL ENTER LANGUAGE = PCLSLEEK\n\x1b*rbC\x1b*t300R", "HP PCL Sleek"),
    (b"\0\0\0\x1b\x01@EJL 1284.4\n@EJL     \n\x1b@\x1b@\x1b(R\x08\0\0REMOTE1TI\x08\0\0\x07\xe8\x01\x02\x03\x04\x05"
     b"JS\x04\0\0\0\0\0\x1b\0\0\0\x1b(R\x06\0\0ESCPR\x1bq\x09\0\0\0setq\0", "Epson ESC/P-R"),
    (b"\0\0\0\x1b\x01@EJL 1284.4\n@EJL     \n\x1b@\x1b@\x1b(R\x08\0\0REMOTE1", "Epson ESC/P"),
    (b"\x1b@\x1b@\x1b(G\x01\0\x01\x1b(U\x01\0\x05\x1b(C\x02\0\xe4 ", "ESC/P"),
    (b"\x1b\x01@EJL \r\n@EJL SELECT LANGUAGE=ESC/PAGE\r\n@EJL SET RI=ON\r\n", "Epson ESC/Page"),
    (b"\x1b\x01@EJL \n@EJL SJ ID=\"0\"\n@EJL JI ID=\"0\" DATE=\"2026/11/26 17:49:05\"\n", "an Epson EJL job"),
    (b"\x1b@\x1ba\x01\x1d!\x11CAFE\n\x1d!\0\x1ba\0Espresso  2.20\n\x1dV\x42\0", "ESC/POS"),
    (b"\x1b@\x1b3\x18\x1dv0\0\x48\0\x40\0" + bytes(99), "ESC/POS"),
    (b"\x1b[K\x02\0\0\x1fBJLSTART\nControlMode=Common\nSetTime=20241017231130\nBJLEND\n", "Canon BJL"),
    (b"\x1b[K\x02\0\0\x0f\x1b(a\x01\0\x01\x1b(g\x03\0u\x01P\x1b(b\x01\0\x01", "Canon BJL"),
    (b'<?xml version="1.0" encoding="utf-8" ?><cmd xmlns:ivec="http://www.canon.com/ns/cmd/2008/07/common/">'
     b"<ivec:contents><ivec:operation>StartJob</ivec:operation>", "Canon IVEC"),
    (b"\xa1\xa1\x04\0\xa8\xa0\x04\0\xa2\xa3\x04\0\xa0\xa2\x0c\0\0\0\x1e\0\0\0\0\0", "Canon CAPT"),
    (b"\x1b%@\x9041;600;0Jlips4:2.3.6\x9c\x9b0\"p\x1b<\x9b11h", "Canon LIPS"),
    (b"\x1b\x12!@R00\x1b \x1b4\x1b\x12YP,2 \x1b\x12YB,2 ", "Ricoh RPDL"),
    (b"!R! FRPO P1, 6; EXIT;\n", "Kyocera PRESCRIBE"),
    (b"\x1b*m\0@\x10\x03\x10\x11\x1b*\x07s0\x1b*\x07c\x1b*m\0B\0\0", "a Lexmark inkjet language"),
    (b"\x1b*\x80\0\0\0\0\0\x1b3\0\0\0\0\x003\x1b0\x80\x0c\x02\0\0", "a Lexmark inkjet language"),
    (b"\x1be\x1b%\x80A\x1b\x1a\0\0L\x1b&l\x01\0H", "an Alps MicroDry language"),
    (b"\0\x05\xd6\xe4\x80\0\x0c\xd6\x33\0\xf6\0\0", "IPDS"),
    (b"\x5a\0\x20\xd3\xa8\xa8\0\0\0\xc4\xd6\xc3\xf1", "AFP (MO:DCA)"),
    (b"\xf7\x02\x01\x83\x92\xc0\x1c\x3b\0\0\0\0\x03\xe8\x1b TeX output 2026.11.26:1200", "TeX DVI"),
    (b"CT~~CD,~CC^~CT~\n^XA~TA000~JSN^LT0^MNW^MTT^PON\n^XZ\n^XA\n^FO50,50^FDHello^FS^XZ", "Zebra ZPL"),
    (b"^XA\n^FO20,20^A0N,25^FDHello^FS\n^XZ\n", "Zebra ZPL"),
    (b"I8,A,001\n\nN\nq609\nQ203,26\nA50,50,0,3,1,1,N,\"Hello\"\nP1\n", "Zebra EPL"),
    (b"\nN\nD8\nS2\nq832\nGW0,0,104,2,", "Zebra EPL"),
    (b"! 0 200 200 210 1\r\nTEXT 4 0 30 40 Hello\r\nFORM\r\nPRINT\r\n", "Zebra CPCL"),
    (b"SIZE 100 mm, 50 mm\r\nGAP 3 mm,0\r\nCLS\r\nTEXT 10,10,\"3\",0,1,1,\"Hello\"\r\nPRINT 1\r\n", "TSPL"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "name"), HEADS, ids=[f"{name}-{at}" for at, (_, name) in enumerate(HEADS)])
def test_a_makers_language_is_unknown_by_its_name(tmp_path: Path, head: bytes, name: str) -> None:
    path = tmp_path / "document"
    path.write_bytes(head + bytes(2000))
    analysis = analyse(path)
    assert (analysis.confidence, analysis.pages) == (Confidence.UNKNOWN, ())
    assert analysis.reason == f"it is {name}, whose pages cannot be counted yet"


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("lips4", "Canon LIPS"),
        ("bjc600", "Canon BJL"),
        ("samsunggdi", "Samsung SmartGDI"),
        ("escpage", "Epson ESC/Page"),
        ("lp8000", "Epson ESC/Page"),
        ("lex5700", "a Lexmark inkjet language"),
        ("rpdl", "Ricoh RPDL"),
        ("photoex", "ESC/P"),
    ],
)
def test_what_ghostscript_writes_for_a_makers_printers_is_named(tmp_path: Path, device: str, name: str) -> None:
    made = ghostscript(make_pdf(tmp_path / "made.pdf", [Leaf()]), tmp_path / "made", device)
    analysis = analyse(made)
    assert analysis.confidence is Confidence.UNKNOWN
    assert analysis.reason.startswith(f"it is {name},")


@pytest.mark.parametrize(
    "head",
    [
        b"%PDF-1.7\n",
        b"\x1bE\x1b&l0O\x1b&l26A",
        b"\x1b*rbC\x1b*t300R\x1b&l26aolE",
        b"\x1b%-12345X@PJL ENTER LANGUAGE = PCL\n\x1bE",
        b"\x1b%-12345X@PJL ENTER LANGUAGE=PCLXL\n) HP-PCL XL;2;1;QPDL\n@PJL ENTER LANGUAGE = QPDL\n",
        b") HP-PCL XL;3;0;\n",
        b"No,\nthis is text\nN\nand so on\n",
        b"SIZE matters\n",
        b'<?xml version="1.0"?>\n<svg/>',
        b"",
    ],
)
def test_other_languages_and_texts_are_no_makers_language(head: bytes) -> None:
    assert maker_language(head) is None


@given(st.binary(max_size=4096))
def test_any_octets_are_looked_at_in_no_time(head: bytes) -> None:
    maker_language(head)


@pytest.mark.parametrize("unit", [b"~AB ", b"A\n", b"N\n", b"@PJL \n", b"\x1b@\x1d", b"\n", b" ", b"q1\n"])
def test_what_repeats_costs_no_more(unit: bytes) -> None:
    for start in (b"", b"\x1b%-12345X@PJL\n", b"\x1b@", b"N\n", b"~AB"):
        maker_language((start + unit * 4096)[:4096])
