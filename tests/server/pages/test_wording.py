"""Money, moments, paper and states in the reader's words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import PrinterState
from everprint.server.pages import wording


@pytest.mark.parametrize(
    ("amount", "currency", "decimals", "text"),
    [
        ("0", "EUR", 2, "€0.00"),
        ("0.0000", "EUR", 2, "€0.00"),
        ("1234567.5", "EUR", 2, "€1,234,567.50"),
        ("-3.2", "GBP", 2, "−£3.20"),  # noqa: RUF001
        ("0.045", "USD", 2, "$0.045"),
        ("0.1000", "USD", 2, "$0.10"),
        ("1E+3", "EUR", 2, "€1,000.00"),
        ("120", "JPY", 0, "¥120"),
        ("1.5", "KWD", 3, "KWD\N{NO-BREAK SPACE}1.500"),
        ("1.5", "CHF", 2, "CHF\N{NO-BREAK SPACE}1.50"),
    ],
)
def test_money_is_written_with_its_currency(amount: str, currency: str, decimals: int, text: str) -> None:
    assert wording.money(Decimal(amount), currency, decimals) == text


def test_a_moment_of_today_is_its_time_and_an_older_one_its_day() -> None:
    now = datetime(2025, 6, 20, 15, 0, tzinfo=UTC)
    assert wording.moment(datetime(2025, 6, 20, 9, 5, 7, tzinfo=UTC), now) == "09:05:07"
    assert wording.moment(datetime(2025, 6, 3, 9, 5, 7, tzinfo=UTC), now) == "3 Jun 09:05"
    assert wording.moment(datetime(2024, 6, 20, 9, 5, 7, tzinfo=UTC), now) == "20 Jun 2024"


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
