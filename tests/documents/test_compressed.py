"""Compression around documents is undone, whichever it is, and never fills memory or disk."""

from __future__ import annotations

import gzip
import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everprint.documents import compressed
from everprint.documents.analyse import analyse
from everprint.documents.limits import MOST_WRAPPERS, Limits
from everprint.documents.pictures import draw_page
from everprint.documents.pool import AnalyserPool
from everprint.documents.result import Confidence, Language, Unreadable
from everprint.documents.source import Source
from tests.documents.corpus import IPPTOOL, Leaf, found, ghostscript, make_pdf, truth

LEAVES = [Leaf("text"), Leaf("red text"), Leaf("nothing")]
WAYS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "gzip in members": lambda octets: b"".join(
        gzip.compress(octets[at : at + 1000]) for at in range(0, len(octets), 1000)
    ),
    "gzip with padding": lambda octets: gzip.compress(octets) + bytes(512),
    "zlib": zlib.compress,
    "raw deflate": lambda octets: zlib.compress(octets, wbits=-15),
}


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_pdf(tmp_path_factory.mktemp("pdf") / "a.pdf", LEAVES).read_bytes()


def write(path: Path, octets: bytes) -> Path:
    path.write_bytes(octets)
    return path


@pytest.mark.parametrize("way", WAYS)
def test_what_is_within_is_counted(way: str, pdf: bytes, tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", WAYS[way](pdf)))
    assert (analysis.language, analysis.confidence) == (Language.PDF, Confidence.EXACT)
    assert found(analysis) == truth(LEAVES)


@pytest.mark.parametrize("device", ["pwgraster", "urf", "xpswrite", "ps2write"])
def test_any_language_may_be_within(device: str, tmp_path: Path) -> None:
    leaves = [Leaf("text"), Leaf("red text")]
    made = ghostscript(make_pdf(tmp_path / "a.pdf", leaves), tmp_path / "a", device)
    plain = analyse(made)
    packed = analyse(write(tmp_path / "b", gzip.compress(made.read_bytes())))
    assert packed == plain
    assert len(packed.pages) == 2


def test_compression_in_compression(pdf: bytes, tmp_path: Path) -> None:
    octets = pdf
    for _ in range(MOST_WRAPPERS):
        octets = gzip.compress(octets)
    assert len(analyse(write(tmp_path / "a", octets)).pages) == 3
    too_deep = analyse(write(tmp_path / "b", gzip.compress(octets)))
    assert too_deep.confidence is Confidence.UNKNOWN
    assert "wrapped more than" in too_deep.reason


def test_a_page_within_is_drawn(pdf: bytes, tmp_path: Path) -> None:
    assert draw_page(write(tmp_path / "a", gzip.compress(pdf)), 2, 20).startswith(b"\x89PNG")


@pytest.mark.parametrize("way", ["gzip", "zlib"])
def test_a_stream_cut_off_is_never_exact(way: str, tmp_path: Path) -> None:
    raster = (IPPTOOL / "onepage-a4-300-black-1.pwg").read_bytes()
    octets = WAYS[way](raster * 3)
    analysis = analyse(write(tmp_path / "a", octets[: len(octets) * 2 // 3]))
    assert analysis.confidence is not Confidence.EXACT
    assert "cut off" in analysis.reason


def test_a_stream_without_anything_is_unknown(tmp_path: Path) -> None:
    assert "nothing" in analyse(write(tmp_path / "a", gzip.compress(b""))).reason
    assert "cut off" in analyse(write(tmp_path / "b", gzip.compress(b"")[:12])).reason


def test_very_many_small_members(tmp_path: Path) -> None:
    octets = gzip.compress(b"") * 50_000 + gzip.compress(b"a line\n")
    assert len(analyse(write(tmp_path / "a", octets)).pages) == 1


def test_something_else_behind_it_is_a_doubt(pdf: bytes, tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", gzip.compress(pdf) + b"more"))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 3)
    assert "followed by something else" in analysis.reason


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    octets = b"".join([packer.compress(bytes(1 << 20)) for _ in range(200)]) + packer.flush()
    assert len(octets) < 1 << 20
    analysis = analyse(write(tmp_path / "a", octets))
    assert analysis.confidence is Confidence.UNKNOWN
    assert "times its size" in analysis.reason


def test_without_room_on_the_disk_it_is_unknown(pdf: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=compressed.LEAST_ROOM + 100))
    assert "room" in analyse(write(tmp_path / "a", gzip.compress(pdf))).reason


def test_the_limit_on_octets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "MOST_OCTETS", 1 << 20)
    reason = analyse(write(tmp_path / "a", gzip.compress(os.urandom(2 << 20)))).reason
    assert reason == "the compressed data grows to more than 1 MiB"


def test_nothing_is_left_behind(pdf: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    analyse(write(tmp_path / "a", gzip.compress(pdf)))
    with pytest.raises(Unreadable), compressed.opened(Source.whole(write(tmp_path / "b", b"\x1f\x8b")), Limits()):
        pass
    assert list((tmp_path / "temporary").iterdir()) == []


async def in_a_pool(path: Path) -> str:
    async with AnalyserPool(1) as pool:
        return (await pool.analyse(path, "application/pdf")).confidence.value


def test_in_a_worker_too(pdf: bytes, tmp_path: Path) -> None:
    import asyncio

    assert asyncio.run(in_a_pool(write(tmp_path / "a", gzip.compress(pdf)))) == "exact"


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data(), way=st.sampled_from(sorted(WAYS)))
def test_damage_is_an_answer(data: st.DataObject, way: str, pdf: bytes, tmp_path: Path) -> None:
    octets = bytearray(WAYS[way](pdf))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(2, len(octets) - 1))] = data.draw(st.integers(0, 255))
    analysis = analyse(write(tmp_path / "a", bytes(octets)))
    assert (analysis.confidence is Confidence.UNKNOWN) == (not analysis.pages)
    assert "analyser failed" not in analysis.reason
