"""The way in: any file gets an answer, and unknown is never nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everprint.documents.analyse import analyse
from everprint.documents.result import Confidence, Language
from tests.documents.corpus import Leaf, make_pdf


def test_a_wrong_claim_is_remarked_and_the_content_counted(tmp_path: Path) -> None:
    analysis = analyse(make_pdf(tmp_path / "a", [Leaf()]), "image/urf")
    assert (analysis.language, len(analysis.pages)) == (Language.PDF, 1)
    assert analysis.remarks == ("sent as image/urf, but the content is PDF",)


def test_a_right_claim_is_not_remarked(tmp_path: Path) -> None:
    assert analyse(make_pdf(tmp_path / "a", [Leaf()]), "application/pdf").remarks == ()


@pytest.mark.parametrize(("head", "said"), [(b"GIF89a", "GIF"), (b"\0\0\0\x18ftypheic", "HEIF")])
def test_a_language_that_is_not_counted_yet_is_named(head: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(head)
    analysis = analyse(tmp_path / "a")
    assert (analysis.language, analysis.confidence) == (Language.UNKNOWN, Confidence.UNKNOWN)
    assert said in analysis.reason


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert analyse(tmp_path / "a").reason == "it is empty"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    analysis = analyse(tmp_path / "a")
    assert (analysis.confidence, analysis.reason) == (
        Confidence.UNKNOWN,
        "it cannot be opened: No such file or directory",
    )


HEADS = [b"", b"%PDF-1.7\n", b"RaS2", b"UNIRAST\0", b"\xff\xd8\xff\xe0"]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(head=st.sampled_from(HEADS), octets=st.binary(max_size=3000))
def test_random_octets_are_an_answer(head: bytes, octets: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(head + octets)
    analysis = analyse(tmp_path / "a")
    assert (analysis.confidence is Confidence.UNKNOWN) == (not analysis.pages)
    assert (analysis.confidence is Confidence.EXACT) == (not analysis.reason)
    assert "analyser failed" not in analysis.reason
