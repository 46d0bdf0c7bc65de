"""Plain text: pages as CUPS's texttopdf makes them, exact only where no printer can make others."""

from __future__ import annotations

import io
import os
import random
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from everprint.documents.analyse import analyse
from everprint.documents.limits import Limits
from everprint.documents.pictures import draw_page
from everprint.documents.result import Confidence, Language, Unreadable
from everprint.documents.text import A4
from everprint.documents.text_layout import Layout, Paginator, lines_of_page
from tests.documents.corpus import IPPTOOL, pages_by_pdfinfo

TEXTTOPDF = Path("/usr/lib/cups/filter/texttopdf")
LETTER = Layout(columns=80, lines=60)  # texttopdf's own, where no PPD says otherwise


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def paginated(text: str, layout: Layout, piece: int = 0) -> Paginator:
    paginator = Paginator(layout)
    octets = text.encode()
    while octets:
        end = octets.find(b"\n", piece) + 1 or len(octets)
        paginator.add(octets[:end])
        octets = octets[end:]
    return paginator


def pages_by_texttopdf(path: Path, layout: Layout, tmp_path: Path) -> int:
    environment = dict(os.environ, CHARSET="utf-8")
    if layout == A4:
        environment["PPD"] = str(write(tmp_path / "a4.ppd", A4_PPD))
    command = [str(TEXTTOPDF), "1", "user", "title", "1", "", str(path)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True)
    return pages_by_pdfinfo(write(tmp_path / "a.pdf", done.stdout))


A4_PPD = """*PPD-Adobe: "4.3"
*FormatVersion: "4.3"
*FileVersion: "1.0"
*LanguageVersion: English
*LanguageEncoding: ISOLatin1
*PCFileName: "A4.PPD"
*Product: "(A4)"
*Manufacturer: "A4"
*ModelName: "A4"
*ShortNickName: "A4"
*NickName: "A4"
*PSVersion: "(3010.000) 0"
*LanguageLevel: "3"
*ColorDevice: False
*OpenUI *PageSize/Page Size: PickOne
*OrderDependency: 10 AnySetup *PageSize
*DefaultPageSize: A4
*PageSize A4/A4: "<</PageSize[595 842]>>setpagedevice"
*CloseUI: *PageSize
*OpenUI *PageRegion: PickOne
*OrderDependency: 10 AnySetup *PageRegion
*DefaultPageRegion: A4
*PageRegion A4/A4: "<</PageSize[595 842]>>setpagedevice"
*CloseUI: *PageRegion
*DefaultImageableArea: A4
*ImageableArea A4/A4: "18 36 577 806"
*DefaultPaperDimension: A4
*PaperDimension A4/A4: "595 842"
"""


# Against texttopdf.

TEXTS = {
    "a page": "\n".join(map(str, range(60))),
    "a page and its last end of line": "x\n" * 60,
    "a line more": "x\n" * 61,
    "form feeds": "a\fb\fc\n",
    "a form feed at the end": "a\n\f",
    "form feeds in a row": "a\f\f\fb\n",
    "nothing but a form feed": "\f",
    "a full page and a form feed": "x\n" * 60 + "\fb\n",
    "empty lines": "x" + "\n" * 200,
    "full lines": ("x" * 80 + "\n") * 61,
    "long lines": ("x" * 81 + "\n") * 40,
    "very long lines": "x" * 10_000,
    "CR LF": "x\r\n" * 61,
    "tabs to the end of the line": ("\t" * 10 + "x\n") * 40,
    "tabs": ("\tx\t\ty\n") * 40,
    "backspaces": ("a\b_" * 100 + "\n") * 40,
    "overprinted": ("aaaa\r" * 50 + "\n") * 40,
    "wide characters": ("漢" * 50 + "\n") * 40,
    "umlauts": ("ü" * 90 + "\n") * 31,
    "combining characters": ("e\u0301" * 79 + "\n") * 59,
}


