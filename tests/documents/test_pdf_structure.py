"""PDF: page trees, boxes and cross-reference tables, right and wrong, written octet by octet."""

from __future__ import annotations

import asyncio
import zlib
from pathlib import Path

import pytest

from everprint.documents.analyse import analyse
from everprint.documents.limits import Limits
from everprint.documents.pdf import count_pages
from everprint.documents.pool import AnalyserPool
from everprint.documents.result import Analysis, Confidence, Unreadable
from everprint.documents.source import Source
from tests.documents.corpus import Leaf, found, make_pdf, pages_by_qpdf, qpdf, truth
from tests.documents.pdf_writer import A4_PAGE, CATALOG, hybrid_pdf, one_page, stream, tree, update_pdf, write_pdf

RED_BOX = b"1 0 0 rg 100 100 100 100 re f"
RED_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>"
FIVE = {1: CATALOG, 2: tree(b"3 0 R 4 0 R 5 0 R 6 0 R 7 0 R", 5), **dict.fromkeys(range(3, 8), A4_PAGE)}


def looked_at(tmp_path: Path, octets: bytes, limits: Limits = Limits()) -> Analysis:  # noqa: B008 - frozen
    (tmp_path / "a.pdf").write_bytes(octets)
    return analyse(tmp_path / "a.pdf", limits=limits)


def page_with(entries: bytes) -> bytes:
    return write_pdf(one_page(b"<< /Type /Page /Parent 2 0 R %b >>" % entries))


# Ways to write the same thing.


def test_a_plain_file_is_exact(tmp_path: Path) -> None:
    analysis = looked_at(tmp_path, write_pdf(FIVE))
    assert (analysis.confidence, len(analysis.pages), analysis.remarks) == (Confidence.EXACT, 5, ())


def test_pages_that_an_update_adds_count(tmp_path: Path) -> None:
    octets = write_pdf(one_page())
    for number in range(4, 9):
        kids = b" ".join(b"%d 0 R" % kid for kid in range(3, number + 1))
        octets = update_pdf(octets, {2: tree(kids, number - 2), number: A4_PAGE})
    analysis = looked_at(tmp_path, octets)
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.EXACT, 6)


def test_what_an_update_draws_over_is_what_counts(tmp_path: Path) -> None:
    octets = update_pdf(write_pdf({**one_page(RED_PAGE), 4: stream(RED_BOX)}), {4: stream(b"0 g 1 1 9 9 re f")})
    analysis = looked_at(tmp_path, octets)
    assert [page.colour for page in analysis.pages] == [False]


@pytest.mark.parametrize("free", [True, False])
def test_a_hybrid_file_whose_pages_all_readers_see_is_exact(free: bool, tmp_path: Path) -> None:
    analysis = looked_at(tmp_path, hybrid_pdf(one_page(), {4: b"<< /Type /StructTreeRoot >>"}, free=free))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.EXACT, 1)


@pytest.mark.parametrize("free", [True, False])
def test_a_hybrid_file_whose_pages_depend_on_the_reader_is_never_exact(free: bool, tmp_path: Path) -> None:
    objects = {1: CATALOG, 2: tree(b"3 0 R 4 0 R", 2), 3: A4_PAGE}
    analysis = looked_at(tmp_path, hybrid_pdf(objects, {4: A4_PAGE}, free=free))
    assert analysis.confidence is Confidence.ESTIMATED


@pytest.mark.parametrize("number", [9, 65])
def test_a_tree_of_many_levels_is_walked(number: int, tmp_path: Path) -> None:
    objects = {1: CATALOG}
    for level in range(number):
        objects[2 + level] = tree(b"%d 0 R" % (3 + level), 1)
    objects[2 + number] = A4_PAGE
    assert found(looked_at(tmp_path, write_pdf(objects))) == truth([Leaf("nothing")])


def test_one_page_that_is_named_three_times_is_printed_three_times(tmp_path: Path) -> None:
    analysis = looked_at(tmp_path, write_pdf({1: CATALOG, 2: tree(b"3 0 R 3 0 R 3 0 R", 3), 3: A4_PAGE}))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.EXACT, 3)


@pytest.mark.parametrize("bits", ["40", "128", "256"])
@pytest.mark.parametrize("objects", ["disable", "generate"])
def test_an_encrypted_file_without_a_password_is_read(bits: str, objects: str, tmp_path: Path) -> None:
    leaves = [Leaf("text"), Leaf("red text")]
    plain = make_pdf(tmp_path / "plain.pdf", leaves)
    aes = ("--use-aes=y",) if bits == "128" else ()
    encrypted = qpdf(
        plain, tmp_path / "a.pdf", f"--object-streams={objects}", "--allow-weak-crypto",
        "--encrypt", "", "owner", bits, *aes, "--",
    )  # fmt: skip
    analysis = analyse(encrypted)
    assert analysis.confidence is Confidence.EXACT
    assert found(analysis) == truth(leaves)


