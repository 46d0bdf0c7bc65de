"""Moments, sizes and states in the reader's words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import PrinterState
from everprint.server.languages import Language
from everprint.server.pages import wording


def test_a_moment_of_today_is_its_time_and_an_older_one_its_day() -> None:
    now = datetime(2025, 6, 20, 15, 0, tzinfo=UTC)
    assert wording.moment(datetime(2025, 6, 20, 9, 5, 7, tzinfo=UTC), now) == "09:05:07"
    assert wording.moment(datetime(2025, 6, 3, 9, 5, 7, tzinfo=UTC), now) == "3 Jun 09:05"
    assert wording.moment(datetime(2024, 6, 20, 9, 5, 7, tzinfo=UTC), now) == "20 Jun 2024"
    assert wording.moment(datetime(2025, 3, 3, 9, 5, 7, tzinfo=UTC), now, Language.GERMAN) == "3. März 09:05"
    assert wording.moment(datetime(2024, 6, 20, 9, 5, 7, tzinfo=UTC), now, Language.GERMAN) == "20. Juni 2024"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (30_000, "30 kB"), (999_900, "1.0 MB"), (4_200_000, "4.2 MB")],
)
def test_sizes_are_rounded_for_people(number: int, text: str) -> None:
    assert wording.octets(number) == text


def test_every_state_has_words() -> None:
    assert set(wording.JOB_STATES) == set(JobState)
    assert set(wording.PRINTER_STATES) == set(PrinterState)


def test_printer_reasons_are_said_in_words_and_unknown_ones_as_they_came() -> None:
    assert wording.reason("media-jam-error") == "paper jam"
    assert wording.reason("com.example.odd<b>") == "com.example.odd<b>"