@pytest.mark.parametrize("name", TEXTS)
def test_pages_are_those_of_texttopdf_on_letter(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", TEXTS[name])
    assert paginated(TEXTS[name], LETTER).pages == pages_by_texttopdf(path, LETTER, tmp_path)


@pytest.mark.parametrize(
    "text", ["x\n" * 64, "x\n" * 65, ("x" * 77 + "\n") * 64, ("x" * 78 + "\n") * 33, ("\t" * 9 + "xxxxxx\n") * 33]
)
def test_and_on_a4(text: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", text)
    assert len(analyse(path).pages) == pages_by_texttopdf(path, A4, tmp_path)


@pytest.mark.parametrize("seed", range(12))
def test_and_of_any_text(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    parts = [
        "x",
        "word ",
        "ü",
        "x" * 79,
        "x" * 81,
        "x" * 200,
        "\n",
        "\n" * 9,
        "\n" * 59,
        "\t",
        "\b",
        "\r",
        "\f",
        "\r\n",
    ]
    text = "".join(chance.choice(parts) for _ in range(300)) + "x"
    path = write(tmp_path / "a.txt", text)
    assert paginated(text, LETTER).pages == pages_by_texttopdf(path, LETTER, tmp_path)


# Against a slow, plain walk.


@settings(max_examples=150, deadline=None)
@given(
    text=st.lists(st.sampled_from(["x", "ü ", "漢", " ", "\n", "\t", "\b", "\r", "\f", "xxxxxxxx"]), max_size=80),
    piece=st.integers(0, 20),
)
def test_pages_and_blanks_are_those_of_walking_character_by_character(text: list[str], piece: int) -> None:
    layout = Layout(columns=9, lines=4)
    joined = "".join(text)
    paginator = paginated(joined, layout, piece)
    pages = paginator.pages
    drawn = [any(lines_of_page(joined, layout, number)) for number in range(1, pages + 2)]
    assert not drawn[-1]
    for number, (shows, blank) in enumerate(zip(drawn, paginator.blank(), strict=False), 1):
        # A character may be overprinted by a space: then nothing is drawn where something was printed.
        assert not (shows and blank), number


# What is exact, and what is not.


@pytest.mark.parametrize(
    ("text", "pages", "doubt"),
    [
        ("Hello\n", 1, ""),
        ("x\n" * 43, 1, ""),
        ("x\n" * 44, 1, "64 lines of 77 characters are a guess"),
        ("x" * 53 + "\n", 1, ""),
        ("x" * 54 + "\n", 1, "64 lines of 77 characters are a guess"),
        ("x\n" * 1000, 16, "64 lines of 77 characters are a guess"),
        ("one\f" + "two\f" + "three\n", 3, ""),
        ("\u4e00" * 26 + "\n", 1, ""),
        ("\u4e00" * 27 + "\n", 1, "64 lines of 77 characters are a guess"),
        ("\u20ac\u2019\xe9" * 17 + "\n", 1, ""),
        ("one\f" + "two\f", 2, ""),
        ("one\f\ftwo", 3, "empty pages"),
        ("one\x1b&l1Otwo\n", 1, "control characters"),
        ("one\rtwo\n", 1, ""),
        ("one\r", 1, ""),
        ("one\ftwo\r", 2, ""),
    ],
)
def test_exact_only_where_no_printer_can_differ(text: str, pages: int, doubt: str, tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", text))
    assert (analysis.language, len(analysis.pages)) == (Language.TEXT, pages)
    assert analysis.confidence is (Confidence.ESTIMATED if doubt else Confidence.EXACT)
    assert doubt in analysis.reason
    assert not any(page.colour for page in analysis.pages)


def test_paper_is_assumed_and_the_answer_says_so(tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", "Hello\n"))
    assert [page.media for page in analysis.pages] == ["iso_a4_210x297mm"]
    assert "A4 is assumed" in analysis.remarks[0]


def test_pages_with_nothing_on_them_are_blank(tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", "one\f \t\n\fthree\n"))
    assert [page.blank for page in analysis.pages] == [False, True, False]


def test_a_real_text() -> None:
    analysis = analyse(IPPTOOL / "testfile.txt")
    assert analysis.language is Language.TEXT
    assert analysis.pages


def test_a_line_without_an_end_and_many_pages(tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", "x" * (3 << 20)))
    assert len(analysis.pages) == -(-(3 << 20) // (77 * 64))
    too_many = analyse(write(tmp_path / "b", "x\f" * 21), limits=Limits(pages=20))
    assert too_many.confidence is Confidence.UNKNOWN
    assert "more than 20 pages" in too_many.reason


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(octets=st.binary(max_size=300))
def test_anything_after_a_text_is_an_answer(octets: bytes, tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", b"text\n" * 900 + octets))
    assert analysis.pages
    assert "analyser failed" not in analysis.reason


def test_a_page_is_drawn(tmp_path: Path) -> None:
    path = write(tmp_path / "a", "one\n" * 70)
    first, second = (Image.open(io.BytesIO(draw_page(path, number, 36))) for number in (1, 2))
    assert first.size == second.size == (298, 421)
    ink = [float((255 - np.asarray(picture.convert("L")).astype(float)).sum()) for picture in (first, second)]
    assert ink[0] > 5 * ink[1] > 0
    with pytest.raises(Unreadable, match="no page 3"):
        draw_page(path, 3, 36)
