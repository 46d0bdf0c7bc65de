"""`everprint documents analyse`, as a person or a script runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from everprint.cli import documents as command
from everprint.cli.documents import documents
from everprint.cli.documents_files import NoFiles, find_files
from tests.documents.corpus import A3, IPPTOOL, Leaf, make_pdf
from tests.documents.xps_writer import XpsPackage, XpsPage, box, feature, parameter, ticket


def run(*arguments: object, **environment: str) -> Result:
    return CliRunner(env={"COLUMNS": "200", **environment}).invoke(documents, ["analyse", *map(str, arguments)])


def outputs(*arguments: object) -> list[dict[str, object]]:
    return [document["output"] for document in json.loads(run(*arguments, "--json").stdout)]


@pytest.fixture
def nonsense(tmp_path: Path) -> Path:
    path = tmp_path / "nonsense.bin"
    path.write_bytes(b"\0\1\2\3")
    return path


def test_the_table_says_what_will_be_on_paper(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [Leaf("text"), Leaf("red text"), Leaf("text", A3)])
    result = run(path)
    assert result.exit_code == 0
    row = next(line for line in result.output.splitlines() if "PDF" in line)
    assert row.replace(str(path), "").split() == ["PDF", "exact", "3", "1", "A4", "(2),", "A3", "(1)", "3", "1", "3"]


def test_json_has_every_page(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [Leaf("text"), Leaf("red text")])
    (document,) = json.loads(run(path, "--json").stdout)
    assert (document["file"], document["language"], document["confidence"]) == (str(path), "PDF", "exact")
    assert [page["colour"] for page in document["pages"]] == [False, True]
    assert document["pages"][0]["media"] == "iso_a4_210x297mm"


def test_an_unknown_file_is_told_by_the_exit_code_and_not_counted_as_nothing(nonsense: Path, tmp_path: Path) -> None:
    result = run(nonsense, make_pdf(tmp_path / "a.pdf", [Leaf()]))
    assert result.exit_code == 1
    assert "?" in result.output
    assert "data of no known kind" in result.output
    assert "exact" in result.output
    assert result.output.splitlines()[-1] == (
        "2 files: 1 page (0 in colour), 1 impression (0 in colour), 1 sheet; 1 file is unknown"
    )
    assert outputs(nonsense) == [None]


def test_many_files_come_back_in_their_order(tmp_path: Path) -> None:
    paths = [make_pdf(tmp_path / f"{number}.pdf", [Leaf()] * number) for number in range(1, 13)]
    found = json.loads(run(*reversed(paths), "--json").stdout)
    assert [len(document["pages"]) for document in found] == list(range(12, 0, -1))


def test_a_wrong_claim_is_remarked(tmp_path: Path) -> None:
    result = run(make_pdf(tmp_path / "a.pdf", [Leaf()]), "--document-format", "image/jpeg")
    assert "sent as image/jpeg, but the content is PDF" in result.output


# The job's options


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), (5, 5, 2)),
        (("--copies", 3), (15, 15, 6)),
        (("--sides", "two-sided-long-edge"), (3, 5, 2)),
        (("--number-up", 2), (3, 3, 2)),
        (("--page-ranges", "1-2,5-"), (3, 3, 1)),
        (("--print-color-mode", "monochrome"), (5, 5, 0)),
        (("--copies", 2, "--sides", "two-sided-short-edge", "--number-up", 2, "--no-collate"), (4, 6, 4)),
    ],
)
def test_sheets_and_impressions_for_the_job(
    options: tuple[object, ...], expected: tuple[int, int, int], tmp_path: Path
) -> None:
    leaves = [Leaf("text"), Leaf("red text"), Leaf("text"), Leaf("photo"), Leaf("text")]
    (output,) = outputs(make_pdf(tmp_path / "a.pdf", leaves), *options)
    assert (output["sheets"], output["impressions"], output["colour_impressions"]) == expected


@pytest.mark.parametrize("name", ["A3", "a3", "iso_a3_297x420mm"])
def test_paper_by_its_name_or_label(name: str, tmp_path: Path) -> None:
    (output,) = outputs(make_pdf(tmp_path / "a.pdf", [Leaf()]), "--media", name)
    assert output["sides"] == [{"media": "iso_a3_297x420mm", "colour": False, "two_sided": False, "impressions": 1}]


def test_the_documents_own_settings_hold_unless_asked_otherwise(tmp_path: Path) -> None:
    says = ticket(parameter("JobCopiesAllDocuments", 4), feature("DocumentDuplex", "TwoSidedLongEdge"))
    path = XpsPackage([[XpsPage(box("#000000", 9, 9, 90, 90))] * 2], ticket=says).write(tmp_path / "a.xps")
    assert outputs(path)[0]["sheets"] == 4
    result = run(path, "--copies", 1)
    assert "the document sets copies to 4; the job asks for 1, which holds" in result.output


@pytest.mark.parametrize(
    "options",
    [
        ("--copies", "0"),
        ("--page-ranges", "3-1"),
        ("--page-ranges", "1-3,2"),
        ("--page-ranges", "x"),
        ("--media", "parchment"),
        ("--sides", "three"),
        ("--time-limit", "0"),
        ("--workers", "0"),
        ("--preview", "--json"),
        ("--preview",),  # without a terminal
    ],
)
def test_options_that_cannot_be_are_refused(options: tuple[str, ...], tmp_path: Path) -> None:
    result = run(make_pdf(tmp_path / "a.pdf", [Leaf()]), *options)
    assert result.exit_code == 2, result.output
    assert "Error" in result.output


def test_coverage_has_columns_of_its_own(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [Leaf("pale blue")])
    heading, row = run(path, "--coverage").output.splitlines()
    assert [ink in heading for ink in ("C %", "M %", "Y %", "K %")] == [True] * 4
    cyan, magenta, yellow, black = (float(cell) for cell in row.split()[-4:])
    assert (cyan, magenta, yellow, black) == pytest.approx((20, 15, 0, 0), abs=1)
    xps = XpsPackage([[XpsPage()]]).write(tmp_path / "a.xps")
    assert run(xps, "--coverage").output.splitlines()[1].split()[-4:] == ["-"] * 4


def test_pages_alone_are_counted_quickly(nonsense: Path, tmp_path: Path) -> None:
    pdf = make_pdf(tmp_path / "a.pdf", [Leaf("photo")] * 7)
    xps = XpsPackage([[XpsPage()] * 3]).write(tmp_path / "a.xps")
    result = run("--count", pdf, xps)
    assert result.exit_code == 0
    assert [line.split()[1:3] for line in result.output.splitlines()[1:3]] == [["PDF", "7"], ["XPS", "3"]]
    assert result.output.splitlines()[-1] == "2 files: 10 pages"
    unknown = run("--count", "--json", nonsense, pdf)
    assert unknown.exit_code == 1
    assert [row["pages"] for row in json.loads(unknown.stdout)] == [None, 7]
    assert run("--count", "--copies", 2, pdf).exit_code == 2


# Which files


def test_folders_and_patterns(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / ".hidden").mkdir()
    for name in ("a/2.pdf", "a/1.PDF", "a/b/3.pdf", "a/b/4.xps", "a/.5.pdf", "a/.hidden/6.pdf"):
        (tmp_path / name).touch()

    def found(*names: str, included: tuple[str, ...] = ()) -> list[str]:
        files = find_files([str(tmp_path / name) for name in names], included)
        return [str(file.relative_to(tmp_path)) for file in files]

    assert found("a") == ["a/1.PDF", "a/2.pdf", "a/b/3.pdf", "a/b/4.xps"]
    assert found("a", included=("*.pdf",)) == ["a/1.PDF", "a/2.pdf", "a/b/3.pdf"]
    assert found("a/**/*.pdf") == ["a/2.pdf", "a/b/3.pdf"]
    assert found("a/b/4.xps", "a/b", "a/b/*") == ["a/b/4.xps", "a/b/3.pdf"]
    for nothing in ("b", "*.pcl"):
        with pytest.raises(NoFiles, match=r"there is no file|no file matches"):
            found(nothing)
    with pytest.raises(NoFiles, match=r"no file that matches \*\.pcl"):
        found("a", included=("*.pcl",))


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    for name in ("a[1].pdf", "a1.pdf"):
        (tmp_path / name).touch()
    assert find_files([str(tmp_path / "a[1].pdf")], ()) == [tmp_path / "a[1].pdf"]


def test_a_folder_is_analysed_whole(tmp_path: Path) -> None:
    make_pdf(tmp_path / "a.pdf", [Leaf()] * 2)
    make_pdf(tmp_path / "b.pdf", [Leaf("red text")])
    result = run(tmp_path)
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == ("2 files: 3 pages (1 in colour), 3 impressions (1 in colour), 3 sheets")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = run(tmp_path / "none.pdf")
    assert result.exit_code == 2
    assert "none.pdf" in result.output


# Pictures


def test_contact_sheets_show_pages_and_verdicts(tmp_path: Path) -> None:
    leaves = [Leaf("pale blue"), Leaf("text"), Leaf("nothing"), *[Leaf("text")] * 30]
    pdf = make_pdf(tmp_path / "a.pdf", leaves)
    xps = XpsPackage([[XpsPage()]]).write(tmp_path / "a.xps")
    result = run(pdf, xps, "--preview-to", tmp_path / "new" / "pictures")
    assert result.exit_code == 0
    sheets = sorted((tmp_path / "new" / "pictures").iterdir())
    assert [sheet.name for sheet in sheets] == ["001-a.pdf-1.png", "001-a.pdf-2.png", "002-a.xps.png"]
    with Image.open(sheets[0]) as image:
        colours = {colour for _, colour in image.getcolors(1_000_000) or []}
    assert {(204, 217, 255), (200, 40, 110), (110, 110, 110), (190, 190, 190)} <= colours  # the page, three ribbons


def test_a_terminal_shows_pages_in_blocks(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [Leaf("pale blue"), Leaf("nothing")])
    result = run(path, "--preview", FORCE_COLOR="1", COLORTERM="truecolor", TERM="xterm-256color")
    assert result.exit_code == 0
    assert "38;2;204;217;255" in result.output  # the page's blue
    lines = result.output.splitlines()
    assert any("1 colour" in line and "2 blank" in line for line in lines)
    assert sum(line.count("\N{UPPER HALF BLOCK}") == 44 for line in lines) == 16


def test_long_work_shows_how_far_it_has_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "BAR_AFTER_S", 0.0)
    path = make_pdf(tmp_path / "a.pdf", [Leaf()])
    result = run(path, FORCE_COLOR="1", TERM="xterm-256color")
    assert "analysing" in result.stderr
    assert "analysing" not in result.stdout
    assert "analysing" not in run(path).stderr  # no terminal


def test_a_reader_who_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    paths = [str(make_pdf(tmp_path / f"{number}.pdf", [Leaf()] * 400)) for number in range(4)]
    program = [sys.executable, "-c", "from everprint.cli.main import main; main()", "documents", "analyse", "--json"]
    with subprocess.Popen([*program, *paths], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""


def test_real_files_of_ipptool() -> None:
    result = run(IPPTOOL, "--include", "*.pdf", "--include", "*.jpg")
    assert result.exit_code == 0
    assert result.output.count("exact") == 8