# Damage: what is there is counted, and never said to be exact.


@pytest.mark.parametrize(
    "octets",
    [
        write_pdf(FIVE, off_by=7),
        write_pdf(FIVE, off_by=100_000),
        write_pdf(FIVE)[: write_pdf(FIVE).index(b"xref")] + b"% the end",
        write_pdf(FIVE).replace(b"startxref\n", b"startxref\n9"),
        write_pdf(FIVE).replace(b"trailer", b"tralier"),
    ],
    ids=["offsets a little off", "offsets far off", "no table", "table elsewhere", "no trailer"],
)
def test_a_damaged_file_is_repaired_and_only_estimated(octets: bytes, tmp_path: Path) -> None:
    analysis = looked_at(tmp_path, octets)
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 5)
    assert "damaged" in analysis.reason


def test_objects_without_an_end_are_read(tmp_path: Path) -> None:
    assert len(looked_at(tmp_path, write_pdf(FIVE, end=b"")).pages) == 5


# Trees without an end.


@pytest.mark.parametrize("count", [1, None, 10**9])
def test_a_tree_of_few_nodes_and_millions_of_pages_is_unknown(count: int | None, tmp_path: Path) -> None:
    objects = {1: CATALOG}
    for level in range(12):
        objects[2 + level] = tree(b"%d 0 R " % (3 + level) * 4, count)
    objects[14] = A4_PAGE
    analysis = looked_at(tmp_path, write_pdf(objects))
    assert (analysis.confidence, analysis.reason) == (Confidence.UNKNOWN, "its page tree runs in circles")


@pytest.mark.parametrize("levels", [1200, 20_000])
def test_a_tree_that_is_nested_without_end_is_unknown(levels: int, tmp_path: Path) -> None:
    objects = {1: CATALOG}
    for level in range(levels):
        objects[2 + level] = tree(b"%d 0 R" % (3 + level), 1)
    objects[2 + levels] = A4_PAGE
    analysis = looked_at(tmp_path, write_pdf(objects))
    assert (analysis.confidence, analysis.reason) == (Confidence.UNKNOWN, "its page tree is nested too deeply")


def test_a_tree_within_itself_is_unknown(tmp_path: Path) -> None:
    analysis = looked_at(tmp_path, write_pdf({1: CATALOG, 2: tree(b"3 0 R 2 0 R", 2), 3: A4_PAGE}))
    assert (analysis.confidence, analysis.reason) == (Confidence.UNKNOWN, "its page tree runs in circles")


def test_more_pages_than_are_counted_are_unknown_though_the_tree_says_one(tmp_path: Path) -> None:
    octets = write_pdf({1: CATALOG, 2: tree(b"3 0 R " * 2000, 1), 3: A4_PAGE})
    analysis = looked_at(tmp_path, octets, Limits(pages=1000))
    assert analysis.confidence is Confidence.UNKNOWN
    assert analysis.reason == "it has 2000 pages; more than 1000 are not counted"


def test_a_million_pages_that_are_only_said_are_not(tmp_path: Path) -> None:
    analysis = looked_at(tmp_path, write_pdf({1: CATALOG, 2: tree(b"3 0 R", 1_000_000), 3: A4_PAGE}))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 1)


# Boxes.


@pytest.mark.parametrize(
    ("entries", "size"),
    [
        (b"/MediaBox [595 842 0 0]", (210, 297)),
        (b"/MediaBox [-100 -100 495 742]", (210, 297)),
        (b"/MediaBox [0 0 595 842] /CropBox [-500 -500 5000 5000]", (210, 297)),
        (b"/MediaBox [0 0 842 1191] /CropBox [100 100 695 942]", (210, 297)),
        (b"/MediaBox [0 0 595 842] /Rotate -90", (297, 210)),
        (b"/MediaBox [0 0 595 842] /Rotate 450", (297, 210)),
        (b"/MediaBox [0 0 595 842] /Rotate 360", (210, 297)),
        (b"/MediaBox [0 0 595 842] /Rotate 45", (210, 297)),
    ],
)
def test_boxes_of_all_kinds(entries: bytes, size: tuple[int, int], tmp_path: Path) -> None:
    analysis = looked_at(tmp_path, page_with(entries))
    assert analysis.confidence is Confidence.EXACT
    assert [(round(page.width_mm), round(page.height_mm)) for page in analysis.pages] == [size]


