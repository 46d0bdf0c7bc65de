"""Pictures from strangers: plain ones are written anew, pixel for pixel; anything else is refused within bounds."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from everprint.server.jobs.png import BadPicture, remade

EDGE = 500


def png(picture: Image.Image, **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", **how)
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def built(
    width: int, height: int, pixels: bytes, *, depth: int = 8, colour_type: int = 0, interlaced: int = 0
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, interlaced)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(pixels)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


colours = st.binary(min_size=12, max_size=3000).map(
    lambda octets: Image.frombytes("RGB", (2, len(octets) // 6), octets[: len(octets) // 6 * 6])
)
greys = st.binary(min_size=2, max_size=3000).map(
    lambda octets: Image.frombytes("L", (2, len(octets) // 2), octets[: len(octets) // 2 * 2])
)


@given(colours | greys)
def test_a_plain_picture_keeps_its_pixels(picture: Image.Image) -> None:
    if picture.height > EDGE:
        picture = picture.crop((0, 0, picture.width, EDGE))
    found = remade(png(picture), EDGE)
    again = Image.open(io.BytesIO(found.png))
    assert (found.width, found.height, again.mode) == (*picture.size, picture.mode)
    assert again.tobytes() == picture.tobytes()


def test_nothing_but_pixels_is_kept() -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", "<script>alert(1)</script>", zip=False)
    octets = png(Image.new("RGB", (3, 3), "red"), pnginfo=said) + b"<script>and after its end</script>"
    assert b"script" in octets
    found = remade(octets, EDGE).png
    assert b"script" not in found
    assert [found[at : at + 4] for at in (12, 37)] == [b"IHDR", b"IDAT"]


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "no PNG"),
        (b"\xff\xd8\xff\xe0 a JPEG", "no PNG"),
        (b"\x89PNG\r\n\x1a\n", "cut off"),
        (built(2, 2, bytes(6))[:-6], "cut off"),
        (built(2, 2, bytes(6)).replace(b"IDAT", b"IDAX"), "damaged"),
        (built(501, 1, bytes(502)), "501 by 1 pixels"),
        (built(0, 1, b""), "0 by 1 pixels"),
        (built(2**31, 2**31, b""), "pixels"),
        (built(2, 2, bytes(6), interlaced=1), "plain"),
        (built(2, 2, bytes(10), depth=16), "plain"),
        (built(2, 2, bytes(6), colour_type=3), "plain"),
        (built(2, 2, bytes(18), colour_type=6), "plain"),
        (built(2, 2, bytes(5)), "fewer pixels"),
        (built(2, 2, bytes(7)), "more or fewer"),
        (built(2, 2, b"\x05" + bytes(5)), "filter"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b"") + chunk(b"IEND", b""), "header"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)) + chunk(b"IDAT", b"zip")
         + chunk(b"IEND", b""), "unpacked"),
    ],
)  # fmt: skip
def test_what_is_no_plain_picture_is_refused_and_why(octets: bytes, why: str) -> None:
    with pytest.raises(BadPicture, match=why):
        remade(octets, EDGE)


def test_a_small_file_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    squeeze = zlib.compressobj(9)
    bomb = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(300)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", 500, 500, 8, 2, 0, 0, 0)
    octets = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", bomb) + chunk(b"IEND", b"")
    with pytest.raises(BadPicture, match="more or fewer"):
        remade(octets, EDGE)


@given(st.binary(max_size=400), st.integers(0, 60), st.binary(max_size=8))
def test_any_octets_are_refused_or_become_a_plain_picture(octets: bytes, at: int, other: bytes) -> None:
    sound = built(3, 3, bytes(12))
    for hostile in (octets, b"\x89PNG\r\n\x1a\n" + octets, sound[:at] + other + sound[at + len(other) :]):
        try:
            found = remade(hostile, EDGE)
        except BadPicture:
            continue
        Image.open(io.BytesIO(found.png)).load()
