"""TIFF: a page for each picture, thumbnails and masks not; colour as the pixels show; no chain without an end."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from everprint.documents.analyse import analyse
from everprint.documents.limits import Limits
from everprint.documents.pictures import draw_page
from everprint.documents.result import Analysis, Confidence, Language, Unreadable
from everprint.documents.source import Source
from everprint.documents.tiff import analyse as analyse_tiff
from tests.documents.corpus import A3, Leaf, ghostscript, make_pdf, photo
from tests.documents.tiff_writer import Frame, tiff

BLACK, WHITE = 0, 255
REDUCED, MASK = 1, 4


def write(path: Path, octets: bytes) -> Path:
    path.write_bytes(octets)
    return path


def looks(analysis: Analysis) -> list[str]:
    return ["colour" if page.colour else "blank" if page.blank else "grey" for page in analysis.pages]


@pytest.mark.parametrize(
    "compression", ["raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "zstd", "tiff_deflate"]
)
def test_each_picture_is_a_page_in_every_compression(compression: str, tmp_path: Path) -> None:
    pictures = [photo("RGB", (300, 200)), photo("L", (60, 90)), Image.new("RGB", (50, 50), "white")]
    pictures[0].save(tmp_path / "a", "TIFF", save_all=True, append_images=pictures[1:], compression=compression)
    analysis = analyse(tmp_path / "a")
    assert (analysis.language, analysis.confidence) == (Language.TIFF, Confidence.EXACT)
    assert looks(analysis) == ["colour", "grey", "blank"]
    assert [page.orientation for page in analysis.pages] == ["landscape", "portrait", "portrait"]


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt"])
def test_fax_compressions(compression: str, tmp_path: Path) -> None:
    photo("L").convert("1").save(tmp_path / "a", "TIFF", compression=compression)
    analysis = analyse(tmp_path / "a")
    assert (analysis.confidence, looks(analysis)) == (Confidence.EXACT, ["grey"])


@pytest.mark.parametrize(
    ("device", "coloured"),
    [("tiffg3", False), ("tiffg4", False), ("tiffpack", False), ("tiffgray", False), ("tiff24nc", True),
     ("tiff32nc", True), ("tifflzw", False), ("tiff48nc", True)],
)  # fmt: skip
def test_pages_of_ghostscript(device: str, coloured: bool, tmp_path: Path) -> None:
    leaves = [Leaf("text"), Leaf("photo"), Leaf("nothing"), Leaf("text", A3)]
    analysis = analyse(ghostscript(make_pdf(tmp_path / "a.pdf", leaves), tmp_path / "a", device, "-r50"))
    assert analysis.confidence is Confidence.EXACT, analysis.reason
    assert looks(analysis) == ["grey", "colour" if coloured else "grey", "blank", "grey"]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "LA", "I;16"])
def test_every_kind_of_pixel(mode: str, tmp_path: Path) -> None:
    colour = photo("RGB").convert(mode) if mode in ("P", "RGB", "RGBA", "CMYK") else None
    grey = Image.new(mode, (20, 20), 30_000) if mode == "I;16" else photo("L").convert(mode)
    for image, expected in ((colour, "colour"), (grey, "grey")):
        if image:
            image.save(tmp_path / "a", "TIFF")
            analysis = analyse(tmp_path / "a")
            assert (analysis.confidence, looks(analysis)) == (Confidence.EXACT, [expected])


def test_four_inks_are_told_as_they_are(tmp_path: Path) -> None:
    Image.new("CMYK", (20, 20), (0, 0, 51, 102)).save(tmp_path / "a", "TIFF")
    (page,) = analyse(tmp_path / "a").pages
    assert page.coverage is not None
    assert (page.coverage.yellow, page.coverage.black) == pytest.approx((0.2, 0.4))


@pytest.mark.parametrize(("big", "order"), [(False, "<"), (False, ">"), (True, "<")])
def test_classic_and_big_in_both_byte_orders(big: bool, order: str, tmp_path: Path) -> None:
    frames = [Frame(shade=BLACK), Frame(shade=WHITE), Frame(16, 16, BLACK, tiled=True)]
    analysis = analyse(write(tmp_path / "a", tiff(frames, big=big, order=order)))
    assert (analysis.confidence, looks(analysis)) == (Confidence.EXACT, ["grey", "blank", "grey"]), analysis.reason


def test_pages_of_what_only_we_can_read_are_counted(tmp_path: Path) -> None:
    """Pillow does not read BigTIFF with its octets in the other order."""
    analysis = analyse(write(tmp_path / "a", tiff([Frame(), Frame(fields={262: 2})], big=True, order=">")))
    assert (analysis.confidence, looks(analysis)) == (Confidence.ESTIMATED, ["grey", "colour"])
    assert "cannot be read as TIFF" in analysis.reason


@pytest.mark.parametrize(
    "frames",
    [
        [Frame(), Frame(10, 15, fields={254: REDUCED}), Frame(shade=WHITE)],
        [Frame(), Frame(10, 15, fields={255: 2}), Frame(shade=WHITE)],
        [Frame(), Frame(fields={254: MASK}), Frame(shade=WHITE)],
        [Frame(subs=[Frame(10, 15), Frame(20, 30)]), Frame(shade=WHITE)],
    ],
    ids=["thumbnail", "thumbnail of old", "mask", "SubIFD"],
)
def test_thumbnails_and_masks_are_no_pages(frames: list[Frame], tmp_path: Path) -> None:
    path = write(tmp_path / "a", tiff(frames))
    analysis = analyse(path)
    assert (analysis.confidence, looks(analysis)) == (Confidence.EXACT, ["grey", "blank"])
    assert draw_page(path, 2, 36)
    with pytest.raises(Unreadable, match="no page 3"):
        draw_page(path, 3, 36)


def test_nothing_but_thumbnails_is_printed_all_the_same(tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", tiff([Frame(fields={254: REDUCED})] * 2)))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.EXACT, 2)


def test_a_picture_has_no_paper_whatever_its_resolution(tmp_path: Path) -> None:
    photo("RGB", (842, 1191)).save(tmp_path / "a", "TIFF", dpi=(72, 72))  # the size of A3
    analysis = analyse(tmp_path / "a")
    assert [page.media for page in analysis.pages] == ["iso_a4_210x297mm"]
    assert "A4 is assumed" in analysis.remarks[0]


# Lies and damage.


@pytest.mark.parametrize("loop_to", [0, 1])
def test_directories_in_a_circle_are_counted_once(loop_to: int, tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", tiff([Frame(), Frame()], loop_to=loop_to)))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 2)
    assert "round in a circle" in analysis.reason


def test_more_pages_than_the_limit_are_unknown(tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", tiff([Frame(1, 1)] * 21)), limits=Limits(pages=20))
    assert analysis.confidence is Confidence.UNKNOWN
    assert "more than 20 pages" in analysis.reason


def test_a_picture_that_claims_gigapixels_is_not_decoded(tmp_path: Path) -> None:
    frame = Frame(fields={256: 60_000, 257: 60_000})
    begun = time.monotonic()
    analysis = analyse(write(tmp_path / "a", tiff([Frame(), frame])))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 2)
    assert "60000 by 60000 pixels are too many" in analysis.reason
    assert time.monotonic() - begun < 30


def test_more_pixels_than_so_little_data_can_hold_are_not_decoded(tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", tiff([Frame(2, 2, fields={256: 10_000, 257: 10_000})])))
    assert "10000 by 10000 pixels are too many" in analysis.reason
    Image.new("1", (7016, 9921), 1).save(tmp_path / "b", "TIFF", compression="group4")  # an empty fax of A3, 600 dpi
    analysis = analyse(tmp_path / "b")
    assert (analysis.confidence, looks(analysis)) == (Confidence.EXACT, ["blank"])
    assert draw_page(tmp_path / "b", 1, 20)


def test_when_time_is_over_the_rest_is_a_guess(tmp_path: Path) -> None:
    path = write(tmp_path / "a", tiff([Frame()] * 5))
    analysis = analyse_tiff(Source.whole(path), Limits(document_s=-1))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 5)
    assert "no time" in analysis.reason


def test_a_directory_beyond_the_end_is_doubted(tmp_path: Path) -> None:
    octets = bytearray(tiff([Frame(), Frame()]))
    last = octets.rindex(b"\0\0\0\0")
    octets[last:] = struct.pack("<I", 10**9)
    analysis = analyse(write(tmp_path / "a", octets))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 2)
    assert "beyond its end" in analysis.reason


@pytest.mark.parametrize("octets", [b"II*\0", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\0", b"II+\0\x08\0\0\0"])
def test_no_directory_is_unknown(octets: bytes, tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", octets))
    assert analysis.confidence is Confidence.UNKNOWN
    assert analysis.reason


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data(), big=st.booleans())
def test_a_damaged_file_is_an_answer(data: st.DataObject, big: bool, tmp_path: Path) -> None:
    octets = bytearray(tiff([Frame(5, 5), Frame(16, 16, tiled=True)], big=big))
    for _ in range(data.draw(st.integers(1, 6))):
        octets[data.draw(st.integers(4, len(octets) - 1))] = data.draw(st.integers(0, 255))
    analysis = analyse(write(tmp_path / "a", octets[: data.draw(st.integers(8, len(octets)))]))
    assert (analysis.confidence is Confidence.UNKNOWN) == (not analysis.pages)
    assert "analyser failed" not in analysis.reason


@pytest.mark.parametrize("at", [1 << 41, 1 << 61, (1 << 64) - 1])
def test_a_directory_far_beyond_any_file_is_not_looked_for(at: int, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"II\x2b\0\x08\0\0\0" + at.to_bytes(8, "little") + bytes(100))
    analysis = analyse(tmp_path / "a")
    assert analysis.confidence is Confidence.UNKNOWN
    assert "point beyond its end" in analysis.reason
