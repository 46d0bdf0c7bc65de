"""Every pixel of a raster counts, in every way that it can be stored: against a slow, plain reading of the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from everprint.documents.analyse import analyse
from everprint.documents.pictures import draw_page
from everprint.documents.result import Confidence, Coverage, Language, Page
from tests.documents.corpus import Leaf, found, ghostscript, make_pdf, photo, truth
from tests.documents.raster_writer import CupsSheet, Sheet, cups, pwg, urf
from tests.documents.test_rasters import write

PALETTE = [0, 1, 2, 3, 90, 100, 110, 118, 128, 240, 252, 253, 254, 255]


def expected(pixels: np.ndarray) -> tuple[bool, bool, tuple[float, float, float, float]]:
    """Colour, blank and coverage of inks (rows, width, channels), 0 to 255, as documents.md says it."""
    inks = pixels.astype(int)
    mean = tuple(float(value) / 255 for value in inks.reshape(-1, inks.shape[2]).mean(axis=0))
    if inks.shape[2] == 1:
        blank = bool(inks.max() <= 2)
        return False, blank, (0.0, 0.0, 0.0, 0.0 if blank else mean[0])
    if inks.shape[2] == 3:
        blank = bool(inks.max() <= 2)
        black = float(inks.min(axis=2).mean()) / 255
        colour = bool((inks.max(axis=2) - inks.min(axis=2)).max() > 16)
        return colour, blank, (0.0,) * 4 if blank else (*(ink - black for ink in mean), black)
    cyan, magenta, yellow, black_ink = np.moveaxis(inks, 2, 0)
    light = 255 - black_ink
    warm = np.maximum(magenta, yellow)
    cooled = np.where(cyan > warm, np.maximum(warm, cyan - warm // 4), cyan)
    apart = (np.maximum(cooled, warm) - np.minimum(np.minimum(cyan, magenta), yellow)) * light
    dark = 255 * 255 - (255 - np.maximum(cyan, warm)) * light
    blank = bool(dark.max() <= 2 * 255)
    return bool(apart.max() > 16 * 255), blank, (0.0,) * 4 if blank else mean


def assert_shows(page: Page, pixels: np.ndarray) -> None:
    colour, blank, coverage = expected(pixels)
    assert (page.colour, page.blank) == (colour, blank)
    assert page.coverage is not None
    measured = (page.coverage.cyan, page.coverage.magenta, page.coverage.yellow, page.coverage.black)
    assert measured == pytest.approx(coverage, abs=1e-9)


@st.composite
def inks(draw: st.DrawFn, channels: int) -> np.ndarray:
    """Few colours, so that there are runs and repeated rows; few of them in most pages."""
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 300))
    seed = draw(st.integers(0, 2**32 - 1))
    colours = draw(st.lists(st.tuples(*[st.sampled_from(PALETTE)] * channels), min_size=1, max_size=4))
    random = np.random.default_rng(seed)
    rows = np.array(colours, np.uint8)[random.integers(0, len(colours), (height, width))]
    rows[:, : width // 2] = rows[:, :1]
    return rows.repeat(draw(st.integers(1, 3)), axis=0)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data(), mode=st.sampled_from(["L", "K", "RGB", "CMYK"]), depth=st.sampled_from([8, 16]))
def test_pwg_and_urf_show_what_they_hold(data: st.DataObject, mode: str, depth: int, tmp_path: Path) -> None:
    pixels = data.draw(inks({"L": 1, "K": 1, "RGB": 3, "CMYK": 4}[mode]))
    stored = pixels if mode in ("K", "CMYK") else 255 - pixels
    wide = stored if depth == 8 else np.stack([stored, np.full_like(stored, 77)], axis=3)
    sheet = Sheet([row.tobytes() for row in wide], pixels.shape[1], mode, depth)
    writers = [pwg] if mode == "K" else [pwg, urf]
    for writer in writers:
        analysis = analyse(write(tmp_path / "a", writer([sheet, sheet])))
        assert analysis.confidence is Confidence.EXACT
        assert len(analysis.pages) == 2
        for page in analysis.pages:
            assert_shows(page, pixels)


# By cupsColorSpace: the channels in their order, and whether they are light.
CUPS_SPACES = {
    0: ("L", True), 1: ("RGB", True), 3: ("K", False), 4: ("CMY", False), 5: ("YMC", False), 6: ("CMYK", False),
    7: ("YMCK", False), 8: ("KCMY", False), 17: ("CMYK", True), 18: ("L", True), 19: ("RGB", True), 20: ("RGB", True),
}  # fmt: skip
PLAIN_ORDER = {"L": "L", "K": "K", "RGB": "RGB", "CMY": "CMY", "YMC": "CMY", "YMCK": "CMYK", "KCMY": "CMYK"}


def cups_rows(stored: np.ndarray, bits: int, order: int, *, little_endian: bool, padding: int) -> list[bytes]:
    """Rows (height, width, channels) of values of 8 bits, stored as CUPS does; little bits take the high ones."""
    channels = stored.shape[2]
    if order == 1:
        lines = [np.concatenate([_line(row[:, band : band + 1], bits, little_endian) for band in range(channels)])
                 for row in stored]  # fmt: skip
    elif order == 2:
        lines = [_line(row[:, band : band + 1], bits, little_endian) for band in range(channels) for row in stored]
    else:
        lines = [_line(row, bits, little_endian) for row in stored]
    return [line.tobytes() + b"\x55" * padding for line in lines]


def _line(row: np.ndarray, bits: int, little_endian: bool) -> np.ndarray:
    if bits == 8:
        return row.reshape(-1)
    if bits == 16:
        low = np.full_like(row, 77)
        return np.stack([low, row] if little_endian else [row, low], axis=2).reshape(-1)
    used = np.unpackbits(row[..., None], axis=2)[..., :bits].reshape(len(row), -1)
    unused = (4 if row.shape[1] > 1 else 1) * bits - used.shape[1]  # three colours take the room of four
    return np.packbits(np.pad(used, ((0, 0), (unused, 0)))) if bits < 8 else row


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    data=st.data(),
    space=st.sampled_from(sorted(CUPS_SPACES)),
    bits=st.sampled_from([1, 2, 4, 8, 16]),
    order=st.sampled_from([0, 1]),
    version=st.sampled_from([1, 2, 3]),
    little_endian=st.booleans(),
)
def test_cups_raster_shows_what_it_holds(
    data: st.DataObject, space: int, bits: int, order: int, version: int, little_endian: bool, tmp_path: Path
) -> None:
    names, light = CUPS_SPACES[space]
    channels = len(names)
    pixels = data.draw(inks(channels))
    if bits < 8:  # what so few bits can hold
        top = pixels >> (8 - bits)
        pixels = top * (255 // ((1 << bits) - 1))
    plain = PLAIN_ORDER.get(names, names)
    stored = (255 - pixels if light else pixels)[..., [plain.index(name) for name in names]]
    padding = data.draw(st.sampled_from([0, 4])) if order == 0 or channels == 1 else 0
    per_pixel = bits * (channels if bits >= 8 or channels in (1, 4) else 4)
    unit = max(1, per_pixel // 8)
    sheet = CupsSheet(
        cups_rows(stored, bits, order, little_endian=little_endian, padding=padding * unit),
        pixels.shape[1], space, bits, bits if order else per_pixel, order,
    )  # fmt: skip
    analysis = analyse(write(tmp_path / "a", cups([sheet, sheet], version, little_endian=little_endian)))
    dots = bits < 8 and expected(pixels)[0]  # coloured dots may mix to grey
    assert analysis.language is Language.CUPS_RASTER
    assert analysis.confidence is (Confidence.ESTIMATED if dots else Confidence.EXACT), analysis.reason
    assert ("may be grey" in analysis.reason) == dots
    assert len(analysis.pages) == 2
    for page in analysis.pages:
        assert_shows(page, pixels)


def test_bits_beyond_the_width_are_no_pixels(tmp_path: Path) -> None:
    row = b"\0" * 9 + b"\x07"  # 77 pixels of no ink, and three bits that are none
    (page,) = analyse(write(tmp_path / "a", pwg([Sheet([row] * 40, 77, "K", depth=1)]))).pages
    assert page.blank
    marked = b"\0" * 9 + b"\x0f"
    (page,) = analyse(write(tmp_path / "a", pwg([Sheet([marked] * 40, 77, "K", depth=1)]))).pages
    assert not page.blank
    assert page.coverage == Coverage(0.0, 0.0, 0.0, 1 / 77)


# Colour spaces of which not all can be known.


@pytest.mark.parametrize(
    ("space", "channels", "pixel", "looks", "doubt"),
    [
        (9, 6, (200, 0, 0, 0, 0, 0), "grey", ""),
        (9, 6, (0, 0, 0, 0, 9, 0), "colour", "six inks"),
        (10, 4, (90, 0, 0, 0), "colour", "gold"),
        (13, 1, (90,), "colour", "gold"),
        (15, 3, (90, 90, 90), "colour", "CIEXYZ"),
        (16, 3, (128, 128, 128), "grey", "CIELab"),
        (16, 3, (128, 140, 128), "colour", "CIELab"),
        (16, 3, (255, 128, 128), "blank", ""),
        (48, 1, (90,), "grey", "inks without names"),
        (50, 3, (0, 0, 9), "colour", "inks without names"),
        (50, 3, (0, 0, 0), "blank", ""),
        (62, 15, (0,) * 14 + (9,), "colour", "inks without names"),
        (34, 3, (0, 9, 0), "colour", "inks without names"),
        (2, 4, (9, 9, 9, 255), "grey", "transparent"),
    ],
)
def test_inks_that_are_not_known_are_doubted_where_there_are_any(
    space: int, channels: int, pixel: tuple[int, ...], looks: str, doubt: str, tmp_path: Path
) -> None:
    sheet = CupsSheet([bytes(pixel) * 30] * 30, 30, space, 8, 8 * channels)
    analysis = analyse(write(tmp_path / "a", cups([sheet])))
    (page,) = analysis.pages
    assert looks == ("colour" if page.colour else "blank" if page.blank else "grey")
    assert analysis.confidence is (Confidence.ESTIMATED if doubt else Confidence.EXACT)
    assert doubt in analysis.reason


@pytest.mark.parametrize(
    ("planes", "looks", "exact"),
    [((0, 0, 0, 0), "blank", True), ((0, 0, 0, 9), "grey", True), ((9, 0, 0, 9), "colour", False)],
)
def test_colours_stored_plane_by_plane(planes: tuple[int, ...], looks: str, exact: bool, tmp_path: Path) -> None:
    rows = [bytes([ink]) * 30 for ink in planes for _ in range(20)]
    sheet = CupsSheet(rows, 30, 6, 8, 8, 2, planes=4)
    analysis = analyse(write(tmp_path / "a", cups([sheet, sheet])))
    assert len(analysis.pages) == 2
    page = analysis.pages[1]
    assert looks == ("colour" if page.colour else "blank" if page.blank else "grey")
    assert (analysis.confidence is Confidence.EXACT) == exact
    assert ("plane by plane" in analysis.reason) != exact


def test_grey_in_four_inks_is_grey(tmp_path: Path) -> None:
    """Rich black, and grey as press profiles make it, with more cyan than the others; a pale tint is none."""
    for pixel, colour in [((150, 100, 100, 255), False), ((124, 105, 106, 13), False), ((30, 0, 0, 0), True),
                          ((60, 100, 100, 0), True), ((90, 80, 50, 0), True)]:  # fmt: skip
        sheet = Sheet([bytes(pixel) * 20] * 20, 20, "CMYK")
        (page,) = analyse(write(tmp_path / "a", pwg([sheet]))).pages
        assert page.colour == colour, pixel


# By programs that we did not write.

LEAVES = [Leaf("text"), Leaf("red text"), Leaf("nothing"), Leaf("grey photo stored as RGB"), Leaf("photo")]


@pytest.mark.parametrize(
    ("space", "bits", "order", "packed"),
    [
        (18, 8, 0, True), (19, 8, 0, True), (1, 8, 0, False), (1, 16, 0, False), (1, 8, 1, True), (6, 8, 0, True),
        (8, 8, 0, False), (6, 16, 0, True), (17, 8, 0, True), (4, 8, 1, False), (3, 1, 0, True), (3, 2, 0, False),
        (0, 4, 0, True),
    ],
)  # fmt: skip
def test_cups_raster_of_ghostscript(space: int, bits: int, order: int, packed: bool, tmp_path: Path) -> None:
    path = ghostscript(
        make_pdf(tmp_path / "a.pdf", LEAVES), tmp_path / "a", "cups", "-r72",
        f"-dcupsColorSpace={space}", f"-dcupsBitsPerColor={bits}", f"-dcupsColorOrder={order}",
        f"-dcupsRasterVersion={2 if packed else 3}",
    )  # fmt: skip
    analysis = analyse(path)
    assert (analysis.language, analysis.confidence) == (Language.CUPS_RASTER, Confidence.EXACT), analysis.reason
    coloured = space not in (0, 3, 18)
    assert found(analysis) == [(media, colour and coloured, blank) for media, colour, blank in truth(LEAVES)]


# Drawing.


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("version", [1, 2])
def test_a_page_of_cups_raster_is_drawn(mode: str, version: int, tmp_path: Path) -> None:
    image = photo("RGB", (300, 200)).convert(mode)
    octets, stride = image.tobytes(), len(image.getbands()) * 300
    rows = [octets[start : start + stride] for start in range(0, len(octets), stride)]
    sheet = CupsSheet(rows, 300, {"L": 18, "RGB": 19, "CMYK": 6}[mode], 8, 8 * len(image.getbands()))
    (tmp_path / "a").write_bytes(cups([sheet, sheet], version))
    (tmp_path / "a.png").write_bytes(draw_page(tmp_path / "a", 2, 72))
    with Image.open(tmp_path / "a.png") as drawn:
        assert drawn.size == (300, 200)
        difference = np.abs(np.asarray(drawn.convert("RGB")).astype(int) - np.asarray(image.convert("RGB")))
        assert difference.max() <= 2
