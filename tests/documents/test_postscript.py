"""PostScript is a program: what it prints is found by running it, and what else it tries is denied."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from everprint.documents.analyse import analyse
from everprint.documents.limits import Limits
from everprint.documents.result import Analysis, Confidence, Language
from tests.documents.corpus import A3, A5, CONTENTS, IPPTOOL, LETTER, Leaf, found, ghostscript, make_pdf, truth

MIXED = [Leaf("text"), Leaf("photo", A3), Leaf("nothing", A5), Leaf("red text", LETTER), Leaf("text", (297.0, 210.0))]
MARK = "100 100 moveto 50 50 rlineto stroke "


def program(path: Path, text: str) -> Path:
    path.write_text(f"%!PS\n{text}\n", "latin-1")
    return path


def run(tmp_path: Path, text: str, limits: Limits = Limits()) -> Analysis:  # noqa: B008 - frozen
    return analyse(program(tmp_path / "a.ps", text), limits=limits)


def test_each_page_has_its_own_size_and_colour(tmp_path: Path) -> None:
    path = ghostscript(make_pdf(tmp_path / "a.pdf", MIXED), tmp_path / "a.ps", "ps2write")
    analysis = analyse(path)
    assert (analysis.language, analysis.confidence) == (Language.POSTSCRIPT, Confidence.EXACT)
    assert found(analysis) == truth(MIXED)


@pytest.mark.parametrize("content", CONTENTS)
def test_what_is_on_a_page_decides_its_colour(content: str, tmp_path: Path) -> None:
    path = ghostscript(make_pdf(tmp_path / "a.pdf", [Leaf(content)]), tmp_path / "a.ps", "ps2write")
    assert found(analyse(path)) == truth([Leaf(content)])


@pytest.mark.parametrize(("name", "colours"), [("document-a4.ps", [1, 0, 1, 0]), ("onepage-a4.ps", [1])])
def test_real_documents(name: str, colours: list[int]) -> None:
    assert [page.colour for page in analyse(IPPTOOL / name).pages] == [bool(colour) for colour in colours]


def test_a_loop_of_pages_is_run(tmp_path: Path) -> None:
    assert len(run(tmp_path, f"1 1 37 {{ pop {MARK} showpage }} for").pages) == 37


@pytest.mark.parametrize(
    ("comment", "remarked"), [("%%Pages: 2", False), ("%%Pages: 1", True), ("%%Pages: (atend)", False)]
)
def test_the_pages_comment_is_compared_and_not_believed(comment: str, remarked: bool, tmp_path: Path) -> None:
    analysis = run(tmp_path, f"{comment}\n{MARK} showpage {MARK} showpage\n%%Trailer\n")
    assert len(analysis.pages) == 2
    assert any("%%Pages" in remark for remark in analysis.remarks) == remarked


def test_a_pages_comment_at_the_end_is_found(tmp_path: Path) -> None:
    analysis = run(tmp_path, f"%%Pages: (atend)\n{MARK} showpage\n%%Trailer\n%%Pages: 9\n%%EOF")
    assert analysis.remarks[-1] == "its %%Pages comment says 9, 1 page came out"


@pytest.mark.parametrize(("end", "doubted"), [("", True), ("%%EOF\n", False)])
def test_a_program_without_its_pages_and_its_end_is_doubted(end: str, doubted: bool, tmp_path: Path) -> None:
    analysis = run(tmp_path, f"%%Pages: 3\n{MARK} showpage {MARK} showpage\n{end}")
    assert len(analysis.pages) == 2
    assert (analysis.confidence is Confidence.ESTIMATED) == doubted
    assert ("seems to be cut off" in analysis.reason) == doubted


def test_what_a_program_prints_is_not_taken_for_pages(tmp_path: Path) -> None:
    analysis = run(
        tmp_path, f"(P6\n10 10\n255\n) print flush {MARK} showpage (%stdout) (w) file (P6\n5 5\n) writestring"
    )
    assert [page.media for page in analysis.pages][:1] != []
    assert len(analysis.pages) == 1


def test_a_program_that_fails_has_printed_the_pages_before(tmp_path: Path) -> None:
    analysis = run(tmp_path, f"{MARK} showpage {MARK} showpage nonsense {MARK} showpage")
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 2)
    assert analysis.reason == "it failed after 2 pages: PostScript error /undefined in nonsense"


# What is unknown, and why.


def unknown_because(analysis: Analysis) -> str:
    assert analysis.confidence is Confidence.UNKNOWN
    assert analysis.pages == ()
    return analysis.reason


def test_a_program_without_a_page_is_unknown_and_never_nothing(tmp_path: Path) -> None:
    assert "it draws nothing" in unknown_because(run(tmp_path, "% nothing"))


def test_a_program_that_never_ends_is_stopped(tmp_path: Path) -> None:
    begun = time.monotonic()
    reason = unknown_because(run(tmp_path, f"{MARK} showpage {{ }} loop", Limits(document_s=1)))
    assert reason == "it did not end within 1 s; 1 page had come out by then"
    assert time.monotonic() - begun < 10


def test_a_program_that_prints_for_ever_is_stopped(tmp_path: Path) -> None:
    reason = unknown_because(run(tmp_path, f"{{ {MARK} showpage }} loop", Limits(document_s=60, pages=25)))
    assert "more than 25 pages" in reason


def test_a_program_that_talks_for_ever_is_stopped(tmp_path: Path) -> None:
    assert "did not end" in unknown_because(run(tmp_path, "{ (blah blah blah\n) print } loop", Limits(document_s=1)))


def test_a_program_that_eats_memory_is_stopped(tmp_path: Path) -> None:
    limits = Limits(document_s=30, memory_octets=200 << 20)
    assert unknown_because(run(tmp_path, "[ { 60000 string } loop", limits))


def test_a_page_of_absurd_size_is_refused(tmp_path: Path) -> None:
    reason = unknown_because(run(tmp_path, f"<< /PageSize [90000 90000] >> setpagedevice {MARK} showpage"))
    assert reason


# What it may not do. Each program marks a page only if it got what it wanted.


@pytest.mark.parametrize(
    "attempt",
    [
        "(/etc/passwd) (r) file pop",
        "(SECRET) (r) file pop",
        "(SECRET) run",
        "(FOLDER/written) (w) file pop",
        "(FOLDER/written) (a) file pop",
        "(%pipe%id) (r) file pop",
        "(%pipe%touch FOLDER/written) (w) file pop",
        "(SECRET) deletefile",
        "(SECRET) (FOLDER/written) renamefile",
        "/caught false def (SECRET*) { pop /caught true def } 256 string filenameforall caught not { stop } if",
        "<< /OutputFile (FOLDER/written) >> setpagedevice",
        "<< /OutputFile (%pipe%touch FOLDER/written) >> setpagedevice",
    ],
)
def test_it_can_neither_read_nor_write_nor_start_anything(attempt: str, tmp_path: Path) -> None:
    secret, folder = tmp_path / "secret", tmp_path / "folder"
    secret.write_text("{ } pop")
    secret.chmod(0o666)
    folder.mkdir()
    folder.chmod(0o777)
    attempt = attempt.replace("SECRET", str(secret)).replace("FOLDER", str(folder))
    analysis = run(tmp_path, f"{{ {attempt} }} stopped not {{ {MARK} showpage }} if", Limits(document_s=15))
    assert analysis.confidence is Confidence.UNKNOWN, "it got what it wanted"
    assert list(folder.iterdir()) == []
    assert secret.exists()


def test_a_document_that_only_root_can_read_is_read_though_ghostscript_is_not_root(tmp_path: Path) -> None:
    path = program(tmp_path / "a.ps", f"{MARK} showpage")
    path.chmod(0o600)
    assert len(analyse(path).pages) == 1


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    run(tmp_path, f"{MARK} showpage")
    run(tmp_path, "{ } loop", Limits(document_s=0.5))
    assert list((tmp_path / "temporary").iterdir()) == []
    children = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "comm="], capture_output=True, text=True, check=False
    )
    assert "gs" not in children.stdout.split()
