"""The fuzzer's targets hold on their seeds and on all that once broke them; the harness runs and sees what breaks."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from everprint.documents.languages import MODULES, WRAPPERS
from everprint.documents.result import Analysis, Confidence, Coverage, Language, Page
from fuzz import campaign
from fuzz.answers import check_analysis
from fuzz.seeds import REGRESSIONS, SEEDS, regressions
from fuzz.targets import TARGETS

NOT_OURS = {"everprint.documents.pdf", "everprint.documents.postscript"}
"""These ask pdfium, qpdf and Ghostscript, which have fuzzers of their own."""

PAGE = Page(1, 210.0, 297.0, "iso_a4_210x297mm", colour=False)
TRUE = Analysis(Language.PCL_XL, Confidence.EXACT, (PAGE,))


def test_every_parser_of_our_own_is_fuzzed() -> None:
    ours = {*MODULES.values(), *WRAPPERS.values()} - NOT_OURS
    assert ours <= {target.module for target in TARGETS.values()}, "add a line to fuzz/targets.py"
    assert SEEDS.keys() == TARGETS.keys()


def test_every_regression_belongs_to_a_target() -> None:
    folders = {folder.name for folder in REGRESSIONS.iterdir() if folder.is_dir()} if REGRESSIONS.is_dir() else set()
    assert folders <= TARGETS.keys()


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_on_its_seeds_and_regressions(tmp_path: Path, name: str) -> None:
    target = TARGETS[name]
    check = target.make(target.module)
    for octets in (*SEEDS[name]().values(), *(path.read_bytes() for path in regressions(name))):
        check(octets, tmp_path / "document")


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_on_seeds_cut_off(tmp_path: Path, name: str) -> None:
    target = TARGETS[name]
    check = target.make(target.module)
    for octets in SEEDS[name]().values():
        for part in range(1, 8):
            check(octets[: len(octets) * part // 8], tmp_path / "document")


@pytest.mark.parametrize(
    "lie",
    [
        replace(TRUE, confidence=Confidence.UNKNOWN, reason="why"),
        replace(TRUE, confidence=Confidence.ESTIMATED),
        replace(TRUE, pages=(replace(PAGE, number=2),)),
        replace(TRUE, pages=(replace(PAGE, width_mm=float("nan")),)),
        replace(TRUE, pages=(replace(PAGE, height_mm=0.0),)),
        replace(TRUE, pages=(replace(PAGE, media="letter"),)),
        replace(TRUE, pages=(replace(PAGE, copies=0),)),
        replace(TRUE, pages=(replace(PAGE, colour=True, blank=True),)),
        replace(TRUE, pages=(replace(PAGE, coverage=Coverage(0.0, 1.5, 0.0, 0.0)),)),
        replace(TRUE, remarks=("\x1b[31m",)),
    ],
)
def test_an_answer_that_lies_about_itself_is_a_finding(lie: Analysis) -> None:
    check_analysis(TRUE)
    with pytest.raises(AssertionError):
        check_analysis(lie)


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this machine")
def test_a_harness_runs_and_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "WORK", tmp_path)
    outcome = campaign.fuzz("pclxl", 60, runs=200)
    assert (outcome.trouble, outcome.findings) == ("", [])
    assert outcome.executions >= 200
    assert outcome.coverage > 100
    assert outcome.corpus > 0


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this machine")
def test_what_breaks_a_parser_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A harness that allows no memory at all finds every input too much."""
    monkeypatch.setattr(campaign, "WORK", tmp_path)
    monkeypatch.setattr(campaign, "RSS_LIMIT_MB", 1)
    monkeypatch.setattr(campaign, "MOST_FINDINGS", 1)
    outcome = campaign.fuzz("detect", 30)
    assert outcome.findings
    assert all(finding.is_file() for finding in outcome.findings)
