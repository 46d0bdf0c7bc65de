"""`everprint documents analyse`, as a person or a script runs it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from everprint.cli.documents import documents
from tests.documents.corpus import A3, IPPTOOL, Leaf, make_pdf


def run(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(documents, ["analyse", *map(str, arguments)])


def test_the_table_says_what_will_be_on_paper(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [Leaf("text"), Leaf("red text"), Leaf("text", A3)])
    result = run(path)
    assert result.exit_code == 0
    row = next(line for line in result.output.splitlines() if "PDF" in line)
    for expected in ("PDF", "exact", "3", "A4 (2), A3 (1)", "1"):
        assert expected in row


def test_json_has_every_page(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [Leaf("text"), Leaf("red text")])
    (document,) = json.loads(run(path, "--json").stdout)
    assert (document["file"], document["language"], document["confidence"]) == (str(path), "PDF", "exact")
    assert [page["colour"] for page in document["pages"]] == [False, True]
    assert document["pages"][0]["media"] == "iso_a4_210x297mm"


def test_an_unknown_file_is_told_by_the_exit_code_and_not_counted_as_nothing(tmp_path: Path) -> None:
    result = run(IPPTOOL / "testfile.pcl", make_pdf(tmp_path / "a.pdf", [Leaf()]))
    assert result.exit_code == 1
    assert "?" in result.output
    assert "PCL 5" in result.output
    assert "exact" in result.output


def test_many_files_come_back_in_their_order(tmp_path: Path) -> None:
    paths = [make_pdf(tmp_path / f"{number}.pdf", [Leaf()] * number) for number in range(1, 9)]
    found = json.loads(run(*paths, "--json").stdout)
    assert [len(document["pages"]) for document in found] == list(range(1, 9))


def test_a_wrong_claim_is_remarked(tmp_path: Path) -> None:
    result = run(make_pdf(tmp_path / "a.pdf", [Leaf()]), "--document-format", "image/jpeg")
    assert "sent as image/jpeg, but the content is PDF" in result.output


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = run(tmp_path / "none.pdf")
    assert result.exit_code == 2
    assert "none.pdf" in result.output


def test_limits_that_cannot_be_are_refused(tmp_path: Path) -> None:
    assert run(make_pdf(tmp_path / "a.pdf", [Leaf()]), "--time-limit", "0").exit_code == 2
