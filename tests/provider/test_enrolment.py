"""The credential of an enrolment whose answer may be lost: the same for the same question, and for no other."""

from __future__ import annotations

from pathlib import Path

from everprint.provider.enrolment import FILE_NAME, credential_for, forget_question

QUESTION = ("https://print.example:9192", "ABCD-1234", "Site A")


def test_the_same_question_is_asked_with_the_same_credential_until_it_is_answered(tmp_path: Path) -> None:
    first = credential_for(tmp_path, *QUESTION)
    assert credential_for(tmp_path, *QUESTION) == first
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert "ABCD" not in (tmp_path / FILE_NAME).read_text()
    for other in (("https://other.example", *QUESTION[1:]), (*QUESTION[:2], "Site B")):
        assert credential_for(tmp_path, *other) != first
    second = credential_for(tmp_path, *QUESTION)
    forget_question(tmp_path)
    forget_question(tmp_path)
    assert credential_for(tmp_path, *QUESTION) not in (first, second)


def test_a_file_that_is_torn_is_no_question(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("{")
    assert len(credential_for(tmp_path, *QUESTION)) == 43