def test_a_box_is_inherited(tmp_path: Path) -> None:
    objects = {
        1: CATALOG,
        2: b"<< /Type /Pages /Count 1 /Kids [4 0 R] /MediaBox [0 0 842 1191] /Rotate 90 >>",
        3: b"<< /Type /Page /Parent 4 0 R >>",
        4: b"<< /Type /Pages /Count 1 /Kids [3 0 R] /Parent 2 0 R >>",
    }
    analysis = looked_at(tmp_path, write_pdf(objects))
    assert analysis.confidence is Confidence.EXACT
    assert [(round(page.width_mm), round(page.height_mm)) for page in analysis.pages] == [(420, 297)]


@pytest.mark.parametrize(
    "entries",
    [
        b"",
        b"/MediaBox [0 0 0 0]",
        b"/MediaBox [0 0 595]",
        b"/MediaBox [0 0 nan 842]",
        b"/MediaBox [0 0 1e30 1e30]",
        b"/MediaBox [0 0 100000000000 842]",
        b"/MediaBox [0 0 0.1 0.1]",
        b"/MediaBox [0 0 595 842] /CropBox [1000 1000 2000 2000]",
    ],
)
def test_a_size_that_cannot_be_is_never_exact(entries: bytes, tmp_path: Path) -> None:
    analysis = looked_at(tmp_path, page_with(entries))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 1)
    assert "size" in analysis.reason


# Bombs. In a worker, as a print server meets them.


def bomb(levels: int, octets: int) -> bytes:
    """So many octets of content, compressed over and over."""
    content = b" " * octets
    for _ in range(levels):
        content = zlib.compress(content, 9)
    filters = b"/Filter [%b]" % (b"/FlateDecode " * levels)
    return write_pdf({**one_page(RED_PAGE), 4: stream(content, filters)})


def nested_forms(drawn_by_each: int) -> bytes:
    """A form that draws itself so many times."""
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /F 4 0 R >> >>"
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        b" /Resources << /XObject << /F 4 0 R >> >> >>"
    )
    return write_pdf({**one_page(page), 4: stream(b"/F Do " * drawn_by_each + RED_BOX, form), 5: stream(b"/F Do")})


@pytest.mark.parametrize(
    "octets", [bomb(1, 400 << 20), bomb(2, 400 << 20), nested_forms(2)], ids=["zeros", "zeros twice", "forms"]
)
def test_a_bomb_costs_only_its_own_answer(octets: bytes, tmp_path: Path) -> None:
    (tmp_path / "bomb.pdf").write_bytes(octets)
    (tmp_path / "good.pdf").write_bytes(write_pdf(FIVE))

    async def both() -> list[Analysis]:
        async with AnalyserPool(1, time_limit_s=3, memory_limit_octets=300 << 20) as pool:
            return [await pool.analyse(tmp_path / name) for name in ("bomb.pdf", "good.pdf")]

    bombed, good = asyncio.run(both())
    assert bombed.confidence is not Confidence.EXACT
    assert (good.confidence, len(good.pages)) == (Confidence.EXACT, 5)


def test_a_form_that_draws_itself_is_drawn_once(tmp_path: Path) -> None:
    assert [page.colour for page in looked_at(tmp_path, nested_forms(1)).pages] == [True]


@pytest.mark.parametrize(
    "octets",
    [
        write_pdf(FIVE),
        write_pdf(FIVE, off_by=7),
        write_pdf({**FIVE, 2: tree(b"3 0 R 4 0 R 5 0 R 6 0 R 7 0 R", 1)}),
        write_pdf({**FIVE, 2: tree(b"3 0 R 4 0 R 5 0 R 6 0 R 7 0 R", 900)}),
    ],
    ids=["sound", "damaged", "says one", "says 900"],
)
def test_counted_alone_there_are_as_many_pages_as_when_looked_at(octets: bytes, tmp_path: Path) -> None:
    assert len(looked_at(tmp_path, octets).pages) == 5
    assert count_pages(Source.whole(tmp_path / "a.pdf"), Limits()) == 5


def test_what_has_no_pages_or_no_end_is_not_counted_either(tmp_path: Path) -> None:
    for kids in (b"", b"3 0 R 2 0 R"):
        (tmp_path / "a.pdf").write_bytes(write_pdf({1: CATALOG, 2: tree(kids, 1), 3: A4_PAGE}))
        with pytest.raises(Unreadable):
            count_pages(Source.whole(tmp_path / "a.pdf"), Limits())


def test_qpdf_counts_what_we_write(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(write_pdf(FIVE))
    assert pages_by_qpdf(tmp_path / "a.pdf") == 5
